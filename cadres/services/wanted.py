"""Values of a record as text and back: what somebody wishes to be written, kept until it is."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import models

from cadres.models import Competence
from core.errors import WrongMoment
from core.partial_dates import PartialDate

_PRECISIONS = {4: "year", 7: "month", 10: "day"}
EMPTY = "（空）"
GONE = "（已不存在）"


def pack(values: Mapping[str, Any]) -> str:
    """Return values as JSON: links by key, dates as far as they are known."""
    return json.dumps({name: _plain(value) for name, value in values.items()}, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk if isinstance(value.pk, int) else str(value.pk)
    if isinstance(value, PartialDate):
        return value.iso()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def unpack(model: type[models.Model], text: str, *, to_read: bool = False) -> dict[str, Any]:
    """Return the values as the services take them; raises WrongMoment where what they link to is gone.

    Whoever only reads them gets a word instead.
    """
    found = {}
    for name, value in json.loads(text or "{}").items():
        try:
            found[name] = _value(model, name, value)
        except WrongMoment:
            if not to_read:
                raise
            found[name] = GONE
    return found


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


def present(record: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Return what a record says now, for some names."""
    return {
        name: getattr(record, f"{name}_date" if hasattr(record, f"{name}_precision") else name)
        for name in names
    }


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same; nothing written and nothing known are one."""
    first, second = _plain(one), _plain(other)
    return first == second or (first in (None, "") and second in (None, ""))


def digest(values: Mapping[str, Any]) -> str:
    """A short mark of values: what somebody saw before deciding."""
    return hashlib.sha256(pack(values).encode()).hexdigest()[:16]


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


def parts_of(name: str, label: str, value: Any) -> list[tuple[str, str, Any]]:
    """Return name, label and value of what is shown by itself: the six scores stand one below the other."""
    if name != "scores":
        return [(name, label, value)]
    scores = value if isinstance(value, list) else [None] * len(Competence)
    pairs = enumerate(zip(Competence.labels, scores, strict=False), start=1)
    return [(f"score_{at}", str(word), score) for at, (word, score) in pairs]
