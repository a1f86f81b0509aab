"""The renderer of every form (settings.FORM_RENDERER): a field left empty is named in its sentence.

Pages, log-in, admin: wherever a bound field's errors are shown, Django's "this field is required" reads
„请填写“姓名”。“ or „请选择“单位”。“, by the kind of field. A form's own wording stays as it is.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.forms.utils import ErrorList

_STOCK = (
    forms.Field.default_error_messages["required"],
    models.Field.default_error_messages["blank"],
    models.Field.default_error_messages["null"],
)
# What is chosen, not typed.
_CHOSEN_FIELDS = (forms.ChoiceField, forms.FileField, forms.BooleanField)
_CHOSEN_WIDGETS = (forms.Select, forms.CheckboxSelectMultiple, forms.CheckboxInput, forms.RadioSelect)


def required_words(field: forms.Field, label: str) -> str:
    """Return the sentence about a field that was left empty."""
    chosen = isinstance(field, _CHOSEN_FIELDS) or isinstance(field.widget, _CHOSEN_WIDGETS)
    return f"请{'选择' if chosen else '填写'}“{label.strip(' ：:')}”。"


class NamingBoundField(BoundField):
    """A bound field whose errors name it."""

    @property
    def errors(self) -> ErrorList:
        """The field's errors, the stock sentence about an empty field replaced."""
        found = super().errors
        if not any(_is_stock(each) for each in found.as_data()):
            return found
        named = found.copy()
        words = required_words(self.field, str(self.label))
        named.data = [
            ValidationError(words, each.code) if _is_stock(each) else each for each in found.as_data()
        ]
        return named


def _is_stock(error: ValidationError) -> bool:
    return getattr(error, "message", None) in _STOCK


class PortalRenderer(DjangoTemplates):
    """Django's own templates, with bound fields that name what is missing."""

    bound_field_class: Any = NamingBoundField
