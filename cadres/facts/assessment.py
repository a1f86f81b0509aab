"""Facts about annual assessments and the competence profile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, Func, IntegerField, Q, Value, When

from cadres.facts.building import at_least_one, counted, first, of_cadre, register_since
from cadres.facts.registry import Fact, register
from cadres.models import AnnualAssessment, Competence, CompetenceProfile

GOOD = (AnnualAssessment.Grade.EXCELLENT, AnnualAssessment.Grade.QUALIFIED)
POOR = (AnnualAssessment.Grade.BASIC, AnnualAssessment.Grade.UNQUALIFIED)
_YEARS_RUNNING, POOR_YEARS = 2, 3


def grades(on: date) -> Any:
    """Annual assessments of the years before the day's year: a year is assessed when it is over."""
    return of_cadre(AnnualAssessment).filter(year__lt=on.year).order_by("-year")


def excellent(years: int) -> Callable[[date], Any]:
    """The last years' assessments that were excellent."""

    def rows(on: date) -> Any:
        return grades(on).filter(grade=AnnualAssessment.Grade.EXCELLENT, year__gte=on.year - years)

    return rows


def _good_years(on: date) -> Any:
    """Whether each of the last years was assessed as qualified or better."""
    rows = good(_YEARS_RUNNING)
    return Case(
        When(Q(_Same(counted(rows(on)), Value(_YEARS_RUNNING))), then=Value(True)),
        default=Value(False), output_field=BooleanField(),
    )  # fmt: skip


def good(years: int) -> Callable[[date], Any]:
    """The last years' assessments that were qualified or better."""

    def rows(on: date) -> Any:
        return grades(on).filter(grade__in=GOOD, year__gte=on.year - years)

    return rows


def _poor(on: date) -> Any:
    return grades(on).filter(grade__in=POOR, year__gte=on.year - POOR_YEARS)


class _Same(Func):
    template = "(%(expressions)s)"
    arg_joiner = " = "
    arity = 2
    output_field = BooleanField()


def profile(on: date) -> Any:
    """Competence profiles made by others by the day, the newest first."""
    rows = of_cadre(CompetenceProfile).filter(on__lte=on).exclude(source=CompetenceProfile.Source.SELF)
    return rows.order_by("-on", "-id")


class _Mean(Func):
    """The mean of the known scores of an array, rounded."""

    template = "(SELECT round(avg(score))::int FROM unnest(%(expressions)s) AS score)"
    output_field = IntegerField()


def _register_excellent(years: int, words: str) -> None:
    rows = excellent(years)
    register(
        Fact(
            f"excellent_years_{years}", f"近{words}年考核优秀次数", "C3", "number",
            lambda on: counted(rows(on)), unit="次", topic="assessment", condition=at_least_one(rows),
            definition=f"统计日所在年份之前{words}个年度的年度考核中，等次为优秀的年数。",
        )
    )  # fmt: skip


def _register_grade(back: int, label: str) -> None:
    register(
        Fact(
            f"annual_grade_{back}", label, "C3", "choice",
            lambda on: first(grades(on).filter(year=on.year - back), "grade"), topic="assessment",
            definition=f"统计日所在年份减 {back} 的那个年度的年度考核等次；那一年没有登记的为未登记。",
            choices=tuple(AnnualAssessment.Grade.choices),
        )
    )  # fmt: skip


def _register_competence(place: int, name: str, label: str) -> None:
    register(
        Fact(
            f"competence_{name}", f"{label}（能力）", "C3", "number", lambda on: first(profile(on), f"scores__{place}"),
            unit="分", topic="assessment",
            definition=f"统计日最近一次组织、专家或测评给出的“{label}”得分，自评不算。",
        )
    )  # fmt: skip


register(
    Fact(
        "last_annual_grade", "上一次年度考核等次", "C3", "choice", lambda on: first(grades(on), "grade"),
        definition="统计日所在年份之前最近一个有结果的年度考核等次。", topic="assessment",
        choices=tuple(AnnualAssessment.Grade.choices),
    )
)  # fmt: skip
for _back, _label in enumerate(("上一年度考核等次", "前第二年度考核等次", "前第三年度考核等次"), 1):
    _register_grade(_back, _label)
_register_excellent(3, "三")
_register_excellent(5, "五")
register(
    Fact(
        "good_years_running", "近两年考核均合格以上", "C3", "flag", _good_years, topic="assessment",
        definition="统计日所在年份之前的两个年度，考核等次都是优秀或合格（称职）；缺一年即为否。",
    )
)  # fmt: skip
register(
    Fact(
        "good_years_3", "近三年考核合格以上次数", "C3", "number", lambda on: counted(good(3)(on)), unit="次",
        definition="统计日所在年份之前三个年度的年度考核中，等次为优秀或合格（称职）的年数。", topic="assessment",
        condition=at_least_one(good(3)),
    )
)  # fmt: skip
register(
    Fact(
        "poor_years_3", "近三年考核基本合格及以下次数", "C3", "number", lambda on: counted(_poor(on)), unit="次",
        definition="统计日所在年份之前三个年度的年度考核中，等次为基本合格（基本称职）或不合格（不称职）的年数。",
        topic="assessment", condition=at_least_one(_poor),
    )
)  # fmt: skip
register_since(
    "competence_on", "最近能力评价日期", "C3", profile, "统计日最近一次组织、专家或测评的能力评价的日期，自评不算。",
    column="on", precise=True, topic="assessment",
)  # fmt: skip
for _place, (_name, _label) in enumerate(Competence.choices):
    _register_competence(_place, _name, _label)
register(
    Fact(
        "competence_mean", "能力平均分", "C3", "number",
        lambda on: first(profile(on).annotate(mean=_Mean("scores")), "mean"), unit="分", topic="assessment",
        definition="统计日最近一次组织、专家或测评所评各项能力得分的平均，四舍五入到整数。",
    )
)  # fmt: skip
