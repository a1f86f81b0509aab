"""Facts about how a cadre is developed: talent tier, reserve pool, individual plan."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from cadres.facts.building import CompletedMonths, first, of_cadre, register_since, years_since
from cadres.facts.registry import Fact, register
from cadres.models import DevelopmentPlan, PlanReview, Post, ReserveEntry, ReserveReview, TalentEntry

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


def _dated_talent(on: date) -> Any:
    return talent(on).filter(start__isnull=False)


def _dated_reserve(on: date) -> Any:
    """Entries in force, the longest first."""
    return of_cadre(ReserveEntry).on(on).filter(start__isnull=False).order_by("start")


def _last_reserve_review(on: date) -> Subquery:
    """The latest year reviewed of entries in force; a year's review counts from that year on."""
    entries = ReserveEntry.objects.filter(cadre=OuterRef(OuterRef("pk"))).on(on)
    reviews = ReserveReview.objects.filter(entry__in=entries.values("pk"), year__lte=on.year)
    return first(reviews.order_by("-year"), "year")


def plan(on: date) -> Any:
    """The development plan in force; a cadre has at most one."""
    return of_cadre(DevelopmentPlan).on(on)


def _plan_unreviewed(on: date) -> Subquery:
    """Whole months since the plan in force was last reviewed, or began."""
    reviews = PlanReview.objects.filter(plan=OuterRef("pk"), on__lte=on).order_by("-on").values("on")[:1]
    since = Coalesce(Subquery(reviews), F("start"))
    return Subquery(plan(on).annotate(months=CompletedMonths(since, on)).values("months")[:1])


_GROWTH: dict[str, Any] = {"topic": "growth"}

register(
    Fact(
        "talent_tier", "领军梯队", "C1", "level", lambda on: first(talent(on), "height"),
        definition="统计日所在的梯队：知名校长、领军校长、骨干校长。", scale=TALENT_SCALE, **_GROWTH,
    )
)  # fmt: skip
register(
    Fact(
        "talent_years", "在现梯队年限", "C1", "number", years_since(_dated_talent), unit="年",
        definition="从进入统计日所在的梯队到统计日已满的年数。", **_GROWTH,
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
        "reserve_years", "进入后备库年限", "C3", "number", years_since(_dated_reserve), unit="年",
        definition="从统计日在期内的后备登记中最早的开始时间，到统计日已满的年数。", **_GROWTH,
    )
)  # fmt: skip
register(
    Fact(
        "reserve_reviewed", "后备最近审核年度", "C3", "number", _last_reserve_review, unit="年度",
        definition="统计日在期内的后备登记最近一次年度审核的年度；还没有审核过的为未登记。", **_GROWTH,
    )
)  # fmt: skip
register(
    Fact(
        "has_plan", "有个性化培养计划", "C2", "flag", lambda on: Exists(plan(on)),
        definition="统计日有一份在期内的个性化培养计划。", **_GROWTH,
    )
)  # fmt: skip
register_since(
    "plan_end",
    "培养计划到期日期",
    "C2",
    plan,
    "统计日在期内的个性化培养计划登记的结束日期。",
    column="end",
    **_GROWTH,
)
register(
    Fact(
        "plan_mentored", "培养计划有导师", "C2", "flag",
        lambda on: Exists(plan(on).exclude(mentor=None, mentor_text="")),
        definition="统计日在期内的个性化培养计划写明了导师。", **_GROWTH,
    )
)  # fmt: skip
register(
    Fact(
        "plan_unreviewed_months", "培养计划未评估月数", "C2", "number", _plan_unreviewed, unit="个月",
        definition="统计日在期内的个性化培养计划，从最近一次评估（没有评估过的从计划开始）到统计日已满的月数。",
        **_GROWTH,
    )
)  # fmt: skip
