"""The admin's units; users, grants and groups are not here, nobody edits them in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export import resources

from accounts.admin_base import BureauAdmin, SafeResource
from accounts.models import Unit
from accounts.services import units as verbs

_FIXED = ("name", "kind", "parent")


class UnitResource(SafeResource, resources.ModelResource):
    """Columns of an exported unit."""

    class Meta:
        model = Unit
        fields = (
            "code",
            "name",
            "kind",
            "parent__name",
            "stage",
            "cluster",
            "headcount",
            "valid_from",
            "valid_to",
        )


@admin.register(Unit)
class UnitAdmin(BureauAdmin):
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
            verbs.update_unit(by=request.user, unit=Unit.objects.get(pk=obj.pk), changes=changes)
            return
        saved = verbs.create_unit(
            by=request.user, **{name: given[name] for name in (*_FIXED, *verbs.EDITABLE)}
        )
        obj.pk, obj.path = saved.pk, saved.path
