"""Facts about oversight: what restricts a promotion on a day, and what is still open."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, Q

from cadres.facts.building import at_least_one, begun, counted, of_cadre
from cadres.facts.registry import Fact, register
from cadres.models import Oversight


def restrictions(on: date) -> Any:
    """Sanctions whose period runs, and admonitions not yet half a year old (the rule: OversightQuerySet.restricting)."""
    return of_cadre(Oversight).restricting(on)


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
