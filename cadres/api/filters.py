"""Named filters of the lists of histories, made from what each kind is filled from."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db import models

from accounts.models import Unit
from cadres.kinds import HistoryKind
from cadres.models import Code

# The column that says an entry with a deadline is done.
_CLOSED_BY = {"oversight": "done_on", "petition": "replied_on"}


class HistoryFilter(filters.FilterSet):
    """What every history is filtered by."""

    cadre = filters.NumberFilter(field_name="cadre_id", label="干部")
    unit = filters.NumberFilter(method="by_unit", label="人事关系所在单位及其全部下级")

    def by_unit(self, rows: Any, name: str, value: Any) -> Any:
        """People of a unit in view and of everything below it."""
        unit = Unit.objects.visible_to(self.request.user).filter(pk=min(int(value), 2**62)).first()
        return rows.filter(cadre__unit_path__startswith=unit.path) if unit else rows.none()

    def by_day(self, rows: Any, name: str, value: Any) -> Any:
        """In force on a day."""
        return rows.on(value)


def filters_for(kind: HistoryKind) -> type[HistoryFilter]:
    """Return the filters of a kind: its choices, codes, marks and year; the day it is in force; its deadline."""
    made: dict[str, Any] = {}
    for name in kind.fields:
        found = None if name in kind.sealed else _filter(kind, name)
        if found is not None:
            made[name] = found
    if kind.has_period:
        made["on"] = filters.DateFilter(method="by_day", label="这一天有效")
    closed_by = _CLOSED_BY.get(kind.slug)
    if closed_by:
        made["due_until"] = filters.DateFilter(field_name="due", lookup_expr="lte", label="应办日期不晚于")
        made["open"] = filters.BooleanFilter(field_name=closed_by, lookup_expr="isnull", label="未办结")
    meta = type("Meta", (), {"model": kind.model, "fields": []})
    name = f"{kind.model.__name__}ApiFilter"
    return type(name, (HistoryFilter,), made | {"Meta": meta, "__doc__": f"{kind.label}。"})


def _filter(kind: HistoryKind, name: str) -> filters.Filter | None:
    field: Any = kind.model._meta.get_field(name)
    label = str(field.verbose_name)
    if field.related_model is Code:
        return filters.CharFilter(field_name=f"{name}__code", label=f"{label}代码")
    if field.choices:
        return filters.ChoiceFilter(choices=field.choices, label=label)
    if isinstance(field, models.BooleanField):
        return filters.BooleanFilter(label=label)
    if name in ("year", "mentor", "kin"):
        return filters.NumberFilter(field_name=f"{name}_id" if field.related_model else name, label=label)
    return None
