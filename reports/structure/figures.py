# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Figures of a structure analysis: one statement for all dimensions, returned as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from cadres.models import Norm
from core.calendar import now
from reports.structure.asking import ask
from reports.structure.dimensions import DIMENSIONS
from reports.structure.measures import measure_values
from reports.structure.norms import all_norms, fitting_norms, judged, norms_by_unit
from reports.structure.notes import notes
from reports.structure.population import GROUPS, TEAM, Population
from reports.structure.seats import balance, seats
from reports.structure.words import sentence_of

VERSION = 1
_DAYS_OF_A_YEAR = 365.2425


def compute(population: Population) -> dict[str, Any]:
    """Return all figures of an analysis as JSON-ready data."""
    norms = all_norms()
    return {
        **people_figures(population, norms),
        "seats": seats(population),
        "balance": balance(population),
        "team_norms": [] if population.group == TEAM else norms_by_unit(population, norms),
    }


def people_figures(population: Population, norms: Sequence[Norm]) -> dict[str, Any]:
    """Return the figures about people alone."""
    sections, total, average_age = count(population, list(DIMENSIONS))
    unit, day = population.unit, population.day
    values = measure_values(sections, total, average_age)
    measures = judged(values, fitting_norms(population, norms))
    return {
        "version": VERSION,
        "unit": {"id": unit.pk, "code": unit.code, "name": population.unit_name},
        "on": day.isoformat(),
        "on_text": chinese(day),
        "made_at_text": f"{now():%Y年%-m月%-d日 %H:%M}",
        "group": population.group,
        "group_text": GROUPS[population.group],
        "total": total,
        "average_age": average_age,
        "sections": [_with_sentence(each, total, values) for each in sections],
        "measures": measures,
        "notes": notes(population),
    }


def compared_figures(population: Population, norms: Sequence[Norm]) -> dict[str, Any]:
    """Return what two analyses are compared by: the people, and the posts that are vacant or over."""
    return {**people_figures(population, norms), "seats": seats(population)}


def chinese(day: date) -> str:
    """Return a day in words."""
    return f"{day.year}年{day.month}月{day.day}日"


def counts_sql(population: Population, names: Sequence[str]) -> str:
    """Return the statement that counts people in every band of the named dimensions, and in all."""
    sets = ", ".join(f"({name})" for name in names)
    listed = ", ".join(names)
    return (
        f"{population.banded_sql(names)} SELECT {listed}, grouping({listed}), count(*), "
        f"avg(%(day)s - birth) FILTER (WHERE birth <= %(day)s) FROM banded WHERE {population.where()} "
        f"GROUP BY GROUPING SETS ({sets}, ())"
    )


def count(population: Population, names: Sequence[str]) -> tuple[list[dict[str, Any]], int, float | None]:
    """Return a section per dimension (without its sentence), the number of people and their average age."""
    counts: dict[str, dict[str, int]] = {name: {} for name in names}
    total, average_age = 0, None
    for *bands, grouped, number, days in ask(counts_sql(population, names), population.parameters):
        kept = [at for at in range(len(names)) if not grouped >> (len(names) - 1 - at) & 1]
        if kept:
            counts[names[kept[0]]][bands[kept[0]] or ""] = number
        else:
            total = number
            average_age = round(float(days) / _DAYS_OF_A_YEAR, 1) if days is not None else None
    return [_section(name, counts[name], total) for name in names], total, average_age


def share(part: int, total: int) -> float:
    """Return a part of a whole between 0 and 1."""
    return round(part / total, 4) if total else 0.0


def _section(name: str, counts: dict[str, int], total: int) -> dict[str, Any]:
    """One dimension: its bands in order; "" and stages only where somebody is in them."""
    dimension = DIMENSIONS[name]
    rows = [
        {"key": key, "label": label, "count": counts.get(key, 0), "share": share(counts.get(key, 0), total)}
        for key, label in dimension.bands.items()
        if counts.get(key, 0) or (key and name != "stage")
    ]
    return {"key": name, "title": dimension.title, "rows": rows}


def _with_sentence(section: dict[str, Any], total: int, values: dict[str, Any]) -> dict[str, Any]:
    return section | {"sentence": sentence_of(section, total, values)}
