"""The admin of assessment: drafts are corrected by the services, everything else is looked at.

Who rates whom, drafts of ballots, ballots and words of raters have no table here, and never get one (C4).
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_base import BureauAdmin, ReadOnlyInline, decisions
from assessment.models import (
    Indicator,
    Instrument,
    InstrumentDecision,
    Relation,
    Round,
    RoundDecision,
    RoundSubject,
)
from assessment.services import instruments, rounds

GROUP = "考核评价"


class DraftAdmin(BureauAdmin):
    """Documents that are changed while they are drafted, made and worked on at their own pages."""

    work_group = GROUP
    view_capability = edit_capability = "round.manage"
    may_add = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What isn't a draft any more is looked at."""
        return super().has_change_permission(request, obj) and (obj is None or obj.status == "draft")


class IndicatorInline(ReadOnlyInline):
    """The indicators in their order; they are edited as a tree, on the instrument's page."""

    model = Indicator
    ordering = ("order",)
    fields = ("order", "parent", "name", "kind", "weight", "competence")


@admin.register(Instrument)
class InstrumentAdmin(DraftAdmin):
    """Versions of instruments."""

    work_order = 600
    list_display = ("name", "edition", "unit", "status", "updated_at")
    list_filter = ("status",)
    list_select_related = ("unit",)
    search_fields = ("name",)
    fields = ("unit", "edition", "status", *instruments.EDITABLE)
    readonly_fields = ("unit", "edition")
    inlines = (IndicatorInline, decisions(InstrumentDecision))

    def service_save(self, request: HttpRequest, obj: Instrument, form: Any, change: bool) -> None:
        """Through assessment.services.instruments."""
        changes = {
            name: form.cleaned_data[name] for name in form.changed_data if name in instruments.EDITABLE
        }
        stored = Instrument.objects.get(pk=obj.pk)
        instruments.update_instrument(
            instrument=stored, changes=changes, by=request.user, version=self.seen(request)
        )


class RelationInline(ReadOnlyInline):
    """The relations; they are set together, on the round's page."""

    model = Relation
    ordering = ("id",)
    fields = ("kind", "weight", "anonymous")


@admin.register(Round)
class RoundAdmin(DraftAdmin):
    """Rounds."""

    work_order = 610
    list_display = ("title", "purpose", "unit", "instrument", "status", "opens_at", "closes_at")
    list_filter = ("status", "purpose")
    list_select_related = ("unit", "instrument")
    search_fields = ("title",)
    date_hierarchy = "opens_at"
    fields = ("unit", "status", *rounds.EDITABLE, "words")
    readonly_fields = ("unit", "instrument", "words")
    inlines = (RelationInline, decisions(RoundDecision))

    def service_save(self, request: HttpRequest, obj: Round, form: Any, change: bool) -> None:
        """Through assessment.services.rounds."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in rounds.EDITABLE}
        stored = Round.objects.get(pk=obj.pk)
        rounds.update_round(round=stored, changes=changes, by=request.user, version=self.seen(request))


@admin.register(RoundSubject)
class RoundSubjectAdmin(BureauAdmin):
    """The people rated, to look at; they are chosen on the round's page."""

    work_group, work_order = GROUP, 620
    view_capability = "round.manage"
    edit_capability = ""
    may_add = False
    list_display = ("cadre", "unit", "round")
    list_filter = ("round__status",)
    list_select_related = ("cadre", "unit", "round")
    search_fields = ("cadre__name", "cadre__initials__startswith", "unit__name", "round__title")
    fields = ("round", "cadre", "unit")
