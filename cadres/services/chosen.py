"""Freezing the people that a query finds now as rows of a higher app: one statement however many they are."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import QuerySet

from cadres.models import Cadre

_INSERT = "INSERT INTO {table} ({columns}) SELECT {values} FROM ({people}) found"


def insert_chosen(
    model: type[models.Model], people: QuerySet[Cadre], *, copied: tuple[str, ...] = (), **fixed: Any
) -> int:
    """Write a row of `model` for each person and return how many.

    `model` has a column `cadre_id`; `copied` names further columns taken over from the person under the same
    name (`unit_id`), `fixed` gives the value of the remaining ones by column name (`call_id=7`).
    """
    quote = connection.ops.quote_name
    try:
        sql, parameters = people.order_by().values("id", *copied).query.sql_with_params()
    except EmptyResultSet:
        return 0  # a condition that can't hold for anybody, such as nobody's scope
    columns = ["cadre_id", *copied, *fixed]
    values = ["found.id", *(f"found.{quote(name)}" for name in copied), *("%s" for _ in fixed)]
    statement = _INSERT.format(
        table=quote(model._meta.db_table),
        columns=", ".join(map(quote, columns)),
        values=", ".join(values),
        people=sql,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*fixed.values(), *parameters])
        return int(cursor.rowcount)
