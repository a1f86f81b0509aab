# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""The people behind a number of a structure analysis, by the very condition that counted them."""

from __future__ import annotations

from django.db import connection

from reports.structure.population import SETTINGS, Population


def listed_people(population: Population, *, limit: int, offset: int = 0) -> tuple[list[int], int]:
    """Return a page of the ids of a population's chosen people by name, and how many there are in all."""
    sql = f"""{SETTINGS}{population.banded_sql(())}
        SELECT id, count(*) OVER () FROM banded WHERE {population.where()}
        ORDER BY name_key, id LIMIT %(limit)s OFFSET %(offset)s"""
    with connection.cursor() as cursor:
        cursor.execute(sql, population.parameters | {"limit": limit, "offset": offset})
        rows = cursor.fetchall()
    return [row[0] for row in rows], rows[0][1] if rows else 0
