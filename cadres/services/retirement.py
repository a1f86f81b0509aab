"""When somebody retires: the schedule of the 2025 reform, in Python and as one SQL expression.

Both read the dated rows of RetirementRule. The arithmetic is that of the 任免审批表 editor (version 4): the
birth month plus the category's age gives the month in the old schedule; for every `step_months` begun since
the rule's first month one month is added, up to `most_months`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cadres.models import Cadre, RetirementRule

# Without an entry of one's own (改革前退休年龄), by gender (GB/T 2261.1).
_USUAL = {Cadre.Gender.MALE.value: "60", Cadre.Gender.FEMALE.value: "55"}


@dataclass(frozen=True)
class Rule:
    """A row of the schedule in month numbers (year × 12 + month − 1)."""

    category: str
    start: int
    step: int
    most: int

    def added(self, month: int) -> int:
        """Return how many months are added to a month of the old schedule that lies at or after the start."""
        return min(self.most, (month - self.start) // self.step + 1)


def rules_in_use() -> tuple[Rule, ...]:
    """Return the schedule, the later rows of a category first; one query."""
    rows = RetirementRule.objects.order_by("category", "-start")
    return tuple(Rule(row.category, _number(row.start), row.step_months, row.most_months) for row in rows)


def category_of(gender: str, limit: str = "") -> str:
    """Return the category of a person: the limit on record, else the usual one of the gender, else ""."""
    return limit or _USUAL.get(gender, "")


def retirement_month(birth: date, category: str, rules: Sequence[Rule]) -> date:
    """Return the first day of the month in which somebody of a category retires.

    A birth known to the year alone counts from January, as it is stored. Raises ValueError for a category
    that doesn't exist.
    """
    if category not in Cadre.RetirementLimit.values:
        raise ValueError(f"no category {category!r}")
    month = _number(birth) + int(category) * 12
    rule = next((each for each in rules if each.category == category and month >= each.start), None)
    if rule is not None:
        month += rule.added(month)
    return date(month // 12, month % 12 + 1, 1)


def retirement_month_sql(rules: Sequence[Rule], *, birth: str, limit: str, gender: str) -> str:
    """Return the same as an SQL expression of type date over three columns; null where either is unknown.

    Only whole numbers of the rules and the given column names enter the text.
    """
    usual = " ".join(f"WHEN '{value}' THEN '{category}'" for value, category in _USUAL.items())
    born = f"(extract(year FROM {birth})::int * 12 + extract(month FROM {birth})::int - 1)"
    cases = []
    for category in Cadre.RetirementLimit.values:
        own = [rule for rule in rules if rule.category == category]
        cases.append(f"WHEN '{category}' THEN {_months(f'{born} + {int(category) * 12}', own)}")
    chosen = f"CASE coalesce(nullif({limit}, ''), CASE {gender} {usual} END) {' '.join(cases)} END"
    # Month number 12 is January of the year 1.
    return f"(date '0001-01-01' + make_interval(months => {chosen} - 12))::date"


def _months(month: str, rules: Sequence[Rule]) -> str:
    """SQL of the month number in the new schedule for that of the old one."""
    later = " ".join(
        f"WHEN {month} >= {rule.start} THEN {month} + least({rule.most}, ({month} - {rule.start}) / {rule.step} + 1)"
        for rule in rules
    )
    return f"CASE {later} ELSE {month} END" if later else month


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1
