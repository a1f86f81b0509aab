"""What the editing pages share: a service's form whose stale version comes back with both versions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpResponse

from accounts.scope import may_on
from accounts.views_base import ServiceForm
from cadres.models import Cadre
from cadres.views.detail import detail_url, visible_cadre
from core.errors import NotAllowed, NotFound, Stale
from core.partial_dates import PartialDate
from core.versions import version_of

EMPTY = "（空）"


class CadreForm(ServiceForm):
    """A form about one person, for those who may edit the person."""

    template_name = "cadres/form.html"
    capability = "cadre.edit"
    title = ""
    submit_label = "保存"
    cadre: Cadre

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Out of view 404, in view without the right 403, before anything is read of the input."""
        self.cadre = visible_cadre(request.user, kwargs["pk"])
        if not may_on(request.user, self.capability, self.cadre):
            raise NotAllowed("您可以查看，但没有办理这件事的权限。")
        self.check_sight()
        return super().dispatch(request, *args, **kwargs)

    def check_sight(self) -> None:
        """Hook: refuse what the reader may not see of this person."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The person and the words of the page."""
        words = {"title": self.title, "submit_label": self.submit_label, "back_url": self.back_url()}
        return super().get_context_data(cadre=self.cadre, **words, **kwargs)

    def back_url(self) -> str:
        """Hook: where one comes from, and goes without saving."""
        return detail_url(self.cadre)


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
    """A value in words: choices by their label, dates in Chinese."""
    if value in (None, ""):
        return ""
    if isinstance(value, PartialDate):
        return value.chinese()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(field.choices).get(value, value))
    return str(value)


def found_or_404(record: Any) -> Any:
    """Raise NotFound where there is no record."""
    if record is None:
        raise NotFound("没有找到这条记录。")
    return record
