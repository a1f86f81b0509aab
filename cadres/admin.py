"""The admin of the roster, for correcting single records: every save goes through the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_base import BureauAdmin, SafeResource
from cadres.fields import fields_for
from cadres.models import (
    AnnualAssessment,
    Appointment,
    Cadre,
    Code,
    Education,
    PersonnelRelation,
    PoliticalStatus,
    Post,
    ProfessionalTitle,
    Rank,
    RosterImport,
)
from cadres.services import appointments, histories, people, posts
from core.crypto import mask_identity
from core.partial_dates import PartialDateFormField

GROUP = "干部名册"


class CodeResource(SafeResource):
    """A code list as a workbook."""

    class Meta:
        model = Code
        fields = ("list", "code", "name", "short", "aliases", "level", "order", "is_active")


@admin.register(Code)
class CodeAdmin(BureauAdmin):
    """Code lists: a value may be added or retired; its list and code stay."""

    work_group, work_order = GROUP, 290
    view_capability = "cadre.view"
    edit_capability = export_capability = "cadre.edit"
    resource_class = CodeResource
    list_display = ("name", "list", "code", "short", "level", "is_active")
    list_filter = ("list", "is_active")
    search_fields = ("name", "short", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What other records hang on."""
        return ("list", "code") if obj else ()


class PostForm(forms.ModelForm):
    """A post."""

    class Meta:
        model = Post
        fields = ("unit", "title", "category", "level", "headcount")


class PostResource(SafeResource):
    """Posts as a workbook."""

    class Meta:
        model = Post
        fields = ("unit__code", "unit__name", "title", "category", "headcount", "closed_on")


@admin.register(Post)
class PostAdmin(BureauAdmin):
    """Posts; the unit of one that exists never changes."""

    work_group, work_order = GROUP, 210
    view_capability = "unit.view"
    edit_capability = "post.edit"
    export_capability = "roster.export"
    resource_class = PostResource
    form = PostForm
    list_display = ("title", "unit", "category", "headcount", "closed_on")
    list_filter = ("category", ("closed_on", admin.EmptyFieldListFilter))
    list_select_related = ("unit",)
    search_fields = ("title", "unit__name")
    autocomplete_fields = ("level",)
    raw_id_fields = ("unit",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A post stays at its unit."""
        return ("unit", "closed_on") if obj else ()

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.posts."""
        values = {name: form.cleaned_data[name] for name in form.changed_data if name != "unit"}
        if change:
            _adopt(obj, posts.edit_post(post=obj, by=request.user, **values))
        else:
            _adopt(obj, posts.create_post(unit=form.cleaned_data["unit"], by=request.user, **values))


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


class CadreForm(PartialForm):
    """A person's own data; the identity number masked."""

    dated = ("birth", "work_start")
    id_number = forms.CharField(
        label="身份证号", required=False, max_length=30, help_text="保留星号即不修改。"
    )

    class Meta:
        model = Cadre
        fields = (
            "name", "gender", "birth", "id_number", "ethnicity", "native_place", "work_start", "phone", "note",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["id_number"] = mask_identity(self.instance.id_number)


@admin.register(Cadre)
class CadreAdmin(BureauAdmin):
    """People. They are entered, moved and ended on the work pages; here single data are corrected."""

    work_group, work_order = GROUP, 200
    view_capability = "cadre.view"
    edit_capability = "cadre.edit"
    may_add = False
    form = CadreForm
    list_display = ("name", "unit", "gender", "born", "updated_at")
    list_filter = ("gender",)
    list_select_related = ("unit",)
    search_fields = ("name", "initials__startswith", "unit__name")
    autocomplete_fields = ("ethnicity",)
    readonly_fields = ("unit", "user", "created_at", "updated_at")
    ordering = ("name_key", "id")

    @admin.display(description="出生年月", ordering="birth")
    def born(self, obj: Cadre) -> str:
        """The birth as far as it is known."""
        return obj.birth_date.chinese() if obj.birth_date else ""

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.people."""
        _adopt(obj, people.edit_cadre(cadre=obj, by=request.user, **form.changed_values()).cadre)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Personal columns only for those who may see them everywhere they look."""
        personal = request.user.holds("cadre.view_personal")
        return self.list_display if personal else tuple(n for n in self.list_display if n != "born")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The whole form needs the personal level."""
        allowed = super().has_view_permission(request, obj)
        return allowed and (obj is None or "birth" in fields_for(request.user, obj))


class HistoryAdmin(BureauAdmin):
    """A history: entries are added on the person's page, corrected or taken out here."""

    work_group = GROUP
    view_capability = "cadre.view_personal"
    edit_capability = "cadre.edit"
    may_add = False
    list_select_related = ("cadre__unit",)
    search_fields = ("cadre__name", "cadre__unit__name")
    readonly_fields = ("cadre",)

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
            _adopt(obj, histories.edit_history(record=obj, by=request.user, **values))


def _form_for(kind: Any, names: tuple[str, ...]) -> type[PartialForm]:
    meta = type("Meta", (), {"model": kind, "fields": names})
    return type(f"{kind.__name__}Form", (PartialForm,), {"Meta": meta, "__doc__": "An entry of a history."})


@admin.register(Appointment)
class AppointmentAdmin(HistoryAdmin):
    """Appointments."""

    work_order = 220
    form = _form_for(
        Appointment,
        (
            "unit", "unit_text", "title", "post", "kind", "is_main", "start", "end", "document_number",
            "selection", "removal", "removal_reason", "probation_end", "term_number", "term_end",
        ),
    )  # fmt: skip
    list_display = ("cadre", "title", "unit", "kind", "is_main", "begins", "ends")
    list_filter = ("kind", "is_main", ("end", admin.EmptyFieldListFilter))
    list_select_related = ("cadre__unit", "unit")
    search_fields = ("cadre__name", "title", "unit__name")
    raw_id_fields = ("unit", "post")

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.appointments."""
        values = form.changed_values()
        if values:
            _adopt(obj, appointments.correct_appointment(appointment=obj, by=request.user, **values))


@admin.register(PersonnelRelation)
class RelationAdmin(HistoryAdmin):
    """Personnel relations, to look at: they move by transfer, leaving and return alone."""

    work_order = 230
    edit_capability = ""
    list_display = ("cadre", "unit", "begins", "ends", "leaving")
    list_filter = ("leaving", ("end", admin.EmptyFieldListFilter))
    list_select_related = ("cadre__unit", "unit")


@admin.register(Education)
class EducationAdmin(HistoryAdmin):
    """Education."""

    work_order = 240
    form = _form_for(
        Education,
        ("mode", "level", "level_text", "degree", "degree_text", "school", "major", "start", "end", "order"),
    )
    list_display = ("cadre", "mode", "level_text", "degree_text", "school")
    list_filter = ("mode", "level")
    autocomplete_fields = ("level", "degree")


@admin.register(ProfessionalTitle)
class TitleAdmin(HistoryAdmin):
    """Professional titles."""

    work_order = 250
    form = _form_for(ProfessionalTitle, ("title", "title_text", "start", "end"))
    list_display = ("cadre", "title_text", "begins", "ends")
    autocomplete_fields = ("title",)


@admin.register(Rank)
class RankAdmin(HistoryAdmin):
    """Ranks and post levels."""

    work_order = 260
    form = _form_for(Rank, ("kind", "name", "start", "end"))
    list_display = ("cadre", "kind", "name", "begins", "ends")
    list_filter = ("kind",)


@admin.register(PoliticalStatus)
class PoliticalAdmin(HistoryAdmin):
    """Political affiliations."""

    work_order = 270
    form = _form_for(PoliticalStatus, ("status", "start", "end"))
    list_display = ("cadre", "status", "begins", "ends")
    list_filter = ("status",)
    list_select_related = ("cadre__unit", "status")
    autocomplete_fields = ("status",)


@admin.register(AnnualAssessment)
class AssessmentAdmin(HistoryAdmin):
    """Annual assessments."""

    work_order = 280
    form = _form_for(AnnualAssessment, ("year", "grade", "labels", "note"))
    list_display = ("cadre", "year", "grade", "labels")
    list_filter = ("year", "grade")


@admin.register(RosterImport)
class RosterImportAdmin(BureauAdmin):
    """Roster imports, to look at: they are worked on at their own page."""

    work_group, work_order = GROUP, 295
    view_capability = "roster.import"
    may_add = False
    list_display = ("file", "unit", "uploaded_by", "uploaded_at", "committed_at", "discarded_at")
    list_select_related = ("file", "unit", "uploaded_by")
    list_filter = (("committed_at", admin.EmptyFieldListFilter),)
    search_fields = ("file__name",)
    fields = (
        "file", "unit", "uploaded_by", "uploaded_at", "summary", "previewed_at", "confirmed_at", "committed_at",
        "discarded_at",
    )  # fmt: skip


def _adopt(obj: Any, saved: Any) -> None:
    """Make the admin's object the one the service saved."""
    obj.__dict__.update(saved.__dict__)
