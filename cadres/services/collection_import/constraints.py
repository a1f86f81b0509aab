"""The database's row constraints asked in Python, so that a refusal can be said in words before anything is written."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from django.db.models import F, Q

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "exact": operator.eq, "gte": operator.ge, "gt": operator.gt, "lte": operator.le, "lt": operator.lt,
    "in": lambda value, given: value in given, "isnull": lambda value, given: (value is None) is given,
    "len": lambda value, given: len(value) == given,
}  # fmt: skip


def holds(condition: Any, record: Any) -> bool:
    """Whether a condition holds for a record: what isn't known (SQL's NULL) counts as holding, as in a CHECK."""
    return _truth(condition, record) is not False


def _truth(condition: Any, record: Any) -> bool | None:
    if isinstance(condition, Q):
        parts = [_truth(one, record) for one in condition.children]
        if condition.connector == Q.OR:
            found = True if True in parts else None if None in parts else False
        else:
            found = False if False in parts else None if None in parts else True
        return (None if found is None else not found) if condition.negated else found
    name, given = condition
    path, _, lookup = name.partition("__")
    lookup = lookup or "exact"
    field = record._meta.get_field(path)
    value = getattr(record, field.attname)
    if isinstance(given, F):
        given = getattr(record, record._meta.get_field(given.name).attname)  # type: ignore[attr-defined]
        if given is None:
            return None
    if lookup == "exact" and given is None:
        return value is None
    if value is None and lookup != "isnull":
        return None
    return bool(_COMPARE[lookup](value, given))
