# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Figures of supply and demand for five years: posts that become free against the reserve, as plain data."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from accounts.models import Unit
from cadres.models import Post, RetirementRule
from core.calendar import now, today
from reports.forecast.notes import NOTES
from reports.forecast.outlook import POOL, RETIRE, TERM, Outlook, leaving_sql, narrowed, pool_sql
from reports.forecast.words import headline, warnings
from reports.structure.asking import ask
from reports.structure.population import Population
from reports.structure.seats import seats

VERSION = 1
CATEGORIES = dict(Post.Category.choices)
STAGES = {**dict(Unit.Stage.choices), "": "非学校"}
Cell = tuple[str, str]  # category, stage
_UNKNOWN = {"gap": None, "gap_year": None, "gap_then": None}


def compute(outlook: Outlook, *, with_reserve: bool) -> dict[str, Any]:
    """Return all figures as JSON-ready data; the reserve only for a reader who may see it."""
    leaving = _leaving(outlook)
    vacant = {
        (row["category"], row["stage"]): row["vacant"]
        for row in seats(Population(outlook.unit, today()))["by_stage"]
    }
    pool = _pool(outlook) if with_reserve else {}
    cells = sorted({*leaving, *vacant, *pool}, key=_order)
    by_stage = [
        _row(outlook, [cell], leaving, vacant, pool, with_reserve, stage=cell[1])
        for cell in cells
        if leaving.get(cell) or vacant.get(cell) or pool.get(cell)
    ]
    by_category = [
        _row(outlook, own, leaving, vacant, pool, with_reserve, stage=None)
        for category in CATEGORIES
        if (own := [cell for cell in cells if cell[0] == category])
    ]
    return {
        "version": VERSION,
        "unit": {"id": outlook.unit.pk, "code": outlook.unit.code, "name": outlook.unit.name},
        "years": outlook.years,
        "before": outlook.before,
        "made_at_text": f"{now():%Y年%-m月%-d日 %H:%M}",
        "by_category": by_category,
        "by_stage": by_stage,
        "total": _row(outlook, cells, leaving, vacant, pool, with_reserve, stage=None),
        "reserve": _reserve(pool) if with_reserve else None,
        "headline": headline(by_category, by_stage, outlook.years),
        "warnings": warnings(by_stage) if with_reserve else [],
        "has_rules": RetirementRule.objects.exists(),
        "notes": [{"term": term, "text": text} for term, text in NOTES],
    }


def _order(cell: Cell) -> tuple[int, int]:
    return list(CATEGORIES).index(cell[0]), list(STAGES).index(cell[1])


def _leaving(outlook: Outlook) -> dict[Cell, dict[str, dict[int, int]]]:
    """Cell → kind → year → people, from one statement."""
    sql = f"""{leaving_sql()}
        SELECT kind, category, stage, year, count(*) FROM events GROUP BY kind, category, stage, year"""
    found: dict[Cell, dict[str, dict[int, int]]] = {}
    for kind, category, stage, year, number in ask(sql, outlook.parameters):
        own = found.setdefault((category, stage), {RETIRE: {}, TERM: {}})
        own[kind][year] = number
    return found


def _pool(outlook: Outlook) -> dict[Cell, dict[str, int]]:
    """Cell → state → people of the reserve, from one statement."""
    counted = ", ".join(f"count(*) FILTER (WHERE {condition})" for _, condition in POOL.values())
    sql = f"{pool_sql()} SELECT category, stage, {counted} FROM pool GROUP BY category, stage"
    return {
        (category, stage): dict(zip(POOL, numbers, strict=True))
        for category, stage, *numbers in ask(sql, outlook.parameters)
    }


def _row(
    outlook: Outlook, cells: list[Cell], leaving: dict[Cell, Any], vacant: dict[Cell, int],
    pool: dict[Cell, dict[str, int]], with_reserve: bool, *, stage: str | None,
) -> dict[str, Any]:  # fmt: skip
    """One line: what becomes free by year, what is needed in all, whom the reserve offers, what is missing."""
    by_kind: dict[str, dict[int, int]] = {RETIRE: defaultdict(int), TERM: defaultdict(int)}
    for cell in cells:
        for kind, years in leaving.get(cell, {}).items():
            for year, number in years.items():
                by_kind[kind][year] += number
    years = [outlook.before, *outlook.years]
    free = sum(vacant.get(cell, 0) for cell in cells)
    retire, term = ([by_kind[kind][year] for year in years] for kind in (RETIRE, TERM))
    available = sum(pool.get(cell, {}).get("available", 0) for cell in cells) if with_reserve else None
    category = cells[0][0] if cells and len({cell[0] for cell in cells}) == 1 else ""
    return {
        "category": category, "label": CATEGORIES.get(category, "合计"), "stage": stage,
        "stage_label": "" if stage is None else STAGES[stage],
        "vacant": free, "retire": retire, "term": term, "retire_total": sum(retire), "term_total": sum(term),
        "needed": free + sum(retire), "available": available,
        **(_gaps(outlook, cells, leaving, vacant, pool) if with_reserve else _UNKNOWN),
    }  # fmt: skip


def _gaps(
    outlook: Outlook, cells: list[Cell], leaving: dict[Cell, Any], vacant: dict[Cell, int],
    pool: dict[Cell, dict[str, int]],
) -> dict[str, Any]:  # fmt: skip
    """What the reserve can't fill: each category and stage by itself, the earliest year, and how many then."""
    found = []
    # Where no reserve of middle leaders is kept at all, none is missing.
    kept = {category for category, _ in pool} | {Post.Category.HEAD.value, Post.Category.DEPUTY.value}
    for cell in cells:
        if cell[0] not in kept:
            continue
        needed = vacant.get(cell, 0)
        own = leaving.get(cell, {}).get(RETIRE, {})
        available = pool.get(cell, {}).get("available", 0)
        needed += own.get(outlook.before, 0)
        first = then = None
        for year in outlook.years:
            needed += own.get(year, 0)
            if first is None and needed > available:
                first, then = year, needed - available
        found.append((max(needed - available, 0), first, then))
    if cells and not found:
        return _UNKNOWN
    first = min((year for _, year, _ in found if year), default=None)
    return {
        "gap": sum(gap for gap, _, _ in found),
        "gap_year": first,
        "gap_then": sum(then or 0 for _, year, then in found if year == first) if first else None,
    }


def _reserve(pool: dict[Cell, dict[str, int]]) -> list[dict[str, Any]]:
    """The reserve by category."""
    return [
        {
            "category": category,
            "label": f"{label}后备",
            **{state: sum(own[state] for cell, own in pool.items() if cell[0] == category) for state in POOL},
        }
        for category, label in CATEGORIES.items()
    ]


def listed_leaving(
    outlook: Outlook, choice: dict[str, Any], *, limit: int, offset: int
) -> tuple[list[tuple[Any, ...]], int]:
    """Return a page of (cadre, unit, day) behind a number of leavers, by day, and how many there are."""
    return _listed(outlook, leaving_sql(), "events", choice, "true", limit, offset)


def listed_pool(
    outlook: Outlook, choice: dict[str, Any], *, state: str, limit: int, offset: int
) -> tuple[list[tuple[Any, ...]], int]:
    """Return a page of (cadre, unit, day of retirement) of the reserve, and how many there are.

    The caller asks `sees_reserve` first.
    """
    return _listed(outlook, pool_sql(), "pool", choice, POOL[state][1], limit, offset)


def _listed(
    outlook: Outlook, sql: str, name: str, choice: dict[str, Any], condition: str, limit: int, offset: int
) -> tuple[list[tuple[Any, ...]], int]:
    where, chosen = narrowed(choice)
    statement = f"""{sql}
        SELECT cadre_id, unit, on_day, count(*) OVER () FROM {name} WHERE {where} AND {condition}
        ORDER BY on_day NULLS LAST, name_key, cadre_id, unit LIMIT %(limit)s OFFSET %(offset)s"""
    rows = ask(statement, outlook.parameters | chosen | {"limit": limit, "offset": offset})
    return [row[:3] for row in rows], rows[0][3] if rows else 0
