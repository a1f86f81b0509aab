"""Values of a record as text and back: what somebody wishes to be written, kept until it is."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import models

from core.errors import WrongMoment
from core.partial_dates import PartialDate

_PRECISIONS = {4: "year", 7: "month", 10: "day"}
EMPTY = "（空）"


def pack(values: Mapping[str, Any]) -> str:
    """Return values as JSON: links by key, dates as far as they are known."""
    return json.dumps({name: _plain(value) for name, value in values.items()}, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, PartialDate):
        return value.iso()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def unpack(model: type[models.Model], text: str) -> dict[str, Any]:
    """Return the values as the services take them; raises WrongMoment where what they link to is gone."""
    return {name: _value(model, name, value) for name, value in json.loads(text).items()}


def _value(model: type[models.Model], name: str, value: Any) -> Any:
    field = model._meta.get_field(name)
    if value is None:
        return None
    if isinstance(field, models.ForeignKey):
        found = field.related_model._base_manager.filter(pk=value).first()  # type: ignore[union-attr]
        if found is None:
            raise WrongMoment(f"所选的{field.verbose_name}已不存在。")
        return found
    if isinstance(field, models.DateField):
        if hasattr(model, f"{name}_precision"):
            whole = dt.date.fromisoformat(f"{value}-01-01"[:10])
            return PartialDate.of(whole, _PRECISIONS[len(value)])
        return dt.date.fromisoformat(value)
    return value


def present(record: models.Model, names: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record says now, for the same names."""
    return {
        name: getattr(record, f"{name}_date" if hasattr(record, f"{name}_precision") else name)
        for name in names
    }


def in_words(model: type[models.Model], name: str, value: Any) -> str:
    """Return a value as people read it."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, PartialDate):
        return value.chinese()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        return f"{value.year}年{value.month}月{value.day}日"
    choices = dict(getattr(model._meta.get_field(name), "flatchoices", ()) or ())
    return str(choices.get(value, value))


def label_of(model: type[models.Model], name: str) -> str:
    """Return what a field is called."""
    return str(getattr(model._meta.get_field(name), "verbose_name", name))
