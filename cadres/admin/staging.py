"""The staged rows of imports, to find one by name or place; they are worded, answered and confirmed on their page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cadres.admin.base import PeopleSearch, ReadOnlyAdmin
from cadres.models import CollectionRow, RosterImport, RosterImportRow


class OutcomeFilter(admin.SimpleListFilter):
    """What became of a row."""

    title, parameter_name = "结果", "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """The verdicts of the preview."""
        return RosterImportRow.Status.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of one verdict."""
        return queryset.filter(verdict=self.value()) if self.value() else queryset


class StagedRowAdmin(ReadOnlyAdmin):
    """Where a row stands in which file, whose it is and what became of it.

    What else the cells say isn't shown here: identity numbers and histories lie in envelopes, and the preview words
    and masks them by the reader's level. The rows go when the import is tidied away.
    """

    view_capability = "roster.import"
    list_display: Any = ("place", "outcome", "name", "unit_text", "file", "uploaded_at")
    list_select_related = ("roster_import__file",)
    list_filter: Any = (OutcomeFilter, "roster_import__kind")
    search_fields = ("name", "unit_text", "sheet", "roster_import__file__name")
    ordering = ("-roster_import_id", "verdict", "ordinal")
    owner = ""
    fields: Any = ("file", "place", "outcome", "name", "unit_text", "uploaded_at", "preview")
    readonly_fields = ("file", "place", "outcome", "uploaded_at", "preview")

    def visible_rows(self, user: Any, capability: str) -> QuerySet[Any]:
        """Those of imports in scope."""
        imports = RosterImport.objects.visible_to(user, capability).order_by().values("pk")
        rows: QuerySet[Any] = self.model.objects.filter(roster_import__in=imports)
        return rows.select_related(*self.list_select_related)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """By what the row says: nobody on the roster need stand behind it."""
        return super(PeopleSearch, self).get_search_results(request, queryset, search_term)

    @admin.display(description="位置", ordering="ordinal")
    def place(self, obj: Any) -> str:
        """Sheet and row, as Excel counts them; of forms the file and its number."""
        word = "份" if obj.roster_import.kind == RosterImport.Kind.FORMS else "行"
        return f"{obj.sheet} 第 {obj.row} {word}"

    @admin.display(description="结果", ordering="verdict")
    def outcome(self, obj: Any) -> str:
        """The verdict in words."""
        return str(obj.get_verdict_display())

    @admin.display(description="文件", ordering="roster_import__file__name")
    def file(self, obj: Any) -> str:
        """The file it was read from."""
        return str(obj.roster_import.file)

    @admin.display(description="上传时间", ordering="roster_import__uploaded_at")
    def uploaded_at(self, obj: Any) -> Any:
        """When the file came."""
        return obj.roster_import.uploaded_at

    @admin.display(description="内容")
    def preview(self, obj: Any) -> SafeString:
        """Where the row is looked at."""
        address = reverse("cadre-import-detail", args=[obj.roster_import_id])
        return format_html('<a href="{}?show={}">打开导入页面</a>', address, obj.verdict)


@admin.register(RosterImportRow)
class RosterImportRowAdmin(StagedRowAdmin):
    """Rows of rosters and forms."""

    work_order = 297


@admin.register(CollectionRow)
class CollectionRowAdmin(StagedRowAdmin):
    """Rows of workbooks of histories."""

    work_order = 298
