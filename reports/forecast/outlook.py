# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""What is looked ahead to: a part of the tree, five years; the SQL of who leaves which post and of the reserve.

The same expressions give the numbers and the lists of people behind them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import Unit
from cadres.facts.retirement import retirement_month_sql
from cadres.fields import fields_for
from cadres.models import Oversight, Post, ReserveEntry
from core.calendar import today
from core.errors import Invalid
from reports.structure.population import in_force

YEARS = 5
# A post's rank and the day its term ends as one number, so that the highest post brings its own term.
_SPAN = 10_000_000
LATEST_START = 5
RETIRE, TERM = "retire", "term"
KINDS = {RETIRE: "到龄退休", TERM: "任期届满"}
POOL = {
    "all": ("后备干部", "true"), "available": ("可用后备", "NOT restricted AND NOT retiring"),
    "retiring": ("期内到龄的后备", "retiring"), "restricted": ("处分期内的后备", "restricted"),
}  # fmt: skip
_IN_POOL = (ReserveEntry.Status.RESERVE.value, ReserveEntry.Status.CONTINUED.value)


@dataclass(frozen=True)
class Outlook:
    """A unit with everything below it, and the first of the five years."""

    unit: Unit
    first: int
    # Nobody sees whether they themselves are of the reserve: the reader's own entry is left out.
    reader: Any = None

    def __post_init__(self) -> None:
        """Refuse years that are over and years too far away to say anything of. Raises Invalid."""
        this_year = today().year
        if not this_year <= self.first <= this_year + LATEST_START:
            sentence = f"起始年份须在 {this_year} 到 {this_year + LATEST_START} 年之间。"
            raise Invalid(sentence, errors={"from": [sentence]})

    @property
    def years(self) -> list[int]:
        """The five years."""
        return list(range(self.first, self.first + YEARS))

    @property
    def before(self) -> int:
        """The year under which what falls due earlier is counted."""
        return self.first - 1

    @property
    def parameters(self) -> dict[str, Any]:
        """The statements' parameters."""
        return {
            "day": today(), "path": f"{self.unit.path}%", "before": self.before, "last": self.years[-1],
            "reader": getattr(self.reader, "pk", None), "in_pool": list(_IN_POOL), "sanction": Oversight.Kind.SANCTION.value,
        }  # fmt: skip


def sees_reserve(reader: Any, unit: Unit) -> bool:
    """Whether a reader may see the reserve pool of a unit's subtree (C3); None is the system itself."""
    return reader is None or "reserve" in fields_for(reader, unit)


def leaving_sql() -> str:
    """Return the expressions that end in `events`: who leaves a post, why, in which year.

    One row for each person and unit, with the highest of the posts held there and its term. A term that ends
    in or after the year of retirement frees nothing more.
    """
    retires = retirement_month_sql(birth="c.birth", limit="c.retirement_limit", gender="c.gender")
    ranks = " ".join(f"WHEN '{name}' THEN {at}" for at, name in enumerate(Post.Category.values))
    names = " ".join(f"WHEN {at} THEN '{name}'" for at, name in enumerate(Post.Category.values))
    return f"""WITH holders AS (
        SELECT h.cadre_id, u.id AS unit_id, u.name AS unit, u.stage,
               min(CASE o.category {ranks} END * {_SPAN}
                   + greatest(coalesce(h.term_end - date '1900-01-01', {_SPAN} - 1), 0)) AS highest
        FROM accounts_unit u
        JOIN cadres_appointment h ON h.unit_id = u.id
        JOIN cadres_post o ON o.id = h.post_id
        WHERE u.path LIKE %(path)s AND h.kind <> 'seconded' AND {in_force("h")}
        GROUP BY h.cadre_id, u.id
    ), leaving AS MATERIALIZED (
        SELECT s.cadre_id, s.unit, s.stage, CASE s.highest / {_SPAN} {names} END AS category,
               date '1900-01-01' + nullif(s.highest %% {_SPAN}, {_SPAN} - 1) AS term_end, c.name_key, {retires} AS retires
        FROM holders s JOIN cadres_cadre c ON c.id = s.cadre_id
    ), events AS (
        SELECT cadre_id, unit, stage, category, name_key, '{RETIRE}' AS kind, retires AS on_day,
               greatest(extract(year FROM retires)::int, %(before)s) AS year
        FROM leaving WHERE extract(year FROM retires) <= %(last)s
        UNION ALL
        SELECT cadre_id, unit, stage, category, name_key, '{TERM}', term_end,
               greatest(extract(year FROM term_end)::int, %(before)s)
        FROM leaving WHERE extract(year FROM term_end) <= %(last)s
             AND (retires IS NULL OR extract(year FROM term_end) < extract(year FROM retires))
    )"""


def pool_sql() -> str:
    """Return the expression `pool`: the reserve in service, who of it retires within the years or is restricted."""
    retires = retirement_month_sql(birth="c.birth", limit="c.retirement_limit", gender="c.gender")
    return f"""WITH pool AS (
        SELECT c.id AS cadre_id, c.name_key, u.name AS unit, u.stage, e.category, {retires} AS on_day,
               coalesce(extract(year FROM {retires}) <= %(last)s, false) AS retiring,
               EXISTS (SELECT FROM cadres_oversight v WHERE v.cadre_id = c.id AND v.kind = %(sanction)s
                       AND (v.start IS NULL OR v.start <= %(day)s) AND v."end" > %(day)s) AS restricted
        FROM accounts_unit u
        JOIN cadres_cadre c ON c.unit_id = u.id
        JOIN cadres_reserveentry e ON e.cadre_id = c.id
        WHERE u.path LIKE %(path)s AND e.status = ANY(%(in_pool)s) AND {in_force("e")}
          AND (%(reader)s IS NULL OR c.user_id IS DISTINCT FROM %(reader)s)
          AND EXISTS (SELECT FROM cadres_personnelrelation r WHERE r.cadre_id = c.id AND {in_force("r")})
    )"""


def narrowed(choice: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the condition that keeps one cell of a table, and its parameters: kind, category, stage, year."""
    conditions = [f"{name} = %(chosen_{name})s" for name in choice]
    return " AND ".join(conditions) or "true", {f"chosen_{name}": value for name, value in choice.items()}


def first_year_today() -> int:
    """Return the first year that is offered."""
    return today().year


def month_words(day: date | None) -> str:
    """Return a month as 2028年9月."""
    return f"{day.year}年{day.month}月" if day else ""
