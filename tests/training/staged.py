"""Classes and enrolments of the stage on which tests walk over everything."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.calendar import now
from tests.programs.factories import make_cadre, moment
from tests.training.factories import make_class
from training.models import ClassPhase, ClassSession, ClassTarget, ClassTargets, Enrolment, TrainingClass
from training.services.enrolments import apply


def training_rows(stage: Any) -> dict[str, Any]:
    """A class drafted, open, settled and about to end; an application from the East and somebody with a place."""
    hr, bureau = stage.people["hr"], stage.tree.bureau
    opened = make_class(bureau, hr, title="报名中的培训班")
    settled = make_class(
        bureau, hr, is_open=False, title="今天结束的培训班", starts_on=dt.date(2026, 11, 16),
        ends_on=dt.date(2026, 11, 20), enrol_until=moment("2026-11-15 17:00"),
    )  # fmt: skip
    TrainingClass.objects.filter(pk=settled.pk).update(status="settled")
    settled.refresh_from_db()
    limited = make_class(bureau, hr, title="限定对象的培训班")
    chosen = {"words": "年龄 ≤ 35 岁", "count": 1, "set_by": hr, "set_at": now()}
    ClassTargets.objects.create(training_class=limited, **chosen)
    ClassTarget.objects.create(training_class=limited, cadre=stage.colleague)
    return {
        "limited_class": limited,
        "draft_class": make_class(bureau, hr, is_open=False, title="筹备中的培训班"),
        "open_class": opened,
        "settled_class": settled,
        "class_phase": ClassPhase.objects.create(training_class=opened, order=1, name="领导力", days=5),
        "class_session": one_session(opened),
        "enrolment": apply(training_class=opened, by=stage.people["cadre_user"]),
        "enrolled": one_enrolment(stage, opened),
    }


def one_session(training_class: TrainingClass) -> ClassSession:
    """One more session on the first day."""
    return ClassSession.objects.create(
        training_class=training_class, day=training_class.starts_on, begins=dt.time(9), ends=dt.time(11), topic="开班",
    )  # fmt: skip


def one_enrolment(stage: Any, training_class: TrainingClass) -> Enrolment:
    """One more person of the East with a place."""
    cadre = make_cadre(stage.tree.school_east)
    return Enrolment.objects.create(
        training_class=training_class, unit=cadre.unit, cadre=cadre, status="enrolled",
        applied_by=stage.people["principal_east"], queued_at=now(),
    )  # fmt: skip
