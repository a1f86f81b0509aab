"""Where somebody belongs and what they did: relations, appointments, CV, ranks, affiliations, assessments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin_base import whether
from cadres.admin.base import EndingAdmin, HistoryAdmin, PartialForm, adopt, form_for, resource_for
from cadres.forms.histories.careers import grade_label_sets
from cadres.models import (
    AnnualAssessment,
    Appointment,
    CareerLine,
    PersonnelRelation,
    PoliticalStatus,
    Rank,
)
from cadres.services import appointments, leadership

_NO_END = whether("end", "是否结束", filled="已有结束时间", empty="未结束")


class AppointmentForm(PartialForm):
    """A post held."""

    class Meta:
        model = Appointment
        fields = (
            "unit", "unit_text", "title", "post", "kind", "is_main", "start", "end", "document_number",
            "selection", "removal", "removal_reason", "probation_end", "term_number", "term_end",
        )  # fmt: skip


@admin.register(Appointment)
class AppointmentAdmin(EndingAdmin):
    """Appointments."""

    work_order = 220
    guard = "posts"
    form = AppointmentForm
    resource_class = resource_for(
        Appointment, "unit__name", "unit_text", "title", "kind", "is_main", "start", "end", "document_number"
    )
    list_display = ("cadre", "title", "unit", "kind", "is_main", "begins", "ends")
    list_filter = ("kind", "is_main", _NO_END)
    list_select_related = ("cadre__unit", "unit")
    search_fields = ("cadre__name", "cadre__initials__startswith", "title", "unit__name")
    autocomplete_fields = ("unit", "post", "selection", "removal")
    actions = ("export_ticked", "end_ticked", "propose_ticked")
    end_label = "登记免职（自填写的时间起）"
    ended = "已登记免职"
    sheet = "appointment"

    @admin.action(description="为所选正职提出授权", permissions=["change"])
    def propose_ticked(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> None:
        """Through cadres.services.leadership; the security administrator confirms."""
        self.take_each(
            request, queryset, lambda row: leadership.ask_for_leadership_grant(appointment=row, by=request.user),
            "已提出授权，等待安全管理员确认",
        )  # fmt: skip

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.appointments."""
        values = form.changed_values()
        if values:
            saved = appointments.correct_appointment(
                appointment=obj, by=request.user, version=self.seen(request), **values
            )  # fmt: skip
            adopt(obj, saved)

    def service_end(self, request: HttpRequest, obj: Any, on: Any) -> None:
        """Through cadres.services.appointments."""
        appointments.end_appointment(appointment=obj, on=on, by=request.user)


@admin.register(PersonnelRelation)
class RelationAdmin(HistoryAdmin):
    """Personnel relations, to look at: they move by transfer, leaving and return alone."""

    work_order = 225
    guard = "unit"
    edit_capability = ""
    resource_class = resource_for(PersonnelRelation, "unit__name", "start", "end", "leaving")
    list_display = ("cadre", "unit", "begins", "ends", "leaving")
    list_filter = ("leaving", _NO_END)
    list_select_related = ("cadre__unit", "unit")


class CareerForm(form_for(CareerLine)):  # type: ignore[misc]
    """A line of a CV; it may stand within another one of the same person's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "within" not in self.fields:
            return
        field: forms.ModelChoiceField = self.fields["within"]
        lines = CareerLine.objects.filter(cadre=self.instance.cadre_id, within=None)
        field.queryset = lines.exclude(pk=self.instance.pk)
        field.label_from_instance = lambda line: f"{line.period} {line.text}"[:60]  # type: ignore[method-assign]
        field.label, field.empty_label = "属于哪一段（其间）", "独立成行"


@admin.register(CareerLine)
class CareerAdmin(EndingAdmin):
    """The lines of the CVs, with the line that an （其间：…） line stands within."""

    work_order = 230
    form = CareerForm
    resource_class = resource_for(CareerLine, "start", "end", "text", "is_study", "order")
    list_display = ("cadre", "home", "text", "is_study", "within", "begins", "ends")
    list_filter = ("is_study", whether("within", "其间", filled="写在另一行下面", empty="独立成行"))
    list_select_related = ("cadre__unit", "within")
    search_fields = ("cadre__name", "cadre__initials__startswith", "text")


@admin.register(Rank)
class RankAdmin(EndingAdmin):
    """Ranks and post levels."""

    work_order = 235
    form = form_for(Rank)
    resource_class = resource_for(Rank)
    list_display = ("cadre", "home", "kind", "name", "begins", "ends")
    list_filter = ("kind", _NO_END)
    search_fields = ("cadre__name", "cadre__initials__startswith", "name")


@admin.register(PoliticalStatus)
class PoliticalAdmin(EndingAdmin):
    """Political affiliations."""

    work_order = 238
    form = form_for(PoliticalStatus)
    resource_class = resource_for(PoliticalStatus, "status__name", "start", "end")
    list_display = ("cadre", "home", "status", "begins", "ends")
    list_filter = ("status", _NO_END)
    list_select_related = ("cadre__unit", "status")
    autocomplete_fields = ("status",)


class AssessmentForm(form_for(AnnualAssessment)):  # type: ignore[misc]
    """The grade of a year, in the words of one of the settings' label sets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "labels" in self.fields:
            self.fields["labels"] = forms.ChoiceField(label="用语", choices=grade_label_sets)


@admin.register(AnnualAssessment)
class AssessmentAdmin(HistoryAdmin):
    """Annual assessments."""

    work_order = 256
    form = AssessmentForm
    resource_class = resource_for(AnnualAssessment)
    list_display = ("cadre", "home", "year", "worded", "note")
    list_filter = ("year", "grade")

    @admin.display(description="等次", ordering="grade")
    def worded(self, obj: AnnualAssessment) -> str:
        """The grade in the words of its label set."""
        return obj.grade_label
