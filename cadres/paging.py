"""Keyset paging: a page begins behind the last row of the one before, so the thousandth costs as the first."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection
from django.db.models import Q, QuerySet

Mark = tuple[int, tuple[Any, ...]]


@dataclass(frozen=True)
class Phase:
    """A part of an order: its rows and the keys they are ordered by; the last key is the unique `id`.

    `fenced` collects all rows before they are sorted.
    """

    rows: QuerySet[Any]
    keys: tuple[str, ...]
    descending: bool = False
    fenced: bool = False


@dataclass(frozen=True)
class Page:
    """The keys of a page's rows, and where the neighbouring pages begin ("" where there is none)."""

    ids: list[int]
    next: str = ""
    previous: str = ""


def walk(phases: list[Phase], cursor: str, size: int) -> Page:
    """Return the page at a cursor; a damaged one means the first page."""
    forward, mark = _read(cursor, phases)
    found = _collect(phases, mark, size + 1, forward=forward)
    more = len(found) > size
    if not forward and not more:
        return walk(phases, "", size)
    found = found[:size]
    if not forward:
        found.reverse()
    ids = [values[-1] for _, values in found]
    if not found:
        return Page(ids)
    return Page(
        ids,
        next=_write("n", found[-1]) if more or not forward else "",
        previous=_write("p", found[0]) if mark and (forward or more) else "",
    )


def _collect(phases: list[Phase], mark: Mark | None, limit: int, *, forward: bool) -> list[Mark]:
    """Rows from a mark on, through the phases, in walking order."""
    order = range(len(phases)) if forward else range(len(phases) - 1, -1, -1)
    found: list[Mark] = []
    for number in order:
        if mark and (number < mark[0] if forward else number > mark[0]):
            continue
        start = mark[1] if mark and number == mark[0] else None
        for values in _fetch(phases[number], start, limit - len(found), forward=forward):
            found.append((number, tuple(values)))
        if len(found) >= limit:
            break
    return found


def _fetch(phase: Phase, start: tuple[Any, ...] | None, limit: int, *, forward: bool) -> list[Any]:
    downward = phase.descending if forward else not phase.descending
    rows = phase.rows
    if start is not None:
        rows = rows.filter(_beyond(phase.keys, start, downward))
    if phase.fenced:
        return _fetch_fenced(rows, phase.keys, limit, downward)
    sign = "-" if downward else ""
    return list(rows.order_by(*(f"{sign}{key}" for key in phase.keys)).values_list(*phase.keys)[:limit])


def _fetch_fenced(rows: QuerySet[Any], keys: tuple[str, ...], limit: int, downward: bool) -> list[Any]:
    try:
        sql, params = rows.order_by().values_list(*keys).query.sql_with_params()
    except EmptyResultSet:
        return []
    way = "DESC" if downward else "ASC"
    order = ", ".join(f"{number} {way}" for number in range(1, len(keys) + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH hits AS MATERIALIZED ({sql}) SELECT * FROM hits ORDER BY {order} LIMIT %s",  # noqa: S608 - SQL of a query set and numbers
            [*params, limit],
        )
        return cursor.fetchall()


def _beyond(keys: tuple[str, ...], values: tuple[Any, ...], downward: bool) -> Q:
    """The rows behind a mark: `a >= x AND (a > x OR b > y)`, which an index can start from."""
    sign = "lt" if downward else "gt"
    condition = Q(**{f"{keys[-1]}__{sign}": values[-1]})
    for key, value in zip(reversed(keys[:-1]), reversed(values[:-1]), strict=True):
        condition = Q(**{f"{key}__{sign}e": value}) & (Q(**{f"{key}__{sign}": value}) | condition)
    return condition


def _write(direction: str, mark: Mark) -> str:
    number, values = mark
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    text = json.dumps([direction, number, *plain], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, phases: list[Phase]) -> tuple[bool, Mark | None]:
    """Direction and mark of a cursor; anything that can't be one of this order's is the beginning."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        direction, number, *values = json.loads(text)
        phase = phases[number]
        model = phase.rows.model
        if direction not in ("n", "p") or number < 0 or len(values) != len(phase.keys):
            return True, None
        for key, value in zip(phase.keys, values, strict=True):
            name = key.rpartition("__")[2]
            if name in {field.name for field in model._meta.concrete_fields}:
                model._meta.get_field(name).to_python(value)
            if value is None or not isinstance(value, str | int):
                return True, None
        if not isinstance(values[-1], int) or "\x00" in text or abs(values[-1]) > 2**62:
            return True, None
        return direction == "n", (number, tuple(values))
    except (binascii.Error, ValueError, TypeError, IndexError, ValidationError, RecursionError):
        return True, None
