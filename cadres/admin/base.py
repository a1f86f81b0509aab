"""What the tables of the roster share: forms with partial dates, histories corrected through the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from import_export.fields import Field

from accounts.admin_base import BureauAdmin, SafeResource
from cadres.collection.own import EXPORTED_ONLY
from cadres.fields import LEVELS, Level, capability_for
from cadres.kinds import KINDS, kind_of
from cadres.models import Cadre
from cadres.services import histories
from cadres.services.sight import readable
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
    field = model._meta.get_field(name.split("__")[0])
    if "__" not in name and field.choices:
        return lambda row: str(getattr(row, f"get_{name}_display")())
    if isinstance(field, ArrayField):
        return lambda row: "、".join("—" if each is None else str(each) for each in getattr(row, name))
    return None


class PeopleSearch(BureauAdmin):
    """A table whose rows are somebody's: found by name, full pinyin and initials; `owner` is the way to whom."""

    owner = "cadre"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """What the table's own columns say, and whom the letters mean."""
        found, doubles = super().get_search_results(request, queryset, search_term)
        letters = "".join(search_term.split())
        if not letters or not letters.isascii() or not letters.isalpha():
            return found, doubles
        people = Cadre.objects.matching(search_term.strip()).order_by().values("pk")
        meant = Q(**{f"{self.owner}__in" if self.owner else "pk__in": people})
        return queryset.filter(Q(pk__in=found.order_by().values("pk")) | meant), doubles

    def form_tools(self, request: HttpRequest, obj: Any) -> list[dict[str, str]]:
        """The person's page, where everything else about them stands."""
        found = super().form_tools(request, obj)
        whose = obj
        for name in self.owner.split("__") if self.owner else ():
            whose = getattr(whose, name)
        if isinstance(whose, Cadre):
            found.append({"url": reverse("cadre-detail", args=[whose.pk]), "label": "打开干部页面"})
        return found

    def named(self, obj: Any) -> str:
        """Whose row it is."""
        return str(obj.cadre) if self.owner == "cadre" else str(obj)


class ReadOnlyAdmin(PeopleSearch):
    """Records that are worked on at their own pages; here they are found and looked at."""

    work_group = GROUP
    may_add = False
    edit_capability = ""
    actions: Any = ()


def end_field(label: str = "结束时间") -> dict[str, forms.Field]:
    """Return the field that says from which day the ticked entries no longer hold."""
    return {"on": PartialDateFormField(label=label, required=False)}


def day_asked(request: HttpRequest) -> Any:
    """The day typed beside the action, None where nothing was. Raises ValidationError for what is no date."""
    return PartialDateFormField(required=False).clean(request.POST.get("on", ""))


class HistoryAdmin(PeopleSearch):
    """A history: entries are added on the person's page, corrected or ended here.

    A child names `guard`, the name in cadres.fields.LEVELS that says who reads it, where its kind doesn't. What
    stands at the highest level leaves with a reason alone. Further entries come in by the workbook of histories.
    """

    work_group = GROUP
    edit_capability = "cadre.edit"
    export_capability = "roster.export"
    may_add = False
    guard = ""
    list_select_related: Any = ("cadre__unit",)
    search_fields: Any = ("cadre__name", "cadre__initials__startswith", "cadre__unit__name")
    readonly_fields: Any = ("cadre",)
    # The sheet of the workbook by which entries come in; "" where they don't.
    sheet = ""

    def __init__(self, model: type[Any], site: admin.AdminSite) -> None:
        self.guard = self.guard or kind_of(model).guard
        self.view_capability = capability_for(self.guard)
        self.is_sensitive = LEVELS[self.guard] >= Level.SENSITIVE
        kind = next((each for each in KINDS.values() if each.model is model), None)
        self.sheet = self.sheet or (kind.slug if kind is not None and kind.slug not in EXPORTED_ONLY else "")
        super().__init__(model, site)

    def tools(self, request: HttpRequest) -> list[dict[str, str]]:
        """The way to the import of this history, by the one door for workbooks of histories."""
        found = super().tools(request)
        if self.sheet and self.holds(request.user, "roster.import"):
            door = reverse("cadre-import-histories")
            found.append({"url": f"{door}?sheet={self.sheet}", "label": "导入"})
        return found

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

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.histories."""
        values = form.changed_values()
        if values:
            saved = histories.edit_history(
                record=obj, by=request.user, version=self.seen(request), **values
            )  # fmt: skip
            adopt(obj, saved)


class EndingAdmin(HistoryAdmin):
    """A history with periods: several entries can be ended on one day. `end_label` says what ending one is."""

    actions: Any = ("export_ticked", "end_ticked")
    action_fields = end_field()
    end_label = "到期结束所选"
    ended = "已结束"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Ending in the words of the history."""
        found = super().get_actions(request)
        if "end_ticked" in found:
            found["end_ticked"] = (*found["end_ticked"][:2], self.end_label)
        return found

    @admin.action(description="到期结束所选", permissions=["change"])
    def end_ticked(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """End the ticked entries on the given day, all or none."""
        try:
            on = day_asked(request)
        except forms.ValidationError as problem:
            self.message_user(request, " ".join(problem.messages), messages.ERROR)
            return
        if on is None:
            self.message_user(request, "请先填写结束时间，从这一天起不再有效。", messages.ERROR)
            return
        self.take_each(
            request, queryset, lambda row: self.service_end(request, row, on),
            f"{self.ended}，{on.chinese()}起不再有效",
        )  # fmt: skip

    def service_end(self, request: HttpRequest, obj: Any, on: Any) -> None:
        """Through cadres.services.histories."""
        histories.end_history(record=obj, on=on, by=request.user)


class SealedMixin:
    """A history with encrypted columns: here they are never shown, edited nor exported."""

    model: type[Any]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The words about the encrypted columns."""
        return (*super().get_readonly_fields(request, obj), "sealed")  # type: ignore[misc]

    @admin.display(description="保密内容")
    def sealed(self, obj: Any) -> str:
        """Which columns are encrypted, never what they say."""
        names = [str(self.model._meta.get_field(name).verbose_name) for name in kind_of(self.model).sealed]
        return f"{'、'.join(names)}{SEALED_SHOWN}"
