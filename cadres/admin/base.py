"""What the tables of the roster share: forms with partial dates, histories corrected through the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export.fields import Field

from accounts.admin_base import BureauAdmin, SafeResource
from cadres.fields import capability_for
from cadres.kinds import kind_of
from cadres.services import histories
from cadres.services.sight import readable
from core.errors import DomainError
from core.partial_dates import PartialDateFormField

GROUP = "干部名册"
SEALED_SHOWN = "（加密保存，请在干部页面查看）"


def adopt(obj: Any, saved: Any) -> None:
    """Make the admin's object the one the service saved."""
    obj.__dict__.update(saved.__dict__)


class PartialForm(forms.ModelForm):
    """A model form whose partial dates are typed in any way; `dated` names them."""

    dated: tuple[str, ...] = ("start", "end")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.dated:
            if name not in self.fields:
                continue
            label = self.fields[name].label
            self.fields[name] = PartialDateFormField(label=label, required=False)
            self.initial[name] = getattr(self.instance, f"{name}_date", None) if self.instance.pk else None

    def _post_clean(self) -> None:
        """The service checks and writes; the instance isn't touched here."""

    def changed_values(self) -> dict[str, Any]:
        """What was changed, as the services take it."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def form_for(model: type[Any], *without: str) -> type[PartialForm]:
    """Return the form of a history: what its kind is filled from, but for what is encrypted or named here."""
    kind = kind_of(model)
    names = tuple(name for name in kind.fields if name not in (*kind.sealed, *without))
    meta = type("Meta", (), {"model": model, "fields": names})
    given = {"Meta": meta, "dated": kind.dated, "__doc__": "An entry of a history."}
    return type(f"{model.__name__}Form", (PartialForm,), given)


def resource_for(model: type[Any], *names: str) -> type[SafeResource]:
    """Return a history as a workbook: person and unit, then the given columns or all that isn't encrypted.

    The cells say what pages say: words for choices, dates as far as they are known.
    """
    own = names or tuple(name for name in kind_of(model).fields if name not in kind_of(model).sealed)
    columns = {"cadre__name": "姓名", "cadre__unit__name": "单位"} | {
        name: str(model._meta.get_field(name.split("__")[0]).verbose_name) for name in own
    }
    cells: dict[str, Any] = {
        name: Field(attribute=name, column_name=label, dehydrate_method=_cell(model, name))
        for name, label in columns.items()
    }
    meta = type("Meta", (), {"model": model, "fields": tuple(columns), "export_order": tuple(columns)})
    return type(
        f"{model.__name__}Resource", (SafeResource,), {**cells, "Meta": meta, "__doc__": "A history."}
    )


def _cell(model: type[Any], name: str) -> Callable[[Any], str] | None:
    """How a column is worded where its value isn't: partial dates and choices."""
    if hasattr(model, f"{name}_date"):
        return lambda row: day.dotted() if (day := getattr(row, f"{name}_date")) else ""
    if "__" not in name and model._meta.get_field(name).choices:
        return lambda row: str(getattr(row, f"get_{name}_display")())
    return None


class ReadOnlyAdmin(BureauAdmin):
    """Records that are worked on at their own pages; here they are found and looked at."""

    work_group = GROUP
    may_add = False
    edit_capability = ""


class EndForm(ActionForm):
    """The day from which the ticked entries no longer hold."""

    on = PartialDateFormField(label="结束时间", required=False)


class HistoryAdmin(BureauAdmin):
    """A history: entries are added on the person's page, corrected or ended here.

    A child names `guard`, the name in cadres.fields.LEVELS that says who reads it, where its kind doesn't.
    """

    work_group = GROUP
    edit_capability = "cadre.edit"
    export_capability = "roster.export"
    may_add = False
    guard = ""
    list_select_related: Any = ("cadre__unit",)
    search_fields: Any = ("cadre__name", "cadre__initials__startswith", "cadre__unit__name")
    readonly_fields: Any = ("cadre",)

    def __init__(self, model: type[Any], site: admin.AdminSite) -> None:
        self.guard = self.guard or kind_of(model).guard
        self.view_capability = capability_for(self.guard)
        super().__init__(model, site)

    def visible_rows(self, user: Any, capability: str) -> QuerySet[Any]:
        """Those of people in scope that the reader may read: nobody finds their own oversight here."""
        rows = self.model.objects.select_related(*self.list_select_related)
        return readable(rows, user, self.guard, capability=capability)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whose entry it is stands above what it says."""
        return ("cadre", *(name for name in super().get_fields(request, obj) if name != "cadre"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes what they may not read."""
        allowed = super().has_change_permission(request, obj)
        return allowed and self.has_view_permission(request, obj)

    @admin.display(description="单位", ordering="cadre__unit__path")
    def home(self, obj: Any) -> str:
        """The unit of the personnel relation."""
        return obj.cadre.unit.name

    @admin.display(description="起", ordering="start")
    def begins(self, obj: Any) -> str:
        """The start as far as it is known."""
        return obj.start_date.chinese() if obj.start_date else ""

    @admin.display(description="止", ordering="end")
    def ends(self, obj: Any) -> str:
        """The end as far as it is known."""
        return obj.end_date.chinese() if obj.end_date else ""

    def take_each(
        self, request: HttpRequest, queryset: QuerySet[Any], verb: Callable[[Any], Any], done: str
    ) -> None:
        """Do something to each of the ticked entries, all or none, and say how it went."""
        rows = list(queryset.order_by("pk"))
        at: Any = None
        try:
            with transaction.atomic():
                for at in rows:
                    verb(at)
        except DomainError as error:
            self.message_user(request, f"一条也没有办理。{at.cadre}：{error.message}", messages.ERROR)
            return
        self.message_user(request, f"{len(rows)} 条{done}。", messages.SUCCESS)

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.histories."""
        values = form.changed_values()
        if values:
            adopt(obj, histories.edit_history(record=obj, by=request.user, **values))


class EndingAdmin(HistoryAdmin):
    """A history with periods: several entries can be ended on one day."""

    action_form = EndForm
    actions: Any = ("export_ticked", "end_ticked")

    @admin.action(description="到期结束所选", permissions=["change"])
    def end_ticked(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """End the ticked entries on the given day, all or none."""
        try:
            on = EndForm.base_fields["on"].clean(request.POST.get("on", ""))
        except forms.ValidationError as problem:
            self.message_user(request, " ".join(problem.messages), messages.ERROR)
            return
        if on is None:
            self.message_user(request, "请先填写结束时间，从这一天起不再有效。", messages.ERROR)
            return
        self.take_each(
            request,
            queryset,
            lambda row: self.service_end(request, row, on),
            f"已结束，{on.chinese()}起不再有效",
        )

    def service_end(self, request: HttpRequest, obj: Any, on: Any) -> None:
        """Through cadres.services.histories."""
        histories.end_history(record=obj, on=on, by=request.user)


class SealedMixin:
    """A history with encrypted columns: here they are never shown nor edited, and nothing is exported."""

    export_capability = ""
    model: type[Any]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The words about the encrypted columns."""
        return (*super().get_readonly_fields(request, obj), "sealed")  # type: ignore[misc]

    @admin.display(description="保密内容")
    def sealed(self, obj: Any) -> str:
        """Which columns are encrypted, never what they say."""
        names = [str(self.model._meta.get_field(name).verbose_name) for name in kind_of(self.model).sealed]
        return f"{'、'.join(names)}{SEALED_SHOWN}"
