"""What happened to the roster as a whole: imports, mergers of double records, forms that came in; read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from cadres.admin.base import SEALED_SHOWN, ReadOnlyAdmin
from cadres.models import ApprovalForm, CadreMerge, RosterImport
from cadres.services.sight import readable


@admin.register(ApprovalForm)
class ApprovalFormAdmin(ReadOnlyAdmin):
    """What 任免审批表 said beyond the histories; the words on reasons and rewards stay closed."""

    work_order = 278
    view_capability = "cadre.view_sensitive"
    list_display = ("cadre", "post_to_take", "post_to_leave", "reporting_unit", "filled_on", "updated_at")
    list_select_related = ("cadre",)
    search_fields = ("cadre__name", "cadre__initials__startswith", "reporting_unit")
    fields = (
        "cadre", "party_text", "post_text", "title_text", "post_to_take", "post_to_leave", "sealed",
        "reporting_unit", "age_reference", "filled_on", "filled_by", "updated_at",
    )  # fmt: skip
    readonly_fields = ("sealed", "updated_at")

    def visible_rows(self, user: Any, capability: str) -> QuerySet[ApprovalForm]:
        """As for the organisational record: those in scope, never one's own."""
        return readable(ApprovalForm.objects.all(), user, "reserve", capability=capability)

    @admin.display(description="简历、奖惩、考核、任免理由")
    def sealed(self, obj: ApprovalForm) -> str:
        """These words go out in the form alone."""
        return SEALED_SHOWN


@admin.register(RosterImport)
class RosterImportAdmin(ReadOnlyAdmin):
    """Roster imports, to look at: they are worked on at their own page."""

    work_order = 295
    view_capability = "roster.import"
    list_display = ("file", "unit", "uploaded_by", "uploaded_at", "committed_at", "discarded_at")
    list_select_related = ("file", "unit", "uploaded_by")
    list_filter = (("committed_at", admin.EmptyFieldListFilter),)
    search_fields = ("file__name",)
    fields = (
        "file", "unit", "uploaded_by", "uploaded_at", "summary", "previewed_at", "confirmed_at", "committed_at",
        "discarded_at",
    )  # fmt: skip


@admin.register(CadreMerge)
class CadreMergeAdmin(ReadOnlyAdmin):
    """Mergers of two records of one person; they are taken back on their own page."""

    work_order = 296
    view_capability = "cadre.edit"
    list_display = ("gone_name", "kept", "unit", "merged_by", "merged_at", "undone_at")
    list_select_related = ("kept", "unit", "merged_by")
    list_filter = (("undone_at", admin.EmptyFieldListFilter),)
    search_fields = ("gone_name", "kept__name", "kept__initials__startswith")
    date_hierarchy = "merged_at"
    fields = ("kept", "gone_name", "unit", "filled", "merged_by", "merged_at", "undone_by", "undone_at")
