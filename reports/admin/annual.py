"""Annual reports one asked for, to look up; they are asked for and fetched on their page."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin_base import BureauAdmin
from reports.models import AnnualReport

GROUP = "报表"


@admin.register(AnnualReport)
class AnnualReportAdmin(BureauAdmin):
    """One's own annual reports: nobody else opens them, since a report holds what its asker may see."""

    work_group, work_order = GROUP, 600
    view_capability = "report.annual"
    may_add = False
    list_display = ("unit", "year", "as_of", "requested_by", "requested_at")
    list_filter = ("year",)
    list_select_related = ("unit", "requested_by")
    search_fields = ("unit__name", "unit__initials__startswith")
    fields = ("unit", "year", "as_of", "requested_by", "requested_at", "file")
