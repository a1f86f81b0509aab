"""A table of the admin for bureau HR: choices in scope, forms that know their version, actions that say how it went."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import ValidationError
from django.db import DataError, transaction
from django.db.models import Model, QuerySet
from django.forms import Field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.admin_base.exporting import Exporting
from core.admin import ScopedAdmin
from core.errors import DomainError, Stale
from core.versions import version_of

VERSION = "_version"
_NAMED = 8


class BureauAdmin(Exporting, ScopedAdmin):
    """A table of the admin for bureau HR.

    On top of core's ScopedAdmin: choices of related rows are those in scope; a form saved after a colleague's
    comes back with both versions; ticked rows can be exported; `action_fields` are asked beside the actions.
    """

    actions: Any = ("export_ticked",)
    action_fields: dict[str, forms.Field] = {}

    def __init__(self, model: type[Any], site: admin.AdminSite) -> None:
        super().__init__(model, site)
        asked = {**self.action_fields, **self.export_fields()}
        self.action_form = type("AskedForm", (ActionForm,), dict(asked))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing is ever deleted in bulk, and exporting is only for whoever may."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        if not (self.resource_class and self.holds(request.user, self.export_capability)):
            found.pop("export_ticked", None)
        return found

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """Related rows to choose from: those the person may see."""
        manager = db_field.remote_field.model._default_manager
        if hasattr(manager, "visible_to"):
            return manager.visible_to(request.user)
        return super().get_field_queryset(db, db_field, request)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field | None:
        """Without the buttons that would add, change or delete the related row in a pop-up."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for name in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            if field is not None and hasattr(field.widget, name):
                setattr(field.widget, name, False)
        return field

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Django's search, without the characters PostgreSQL can't take; initials are typed in any case."""
        return super().get_search_results(request, queryset, search_term.replace("\x00", "").lower())

    def tools(self, request: HttpRequest) -> list[dict[str, str]]:
        """Hook: further links above the list, as address and words."""
        return []

    def form_tools(self, request: HttpRequest, obj: Any) -> list[dict[str, str]]:
        """Hook: links above the form of a record, as address and words."""
        return []

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list with its links; a filter's value out of range is shown as not understood, as other wrong ones."""
        self._keep_possible_keys(request)
        try:
            return super().changelist_view(request, {"tools": self.tools(request), **(extra_context or {})})
        except (OverflowError, ValueError, DataError):
            if request.method != "GET" or ERROR_FLAG in request.GET:
                raise
            return redirect(f"{request.path}?{ERROR_FLAG}=1")

    def _keep_possible_keys(self, request: HttpRequest) -> None:
        """Of what an action says was ticked, keep what can be a key: the rest would be an error of the server."""
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        possible = [each for each in ticked if self._is_key(each)]
        if len(possible) < len(ticked):
            request.POST = request.POST.copy()  # type: ignore[assignment]
            request.POST.setlist(ACTION_CHECKBOX_NAME, possible)  # type: ignore[attr-defined]

    def _is_key(self, text: str) -> bool:
        key = self.model._meta.pk
        try:
            key.run_validators(key.to_python(text))
        except ValidationError:
            return False
        return True

    # --- versions ------------------------------------------------------------------------------------------

    def version_of(self, obj: Any) -> str:
        """The version a form is filled from."""
        return version_of(obj)

    def seen(self, request: HttpRequest) -> str:
        """The version the form was filled from, for services that compare it under their lock."""
        return request.POST.get(VERSION, "")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The form carries the version of what is stored now."""
        original = context.get("original")
        if original is not None:
            context["form_tools"] = self.form_tools(request, original)
        if original is not None and self.has_change_permission(request, original):
            stored = self.model._default_manager.filter(pk=original.pk).first()
            context["version"] = self.version_of(stored) if stored is not None else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save unless a colleague was faster: then both versions are told, and pressing once more takes one's own."""
        seen = request.POST.get(VERSION, "")
        if change and seen:
            stored = self.model._default_manager.get(pk=obj.pk)
            if self.version_of(stored) != seen:
                raise Stale(_both(form))
        try:
            super().save_model(request, obj, form, change)
        except Stale:
            raise Stale(_both(form)) from None

    # --- actions -------------------------------------------------------------------------------------------

    def take_each(
        self, request: HttpRequest, queryset: QuerySet[Any], verb: Callable[[Any], Any], done: str
    ) -> bool:
        """Do something to each of the ticked rows, all or none; say how it went. See report_each."""
        if queryset.count() > self.list_max_show_all:
            sentence = f"一次最多办理 {self.list_max_show_all} 条，请分批选择。"
            self.message_user(request, sentence, messages.ERROR)
            return False
        text, went = report_each(queryset.order_by("pk"), verb, done, named=self.named)
        self.message_user(request, text, messages.SUCCESS if went else messages.ERROR)
        return went

    def named(self, obj: Any) -> str:
        """Hook: what a row is called in the message of an action."""
        return str(obj)


def report_each(
    rows: Iterable[Any], verb: Callable[[Any], Any], done: str, *, named: Callable[[Any], str] = str
) -> tuple[str, bool]:
    """Do something to each row; when one is refused none is done, and every refusal is told.

    Returns the sentence and whether it was done.
    """
    found, refused = list(rows), []
    with transaction.atomic():
        for row in found:
            try:
                with transaction.atomic():
                    verb(row)
            except DomainError as error:
                refused.append(f"{named(row)}：{error.message}")
        if refused:
            transaction.set_rollback(True)
    if not refused:
        return f"{len(found)} 条{done}。", True
    more = f"等 {len(refused)} 条" if len(refused) > _NAMED else ""
    told = "；".join(each.rstrip("。") for each in refused[:_NAMED])
    return f"{len(found)} 条中有 {len(refused)} 条不能办理，一条也没有办理。{told}{more}。", False


def _both(form: Any) -> str:
    """What a colleague saved beside what was typed, for the fields that differ."""
    said = []
    for name in form.changed_data:
        field = form.fields[name]
        stored, typed = form.get_initial_for_field(field, name), form.cleaned_data.get(name)
        said.append(f"{field.label}：现在是“{_shown(field, stored)}”，您填写的是“{_shown(field, typed)}”")
    told = "；".join(said) if said else "您填写的与现在的内容相同"
    return (
        "您打开表单之后，别人保存了新内容，您的改动还没有保存，也没有覆盖任何数据。"
        f"{told}。核对后再按一次保存，以您填写的为准。"
    )


def _shown(field: Any, value: Any) -> str:
    """A value in the words of its field."""
    if value is None or value == "":
        return "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    queryset = getattr(field, "queryset", None)
    if queryset is not None:
        return str(value if isinstance(value, Model) else queryset.filter(pk=value).first() or value)
    choices = dict(getattr(field, "choices", None) or {})
    chinese = getattr(value, "chinese", None)
    return str(choices.get(value, chinese() if chinese else value))
