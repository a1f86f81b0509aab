# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Figures against their norms: for the analysed people as a whole, and for the team of every unit below."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cadres.models import Norm
from reports.structure.asking import ask
from reports.structure.measures import MEASURES
from reports.structure.population import EVERYBODY, LEADERS, UNIT_NAME, Population

MET, MISSED = "met", "missed"
_DIMENSIONS = tuple(dict.fromkeys(each.dimension for each in MEASURES.values()))


def all_norms() -> list[Norm]:
    """Return every norm, whatever its day and unit: there are few."""
    return list(Norm.objects.all())


def fitting_norms(population: Population, rows: Iterable[Norm]) -> dict[str, list[Norm]]:
    """Return the norms that fit what is analysed, per measure: at most one for each direction.

    Everybody is held to the norms for all people, one team to those for teams; the leaders of many units
    are no team, so only the units themselves are judged (`norms_by_unit`).
    """
    if population.group == LEADERS:
        return {}
    wanted = Norm.Population.ALL if population.group == EVERYBODY else Norm.Population.TEAM
    fitting = [norm for norm in rows if norm.population == wanted and _fits(norm, population)]
    best: dict[tuple[str, str], Norm] = {}
    for norm in sorted(fitting, key=_precedence):
        best[norm.measure, norm.direction] = norm
    found: dict[str, list[Norm]] = {}
    for norm in best.values():
        found.setdefault(norm.measure, []).append(norm)
    return found


def _fits(norm: Norm, population: Population) -> bool:
    """Whether a norm is in force on the day and about units of this kind and stage."""
    unit, day = population.unit, population.day
    in_force = (norm.start is None or norm.start <= day) and (norm.end is None or norm.end > day)
    return in_force and norm.unit_kind in ("", unit.kind) and norm.stage in ("", unit.stage)


def _precedence(norm: Norm) -> tuple[bool, bool, str, int]:
    """The more exact norm comes later, of two alike the younger one."""
    return (bool(norm.stage), bool(norm.unit_kind), str(norm.start or ""), norm.pk)


def judged(values: dict[str, Any], norms: dict[str, list[Norm]]) -> list[dict[str, Any]]:
    """Return every measure with its value, its norm in words and the verdict."""
    found = []
    for name, measure in MEASURES.items():
        own = sorted(norms.get(name, []), key=lambda norm: norm.direction)
        value = values[name]
        verdict = ""
        if own and value is not None:
            verdict = MET if all(meets(value, norm) for norm in own) else MISSED
        found.append(
            {
                "key": name,
                "label": str(Norm.Measure(name).label),
                "value": value,
                "unit": measure.unit,
                "dimension": measure.dimension,
                "bands": list(measure.bands),
                "norm": "，".join(norm_words(norm) for norm in own),
                "basis": "；".join(dict.fromkeys(norm.basis for norm in own)),
                "is_unverified": any(norm.is_unverified for norm in own),
                "verdict": verdict,
            }
        )
    return found


def meets(value: float, norm: Norm) -> bool:
    """Whether a value keeps a norm; the limit itself does."""
    limit = float(norm.limit)
    return value >= limit if norm.direction == Norm.Direction.AT_LEAST else value <= limit


def norm_words(norm: Norm) -> str:
    """Return what a norm asks: 不低于 30%."""
    limit = f"{norm.limit:f}".rstrip("0").rstrip(".") if "." in f"{norm.limit:f}" else f"{norm.limit:f}"
    unit = MEASURES[norm.measure].unit
    return f"{norm.get_direction_display()} {limit}{unit if unit == '%' else f' {unit}'}"


def units_sql(population: Population) -> str:
    """Return the expressions `teams` (a row per unit with its measures) and `fitting` (unit, norm, value).

    A unit without leaders is not judged; that its posts are vacant stands with the posts.
    """
    whole = Population(population.unit, population.day, LEADERS)
    columns = ", ".join(f"{each.sql} AS {each.name}" for each in MEASURES.values())
    values = " ".join(f"WHEN '{name}' THEN t.{name}" for name in MEASURES)
    return f"""{whole.banded_sql(_DIMENSIONS, per_unit=True)}, teams AS (
        SELECT unit_id, count(*) AS leaders, {columns} FROM banded GROUP BY unit_id
    ), fitting AS (
        SELECT DISTINCT ON (t.unit_id, n.measure, n.direction)
               t.unit_id, n.id AS norm_id, n."limit", n.direction, CASE n.measure {values} END AS value
        FROM teams t JOIN accounts_unit u ON u.id = t.unit_id
        JOIN cadres_norm n ON n.population = 'team' AND n.unit_kind IN ('', u.kind) AND n.stage IN ('', u.stage)
             AND (n.start IS NULL OR n.start <= %(day)s) AND (n."end" IS NULL OR n."end" > %(day)s)
        ORDER BY t.unit_id, n.measure, n.direction, n.stage <> '' DESC, n.unit_kind <> '' DESC,
                 n.start DESC NULLS LAST, n.id DESC
    ), verdicts AS (
        SELECT *, CASE direction WHEN 'at_least' THEN value >= "limit" ELSE value <= "limit" END AS is_met
        FROM fitting WHERE value IS NOT NULL
    )"""


def norms_by_unit(population: Population, rows: Iterable[Norm]) -> list[dict[str, Any]]:
    """Return, for every norm of teams, how many units' teams keep it and how many don't."""
    sql = f"""{units_sql(population)}
        SELECT norm_id, count(*) FILTER (WHERE is_met), count(*) FILTER (WHERE NOT is_met)
        FROM verdicts GROUP BY norm_id"""
    whole = Population(population.unit, population.day, LEADERS)
    counts = {norm: (met, missed) for norm, met, missed in ask(sql, whole.parameters)}
    return [_by_unit(norm, *counts[norm.pk]) for norm in rows if norm.pk in counts]


def _by_unit(norm: Norm, met: int, missed: int) -> dict[str, Any]:
    whose = norm.get_stage_display() or norm.get_unit_kind_display() or "各类单位"
    return {
        "norm": norm.pk,
        "label": norm.get_measure_display(),
        "whose": whose,
        "words": norm_words(norm),
        "basis": norm.basis,
        "is_unverified": norm.is_unverified,
        "units": met + missed,
        "met": met,
        "missed": missed,
    }


def listed_units(
    population: Population, norm: int, *, is_met: bool, limit: int, offset: int
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of the units whose team keeps a norm, or doesn't, in tree order, and how many there are."""
    sql = f"""{units_sql(population)}
        SELECT u.id, {UNIT_NAME}, v.value, t.leaders, count(*) OVER ()
        FROM verdicts v JOIN teams t ON t.unit_id = v.unit_id JOIN accounts_unit u ON u.id = v.unit_id
        WHERE v.norm_id = %(norm)s AND v.is_met = %(is_met)s ORDER BY u.path LIMIT %(limit)s OFFSET %(offset)s"""
    asked = {"norm": norm, "is_met": is_met, "limit": limit, "offset": offset}
    whole = Population(population.unit, population.day, LEADERS)
    rows = ask(sql, whole.parameters | asked)
    names = ("id", "name", "value", "leaders")
    return [dict(zip(names, row[:4], strict=True)) for row in rows], rows[0][4] if rows else 0
