"""Facts about posts held: the present one, how long, how many, where, secondments."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, F, Func, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Coalesce, Floor

from accounts.models import Unit
from cadres.facts.building import (
    at_least_one,
    begun,
    counted,
    first,
    held,
    of_cadre,
    register_since,
    row_years,
    years_since,
)
from cadres.facts.registry import Fact, register
from cadres.models import Appointment, PersonnelRelation, Post, Rank

# Titles of a leadership team, for appointments that name no post of the unit.
_TEAM_TITLE = r"(校长|书记|园长)$"
_MIDDLE_TITLE = r"(主任|组长|股长|大队辅导员)$"
DAYS_OF_A_YEAR = 365.25


def posts_held(on: date) -> Any:
    """Own posts in force: a secondment's acting post doesn't make anybody a team member."""
    return of_cadre(Appointment).on(on).exclude(kind=Appointment.Kind.SECONDED)


def main_post(on: date) -> Any:
    """The main post in force; a cadre has at most one."""
    return posts_held(on).filter(is_main=True)


def dated_main_post(on: date) -> Any:
    """The main post in force, where its start is known."""
    return main_post(on).filter(start__isnull=False)


def posts_so_far(on: date) -> Any:
    """Own posts that had begun by the day, those in force and those that are over."""
    return begun(Appointment, on).exclude(kind=Appointment.Kind.SECONDED)


def secondments(on: date) -> Any:
    """Secondments in force."""
    return of_cadre(Appointment).on(on).filter(kind=Appointment.Kind.SECONDED)


def secondments_over(on: date) -> Any:
    """Secondments that ended by the day."""
    return of_cadre(Appointment).filter(kind=Appointment.Kind.SECONDED, end__lte=on)


def _holds(on: date, categories: list[str], title: str) -> Exists:
    return Exists(
        posts_held(on).filter(Q(post__category__in=categories) | Q(post__isnull=True, title__regex=title))
    )


def _on_team(on: date) -> Exists:
    return _holds(on, [Post.Category.HEAD, Post.Category.DEPUTY], _TEAM_TITLE)


def _is_middle(on: date) -> Case:
    return Case(
        When(_on_team(on), then=Value(False)),
        When(_holds(on, [Post.Category.MIDDLE], _MIDDLE_TITLE), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )


def _level_since(on: date) -> Any:
    rows = of_cadre(Rank).on(on).filter(kind=Rank.Kind.LEVEL, start__isnull=False)
    return rows.order_by("-start")


def _concurrent(on: date) -> Any:
    return of_cadre(Appointment).on(on).filter(kind=Appointment.Kind.CONCURRENT)


def _schools(on: date) -> Any:
    return posts_so_far(on).filter(unit__kind=Unit.Kind.SCHOOL)


class _DaysUntil(Func):
    """Days from a start to an end, or to a day where the end is open or later."""

    arity = 2
    output_field = IntegerField()

    def __init__(self, start: Any, end: Any, on: date, **extra: Any) -> None:
        super().__init__(start, Coalesce(end, Value(on)), **extra)
        self.on = on

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        """Django would make an interval of a difference of dates; PostgreSQL gives days."""
        start, start_params = compiler.compile(self.source_expressions[0])
        end, end_params = compiler.compile(self.source_expressions[1])
        return f"(LEAST({end}, %s) - {start})", (*end_params, self.on, *start_params)


def _rural_years(on: date) -> Any:
    """Days at rural schools over all personnel relations, whose periods never overlap, as whole years."""
    rows = of_cadre(PersonnelRelation).filter(unit__is_rural=True, start__isnull=False, start__lte=on)
    days = Sum(_DaysUntil(F("start"), F("end"), on), output_field=IntegerField())
    return counted(rows, Floor(days / Value(DAYS_OF_A_YEAR), output_field=IntegerField()))


def _date_condition(rows: Any, column: str) -> Any:
    """A date of the one main post in force."""

    def condition(operator: str, value: Any, on: date) -> Any:
        return Exists(rows(on).filter(**{f"{column}__{ {'since': 'gte', 'before': 'lt'}[operator] }": value}))

    return condition


_POST: dict[str, Any] = {"topic": "post"}

register(
    Fact(
        "on_team", "现任学校领导班子成员", "C1", "flag", _on_team,
        definition="统计日担任正职或副职岗位，或所任职务名称以校长、书记、园长结尾；挂任的不算。", **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "is_middle", "现任中层干部", "C1", "flag", _is_middle,
        definition="统计日担任中层岗位，或职务名称以主任、组长、股长、大队辅导员结尾，且不是班子成员。", **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "post_category", "岗位类别", "C1", "choice", lambda on: first(main_post(on), "post__category"),
        definition="统计日主职务所在岗位的类别；主职务没有对应岗位的为未登记。",
        choices=tuple(Post.Category.choices), condition=held(main_post, "post__category"), **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "post_title", "现任职务", "C1", "text", lambda on: first(main_post(on), "title"),
        definition="统计日主职务的名称，按原文。", **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "years_in_post", "任现职年限", "C1", "number", years_since(dated_main_post), unit="年",
        definition="从现主职务开始到统计日已满的年数；挂任的不算。", condition=row_years(dated_main_post), **_POST,
    )
)  # fmt: skip
register_since(
    "post_since", "任现职时间", "C1", dated_main_post, "统计日主职务开始的时间；挂任的不算。", **_POST
)
register(
    Fact(
        "level_name", "职务层次", "C1", "text", lambda on: first(_level_since(on), "name"),
        definition="统计日在期内的职务层次，按原文。", **_POST,
    )
)  # fmt: skip
register_since(
    "level_since", "任同级时间", "C1", _level_since, "统计日在期内的职务层次登记的开始时间。", **_POST
)
register(
    Fact(
        "years_at_level", "任同级年限", "C1", "number", years_since(_level_since), unit="年",
        definition="从任同级职务层次的时间到统计日已满的年数。", **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "posts_held", "任职经历数", "C1", "number", lambda on: counted(posts_so_far(on)), unit="段",
        definition="到统计日开始过的任职，含已结束的和兼任，挂任的不算。",
        condition=at_least_one(posts_so_far), **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "schools_served", "任职学校数", "C1", "number",
        lambda on: counted(_schools(on), Count("unit", distinct=True)), unit="所",
        definition="到统计日担任过职务的本区学校数，同一所只计一次，挂任的不算。",
        condition=at_least_one(_schools), **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "rural_years", "农村学校工作年限", "C1", "number", _rural_years, unit="年",
        definition="到统计日人事关系在农村学校的时间合计，满年计算；学校按现在的农村标记。", **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "term_number", "任期届数", "C1", "number", lambda on: first(main_post(on), "term_number"), unit="届",
        definition="统计日主职务登记的第几任期。", **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "term_end", "任期届满日期", "C1", "date", lambda on: first(main_post(on), "term_end"),
        definition="统计日主职务登记的任期届满日期。", condition=_date_condition(main_post, "term_end"), **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "probation_end", "试用期满日期", "C1", "date", lambda on: first(main_post(on), "probation_end"),
        definition="统计日主职务登记的试用期满日期。", **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "concurrent_posts", "兼任职务数", "C1", "number", lambda on: counted(_concurrent(on)), unit="个",
        definition="统计日在期内的兼任；挂任的不算。", condition=at_least_one(_concurrent), **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "on_probation", "在试用期", "C1", "flag", lambda on: Exists(posts_held(on).filter(probation_end__gt=on)),
        definition="统计日所任职务的试用期还没有满。", **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "seconded_now", "在挂职", "C1", "flag", lambda on: Exists(secondments(on)),
        definition="统计日有一段在期内的挂任。", **_POST,
    )
)  # fmt: skip
register(
    Fact(
        "secondments_done", "完成挂职次数", "C1", "number", lambda on: counted(secondments_over(on)), unit="次",
        definition="到统计日已经结束的挂任。", condition=at_least_one(secondments_over), **_POST,
    )
)  # fmt: skip
