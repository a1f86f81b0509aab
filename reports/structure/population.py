# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Whom an analysis counts: a part of the tree, a day, everybody or the leaders, and a choice among them.

One object makes the SQL both of the numbers and of the lists of people behind them, so that the two agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from accounts.models import Unit
from core.calendar import today
from core.errors import Invalid
from reports.structure.dimensions import DIMENSIONS, HISTORIES, Dimension, age_bounds

# Ages, schooling and parties are personal facts (C2), also when they are counted.
ANALYSIS = "cadre.view_personal"
EARLIEST = date(1950, 1, 1)
EVERYBODY, LEADERS, TEAM = "all", "teams", "team"
GROUPS = {EVERYBODY: "全体干部", LEADERS: "班子成员", TEAM: "本单位班子"}

_COLUMNS = "c.id, c.name_key, c.gender, c.birth, c.ethnicity_id, u.id AS unit_id, u.stage, u.is_rural"
_IN_FORCE = '({0}.start IS NULL OR {0}.start <= %(day)s) AND ({0}."end" IS NULL OR {0}."end" > %(day)s)'
_EVERYBODY_SQL = f"""
    SELECT {_COLUMNS}
    FROM accounts_unit u
    JOIN cadres_personnelrelation r ON r.unit_id = u.id
    JOIN cadres_cadre c ON c.id = r.cadre_id
    WHERE u.path LIKE %(path)s AND {_IN_FORCE.format("r")}"""
# A leader at two units counts once, at the place of the higher post; `per_unit` counts them at each.
_LEADERS_SQL = f"""
    SELECT DISTINCT ON (c.id{{per_unit}}) {_COLUMNS}, o.category
    FROM accounts_unit u
    JOIN cadres_appointment h ON h.unit_id = u.id
    JOIN cadres_post o ON o.id = h.post_id
    JOIN cadres_cadre c ON c.id = h.cadre_id
    WHERE u.path LIKE %(path)s AND h.kind <> 'seconded' AND o.category IN ('head', 'deputy')
      AND {_IN_FORCE.format("h")}
    ORDER BY c.id{{per_unit}}, o.category = 'head' DESC, h.is_main DESC, u.id"""


# A unit as it was called that day.
UNIT_NAME = """coalesce((SELECT n.name FROM accounts_unitname n WHERE n.unit_id = u.id
    AND (n.start IS NULL OR n.start <= %(day)s) AND (n."end" IS NULL OR n."end" > %(day)s) LIMIT 1), u.name)"""


def in_force(alias: str) -> str:
    """Return the SQL condition that a history's row is in force on %(day)s."""
    return _IN_FORCE.format(alias)


@dataclass(frozen=True)
class Population:
    """A unit with everything below it (its own team alone for the group `team`) on a day."""

    unit: Unit
    day: date
    group: str = EVERYBODY
    # Dimension → the bands kept; an empty choice keeps everybody.
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what can't be known or isn't known of.

        Raises Invalid for a day to come, an unknown group, dimension or band.
        """
        if self.day > today():
            raise Invalid(
                "只能分析今天和以前的结构；今后的变化请看“供需预测”。", errors={"on": ["日期不能晚于今天。"]}
            )
        if self.day < EARLIEST:
            raise Invalid("统计日不能早于 1950 年。", errors={"on": ["日期不能早于 1950 年。"]})
        if self.group not in GROUPS:
            raise Invalid("没有这种统计对象。", errors={"group": ["没有这种统计对象。"]})
        for name, bands in self.chosen.items():
            if name not in DIMENSIONS or not set(bands) <= set(DIMENSIONS[name].bands):
                raise Invalid("没有这个分类。", errors={name: ["没有这个分类。"]})

    @cached_property
    def unit_name(self) -> str:
        """The unit as it was called that day."""
        return self.unit.name if self.day == today() else self.unit.name_on(self.day)

    @property
    def parameters(self) -> dict[str, Any]:
        """The statement's parameters."""
        path = self.unit.path if self.group == TEAM else f"{self.unit.path}%"
        bands = {f"chosen_{name}": list(values) for name, values in self.chosen.items()}
        return {"day": self.day, "path": path, **age_bounds(self.day), **bands}

    def _expression(self, dimension: Dimension) -> str:
        """SQL of a dimension; of leaders the post is the one they are counted for, not a higher one elsewhere."""
        if dimension.name == "category" and self.group != EVERYBODY:
            return "p.category"
        return dimension.expression

    def banded_sql(self, names: Iterable[str], *, per_unit: bool = False) -> str:
        """Return the common table expressions that end in `banded`: one row a person, a band per dimension.

        Only the histories that the named and the chosen dimensions need are read.
        """
        wanted = [DIMENSIONS[name] for name in dict.fromkeys((*names, *self.chosen))]
        needed = dict.fromkeys(each.history for each in wanted if each.history)
        people = _EVERYBODY_SQL
        if self.group != EVERYBODY:
            people = _LEADERS_SQL.format(per_unit=", u.id" if per_unit else "")
        parts = [f"people AS MATERIALIZED ({people})"]
        parts += [f"{name} AS ({HISTORIES[name].format(in_force=in_force('h'))})" for name in needed]
        columns = ", ".join(f"{self._expression(each)} AS {each.name}" for each in wanted)
        joins = " ".join(f"LEFT JOIN {name} ON {name}.cadre_id = p.id" for name in needed)
        if any(each.name == "ethnicity" for each in wanted):
            joins += " LEFT JOIN cadres_code e ON e.id = p.ethnicity_id"
        listed = f", {columns}" if columns else ""
        rest = "p.id, p.name_key, p.birth, p.unit_id"
        parts.append(f"banded AS (SELECT {rest}{listed} FROM people p {joins})")
        return "WITH " + ", ".join(parts)

    def where(self) -> str:
        """Return the condition over `banded` that keeps the chosen people."""
        return " AND ".join(f"{name} = ANY(%(chosen_{name})s)" for name in self.chosen) or "true"
