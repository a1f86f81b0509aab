"""The admin's annual reports: one's own, to look up."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin_base import BureauAdmin
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
