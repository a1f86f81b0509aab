"""Where somebody belongs and what they did: relations, appointments, CV, ranks, affiliations, assessments."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from cadres.admin.base import EndingAdmin, HistoryAdmin, PartialForm, adopt, form_for, resource_for
from cadres.models import (
    AnnualAssessment,
    Appointment,
    CareerLine,
    PersonnelRelation,
    PoliticalStatus,
    Rank,
)
from cadres.services import appointments

_NO_END = ("end", admin.EmptyFieldListFilter)


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
    autocomplete_fields = ("selection", "removal")
    raw_id_fields = ("unit", "post")

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.appointments."""
        values = form.changed_values()
        if values:
            adopt(obj, appointments.correct_appointment(appointment=obj, by=request.user, **values))

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


@admin.register(CareerLine)
class CareerAdmin(HistoryAdmin):
    """The lines of the CVs; where a line stands within another is arranged on the person's page."""

    work_order = 230
    form = form_for(CareerLine, "within")
    resource_class = resource_for(CareerLine, "start", "end", "text", "is_study", "order")
    list_display = ("cadre", "home", "text", "is_study", "begins", "ends")
    list_filter = ("is_study",)
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


@admin.register(AnnualAssessment)
class AssessmentAdmin(HistoryAdmin):
    """Annual assessments."""

    work_order = 256
    form = form_for(AnnualAssessment)
    resource_class = resource_for(AnnualAssessment)
    list_display = ("cadre", "home", "year", "worded", "labels", "note")
    list_filter = ("year", "grade")

    @admin.display(description="等次", ordering="grade")
    def worded(self, obj: AnnualAssessment) -> str:
        """The grade in the words of its label set."""
        return obj.grade_label
