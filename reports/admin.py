"""The admin of the reports: one's own annual reports to look up; norms and the retirement schedule to edit."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin_base import BureauAdmin, SafeResource
from cadres.models import Norm, RetirementRule
from reports.models import AnnualReport


@admin.register(AnnualReport)
class AnnualReportAdmin(BureauAdmin):
    """Annual reports one asked for; they are asked for and fetched on their page."""

    work_group, work_order = "报表", 600
    view_capability = "report.annual"
    may_add = False
    list_display = ("unit", "year", "as_of", "requested_by", "requested_at")
    list_filter = ("year",)
    list_select_related = ("unit", "requested_by")
    search_fields = ("unit__name",)
    fields = ("unit", "year", "as_of", "requested_by", "requested_at", "file")


class RuleResource(SafeResource):
    """The retirement schedule as a workbook."""

    class Meta:
        model = RetirementRule
        fields = ("category", "start", "step_months", "most_months", "basis", "is_unverified")


@admin.register(RetirementRule)
class RetirementRuleAdmin(BureauAdmin):
    """The schedule of retirement: a change of the law is a further row with its own first month."""

    work_group, work_order = "报表", 620
    view_capability = "cadre.view"
    edit_capability = export_capability = "cadre.edit"
    resource_class = RuleResource
    list_display = ("category", "start", "step_months", "most_months", "is_unverified", "basis")
    list_filter = ("category", "is_unverified")
    search_fields = ("basis",)
    fields = ("category", "start", "step_months", "most_months", "basis", "is_unverified")


class NormResource(SafeResource):
    """Norms as a workbook."""

    class Meta:
        model = Norm
        fields = (
            "measure", "population", "unit_kind", "stage", "direction", "limit", "basis", "is_unverified",
            "start", "end",
        )  # fmt: skip


@admin.register(Norm)
class NormAdmin(BureauAdmin):
    """Norms of structure; one that no longer applies is ended, so that earlier days keep theirs."""

    work_group, work_order = "报表", 610
    view_capability = "cadre.view"
    edit_capability = export_capability = "cadre.edit"
    resource_class = NormResource
    list_display = (
        "measure", "population", "unit_kind", "stage", "direction", "limit", "start", "end", "is_unverified",
    )  # fmt: skip
    list_filter = ("population", "measure", "unit_kind", "stage", "is_unverified")
    search_fields = ("basis",)
    fields = (
        "measure", "population", "unit_kind", "stage", "direction", "limit", "start", "end", "basis",
        "is_unverified",
    )  # fmt: skip
