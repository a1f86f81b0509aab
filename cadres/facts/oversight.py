"""Facts about oversight: what restricts a promotion on a day, and what is still open."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import BooleanField, Exists, F, Func, Q, Value

from cadres.facts.building import at_least_one, begun, counted
from cadres.facts.registry import Fact, register
from cadres.models import Oversight

ADMONITION_MONTHS = 6


class _StillWithin(Func):
    """Whether a day lies before a date and some months: 31 August and six months is the end of February."""

    arity = 2
    output_field = BooleanField()
    template = f"(%(expressions)s + interval '{ADMONITION_MONTHS} months')"
    arg_joiner = "::date < "


def restrictions(on: date) -> Any:
    """Sanctions whose period runs, and admonitions not yet half a year old.

    Sources: 政务处分法 第8、19条; 中国共产党纪律处分条例; 提醒、函询和诫勉的实施细则 (六个月内不得提拔或者重用). A
    sanction without an end still runs.
    """
    sanction = Q(kind=Oversight.Kind.SANCTION) & (Q(end=None) | Q(end__gt=on))
    recent = Q(_StillWithin(Value(on), F("start")))
    admonition = Q(kind=Oversight.Kind.ADMONITION) & (Q(end=None) & recent | Q(end__gt=on))
    return begun(Oversight, on).filter(sanction | admonition)


def open_items(on: date) -> Any:
    """What had to be answered, put right or followed up, and wasn't done by the day."""
    return begun(Oversight, on).filter(Q(done_on=None) | Q(done_on__gt=on), due__isnull=False)


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
