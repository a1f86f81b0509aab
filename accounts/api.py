"""The API's units; tokens are core's, and users and grants have no API on purpose."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import IF_MATCH, WriteViewSet
from accounts.models import Unit
from accounts.serializers import (
    MoveSerializer,
    RenameSerializer,
    UnitDetailSerializer,
    UnitSerializer,
    UnitWriteSerializer,
)
from accounts.services import units as verbs
from core.errors import Invalid

_OWN_VERBS = ("name", "kind", "parent")


class UnitApiFilter(filters.FilterSet):
    """Named filters of the list."""

    parent = filters.NumberFilter(field_name="parent_id", label="直接上级单位")
    under = filters.NumberFilter(method="by_under", label="某单位及其全部下级")
    open = filters.BooleanFilter(field_name="valid_to", lookup_expr="isnull", label="未撤销")

    class Meta:
        model = Unit
        fields = ["kind", "stage", "code", "is_rural", "is_weak", "cluster"]

    def by_under(self, rows: Any, name: str, value: Any) -> Any:
        """A unit in view and everything below it."""
        top = Unit.objects.visible_to(self.request.user).filter(pk=int(value)).first()
        return rows.below(top.path) if top else rows.none()


# What is written is answered as it is read: the bureau itself has no unit above it.
@extend_schema_view(
    create=extend_schema(responses={201: UnitSerializer}),
    partial_update=extend_schema(responses=UnitSerializer),
)
class UnitViewSet(WriteViewSet):
    """Units in view; whoever maintains units creates and changes them."""

    queryset = Unit.objects.select_related("parent")
    serializer_class = UnitSerializer
    write_serializer_class = UnitWriteSerializer
    view_capability = "unit.view"
    edit_capability = "unit.edit"
    filterset_class = UnitApiFilter
    search_fields = ("name", "=initials", "^code")
    ordering_fields = ("path", "name", "code", "updated_at")
    ordering = ("path",)
    http_method_names = ("get", "post", "patch", "head", "options")

    def get_serializer_class(self) -> Any:
        """A single unit comes with its names."""
        if self.action == "retrieve":
            return UnitDetailSerializer
        return {"rename": RenameSerializer, "move": MoveSerializer}.get(
            self.action, super().get_serializer_class()
        )

    def service_create(self, data: dict[str, Any]) -> Unit:
        """See accounts.services.units.create_unit."""
        return verbs.create_unit(by=self.request.user, **data)

    def service_update(self, obj: Unit, data: dict[str, Any]) -> Unit:
        """See accounts.services.units.update_unit; name and place have their own verbs."""
        foreign = [name for name in _OWN_VERBS if name in data]
        if foreign:
            sentence = "更名请用 rename，调整隶属请用 move，类别不能修改。"
            raise Invalid(sentence, errors={name: [sentence] for name in foreign})
        return verbs.update_unit(by=self.request.user, unit=obj, changes=data)

    @extend_schema(request=RenameSerializer, responses=UnitSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def rename(self, request: Request, pk: str = "") -> Response:
        """Give the unit a new name from a day on."""
        return self._take(request, lambda unit, data: verbs.rename_unit(by=request.user, unit=unit, **data))

    @extend_schema(request=MoveSerializer, responses=UnitSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str = "") -> Response:
        """Hang the unit, with everything below it, under another."""
        return self._take(request, lambda unit, data: verbs.move_unit(by=request.user, unit=unit, **data))

    def _take(self, request: Request, verb: Any) -> Response:
        with transaction.atomic():
            unit = self.locked_object()
            serializer = self.get_serializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            unit = verb(unit, serializer.validated_data)
            self.check_still_in_reach(unit)
        self.tagged = unit
        return Response(self.shown(unit))


router_entries = [("units", UnitViewSet)]
