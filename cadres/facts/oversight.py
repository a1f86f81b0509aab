"""Facts about oversight, evaluations and requests: what restricts a promotion on a day, what is still open."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, F, Q

from cadres.facts.building import at_least_one, begun, counted, first, of_cadre, register_since
from cadres.facts.registry import Fact, register
from cadres.models import BureauEvaluation, Oversight, Petition
from core.calendar import add_months

WARNED_YEARS = 3


def restrictions(on: date) -> Any:
    """Sanctions whose period runs, and admonitions not yet half a year old (the rule: OversightQuerySet.restricting)."""
    return of_cadre(Oversight).restricting(on)


def open_items(on: date) -> Any:
    """What had to be answered, put right or followed up, and wasn't done by the day."""
    return begun(Oversight, on).filter(Q(done_on=None) | Q(done_on__gt=on), due__isnull=False)


def overdue_items(on: date) -> Any:
    """Open items whose day has passed: on the day itself they are still in time."""
    return open_items(on).filter(due__lt=on)


def sanctions(on: date) -> Any:
    """Sanctions whose period runs, the one that ends last first; one without an end goes on."""
    rows = of_cadre(Oversight).on(on).filter(kind=Oversight.Kind.SANCTION)
    return rows.order_by(F("end").desc(nulls_first=True))


def _talks(on: date) -> Any:
    return begun(Oversight, on).filter(kind=Oversight.Kind.INTEGRITY_TALK)


def _warned(on: date) -> Any:
    """Reminders, inquiries, admonitions and warnings of the last three years."""
    kinds = (
        Oversight.Kind.REMINDER,
        Oversight.Kind.INQUIRY,
        Oversight.Kind.ADMONITION,
        Oversight.Kind.WARNING,
    )
    return of_cadre(Oversight).filter(
        kind__in=kinds, start__lte=on, start__gt=add_months(on, -12 * WARNED_YEARS)
    )


def evaluations(on: date) -> Any:
    """Bureau evaluations of secondments that were over by the day, the latest first."""
    return (
        of_cadre(BureauEvaluation)
        .filter(Q(end=None) | Q(end__lte=on))
        .order_by(F("end").desc(nulls_last=True), "-id")
    )


def open_petitions(on: date) -> Any:
    """Requests made by the day and not answered by then."""
    rows = of_cadre(Petition).filter(submitted_on__lte=on)
    return rows.filter(Q(replied_on=None) | Q(replied_on__gt=on))


def overdue_petitions(on: date) -> Any:
    """Of those, the ones whose answer was due before the day."""
    return open_petitions(on).filter(due__lt=on)


_OVERSIGHT: dict[str, Any] = {"topic": "oversight"}

register(
    Fact(
        "restricted", "在影响期内", "C3", "flag", lambda on: Exists(restrictions(on)),
        definition="统计日有处分还在影响期内（没有写解除日期的视为仍在），或受诫勉未满六个月，不得提拔。", **_OVERSIGHT,
    )
)  # fmt: skip
register(
    Fact(
        "oversight_open", "未办结监督事项", "C3", "number", lambda on: counted(open_items(on)), unit="项",
        definition="到统计日有应办日期而没有办结的管理监督事项。", condition=at_least_one(open_items), **_OVERSIGHT,
    )
)  # fmt: skip
register(
    Fact(
        "sanctioned", "处分在影响期内", "C3", "flag", lambda on: Exists(sanctions(on).order_by()),
        definition="统计日有处分还在影响期内；没有写解除日期的视为仍在。", **_OVERSIGHT,
    )
)  # fmt: skip
register_since(
    "sanction_end", "处分影响期满日期", "C3", sanctions,
    "统计日在影响期内的处分中最晚的期满日期；没有写解除日期的为未登记。", column="end", **_OVERSIGHT,
)  # fmt: skip
register(
    Fact(
        "oversight_overdue", "逾期未办结监督事项", "C3", "number", lambda on: counted(overdue_items(on)), unit="项",
        definition="到统计日已过应办日期而没有办结的管理监督事项，含诫勉回访；应办的当天不算逾期。",
        condition=at_least_one(overdue_items), **_OVERSIGHT,
    )
)  # fmt: skip
register(
    Fact(
        "warnings_recent", "近三年提醒函询诫勉次数", "C3", "number", lambda on: counted(_warned(on)), unit="次",
        definition="统计日前三年之内的提醒、函询、诫勉和预警，满三年的当天不再算；没有写时间的不算。",
        condition=at_least_one(_warned), **_OVERSIGHT,
    )
)  # fmt: skip
register(
    Fact(
        "integrity_talks", "任前廉政谈话次数", "C3", "number", lambda on: counted(_talks(on)), unit="次",
        definition="到统计日登记的任前廉政谈话。", condition=at_least_one(_talks), **_OVERSIGHT,
    )
)  # fmt: skip
register(
    Fact(
        "last_evaluation", "最近一次统一考评等次", "C3", "choice", lambda on: first(evaluations(on), "grade"),
        definition="统计日之前结束的挂职中，最近一次的统一考评等次。",
        choices=tuple(BureauEvaluation.Grade.choices), topic="assessment",
    )
)  # fmt: skip
register(
    Fact(
        "petitions_open", "未答复诉求", "C3", "number", lambda on: counted(open_petitions(on)), unit="件",
        definition="到统计日提出而没有答复的诉求。", condition=at_least_one(open_petitions), **_OVERSIGHT,
    )
)  # fmt: skip
register(
    Fact(
        "petitions_overdue", "逾期未答复诉求", "C3", "number", lambda on: counted(overdue_petitions(on)), unit="件",
        definition="到统计日已过答复期限而没有答复的诉求；期限的当天不算逾期。",
        condition=at_least_one(overdue_petitions), **_OVERSIGHT,
    )
)  # fmt: skip
