"""Saved queries and column templates: one's own and what colleagues share; built on the query page, tidied here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin_base import BureauAdmin
from cadres.facts import FACTS
from cadres.sheets.exporting import COLUMNS
from reports.admin.annual import GROUP
from reports.models import ColumnChoice, SavedQuery
from reports.queries.saving import (
    FACT_PREFIX,
    delete_columns,
    delete_query,
    share_query,
    words_of,
)


@admin.register(SavedQuery)
class SavedQueryAdmin(BureauAdmin):
    """Queries as `visible_to` gives them; conditions alone, never a result. Only one's own are shared or deleted."""

    work_group, work_order = GROUP, 630
    view_capability = "cadre.view"
    may_add = False
    list_display = ("name", "owner", "unit", "is_shared", "people", "within", "updated_at")
    list_filter = ("is_shared", "people")
    list_select_related = ("owner", "unit", "within")
    search_fields = ("name", "owner__name", "unit__name", "unit__initials__startswith")
    fields = (
        "name", "words", "owner", "unit", "is_shared", "within", "as_of", "people", "created_at", "updated_at", "page",
    )  # fmt: skip
    readonly_fields = ("words", "page", "created_at", "updated_at")
    actions = ("share_ticked", "unshare_ticked", "delete_ticked")

    @admin.display(description="条件")
    def words(self, obj: SavedQuery) -> str:
        """What it asks, in words."""
        return words_of(obj)

    @admin.display(description="运行")
    def page(self, obj: SavedQuery) -> SafeString:
        """Where it is run and changed."""
        return format_html('<a href="{}">打开查询</a>', reverse("query-run", args=[obj.pk]))

    @admin.action(description="与本单位共享所选")
    def share_ticked(self, request: HttpRequest, queryset: QuerySet[SavedQuery]) -> None:
        """Through reports.queries.saving."""
        self.take_each(
            request, queryset, lambda row: share_query(saved=row, is_shared=True, by=request.user), "已共享"
        )

    @admin.action(description="停止共享所选")
    def unshare_ticked(self, request: HttpRequest, queryset: QuerySet[SavedQuery]) -> None:
        """Through reports.queries.saving."""
        self.take_each(
            request,
            queryset,
            lambda row: share_query(saved=row, is_shared=False, by=request.user),
            "已停止共享",
        )

    @admin.action(description="删除所选（只限自己建立的）")
    def delete_ticked(self, request: HttpRequest, queryset: QuerySet[SavedQuery]) -> None:
        """Through reports.queries.saving."""
        self.take_each(request, queryset, lambda row: delete_query(saved=row, by=request.user), "已删除")


@admin.register(ColumnChoice)
class ColumnChoiceAdmin(BureauAdmin):
    """One's own column templates; they are saved where an export is made."""

    work_group, work_order = GROUP, 640
    view_capability = "roster.export"
    may_add = False
    list_display = ("name", "words", "updated_at")
    search_fields = ("name",)
    fields = ("name", "words", "updated_at")
    readonly_fields = ("words", "updated_at")
    actions = ("delete_ticked",)

    def visible_rows(self, user: Any, capability: str) -> QuerySet[ColumnChoice]:
        """One's own."""
        rows = ColumnChoice.objects.owned_by(user)
        return rows if self.holds(user, capability) else rows.none()

    @admin.display(description="列")
    def words(self, obj: ColumnChoice) -> str:
        """The columns by their headings."""
        return "、".join(_heading(name) for name in obj.columns)

    @admin.action(description="删除所选")
    def delete_ticked(self, request: HttpRequest, queryset: QuerySet[ColumnChoice]) -> None:
        """Through reports.queries.saving."""
        self.take_each(request, queryset, lambda row: delete_columns(choice=row, by=request.user), "已删除")


def _heading(name: str) -> str:
    if name.startswith(FACT_PREFIX):
        fact = FACTS.get(name[len(FACT_PREFIX) :])
        return fact.label if fact else "已取消的指标"
    return COLUMNS.get(name, "已取消的列")
