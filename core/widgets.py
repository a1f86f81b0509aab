"""Form widgets of the portal: the picker that finds people and units by typing, the browser's own for dates."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse_lazy
from django.utils.safestring import SafeString


class PickerInput(forms.TextInput):
    """Searches `url_name` (GET ?q=…, answered by components/_picker_options.html) and sends the chosen key.

    The words for a value already there come from `text_for(value)`, or from the field's own queryset.
    """

    def __init__(
        self,
        url_name: str,
        *,
        placeholder: str = "",
        text_for: Callable[[Any], str] | None = None,
        attrs: dict[str, Any] | None = None,
    ) -> None:
        """Remember where to search and how to name a value."""
        super().__init__(attrs)
        self.url = reverse_lazy(url_name)
        self.placeholder = placeholder
        self.text_for = text_for
        self.choices: Any = ()  # a ModelChoiceField puts its iterator here

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Draw components/_picker.html."""
        given = {**self.attrs, **(attrs or {})}
        context = {
            "id": given.get("id", f"id_{name}"),
            "name": name,
            "url": self.url,
            "value": "" if value is None else value,
            "text": self.words_of(value),
            "placeholder": self.placeholder,
            "required": given.get("required") or self.is_required,
            "describedby": given.get("aria-describedby", ""),
            "invalid": bool(given.get("aria-invalid")),
            "disabled": given.get("disabled", False),
        }
        return SafeString(render_to_string("components/_picker.html", context))

    def use_required_attribute(self, initial: Any) -> bool:
        """The hidden value can't carry `required`: a browser could not show its complaint."""
        return False

    def words_of(self, value: Any) -> str:
        """The words for a value: what the picker shows in the box."""
        if value in (None, ""):
            return ""
        if self.text_for is not None:
            return self.text_for(value)
        queryset = getattr(self.choices, "queryset", None)
        if queryset is None:
            return str(value)
        try:
            found = queryset.filter(**{self.choices.field.to_field_name or "pk": value}).first()
        except (ValueError, TypeError, ValidationError):
            return ""
        return str(found) if found else ""


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Always ISO, which is what the browser's picker reads."""
        super().__init__(attrs, format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of date and time, to the minute."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Always ISO, which is what the browser's picker reads."""
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")
