"""How the analyses ask the database: with room to sort, and on a page never for longer than a few seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import OperationalError, connection

from core.errors import WrongMoment

MOST_SECONDS: float = 8
TOO_LARGE = "这个范围的人太多，几秒内统计不完。请选择下级单位，或导出 Excel（在后台统计）。"
# One statement reads a large part of the tables: its sorts stay in memory, and compiling it wouldn't pay.
_SETTINGS = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL statement_timeout = {limit}; "
_CANCELLED = "57014"
# Milliseconds; 0 for jobs and commands, which take the time that it takes.
_limit: ContextVar[int] = ContextVar("limit", default=0)


def ask(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return all rows of a statement. Raises WrongMoment when, for a page, it takes longer than it may."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(_SETTINGS.format(limit=_limit.get()) + sql, parameters)
            return list(cursor.fetchall())
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") == _CANCELLED:
                raise WrongMoment(TOO_LARGE) from None
            raise


@contextmanager
def hurried() -> Iterator[None]:
    """What a page or the API asks is stopped after MOST_SECONDS; also a decorator of views."""
    token = _limit.set(int(MOST_SECONDS * 1000))
    try:
        yield
    finally:
        _limit.reset(token)
