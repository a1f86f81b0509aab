"""When a row of a file and a record that is kept are the same one: by the parts of their key."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal
from typing import Any

from cadres.services.collection_import.targets import TEXT_BESIDE

FINENESS = {"year": 0, "month": 1, "day": 2}
PARTS = {"year": 4, "month": 7, "day": 10}


def same(values: dict[str, Any], record: Any, keys: tuple[str, ...], *, loose: bool) -> bool:
    """Whether a row means a record by these keys; `loose`: a date missing on one side agrees with any."""
    return all(_same_part(values, record, name, loose) for name in keys)


def _same_part(values: dict[str, Any], record: Any, name: str, loose: bool) -> bool:
    if name == "place":
        if not hasattr(record, "unit_id"):
            return plain(values.get("place")) == plain(record.place)
        new_unit, old_unit = values.get("unit_id"), record.unit_id
        if new_unit or old_unit:
            return bool(new_unit == old_unit)
        return plain(values.get("unit_text")) == plain(record.unit_text)
    if hasattr(record, f"{name}_precision"):
        return _same_day(values, record, name, loose)
    if name in TEXT_BESIDE and hasattr(record, f"{name}_id"):
        return _same_code(values, record, name)
    attribute = f"{name}_id" if hasattr(record, f"{name}_id") else name
    if attribute not in values and not loose:
        default = record._meta.get_field(name).get_default()
        return bool(comparable(getattr(record, attribute)) == comparable(default))
    return attribute not in values or comparable(values[attribute]) == comparable(getattr(record, attribute))


def _same_code(values: dict[str, Any], record: Any, name: str) -> bool:
    new, old = values.get(f"{name}_id"), getattr(record, f"{name}_id")
    if new and old:
        return bool(new == old)
    beside = TEXT_BESIDE[name]
    new_text = values.get(beside)
    if new_text is None and new is None:
        return not old and not getattr(record, beside)
    return plain(new_text) == plain(getattr(record, beside)) and bool(new_text)


def _same_day(values: dict[str, Any], record: Any, name: str, loose: bool) -> bool:
    new, old = values.get(name), getattr(record, name)
    if new is None or old is None:
        return (new is None and old is None) or loose
    coarser = min(values[f"{name}_precision"], getattr(record, f"{name}_precision"), key=FINENESS.__getitem__)
    return bool(str(new)[: PARTS[coarser]] == old.isoformat()[: PARTS[coarser]])


def plain(value: Any) -> str:
    """A text without blanks and of one width: how it is spaced is no news."""
    return "".join(unicodedata.normalize("NFKC", str(value or "")).split()).lower()


def comparable(value: Any) -> Any:
    """A value in the form in which two are compared."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
