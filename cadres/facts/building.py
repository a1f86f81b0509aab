"""What the topics of facts are built with: dates in SQL, rows of one cadre, conditions an index can answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
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
)
from django.db.models.functions import Coalesce, NullIf

from cadres.facts.registry import Fact, register
from core.calendar import add_months

Rows = Callable[[date], Any]
LONGEST_YEARS = 200


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


class CompletedMonths(Func):
    """Whole months from a date column to a day, as core.calendar.add_months counts: 31 August and one month is
    30 September."""

    arity = 1
    output_field = IntegerField()
    # The date is asked once: the expression given may be a statement with parameters of its own.
    template = (
        "(SELECT %(month)s - (EXTRACT(YEAR FROM since.day)::int * 12 + EXTRACT(MONTH FROM since.day)::int)"
        " - CASE WHEN EXTRACT(DAY FROM since.day)::int > %(day)s THEN 1 ELSE 0 END"
        " FROM (SELECT %(expressions)s AS day OFFSET 0) since)"
    )

    def __init__(self, expression: Any, on: date, **extra: Any) -> None:
        is_last = (on + timedelta(days=1)).day == 1
        super().__init__(expression, month=on.year * 12 + on.month, day=31 if is_last else on.day, **extra)


class ChineseDate(Func):
    """A partial date in words as far as it is known: 1976年5月. Takes the date and its precision."""

    arity = 2
    output_field = CharField()

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        """A case over the precision; `FM` drops the zero of a month."""
        day, day_params = compiler.compile(self.source_expressions[0])
        precision, params = compiler.compile(self.source_expressions[1])
        sql = (
            f"to_char({day}, CASE {precision} WHEN 'year' THEN 'FMYYYY\"年\"' WHEN 'month' THEN"
            ' \'FMYYYY"年"FMMM"月"\' ELSE \'FMYYYY"年"FMMM"月"FMDD"日"\' END)'
        )
        return sql, (*day_params, *params)


class Asked(Func):
    """A number that SQL of one's own tells of a cadre: `{cadre}` is the key given, `{on}` the day."""

    arity = 1
    output_field = IntegerField()

    def __init__(self, key: Any, *, sql: str, on: date, **extra: Any) -> None:
        super().__init__(key, **extra)
        self.sql, self.on = sql, on

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        """The statement in brackets; a day is a literal of digits."""
        key, parameters = compiler.compile(self.source_expressions[0])
        if parameters:
            raise ValueError("asked of a key, not of an expression")
        day = f"date '{self.on.isoformat()}'"
        return f"({self.sql.format(cadre=key, on=day)})", ()


def of_cadre(model: Any) -> Any:
    """The rows of a history that belong to the cadre of the outer query."""
    return model.objects.filter(cadre=OuterRef("pk"))


def begun(model: Any, on: date) -> Any:
    """A cadre's rows that had begun by a day, whether or not they are over; an unknown start counts."""
    return of_cadre(model).filter(Q(start=None) | Q(start__lte=on))


def first(rows: Any, column: str) -> Subquery:
    """A column of the first row."""
    return Subquery(rows.values(column)[:1])


def years_since(rows: Rows, column: str = "start") -> Callable[[date], Subquery]:
    """Return the expression of completed years since a column of the first of the rows."""

    def expression(on: date) -> Subquery:
        return Subquery(rows(on).annotate(years=CompletedYears(F(column), on)).values("years")[:1])

    return expression


def code_words(rows: QuerySet[Any], field: str) -> Subquery:
    """The short name of the first row's code."""
    words = Coalesce(NullIf(f"{field}__short", Value("")), f"{field}__name", output_field=CharField())
    return Subquery(rows.annotate(words=words).values("words")[:1])


def date_words(rows: QuerySet[Any], column: str = "start") -> Subquery:
    """A partial date of the first row in words."""
    return Subquery(rows.annotate(words=ChineseDate(column, f"{column}_precision")).values("words")[:1])


def register_since(name: str, label: str, level: Any, rows: Rows, definition: str, **more: Any) -> None:
    """Register the fact of a date that a row of a cadre's history says, as precisely as it is known.

    `column` names the date ("start" when none is given), `precise` says that it has no precision beside it;
    the first of the rows counts.
    """
    column, precise = more.pop("column", "start"), more.pop("precise", False)
    register(
        Fact(
            name, label, level, "date", lambda on: first(rows(on), column), definition=definition,
            wording=None if precise else lambda on: date_words(rows(on), column), **more,
        )
    )  # fmt: skip


def counted(rows: Any, what: Any = None) -> Coalesce:
    """How many rows a cadre has; `what` counts something else of them."""
    number = rows.order_by().values("cadre").annotate(number=what or Count("pk")).values("number")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)


# Conditions. Each gives the same truth as comparing the fact's expression; tests compare the two.
def years_condition(make: Callable[[str, date], Any]) -> Callable[[str, Any, date], Any]:
    """Years since a date that `make(lookup, day)` compares: at least n years is a date up to n years back."""

    def condition(operator: str, value: Any, on: date) -> Any:
        if not isinstance(value, int) or not 0 <= value < LONGEST_YEARS:
            return None
        if operator == "at_least":
            return make("lte", add_months(on, -12 * value))
        if operator == "at_most":
            return make("gt", add_months(on, -12 * (value + 1)))
        return None

    return condition


def column_years(column: str) -> Callable[[str, Any, date], Any]:
    """Years since a column of the cadre itself."""
    return years_condition(lambda lookup, day: Q(**{f"{column}__{lookup}": day}))


def row_years(rows: Rows, column: str = "start") -> Callable[[str, Any, date], Any]:
    """Years since a column of a row of which a cadre has at most one."""

    def condition(operator: str, value: Any, on: date) -> Any:
        inner = years_condition(lambda lookup, day: Exists(rows(on).filter(**{f"{column}__{lookup}": day})))
        return inner(operator, value, on)

    return condition


@dataclass(frozen=True)
class Height:
    """A level of a code list as the ids of its codes: joined to the codes, the planner couldn't tell common
    values from rare ones."""

    known: tuple[int, ...]
    at_least: tuple[int, ...]
    above: tuple[int, ...]


def highest(rows: Rows, code: str) -> Callable[[str, Any, date], Any]:
    """The highest of several codes: at least so high is what one of the rows reaches. Takes a Height."""

    def condition(operator: str, value: Any, on: date) -> Any:
        if not isinstance(value, Height):
            return None

        def any_of(ids: tuple[int, ...]) -> Exists:
            return Exists(rows(on).order_by().filter(**{f"{code}_id__in": ids}))

        if operator == "at_least":
            return any_of(value.at_least)
        if operator == "at_most":
            return Q(any_of(value.known)) & ~Q(any_of(value.above))
        return None

    return condition


def held(rows: Rows, column: str) -> Callable[[str, Any, date], Any]:
    """A column of a row of which a cadre has at most one."""

    def condition(operator: str, value: Any, on: date) -> Any:
        if operator == "one_of":
            return Exists(rows(on).order_by().filter(**{f"{column}__in": list(value)}))
        return None

    return condition


def at_least_one(rows: Rows) -> Callable[[str, Any, date], Any]:
    """A count of which only the first is asked for."""

    def condition(operator: str, value: Any, on: date) -> Any:
        if operator == "at_least" and value == 1:
            return Exists(rows(on).order_by())
        return None

    return condition
