# ruff: noqa: S608 - the statement is put together from names and constants of this module
"""When somebody retires: the schedule of the 2025 reform as one SQL expression, and the facts made of it.

The expression reads the dated rows of RetirementRule itself. The arithmetic is that of the 任免审批表 editor
(version 4): the birth month plus the category's age gives the month in the old schedule; for every
`step_months` begun since the rule's first month one month is added, up to `most_months`. The forecast of
reports and the facts below ask this one expression.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Case, DateField, F, Func, IntegerField, Value, When

from cadres.facts.building import ChineseDate
from cadres.facts.registry import Fact, register
from cadres.models import Cadre, RetirementRule

# Without an entry of one's own (改革前退休年龄), by gender (GB/T 2261.1).
_USUAL = {Cadre.Gender.MALE.value: "60", Cadre.Gender.FEMALE.value: "55"}
_RULES = RetirementRule._meta.db_table


def retirement_month_sql(*, birth: str, limit: str, gender: str) -> str:
    """Return SQL for the first day of the month in which somebody retires, over three columns.

    Null where birth, or both the limit on record and the gender, are unknown. A birth known to the year
    alone counts from January, as it is stored. Of a category's rules the latest that has begun in the month
    of the old schedule applies. Nothing but the names given enters the text.
    """
    usual = " ".join(f"WHEN '{value}' THEN '{category}'" for value, category in _USUAL.items())
    own = f"coalesce(nullif({limit}, ''), CASE {gender} {usual} END)"
    born = f"(date_part('year', {birth})::int * 12 + date_part('month', {birth})::int - 1"
    months = " ".join(
        f"WHEN '{category}' THEN {_new_month(f'{born} + {int(category) * 12})', category)}"
        for category in Cadre.RetirementLimit.values
    )
    # Months are counted from the year 0, so that month 12 is January of the year 1.
    return f"(date '0001-01-01' + make_interval(months => CASE {own} {months} END - 12))::date"


def _new_month(month: str, category: str) -> str:
    """SQL of the month in the new schedule for that of the old one.

    The rules of a category are three arrays, each read once a statement however many people are asked about;
    width_bucket finds the latest rule that has begun, 0 being none.
    """

    def column(what: str) -> str:
        return f"(SELECT array_agg({what} ORDER BY start) FROM {_RULES} WHERE category = '{category}')"

    first = column("date_part('year', start)::int * 12 + date_part('month', start)::int - 1")
    at = f"[width_bucket({month}, {first})]"
    steps = f"({month} - ({first}){at}) / ({column('step_months::int')}){at} + 1"
    return f"{month} + coalesce(least(({column('most_months::int')}){at}, {steps}), 0)"


class RetirementMonth(Func):
    """The first day of the month of retirement; takes the columns birth, limit and gender."""

    arity = 3
    output_field = DateField()

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        """The schedule's expression over the columns."""
        names = []
        for expression in self.source_expressions:
            sql, parameters = compiler.compile(expression)
            if parameters:
                raise ValueError("the schedule of retirement is asked over columns")
            names.append(sql)
        return retirement_month_sql(birth=names[0], limit=names[1], gender=names[2]), ()


class MonthsUntil(Func):
    """Whole calendar months from a day's month to a date's: 0 in the same month, less than 0 when it is past."""

    arity = 1
    output_field = IntegerField()
    # The month of a date is asked once: the expression given may be a long one.
    template = (
        "(SELECT extract(year FROM later.day)::int * 12 + extract(month FROM later.day)::int - %(on)s"
        " FROM (SELECT %(expressions)s AS day OFFSET 0) later)"
    )

    def __init__(self, expression: Any, on: date, **extra: Any) -> None:
        super().__init__(expression, on=on.year * 12 + on.month, **extra)


def retires() -> RetirementMonth:
    """The month of retirement of a cadre."""
    return RetirementMonth(F("birth"), F("retirement_limit"), F("gender"))


def _known_to() -> Case:
    """The month is known unless of the birth only the year is."""
    return Case(When(birth_precision="year", then=Value("year")), default=Value("month"))


register(
    Fact(
        "retirement_month", "法定退休年月", "C2", "date", lambda on: retires(),
        definition="按改革前退休年龄（没有登记的男 60 岁、女 55 岁）和退休年龄规则推算的退休月份，记为当月 1 日；"
        "只登记到出生年的按 1 月推算。",
        wording=lambda on: ChineseDate(retires(), _known_to()),
    )
)  # fmt: skip
register(
    Fact(
        "months_to_retirement", "距法定退休月数", "C2", "number", lambda on: MonthsUntil(retires(), on), unit="个月",
        definition="从统计日所在月到法定退休年月的月数，当月退休的为 0，已经超过的为负数。",
    )
)  # fmt: skip
