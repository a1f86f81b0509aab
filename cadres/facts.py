"""Facts about cadres "as of a date": each one named SQL expression with label, unit and data level.

Eligibility rules, the query builder and data-quality rules all ask the same facts (1-domain.md, "Facts").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf

from cadres.codes import PARTY_MEMBERS
from cadres.models import (
    AnnualAssessment,
    Appointment,
    Cadre,
    Code,
    Education,
    PoliticalStatus,
    Post,
    ProfessionalTitle,
)

Kind = Literal["number", "flag", "text", "choice", "level"]
Expression = Callable[[date], Any]

# Titles of a leadership team, for appointments that name no post of the unit.
_TEAM_TITLE = r"(校长|书记|园长)$"
_MIDDLE_TITLE = r"(主任|组长|股长|大队辅导员)$"


@dataclass(frozen=True)
class Fact:
    """One fact: its name in rules, its words, who may read it (level) and how SQL finds it on a cadre."""

    name: str
    label: str
    level: Literal["C1", "C2", "C3"]
    kind: Kind
    expression: Expression
    unit: str = ""
    # Words of a value that isn't shown as it is stored, found by SQL too.
    wording: Expression | None = None
    choices: tuple[tuple[str, str], ...] = ()
    # The code list whose `level` the value is, so that a rule may name a code ("大专") as its limit.
    code_list: str = ""

    def display(self, value: Any, words: str = "") -> str:
        """Return a value in Chinese: `35 岁`, `是`, `大专`; an unknown value reads `未登记`."""
        if value is None:
            return "未登记"
        if self.kind == "flag":
            return "是" if value else "否"
        if self.kind == "choice":
            return dict(self.choices).get(value, str(value))
        if words:
            return words
        return f"{value} {self.unit}" if self.unit else str(value)


@dataclass(frozen=True)
class FactValue:
    """What a fact is for one cadre: the comparable value and its words."""

    value: Any
    text: str


FACTS: dict[str, Fact] = {}


def register(fact: Fact) -> Fact:
    """Add a fact under its name; an app above may add its own. Raises ValueError for a name in use."""
    if fact.name in FACTS:
        raise ValueError(f"fact {fact.name} exists already")
    FACTS[fact.name] = fact
    return fact


def annotate_facts(cadres: QuerySet[Cadre], names: Iterable[str], on: date) -> QuerySet[Cadre]:
    """Return the cadres with `fact_<name>` (and `fact_<name>_words`) as columns of the same query."""
    columns: dict[str, Any] = {}
    for name in names:
        fact = FACTS[name]
        columns[f"fact_{name}"] = fact.expression(on)
        if fact.wording:
            columns[f"fact_{name}_words"] = fact.wording(on)
    return cadres.annotate(**columns)


def values_of(cadres: QuerySet[Cadre], names: Iterable[str], on: date) -> dict[int, dict[str, FactValue]]:
    """Return the facts of many cadres on a day with one statement: cadre id → fact name → value."""
    wanted = list(dict.fromkeys(names))
    columns = [f"fact_{name}" for name in wanted]
    columns += [f"fact_{name}_words" for name in wanted if FACTS[name].wording]
    rows = annotate_facts(cadres.order_by(), wanted, on).values("pk", *columns)
    return {row["pk"]: {name: _value(FACTS[name], row) for name in wanted} for row in rows}


def _value(fact: Fact, row: dict[str, Any]) -> FactValue:
    value = row[f"fact_{fact.name}"]
    return FactValue(value, fact.display(value, row.get(f"fact_{fact.name}_words") or ""))


class CompletedYears(Func):
    """Whole years from a date column to a day, in whole numbers: no time zone, no summer time.

    One born on 29 February completes a year on 1 March of a common year, as core.calendar.completed_years
    says; a date known to the month counts from the month's first day (the rule of 任免审批表).
    """

    arity = 1
    output_field = IntegerField()
    template = (
        "((%(on)s - (EXTRACT(YEAR FROM %(expressions)s)::int * 10000"
        " + EXTRACT(MONTH FROM %(expressions)s)::int * 100"
        " + EXTRACT(DAY FROM %(expressions)s)::int)) / 10000)"
    )

    def __init__(self, expression: Any, on: date, **extra: Any) -> None:
        super().__init__(expression, on=on.year * 10000 + on.month * 100 + on.day, **extra)


def _of_cadre(model: Any) -> Any:
    return model.objects.filter(cadre=OuterRef("pk"))


def _posts_held(on: date) -> Any:
    """Own posts in force: a secondment's acting post doesn't make anybody a team member."""
    return _of_cadre(Appointment).on(on).exclude(kind=Appointment.Kind.SECONDED)


def _holds(on: date, categories: list[str], title: str) -> Exists:
    return Exists(
        _posts_held(on).filter(Q(post__category__in=categories) | Q(post__isnull=True, title__regex=title))
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


def _years_in_post(on: date) -> Subquery:
    held = _posts_held(on).filter(is_main=True, start__isnull=False).order_by("-start")
    return Subquery(held.annotate(years=CompletedYears(F("start"), on)).values("years")[:1])


def _education(on: date) -> QuerySet[Any]:
    """Completed education with a comparable level, the highest first; an open end counts as completed."""
    done = Q(end=None) | Q(end__lte=on)
    return (
        _of_cadre(Education)
        .filter(done, level__level__isnull=False)
        .order_by("-level__level", "level__order")
    )


def _titles(on: date) -> QuerySet[Any]:
    return _of_cadre(ProfessionalTitle).on(on).filter(title__level__isnull=False).order_by("-title__level")


def _code_words(rows: QuerySet[Any], field: str) -> Subquery:
    words = Coalesce(NullIf(f"{field}__short", Value("")), f"{field}__name", output_field=CharField())
    return Subquery(rows.annotate(words=words).values("words")[:1])


def _political(on: date) -> QuerySet[Any]:
    """Affiliations in force, the party first."""
    return _of_cadre(PoliticalStatus).on(on).order_by("status__order", "status__code")


def _grades(on: date) -> QuerySet[Any]:
    """Annual assessments of the years before the day's year: a year is assessed when it is over."""
    return _of_cadre(AnnualAssessment).filter(year__lt=on.year).order_by("-year")


def _excellent_years(on: date) -> Coalesce:
    rows = _grades(on).filter(grade=AnnualAssessment.Grade.EXCELLENT, year__gte=on.year - 3)
    counted = rows.order_by().values("cadre").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


register(Fact("age", "年龄", "C2", "number", lambda on: CompletedYears(F("birth"), on), unit="岁"))
register(
    Fact(
        "education_level", "最高学历", "C2", "level",
        lambda on: Subquery(_education(on).values("level__level")[:1]),
        wording=lambda on: _code_words(_education(on), "level"),
        code_list=Code.List.EDUCATION,
    )
)  # fmt: skip
register(Fact("on_team", "现任学校领导班子成员", "C1", "flag", _on_team))
register(Fact("is_middle", "现任中层干部", "C1", "flag", _is_middle))
register(Fact("years_in_post", "任现职年限", "C1", "number", _years_in_post, unit="年"))
register(
    Fact(
        "years_of_work", "工作年限", "C2", "number", lambda on: CompletedYears(F("work_start"), on), unit="年"
    )
)
register(
    Fact(
        "political", "政治面貌", "C2", "text",
        lambda on: Subquery(_political(on).values("status__code")[:1]),
        wording=lambda on: _code_words(_political(on), "status"),
    )
)  # fmt: skip
register(
    Fact(
        "party_member", "中共党员", "C2", "flag",
        lambda on: Exists(_political(on).filter(status__code__in=PARTY_MEMBERS)),
    )
)  # fmt: skip
register(
    Fact(
        "last_annual_grade", "上一次年度考核等次", "C3", "choice",
        lambda on: Subquery(_grades(on).values("grade")[:1]),
        choices=tuple(AnnualAssessment.Grade.choices),
    )
)  # fmt: skip
register(Fact("excellent_years_3", "近三年考核优秀次数", "C3", "number", _excellent_years, unit="次"))
register(
    Fact(
        "title_level", "职称", "C1", "level",
        lambda on: Subquery(_titles(on).values("title__level")[:1]),
        wording=lambda on: _code_words(_titles(on), "title"),
        code_list=Code.List.TITLE,
    )
)  # fmt: skip
