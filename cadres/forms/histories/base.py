"""What the forms of all histories share."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import User
from cadres.models import Cadre


def long_text(
    label: str, *, rows: int = 4, required: bool = False, help_text: str = "", longest: int = 4000
) -> forms.CharField:
    """A text of several lines."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, required=required, help_text=help_text, max_length=longest, widget=widget
    )


def short_text(label: str, *, longest: int, required: bool = False, help_text: str = "") -> forms.CharField:
    """A text of one line."""
    return forms.CharField(label=label, required=required, help_text=help_text, max_length=longest)


class HistoryForm(forms.Form):
    """The base: made for a person, and with `record` for an entry that exists.

    `periods` are the partial dates among the fields, `beside` what isn't the entry's own; the other fields
    carry the names of the model's.
    """

    periods: tuple[str, ...] = ("start", "end")
    beside: tuple[str, ...] = ("version",)
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, cadre: Cadre, user: User, record: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cadre, self.user, self.record = cadre, user, record
        if record is None:
            del self.fields["version"]
        self.order_fields([name for name in self.fields if name != "version"])

    @classmethod
    def initial_of(cls, record: Any) -> dict[str, Any]:
        """The present values of an entry, as the form names them."""
        names = [name for name in cls.base_fields if name not in cls.beside]
        return {name: getattr(record, f"{name}_date" if name in cls.periods else name) for name in names}

    def values(self) -> dict[str, Any]:
        """The cleaned values as the service takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.beside}
