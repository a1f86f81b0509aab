"""The admin's units; users, grants and groups are not here, nobody edits them in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export.fields import Field

from accounts.admin_base import ConfigResource, ImportingAdmin
from accounts.admin_base.resources import RowCell, column
from accounts.models import Unit
from accounts.services import units as verbs
from core.errors import Invalid

_FIXED = ("name", "kind", "parent")


class UnitResource(ConfigResource):
    """Units as a workbook, both ways; a unit is found by its code, the one above it by its own."""

    code = column(Unit, "code")
    name = column(Unit, "name")
    kind = column(Unit, "kind")
    parent = column(Unit, "parent", RowCell(Unit.objects.all, "code", "上级单位"), "上级单位编码")
    parent_name = Field(attribute="parent__name", column_name="上级单位名称", readonly=True)
    stage = column(Unit, "stage")
    is_rural = column(Unit, "is_rural")
    is_weak = column(Unit, "is_weak")
    cluster = column(Unit, "cluster")
    headcount = column(Unit, "headcount")
    valid_from = column(Unit, "valid_from")
    valid_to = Field(attribute="valid_to", column_name="撤销日期", readonly=True)

    class Meta:
        model = Unit
        fields = ("code", "name", "kind", "parent", "parent_name", *verbs.EDITABLE[1:], "valid_to")
        import_id_fields = ("code",)

    def get_queryset(self) -> QuerySet[Unit]:
        """Those the importer may change."""
        return Unit.objects.visible_to(self.by, "unit.edit")

    def write(self, instance: Any, stored: Any, changed: tuple[str, ...]) -> None:
        """Through the services; what has a verb of its own isn't changed by a workbook."""
        if stored is None:
            names = ("code", *_FIXED, *verbs.EDITABLE[1:])
            verbs.create_unit(by=self.by, **{name: getattr(instance, name) for name in names})
            return
        fixed = [name for name in changed if name in _FIXED]
        if fixed:
            sentence = "已有的单位不能这样修改，请在单位页面更名或调整隶属。"
            raise Invalid(sentence, errors={name: [sentence] for name in fixed})
        verbs.update_unit(
            by=self.by, unit=stored, changes={name: getattr(instance, name) for name in changed}
        )


@admin.register(Unit)
class UnitAdmin(ImportingAdmin):
    """Units: plain facts are corrected here; names and places have their own pages in the portal."""

    view_capability = "unit.view"
    edit_capability = "unit.edit"
    export_capability = "unit.edit"
    resource_class = UnitResource
    work_group = "单位与岗位"
    work_order = 10
    list_display = ("name", "kind", "stage", "parent", "code", "headcount", "valid_to")
    list_filter = ("kind", "stage", "is_rural", "is_weak")
    list_select_related = ("parent",)
    search_fields = ("name", "initials", "code")
    ordering = ("path",)
    autocomplete_fields = ("parent",)
    fields = (*_FIXED, *verbs.EDITABLE, "valid_to")

    def get_readonly_fields(self, request: HttpRequest, obj: Unit | None = None) -> Any:
        """What has a verb of its own can be set once, when the unit is made."""
        fixed = _FIXED if obj is not None else ()
        return (*super().get_readonly_fields(request, obj), "valid_to", *fixed)

    def service_save(self, request: HttpRequest, obj: Unit, form: Any, change: bool) -> None:
        """Through the services."""
        given = form.cleaned_data
        if change:
            changes = {name: given[name] for name in form.changed_data}
            stored = Unit.objects.get(pk=obj.pk)
            verbs.update_unit(by=request.user, unit=stored, changes=changes, version=self.seen(request))
            return
        saved = verbs.create_unit(
            by=request.user, **{name: given[name] for name in (*_FIXED, *verbs.EDITABLE)}
        )
        obj.pk, obj.path = saved.pk, saved.path
