"""Ticked rows as a workbook: neutralised, noted in the trail; what is sensitive with a reason and a mark on top."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from import_export import resources
from import_export.formats.base_formats import XLSX

from core import audit
from core.calendar import now
from core.errors import NotAllowed
from core.files import disposition
from core.sheets.books import BookColumn, BookSheet, write_book

audit.register("admin.export", "从后台导出")
audit.register("admin.export_sensitive", "从后台导出（含敏感信息）")

MOST_ROWS = 10_000
SHORTEST_REASON = 4


class SafeResource(resources.ModelResource):
    """Columns for an export; a text that a spreadsheet would run as a formula stays a text."""

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        """The cell, neutralised."""
        value = super().export_field(field, instance, **kwargs)
        if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
            return f"'{value}"
        return value


class Exporting(admin.ModelAdmin):
    """A table whose ticked rows leave as a workbook.

    `export_capability` and `resource_class` open the action. Where `is_sensitive` says so (level C3) nothing
    leaves without a reason, and the workbook tells on top who took it along, when and what for.
    """

    export_capability = ""
    resource_class: type[resources.ModelResource] | None = None
    is_sensitive = False

    @property
    def may_leave(self) -> bool:
        """Whether this table has an export at all."""
        return bool(self.resource_class and self.export_capability)

    def export_fields(self) -> dict[str, forms.Field]:
        """What is asked beside the action: a reason where what leaves is sensitive."""
        if not (self.may_leave and self.is_sensitive):
            return {}
        return {"reason": forms.CharField(label="用途（导出时必填）", required=False, max_length=200)}

    @admin.action(description="导出所选")
    def export_ticked(self, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse | None:
        """The ticked rows as a workbook; the entry in the trail says how many, and what for."""
        if self.resource_class is None or not self.holds(request.user, self.export_capability):  # type: ignore[attr-defined]
            raise NotAllowed("您没有导出的权限。")
        allowed = self.visible_rows(request.user, self.export_capability)  # type: ignore[attr-defined]
        rows = allowed.filter(pk__in=queryset.order_by().values("pk"))
        count, reason = rows.count(), " ".join(request.POST.get("reason", "").split())
        if not count:
            self.message_user(request, "所选的记录您不能导出，没有导出。", messages.ERROR)
            return None
        if count > MOST_ROWS:
            sentence = f"一次最多导出 {MOST_ROWS:,} 条，现在选中了 {count:,} 条，请用筛选缩小范围。"
            self.message_user(request, sentence, messages.ERROR)
            return None
        if self.is_sensitive and len(reason) < SHORTEST_REASON:
            sentence = f"没有导出：这些内容保密，导出须写明用途，至少 {SHORTEST_REASON} 个字。"
            self.message_user(request, sentence, messages.ERROR)
            return None
        noted = f"{self.opts.verbose_name}，{count} 条"
        audit.record(
            "admin.export_sensitive" if self.is_sensitive else "admin.export", by=request.user,
            note=f"{noted}，用途：{reason}" if self.is_sensitive else noted,
        )  # fmt: skip
        answer = HttpResponse(self._workbook(request, rows, reason), content_type=XLSX().get_content_type())
        answer["Content-Disposition"] = disposition(f"{self.opts.verbose_name}_{now():%Y%m%d_%H%M}.xlsx")
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Cache-Control"] = "private, no-store"
        return answer

    def _workbook(self, request: HttpRequest, rows: QuerySet[Model], reason: str) -> bytes:
        assert self.resource_class is not None
        found = self.resource_class().export(rows)
        if not self.is_sensitive:
            return XLSX().export_data(found)
        mark = (
            f"{request.user.get_short_name()} 于 {now():%Y-%m-%d %H:%M} 导出，含保密内容，用途：{reason}。"
            "请妥善保管，不得外传。"
        )
        columns = [BookColumn(str(title), 18) for title in found.headers or ()]
        content = io.BytesIO()
        write_book(content, [BookSheet(str(self.opts.verbose_name), columns, list(found), notes=(mark,))])
        return content.getvalue()
