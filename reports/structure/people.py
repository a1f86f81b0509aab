# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""The people behind a number of a structure analysis, by the very condition that counted them."""

from __future__ import annotations

from reports.structure.asking import ask
from reports.structure.population import UNIT_NAME, Population


def listed_people(
    population: Population, *, limit: int, offset: int = 0
) -> tuple[list[tuple[int, str]], int]:
    """Return a page of a population's chosen people by name, and how many there are in all.

    A row is a person's id and the name of the unit for which that day counts them.
    """
    sql = f"""{population.banded_sql(())}
        SELECT p.id, {UNIT_NAME}, p.found
        FROM (SELECT id, name_key, unit_id, count(*) OVER () AS found FROM banded WHERE {population.where()}
              ORDER BY name_key, id LIMIT %(limit)s OFFSET %(offset)s) p
        JOIN accounts_unit u ON u.id = p.unit_id ORDER BY p.name_key, p.id"""
    rows = ask(sql, population.parameters | {"limit": limit, "offset": offset})
    return [(row[0], row[1]) for row in rows], rows[0][2] if rows else 0
