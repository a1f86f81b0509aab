"""A service's form whose stale version comes back with both versions, nothing overwritten."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpResponse

from accounts.views_base import ServiceForm
from core.errors import Stale
from core.partial_dates import PartialDate
from core.templatetags.shell import chinese_datetime
from core.versions import version_of

EMPTY = "（空）"


class Versioned(ServiceForm):
    """A form with a `version`; a stale one is shown again (412) beside what a colleague has saved."""

    def current(self) -> Model:
        """Hook: the record as it is stored now."""
        raise NotImplementedError

    def initial_of(self, record: Any) -> dict[str, Any]:
        """Hook: the form's initial values for a record."""
        raise NotImplementedError

    def get_initial(self) -> dict[str, Any]:
        """The stored values and their version."""
        record = self.current()
        return {**super().get_initial(), **self.initial_of(record), "version": version_of(record)}

    def form_valid(self, form: Any) -> HttpResponse:
        """Save, or show both versions; pressing save once more takes the typed one."""
        try:
            return super().form_valid(form)
        except Stale:
            record = self.current()
            form.data = form.data.copy()
            form.data["version"] = version_of(record)
            differences = compare(form, self.initial_of(record))
            response = self.render_to_response(self.get_context_data(form=form, differences=differences))
            response.status_code = 412
            return response


def compare(form: forms.Form, stored: dict[str, Any]) -> list[dict[str, str]]:
    """Return label, stored and typed words of the fields in which they differ."""
    found = []
    for name, value in stored.items():
        if name not in form.fields or form.fields[name].widget.is_hidden:
            continue
        typed = form.cleaned_data.get(name, form.data.get(name))
        if shown(form.fields[name], typed) != shown(form.fields[name], value):
            found.append(
                {
                    "label": str(form.fields[name].label),
                    "stored": shown(form.fields[name], value) or EMPTY,
                    "typed": shown(form.fields[name], typed) or EMPTY,
                }
            )
    return found


def shown(field: forms.Field, value: Any) -> str:
    """A value in words: choices by their label, dates in Chinese, numbers without idle zeros."""
    if value in (None, ""):
        return ""
    if isinstance(value, PartialDate):
        return value.chinese()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return chinese_datetime(value)
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value.normalize():f}"
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(field.choices).get(value, value))
    return str(value)
