"""Figures of the annual report: set-based SQL within the requester's reach, returned as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts.models import Unit
from accounts.scope import may
from core.calendar import now, today
from programs.models import Appraisal, CallStep, Nomination, Participation, PlacesAccount
from reports.annual.notes import notes
from reports.structure.figures import count
from reports.structure.population import Population

# Outcomes in the order of the pipeline; a case under way counts at its step instead.
_OUTCOMES = [
    ("returned", "已退回"),
    ("publicised", "公示中"),
    ("waiting", "候补"),
    ("approved", "已通过"),
    ("rejected", "不予推荐"),
]
_TOP_UNITS = 10


@dataclass(frozen=True)
class Scope:
    """What a report covers: a unit's subtree, a year, the day it counts to, and who reads it."""

    unit: Unit
    year: int
    as_of: date
    reader: Any

    @property
    def sees_appraisals(self) -> bool:
        """Individual results are shown only to those who may see them (3-trust: C3)."""
        return self.reader is None or may(self.reader, "appraisal.view", self.unit.path)


def as_of(year: int) -> date:
    """Return the day a year's report counts to: its last day, or today while it runs."""
    return min(date(year, 12, 31), today())


def compute(scope: Scope) -> dict[str, Any]:
    """Return all figures of the report as JSON-ready data."""
    sections = structure(scope)
    pipeline = _pipeline(scope)
    secondments = list(_secondments(scope))
    return {
        "version": 1,
        "unit": {"code": scope.unit.code, "name": scope.unit.name},
        "year": scope.year,
        "as_of": scope.as_of.isoformat(),
        "as_of_text": _chinese(scope.as_of),
        "made_at_text": f"{now():%Y年%-m月%-d日}",
        "overview": _overview(scope, sections, pipeline, secondments),
        "structure": [section for section in sections if section["key"] != "total"],
        "pipeline": pipeline,
        "nomination_steps": [{"key": each["key"], "label": each["label"]} for each in pipeline],
        "nominations": _nominations_by_unit(scope),
        "nominations_by_unit": _top_units(scope),
        "secondments": secondments,
        "appraisal_grades": _grades(scope),
        "notes": notes(
            [] if scope.sees_appraisals else [("鉴定等次", "申请人无权查看个人鉴定等次，未列出。")]
        ),
    }


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


# --- structure -----------------------------------------------------------------------------------

# The dimensions in the order of the report; what each band counts is told by reports.structure.
DIMENSIONS = (
    "age",
    "gender",
    "ethnicity",
    "education",
    "title",
    "party",
    "category",
    "tenure",
    "area",
    "stage",
)


def structure(scope: Scope) -> list[dict[str, Any]]:
    """Return the roster's structure by every dimension, from one statement; the first entry is the total."""
    sections, total, _ = count(Population(scope.unit, scope.as_of), DIMENSIONS)
    return [
        {"key": "total", "title": "合计", "sentence": "", "rows": [], "count": total},
        *(section | {"sentence": _sentence(section["rows"], total)} for section in sections),
    ]


def _sentence(rows: list[dict[str, Any]], total: int) -> str:
    largest = max(rows, key=lambda row: row["count"], default=None)
    if not total or largest is None:
        return ""
    return f"{largest['label']}最多，{largest['count']}人，占{largest['share']:.1%}"


# --- nominations and secondments -------------------------------------------------------------------


def _cases(scope: Scope) -> QuerySet[Nomination]:
    """The year's submitted nominations within the subtree and the reader's sight."""
    cases = Nomination.objects.filter(call__year=scope.year, call__is_template=False)
    if scope.reader is not None:
        cases = cases.visible_to(scope.reader)
    return cases.filter(unit_path__startswith=scope.unit.path, submitted_at__isnull=False).exclude(
        status__in=["draft", "withdrawn"]
    )


def _pipeline(scope: Scope) -> list[dict[str, Any]]:
    """Return how many cases stand at each step and outcome."""
    rows = _cases(scope).order_by().values("status", "step__kind").annotate(count=Count("id"))
    at_step: dict[str, int] = {}
    at_end: dict[str, int] = {}
    for row in rows:
        bucket, key = (
            (at_step, row["step__kind"])
            if row["status"] in ("submitted", "in_review")
            else (at_end, row["status"])
        )
        bucket[key] = bucket.get(key, 0) + row["count"]
    steps = [
        {"key": f"step:{kind}", "label": f"待{label}", "count": at_step.get(kind, 0)}
        for kind, label in CallStep.Kind.choices
        if kind != CallStep.Kind.RECOMMEND
    ]
    return steps + [{"key": key, "label": label, "count": at_end.get(key, 0)} for key, label in _OUTCOMES]


def _nominations_by_unit(scope: Scope) -> list[dict[str, Any]]:
    """Return one row a call and unit with its counts per step and outcome."""
    rows = (
        _cases(scope)
        .order_by("call__opens_at", "unit__path")
        .values("call_id", "call__title", "unit_id", "unit__name", "status", "step__kind")
        .annotate(count=Count("id"))
    )
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for row in rows:
        entry = found.setdefault(
            (row["call_id"], row["unit_id"]),
            {"call": row["call__title"], "unit": row["unit__name"], "total": 0, "counts": {}},
        )
        going_on = row["status"] in ("submitted", "in_review")
        key = f"step:{row['step__kind']}" if going_on else row["status"]
        entry["counts"][key] = entry["counts"].get(key, 0) + row["count"]
        entry["total"] += row["count"]
    return list(found.values())


def _top_units(scope: Scope) -> list[dict[str, Any]]:
    rows = _cases(scope).order_by().values(label=F("unit__name")).annotate(count=Count("id"))
    return list(rows.order_by("-count", "label")[:_TOP_UNITS])


def _undertakings(scope: Scope) -> QuerySet[Participation]:
    """The year's secondments within the subtree and the reader's sight."""
    rows = Participation.objects.filter(year=scope.year, program__kind="secondment")
    if scope.reader is not None:
        rows = rows.visible_to(scope.reader)
    return rows.filter(unit_path__startswith=scope.unit.path)


def _secondments(scope: Scope) -> Iterator[dict[str, Any]]:
    """Yield one row a secondment with its stay and its appraisal."""
    rows = (
        _undertakings(scope)
        .select_related("cadre", "unit", "nomination__call")
        .prefetch_related("stints__base", "stints__guide", "stints__appraisal")
        .order_by("start", "id")
    )
    for row in rows:
        stints = list(row.stints.all())
        stint = stints[-1] if stints else None
        appraisal = getattr(stint, "appraisal", None) if stint else None
        yield {
            "name": row.cadre.name,
            "unit": row.unit.name,
            "call": row.nomination.call.title if row.nomination else "",
            "base": "、".join(dict.fromkeys(each.base.name for each in stints)),
            "acting_post": stint.acting_post if stint else "",
            "guide": (stint.guide.name if stint.guide else stint.guide_name) if stint else "",
            "start": _chinese(row.start) if row.start else "",
            "end": _chinese(row.end) if row.end else "",
            "status": row.get_status_display(),
            "grade": _grade(scope, appraisal),
            "filed": f"{appraisal.filed_at:%Y年%-m月%-d日}" if appraisal and appraisal.filed_at else "",
            "remark": _remark(appraisal, row.status),
        }


def _grade(scope: Scope, appraisal: Appraisal | None) -> str:
    if appraisal is None or appraisal.status != Appraisal.Status.FILED:
        return ""
    return appraisal.get_grade_display() if scope.sees_appraisals else "不可查看"


def _remark(appraisal: Appraisal | None, status: str) -> str:
    """Return whether the appraisal came, is due or is late."""
    if appraisal is None or status == Participation.Status.CANCELLED:
        return ""
    if appraisal.status == Appraisal.Status.FILED:
        late = (appraisal.filed_at.date() - appraisal.due).days if appraisal.filed_at else 0
        return f"迟交{late}天" if late > 0 else "按期提交"
    late = (today() - appraisal.due).days
    if late > 0:
        return f"逾期{late}天未交"
    return f"{_chinese(appraisal.due)}前提交"


def _grades(scope: Scope) -> list[dict[str, Any]]:
    """Return how many appraisals of each grade were filed; empty grades show as 0."""
    found = dict(
        Appraisal.objects.filter(
            participation__in=_undertakings(scope).order_by().values("pk"), status=Appraisal.Status.FILED
        )
        .order_by()
        .values_list("grade")
        .annotate(Count("id"))
    )
    if not scope.sees_appraisals:
        found = {}
    return [{"label": label, "count": found.get(value, 0)} for value, label in Appraisal.Grade.choices]


# --- overview --------------------------------------------------------------------------------------


def _overview(
    scope: Scope,
    sections: list[dict[str, Any]],
    pipeline: list[dict[str, Any]],
    secondments: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Return the key figures, each with the words that say what it counts."""
    by_key = {section["key"]: section for section in sections}
    category = {row["key"]: row["count"] for row in by_key["category"]["rows"]}
    outcome = {row["key"]: row["count"] for row in pipeline}
    units = Unit.objects.below(scope.unit.path).valid_on(scope.as_of)
    kinds = dict(units.order_by().values_list("kind").annotate(Count("id")))
    places, taken = _places(scope)
    filed = sum(1 for row in secondments if row["filed"])
    late = sum(1 for row in secondments if row["remark"].startswith("逾期"))
    rows = [
        ("干部总数", by_key["total"]["count"], "人事关系在范围内单位的人员"),
        ("正职", category.get("head", 0), "校长、书记、园长等"),
        ("副职", category.get("deputy", 0), ""),
        ("中层", category.get("middle", 0), ""),
        (
            "单位数",
            sum(kinds.values()),
            f"其中学校{kinds.get('school', 0)}所、中心校{kinds.get('central', 0)}所",
        ),
        ("推荐人数", sum(row["count"] for row in pipeline), "当年征集中已提交的推荐"),
        ("已通过", outcome.get("approved", 0) + outcome.get("publicised", 0), "含公示中"),
        ("不予推荐", outcome.get("rejected", 0), ""),
        ("当年名额", places, f"已占用{taken}个"),
        ("挂职学习人数", sum(1 for row in secondments if row["status"] != "已取消"), "含待安排"),
        ("已交鉴定", filed, "挂职结束一周内由基地提交"),
        ("鉴定逾期", late, "结束一周后仍未提交"),
    ]
    return [{"label": label, "value": value, "note": note} for label, value, note in rows]


def _places(scope: Scope) -> tuple[int, int]:
    """Return the year's places and how many are taken, over the programmes run in or above the unit."""
    above = [scope.unit.path[: at + 1] for at, char in enumerate(scope.unit.path) if char == "/" and at]
    accounts = PlacesAccount.objects.filter(
        Q(program__unit_path__startswith=scope.unit.path) | Q(program__unit_path__in=above), year=scope.year
    )
    places = sum(accounts.values_list("places", flat=True))
    return places, Nomination.objects.filter(place__in=accounts).count()
