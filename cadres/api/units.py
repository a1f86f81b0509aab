"""What the roster adds to the API's units: merging, splitting, closing them with their people."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import IF_MATCH, ScopedViewSet
from accounts.models import Unit
from accounts.serializers import UnitSerializer
from accounts.services.units import lock_unit
from cadres.serializers.verbs import CloseSerializer, MergeSerializer, MovedSerializer, SplitSerializer
from cadres.services import reorganising
from cadres.services.units import close_unit
from core.api.viewsets import require_match


class UnitChangeViewSet(ScopedViewSet):
    """Changes of a unit that move its people; the unit itself is a resource of accounts."""

    queryset = Unit.objects.all()
    serializer_class = UnitSerializer
    view_capability = "unit.view"
    edit_capability = "unit.edit"

    @extend_schema(request=MergeSerializer, responses=MovedSerializer, parameters=[IF_MATCH])
    def merge(self, request: Request, pk: int = 0) -> Response:
        """Merge the unit into another and close it: its people, posts and appointments go over."""
        with transaction.atomic():
            unit, data = self.asked(MergeSerializer)
            moved = reorganising.merge_units(by=request.user, unit=unit, **data)
        return Response(MovedSerializer(moved).data)

    @extend_schema(request=SplitSerializer, responses=MovedSerializer, parameters=[IF_MATCH])
    def split(self, request: Request, pk: int = 0) -> Response:
        """Split some people of the unit off to another."""
        with transaction.atomic():
            unit, data = self.asked(SplitSerializer)
            moved = reorganising.split_unit(by=request.user, unit=unit, **data)
        return Response(MovedSerializer(moved).data)

    @extend_schema(request=CloseSerializer, responses=UnitSerializer, parameters=[IF_MATCH])
    def close(self, request: Request, pk: int = 0) -> Response:
        """Close the unit, once nobody is left there."""
        with transaction.atomic():
            unit, data = self.asked(CloseSerializer)
            heir = data.get("successor")
            unit = close_unit(by=request.user, unit=unit, on=data["on"], successors=[heir] if heir else [])
        self.tagged = unit
        return Response(UnitSerializer(unit, context=self.get_serializer_context()).data)

    def asked(self, serializer_class: Any) -> tuple[Unit, dict[str, Any]]:
        """The unit of the address, compared with If-Match under the lock, and what came with the request."""
        unit = lock_unit(self.get_object())
        require_match(self.request, unit)
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        self.tagged = None
        return unit, serializer.validated_data


def _verb(name: str) -> Any:
    view = UnitChangeViewSet.as_view({"post": name})
    return path(f"units/<int:pk>/{name}/", view, name=f"api-units-{name}")


urlpatterns = [_verb(name) for name in ("merge", "split", "close")]
