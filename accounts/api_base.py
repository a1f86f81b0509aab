"""The base of every scoped API resource: 404 outside one's scope, 403 inside it, writes re-checked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from core.api import viewsets
from core.api.viewsets import require_match
from core.calendar import ZONE, start_of_day
from core.errors import Invalid, NotAllowed

IN_VIEW_ONLY = "您可以查看，但没有办理此事的权限。"
LEFT_SCOPE = "保存后这条记录不在您的管理范围内，没有保存。"

UPDATED_SINCE = OpenApiParameter(
    "updated_since", OpenApiTypes.DATETIME, description="只要这一时刻（含）之后改过的记录，用于增量拉取。"
)
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="读到的 ETag；已被他人修改时返回 412。"
)


def given(serializer_class: type[BaseSerializer], request: Request) -> dict[str, Any]:
    """Check a request's body by a serializer and return its values."""
    serializer = serializer_class(data=request.data, context={"request": request})
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def pick(rows: QuerySet[Any], key: int | None, name: str) -> Any:
    """Return the row that a body names by its id; raises Invalid with the field at fault."""
    found = rows.filter(pk=key).first()
    if found is None:
        raise Invalid(f"没有找到编号为 {key} 的记录。", errors={name: ["没有找到，或者不在您的权限范围内。"]})
    return found


class ScopedViewSet(viewsets.ScopedViewSet):
    """Rows the person may see, by the manager's `visible_to(user, view_capability)`.

    A child names `queryset`, `serializer_class`, `view_capability`, and for writing `edit_capability` or
    `capabilities = {"action": "capability"}`. A row in view that the action's capability doesn't reach
    answers 403, one out of view 404. Lists take `updated_since` where the rows have `updated_field` ("" for none).
    """

    updated_field = "updated_at"
    lookup_value_regex = r"\d{1,18}"
    ordering_fields: Any = ("id",)
    ordering: Any = ("id",)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The filters, `updated_since`, and a last key that makes every order certain."""
        rows = super().filter_queryset(queryset)
        since = self.request.query_params.get("updated_since") if self.updated_field else None
        if since and self.action == "list":
            rows = rows.filter(**{f"{self.updated_field}__gte": moment(since)})
        return rows.order_by(*rows.query.order_by, "pk")

    def get_object(self) -> Any:
        """The row of the address, which the action's capability must reach."""
        obj = super().get_object()
        self.check_reach(obj)
        return obj

    def check_reach(self, obj: Any) -> None:
        """Raise NotAllowed for a row in view that isn't theirs to treat so."""
        if not self.in_reach(obj, self.capability()):
            raise NotAllowed(IN_VIEW_ONLY)

    def in_reach(self, obj: Any, capability: str) -> bool:
        """Whether the row is in the person's scope for a capability."""
        if capability == self.view_capability and self.request.method in SAFE_METHODS:
            return True
        rows = type(obj)._default_manager.visible_to(self.request.user, capability)
        return rows.filter(pk=obj.pk).exists()

    def locked_object(self) -> Any:
        """The row locked for a change, its version compared with If-Match; call it in a transaction."""
        obj = self.get_object()
        locked = type(obj)._default_manager.select_for_update(of=("self",)).get(pk=obj.pk)
        require_match(self.request, locked)
        self.tagged = locked
        return locked

    def check_still_in_reach(self, obj: Any) -> None:
        """Raise NotAllowed, and so undo the write, when the row has left the writer's own scope."""
        rows = type(obj)._default_manager.visible_to(self.request.user, self.capability())
        if not rows.filter(pk=obj.pk).exists():
            raise NotAllowed(LEFT_SCOPE)


class ReadViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """A resource that is read here and written elsewhere."""

    @extend_schema(parameters=[UPDATED_SINCE])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The rows in view."""
        return super().list(request, *args, **kwargs)


class WriteViewSet(ReadViewSet):
    """A resource that is created and changed through services.

    A child names `write_serializer_class` and defines `service_create(data)` and
    `service_update(obj, data)`; each returns the row. Both run in one transaction with the re-check.
    """

    write_serializer_class: type[BaseSerializer] | None = None

    def get_serializer_class(self) -> type[BaseSerializer]:
        """Rows are read by one serializer and written by another."""
        if self.action in ("create", "partial_update") and self.write_serializer_class is not None:
            return self.write_serializer_class
        return super().get_serializer_class()

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Create a row through the service; 201 with the row as it is read."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            obj = self.service_create(serializer.validated_data)
            self.check_still_in_reach(obj)
        self.tagged = obj
        return Response(self.shown(obj), status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[IF_MATCH])
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a row through the service; If-Match guards against a colleague's change."""
        with transaction.atomic():
            obj = self.locked_object()
            serializer = self.get_serializer(obj, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            obj = self.service_update(obj, serializer.validated_data)
            self.check_still_in_reach(obj)
        self.tagged = obj
        return Response(self.shown(obj))

    def service_create(self, data: dict[str, Any]) -> Any:
        """Hook: the service that creates; returns the row."""
        raise NotImplementedError

    def service_update(self, obj: Any, data: dict[str, Any]) -> Any:
        """Hook: the service that changes; returns the row."""
        raise NotImplementedError

    def shown(self, obj: Any) -> Any:
        """The row as it is read."""
        if self.serializer_class is None:
            raise TypeError(f"{type(self).__name__} names no serializer_class")
        return self.serializer_class(obj, context=self.get_serializer_context()).data


def moment(text: str) -> dt.datetime:
    """Read the moment of `updated_since`: a date means its start, a time without zone is Shanghai's.

    Raises Invalid for anything else.
    """
    try:
        # A plus sign that a caller forgot to encode arrives as a blank.
        given = parse_datetime(text.replace(" ", "+") if "T" in text else text)
        day = parse_date(text) if given is None or len(text) <= len("2026-01-01") else None
        if day is not None:
            return start_of_day(day)
        if given is not None:
            return given if given.tzinfo else given.replace(tzinfo=ZONE)
    except (ValueError, OverflowError):
        pass
    raise Invalid(
        "时间的格式不对。", errors={"updated_since": ["应为 2026-03-01T08:00:00+08:00 这样的时间。"]}
    )
