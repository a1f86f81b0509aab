"""The people of the roster: single data corrected, the ticked ones handed out."""

from __future__ import annotations

import io
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.scope import may_on
from cadres.admin.base import GROUP, PartialForm, PeopleSearch, adopt
from cadres.fields import fields_for
from cadres.forms.people import HEALTH
from cadres.listing import Criteria
from cadres.models import Cadre
from cadres.services import people
from cadres.services.exports import Export, check_export, count_up_to, note_export
from cadres.services.form_import.asking import ask_for_forms
from cadres.services.form_import.exporting import FormExport
from cadres.sheets.columns import HEADINGS
from cadres.sheets.exporting import export_name, write_export
from core.calendar import now
from core.crypto import mask_identity
from core.errors import DomainError
from core.files import disposition
from core.filetypes import XLSX

MOST_PEOPLE = 2_000


class CadreForm(PartialForm):
    """A person's own data; the identity number masked."""

    dated = ("birth", "work_start")
    id_number = forms.CharField(
        label="身份证号", required=False, max_length=30, help_text="保留星号即不修改。"
    )

    health = forms.ChoiceField(label="健康状况", required=False)

    class Meta:
        model = Cadre
        fields = (
            "name", "gender", "birth", "id_number", "ethnicity", "native_place", "birthplace", "work_start",
            "speciality", "retirement_limit", "phone", "note",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["id_number"] = mask_identity(self.instance.id_number)
        # What is stored stays closed here as on the work pages: it opens on the person's page, with a reason.
        kept = "已填写，不修改" if self.instance.health else "未填写"
        self.fields["health"].choices = [("", kept), *HEALTH[1:]]
        self.initial["health"] = ""


@admin.register(Cadre)
class CadreAdmin(PeopleSearch):
    """People. They are entered, moved and ended on the work pages; here single data are corrected."""

    work_group, work_order = GROUP, 200
    view_capability = "cadre.view"
    edit_capability = "cadre.edit"
    may_add = False
    form = CadreForm
    list_display = ("name", "unit", "gender", "born", "updated_at")
    list_filter = ("gender",)
    list_select_related = ("unit",)
    owner = ""
    search_fields = ("name", "initials__startswith", "unit__name", "unit__initials__startswith")
    autocomplete_fields = ("ethnicity",)
    readonly_fields = ("unit", "user", "created_at", "updated_at")
    ordering = ("name_key", "id")
    actions: Any = ("export_people", "export_forms", "export_open_forms")
    export_capability = "roster.export"
    action_fields = {
        "reason": forms.CharField(label="用途（导出完整内容时填写）", required=False, max_length=200)
    }
    # Actions on people that an app above this one offers.
    offered: ClassVar[list[Any]] = []

    @classmethod
    def offer(cls, action: Any) -> None:
        """Let an app above offer an action on the ticked people: a function as admin.action makes it."""
        cls.offered.append(action)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """One's own, and those offered from above."""
        found = super().get_actions(request)
        if not self.holds(request.user, self.export_capability):
            for name in ("export_people", "export_forms", "export_open_forms"):
                found.pop(name, None)
        for action in self.offered if self.has_change_permission(request) else ():
            found[action.__name__] = (action, action.__name__, action.short_description)
        return found

    def tools(self, request: HttpRequest) -> list[dict[str, str]]:
        """The way to the import of a roster."""
        found = super().tools(request)
        if self.holds(request.user, "roster.import"):
            found.append({"url": reverse("cadre-import"), "label": "导入"})
        return found

    def autocomplete_label(self, obj: Cadre) -> str:
        """A person with the unit: names repeat."""
        return f"{obj.name}（{obj.unit.name}）"

    @admin.action(description="导出所选（名册）")
    def export_people(self, request: HttpRequest, queryset: QuerySet[Cadre]) -> HttpResponse | None:
        """The ticked people in the roster's usual columns, cut to what the asker may see, numbers masked."""
        wanted = Cadre.objects.visible_to(request.user, "roster.export").filter(
            pk__in=queryset.order_by().values("pk")
        )
        export = Export(Criteria(status="all"), tuple(HEADINGS), people=wanted)
        check_export(export, by=request.user)
        if count_up_to(export, by=request.user, most=MOST_PEOPLE) > MOST_PEOPLE:
            sentence = f"一次最多导出 {MOST_PEOPLE:,} 人，更多的请在名册页面筛选后导出。"
            self.message_user(request, sentence, messages.ERROR)
            return None
        content = io.BytesIO()
        count = write_export(content, export, by=request.user)
        note_export(export, by=request.user, count=count)
        answer = HttpResponse(content.getvalue(), content_type=XLSX)
        answer["Content-Disposition"] = disposition(export_name(now()))
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Cache-Control"] = "private, no-store"
        return answer

    @admin.action(description="导出所选的任免审批表（不含保密内容）")
    def export_forms(self, request: HttpRequest, queryset: QuerySet[Cadre]) -> HttpResponse | None:
        """Word forms in a zip, made by a job."""
        return self._forms(request, queryset, FormExport())

    @admin.action(description="导出所选的任免审批表（完整，须写用途）")
    def export_open_forms(self, request: HttpRequest, queryset: QuerySet[Cadre]) -> HttpResponse | None:
        """The same with what is sensitive; the service asks for the reason and the right."""
        return self._forms(request, queryset, FormExport(True, request.POST.get("reason", "")))

    def _forms(
        self, request: HttpRequest, queryset: QuerySet[Cadre], export: FormExport
    ) -> HttpResponse | None:
        try:
            job = ask_for_forms(queryset.values_list("pk", flat=True), export, by=request.user)
        except DomainError as error:
            self.message_user(request, f"没有导出：{error.message}", messages.ERROR)
            return None
        return redirect("cadre-forms-job", job.pk)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Health only for those who may see what is sensitive of this person."""
        found = super().get_fields(request, obj)
        opens = obj is not None and may_on(request.user, "cadre.view_sensitive", obj)
        return found if opens else [name for name in found if name != "health"]

    @admin.display(description="出生年月", ordering="birth")
    def born(self, obj: Cadre) -> str:
        """The birth as far as it is known."""
        return obj.birth_date.chinese() if obj.birth_date else ""

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.people."""
        values = form.changed_values()
        saved = people.edit_cadre(cadre=obj, by=request.user, version=self.seen(request), **values)
        adopt(obj, saved.cadre)
        for warning in saved.warnings:
            self.message_user(request, warning, messages.WARNING)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Personal columns only for those who may see them everywhere they look."""
        personal = request.user.holds("cadre.view_personal")
        return self.list_display if personal else tuple(n for n in self.list_display if n != "born")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The whole form needs the personal level."""
        allowed = super().has_view_permission(request, obj)
        return allowed and (obj is None or "birth" in fields_for(request.user, obj))
