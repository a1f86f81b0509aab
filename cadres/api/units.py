"""What the roster adds to the API's units: merging, splitting, closing them with their people, taking that back."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import path
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import IF_MATCH, ReadViewSet, ScopedViewSet
from accounts.models import Unit
from accounts.serializers import UnitSerializer
from accounts.services.units import lock_unit
from cadres.models import Reorganisation
from cadres.serializers.verbs import (
    CloseSerializer,
    ConsequencesSerializer,
    MergeSerializer,
    MovedSerializer,
    SplitSerializer,
    UnitChangeSerializer,
)
from cadres.services import reorganising
from cadres.services.consequences import Consequence
from cadres.services.undoing import undo_reorganisation
from cadres.services.units import close_unit, preview_close
from core.api.viewsets import require_match


def _or_preview(name: str, serializer: Any) -> PolymorphicProxySerializer:
    """What a verb answers: what it did, or with `preview` what it would do."""
    return PolymorphicProxySerializer(
        component_name=f"{name}OrConsequences", serializers=[serializer, ConsequencesSerializer],
        resource_type_field_name=None,
    )  # fmt: skip


_MOVED = _or_preview("Moved", MovedSerializer)


class UnitVerbs(ScopedViewSet):
    """Changes of a unit that move its people; the unit itself is a resource of accounts."""

    queryset = Unit.objects.all()
    serializer_class = UnitSerializer
    view_capability = "unit.view"
    edit_capability = "unit.edit"

    @extend_schema(request=MergeSerializer, responses=_MOVED, parameters=[IF_MATCH])
    def merge(self, request: Request, pk: int = 0) -> Response:
        """Merge the unit into another and close it: its people, posts and appointments go over."""
        with transaction.atomic():
            unit, data, is_preview = self.asked(MergeSerializer)
            if is_preview:
                return _foretold(reorganising.preview_merge(by=request.user, unit=unit, **data))
            moved = reorganising.merge_units(by=request.user, unit=unit, **data)
        return Response(MovedSerializer(moved).data)

    @extend_schema(request=SplitSerializer, responses=_MOVED, parameters=[IF_MATCH])
    def split(self, request: Request, pk: int = 0) -> Response:
        """Split some people of the unit off to another."""
        with transaction.atomic():
            unit, data, is_preview = self.asked(SplitSerializer)
            if is_preview:
                return _foretold(reorganising.preview_split(by=request.user, unit=unit, **data))
            moved = reorganising.split_unit(by=request.user, unit=unit, **data)
        return Response(MovedSerializer(moved).data)

    @extend_schema(
        request=CloseSerializer, responses=_or_preview("Unit", UnitSerializer), parameters=[IF_MATCH]
    )
    def close(self, request: Request, pk: int = 0) -> Response:
        """Close the unit, once nobody is left there."""
        with transaction.atomic():
            unit, data, is_preview = self.asked(CloseSerializer)
            heir = data.pop("successor", None)
            values = {"by": request.user, "unit": unit, "successors": [heir] if heir else [], **data}
            if is_preview:
                return _foretold(preview_close(**values))
            unit = close_unit(**values)
        self.tagged = unit
        return Response(UnitSerializer(unit, context=self.get_serializer_context()).data)

    def asked(self, serializer_class: Any) -> tuple[Unit, dict[str, Any], bool]:
        """The unit of the address, compared with If-Match under the lock; what was sent; whether to foretell only."""
        unit = lock_unit(self.get_object())
        require_match(self.request, unit)
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        self.tagged = None
        data = serializer.validated_data
        return unit, data, data.pop("preview")


def _foretold(told: list[Consequence]) -> Response:
    return Response(ConsequencesSerializer({"consequences": [each.text for each in told]}).data)


class UnitChangeFilter(filters.FilterSet):
    """Named filters of the list of changes."""

    unit = filters.NumberFilter(method="by_unit", label="单位（转出或承接）")
    undone = filters.BooleanFilter(field_name="undone_at", lookup_expr="isnull", exclude=True, label="已撤回")

    class Meta:
        model = Reorganisation
        fields = ["kind"]

    def by_unit(self, rows: Any, name: str, value: Any) -> Any:
        """Changes that a unit was part of, on either side."""
        key = min(int(value), 2**62)
        return rows.filter(Q(unit=key) | Q(into=key))


class UnitChangeViewSet(ReadViewSet):
    """Mergers, splits and closings of the units in view, newest last; one that stands may be taken back."""

    queryset = Reorganisation.objects.select_related("unit", "into").annotate(
        changed_at=Coalesce("undone_at", "made_at")
    )
    serializer_class = UnitChangeSerializer
    view_capability = "unit.view"
    edit_capability = "unit.edit"
    updated_field = "changed_at"
    filterset_class = UnitChangeFilter
    ordering_fields = ("id", "on", "made_at")

    @extend_schema(request=None, responses=UnitChangeSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str = "") -> Response:
        """Take the change back; 409 when people have been moved or appointed since."""
        change = undo_reorganisation(change=self.get_object(), by=request.user)
        self.tagged = change
        return Response(self.get_serializer(change).data)


def _verb(name: str) -> Any:
    view = UnitVerbs.as_view({"post": name})
    return path(f"units/<int:pk>/{name}/", view, name=f"api-units-{name}")


urlpatterns = [_verb(name) for name in ("merge", "split", "close")]
