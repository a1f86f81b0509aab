"""The base of the bureau's admin tables: rows and choices in scope, status read-only, exports audited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import Field
from django.http import HttpRequest, HttpResponse
from import_export import resources
from import_export.formats.base_formats import XLSX

from core import audit
from core.admin import ScopedAdmin
from core.calendar import now
from core.errors import NotAllowed

audit.register("admin.export", "从后台导出")


class SafeResource(resources.ModelResource):
    """Columns for an export; a text that a spreadsheet would run as a formula stays a text."""

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        """The cell, neutralised."""
        value = super().export_field(field, instance, **kwargs)
        if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
            return f"'{value}"
        return value


class BureauAdmin(ScopedAdmin):
    """A table of the admin for bureau HR.

    On top of core's ScopedAdmin: choices of related rows are those in scope, and where a child names
    `export_capability` and a `resource_class` the ticked rows can be exported, with an entry in the trail.
    """

    export_capability = ""
    resource_class: type[resources.ModelResource] | None = None
    actions: Any = ("export_ticked",)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Exporting alone, and only for whoever may; nothing is ever deleted in bulk."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        if not (self.resource_class and self.holds(request.user, self.export_capability)):
            found.pop("export_ticked", None)
        return found

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """Related rows to choose from: those the person may see."""
        manager = db_field.remote_field.model._default_manager
        if hasattr(manager, "visible_to"):
            return manager.visible_to(request.user)
        return super().get_field_queryset(db, db_field, request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field | None:
        """Without the buttons that would add, change or delete the related row in a pop-up."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        for name in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            if field is not None and hasattr(field.widget, name):
                setattr(field.widget, name, False)
        return field

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Django's search, without the characters PostgreSQL can't take."""
        return super().get_search_results(request, queryset, search_term.replace("\x00", ""))

    @admin.action(description="导出所选")
    def export_ticked(self, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse:
        """The ticked rows as a workbook; the entry in the trail says how many."""
        rows = self.visible_rows(request.user, self.export_capability).filter(pk__in=queryset.values("pk"))
        if self.resource_class is None or not self.holds(request.user, self.export_capability):
            raise NotAllowed("您没有导出的权限。")
        audit.record(
            "admin.export", by=request.user, note=f"{self.model._meta.verbose_name}，{rows.count()} 条"
        )
        data = XLSX().export_data(self.resource_class().export(rows))
        answer = HttpResponse(data, content_type=XLSX().get_content_type())
        answer["Content-Disposition"] = (
            f'attachment; filename="{self.model._meta.model_name}-{now():%Y%m%d-%H%M}.xlsx"'
        )
        return answer


__all__ = ["BureauAdmin", "SafeResource"]
