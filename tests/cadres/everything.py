"""One entry of every history, the reviews below them: for tests that walk over all of them."""

import datetime as dt
import json
from typing import Any

from cadres.kinds import KINDS
from cadres.models import ApprovalForm, Cadre, PlanReview, ReserveReview
from cadres.models.collection import KeptCells
from tests.cadres.factories import make_code

SINCE = dt.date(2024, 3, 1)
# Words that must appear nowhere but where they are opened.
SECRET = "绝密之言"


def make_histories(cadre: Cadre) -> dict[str, Any]:
    """Give a person one entry of every kind, encrypted columns filled; returns them by slug."""
    found = {
        slug: kind.model.objects.create(cadre=cadre, **dict.fromkeys(kind.sealed, SECRET) | _values(slug))
        for slug, kind in KINDS.items()
    }
    return found | {
        "reserve_review": ReserveReview.objects.create(
            entry=found["reserve"], year=2025, status="4", opinion=SECRET
        ),
        "plan_review": PlanReview.objects.create(
            plan=found["plan"], on=dt.date(2025, 6, 1), progress="按期推进"
        ),
        "approval_form": ApprovalForm.objects.create(cadre=cadre, post_to_take="校长", reason=SECRET),
        "kept_cells": KeptCells.objects.create(
            cadre=cadre,
            slug="education",
            education=found["education"],
            content=json.dumps({"cells": {"学制年限": SECRET}}),
        ),
    }


def _values(slug: str) -> dict[str, Any]:
    since = {"start": SINCE, "start_precision": "month"}
    return {
        "education": {"mode": "in_service", "level_text": "在职大学", "school": "西南大学", **since},
        "title": {"title_text": "高级教师", **since},
        "certificate": {"kind": "qualification", "name": "任职资格培训合格证书", "hours": 300, **since},
        "rank": {"kind": "rank", "name": "八级职员", **since},
        "political": {"status": make_code("political", "01", "中国共产党党员"), **since},
        "assessment": {"year": 2024, "grade": "excellent"},
        "honour": {"name": "优秀教师", "level": "county", **since},
        "career": {"text": "东河镇中心小学教师", **since},
        "talent": {"tier": "backbone", **since},
        "reserve": {"category": "head", "source": "民主推荐", **since},
        "plan": {"goals": "两年内能主持学校工作", "mentor_text": "周导师", **since},
        "competence": {
            "on": SINCE,
            "source": "superior",
            "scores": [80, 75, None, 70, 88, 60],
            "published_on": SINCE,
        },
        "evaluation": {"place": "市实验小学 副校长", "grade": "good", "score": "88.5", **since},
        "family": {"relation": make_code("relation", "11", "夫妻")},
        "oversight": {"kind": "integrity_talk", **since},
        "petition": {"submitted_on": SINCE, "due": SINCE + dt.timedelta(days=21)},
    }[slug]
