"""Facts about how a cadre is developed: talent tier, reserve pool, individual plan."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Case, Exists, IntegerField, Value, When

from cadres.facts.building import first, of_cadre
from cadres.facts.registry import Fact, register
from cadres.models import DevelopmentPlan, Post, ReserveEntry, TalentEntry

TALENT_SCALE = tuple(
    (len(TalentEntry.Tier.choices) - place, label)
    for place, (_, label) in enumerate(TalentEntry.Tier.choices)
)
_HEIGHTS = {value: TALENT_SCALE[place][0] for place, value in enumerate(TalentEntry.Tier.values)}
_CATEGORIES = [Post.Category.HEAD, Post.Category.DEPUTY, Post.Category.MIDDLE]


def _ordered(column: str, values: Any) -> Case:
    places = (When(**{column: value}, then=Value(place)) for place, value in enumerate(values))
    return Case(*places, output_field=IntegerField())


def talent(on: date) -> Any:
    """The talent tier in force; a cadre has at most one."""
    height = Case(
        *(When(tier=tier, then=Value(number)) for tier, number in _HEIGHTS.items()),
        output_field=IntegerField(),
    )
    return of_cadre(TalentEntry).on(on).annotate(height=height)


def reserve(on: date) -> Any:
    """Entries of the reserve pool in force, the highest category first."""
    return of_cadre(ReserveEntry).on(on).order_by(_ordered("category", _CATEGORIES), "-id")


_GROWTH: dict[str, Any] = {"topic": "growth"}

register(
    Fact(
        "talent_tier", "领军梯队", "C1", "level", lambda on: first(talent(on), "height"),
        definition="统计日所在的梯队：知名校长、领军校长、骨干校长。", scale=TALENT_SCALE, **_GROWTH,
    )
)  # fmt: skip
register(
    Fact(
        "in_reserve", "在后备库", "C3", "flag", lambda on: Exists(reserve(on).order_by()),
        definition="统计日有一条在期内的后备登记。", **_GROWTH,
    )
)  # fmt: skip
register(
    Fact(
        "reserve_category", "后备类别", "C3", "choice", lambda on: first(reserve(on), "category"),
        definition="统计日在期内的后备类别；有几类的取最高的一类。", choices=tuple(Post.Category.choices), **_GROWTH,
    )
)  # fmt: skip
register(
    Fact(
        "reserve_status", "后备状态", "C3", "choice", lambda on: first(reserve(on), "status"),
        definition="上述后备类别登记的状态。", choices=tuple(ReserveEntry.Status.choices), **_GROWTH,
    )
)  # fmt: skip
register(
    Fact(
        "has_plan", "有个性化培养计划", "C2", "flag", lambda on: Exists(of_cadre(DevelopmentPlan).on(on)),
        definition="统计日有一份在期内的个性化培养计划。", **_GROWTH,
    )
)  # fmt: skip
