"""How somebody is developed: talent tier, reserve pool, plans and competences, with their reviews."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from cadres.admin.base import SEALED_SHOWN, EndingAdmin, HistoryAdmin, ReadOnlyAdmin, form_for, resource_for
from cadres.fields import capability_for
from cadres.models import (
    CompetenceProfile,
    DevelopmentPlan,
    PlanReview,
    ReserveEntry,
    ReserveReview,
    TalentEntry,
)
from cadres.services.sight import readable

_NO_END = ("end", admin.EmptyFieldListFilter)


@admin.register(TalentEntry)
class TalentAdmin(EndingAdmin):
    """The talent tier."""

    work_order = 260
    form = form_for(TalentEntry)
    resource_class = resource_for(TalentEntry)
    list_display = ("cadre", "home", "tier", "document_number", "begins", "ends")
    list_filter = ("tier", _NO_END)


@admin.register(ReserveEntry)
class ReserveAdmin(EndingAdmin):
    """The reserve pool; its list leaves the house from its own page alone."""

    work_order = 262
    export_capability = ""
    form = form_for(ReserveEntry)
    list_display = ("cadre", "home", "category", "status", "source", "begins", "ends")
    list_filter = ("category", "status", _NO_END)


@admin.register(DevelopmentPlan)
class PlanAdmin(EndingAdmin):
    """Development plans; a mentor with an account is chosen on the person's page."""

    work_order = 264
    form = form_for(DevelopmentPlan, "mentor")
    resource_class = resource_for(
        DevelopmentPlan, "goals", "measures", "mentor__name", "mentor_text", "start", "end"
    )
    readonly_fields = ("cadre", "mentor")
    list_display = ("cadre", "home", "goals", "guide", "begins", "ends")
    list_filter = (_NO_END,)
    list_select_related = ("cadre__unit", "mentor")
    search_fields = ("cadre__name", "cadre__initials__startswith", "mentor__name", "mentor_text", "goals")

    @admin.display(description="导师")
    def guide(self, obj: DevelopmentPlan) -> str:
        """The mentor, by account or by name."""
        return obj.mentor.name if obj.mentor else obj.mentor_text


@admin.register(CompetenceProfile)
class CompetenceAdmin(HistoryAdmin):
    """Competence profiles; the scores are judged on the person's page."""

    work_order = 266
    export_capability = ""
    form = form_for(CompetenceProfile, "scores")
    readonly_fields = ("cadre", "scores")
    list_display = ("cadre", "home", "on", "source", "note")
    list_filter = ("source",)
    date_hierarchy = "on"


class ReviewAdmin(ReadOnlyAdmin):
    """Reviews below the entries of a history: recorded on the person's page, looked up here."""

    guard = ""
    link = ""

    def __init__(self, model: type[Any], site: admin.AdminSite) -> None:
        self.view_capability = capability_for(self.guard)
        super().__init__(model, site)

    def visible_rows(self, user: Any, capability: str) -> QuerySet[Any]:
        """Those of people in scope that the reader may read."""
        owner = f"{self.link}__cadre"
        return readable(self.model.objects.all(), user, self.guard, owner=owner, capability=capability)


@admin.register(ReserveReview)
class ReserveReviewAdmin(ReviewAdmin):
    """Yearly reviews of the reserve; the opinion is encrypted."""

    work_order, guard, link = 263, "reserve", "entry"
    list_display = ("person", "year", "status", "reviewed_by", "created_at")
    list_filter = ("year", "status")
    list_select_related = ("entry__cadre", "reviewed_by")
    search_fields = ("entry__cadre__name", "entry__cadre__initials__startswith")
    fields = ("person", "entry", "year", "status", "sealed", "reviewed_by", "created_at")
    readonly_fields = ("person", "sealed")

    @admin.display(description="干部", ordering="entry__cadre__name_key")
    def person(self, obj: ReserveReview) -> str:
        """Whose review it is."""
        return obj.entry.cadre.name

    @admin.display(description="意见")
    def sealed(self, obj: ReserveReview) -> str:
        """The opinion is opened on the person's page."""
        return SEALED_SHOWN


@admin.register(PlanReview)
class PlanReviewAdmin(ReviewAdmin):
    """Reviews of development plans."""

    work_order, guard, link = 265, "development", "plan"
    list_display = ("person", "on", "progress", "advice", "reviewed_by")
    list_select_related = ("plan__cadre", "reviewed_by")
    search_fields = ("plan__cadre__name", "plan__cadre__initials__startswith", "progress")
    date_hierarchy = "on"
    fields = ("person", "plan", "on", "progress", "advice", "reviewed_by", "created_at")
    readonly_fields = ("person",)

    @admin.display(description="干部", ordering="plan__cadre__name_key")
    def person(self, obj: PlanReview) -> str:
        """Whose review it is."""
        return obj.plan.cadre.name
