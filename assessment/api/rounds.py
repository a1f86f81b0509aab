"""Instruments and rounds: made, prepared, opened, extended, closed, published."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer as AnySerializer

from accounts.api_base import WriteViewSet, given, pick
from accounts.models import Unit, User
from assessment import serializers as shapes
from assessment.models import Instrument, Round
from assessment.services import instruments, invitations, rounds
from cadres.models import Cadre
from core.api.viewsets import require_match
from core.errors import Invalid
from programs.serializers import CommentSerializer


class InstrumentViewSet(WriteViewSet):
    """Instruments: versions of weighted indicators, frozen once published."""

    queryset = Instrument.objects.select_related("unit")
    serializer_class = shapes.InstrumentDetailSerializer
    view_capability = "round.view"
    edit_capability = "round.manage"
    filterset_fields = ("status", "unit", "name")
    search_fields = ("name",)
    ordering_fields = ("name", "edition", "updated_at")

    def get_serializer_class(self) -> type[AnySerializer]:
        """Short rows in lists, the indicators with one."""
        shape = {
            "list": shapes.InstrumentSerializer,
            "create": shapes.InstrumentWriteSerializer,
            "partial_update": shapes.InstrumentEditSerializer,
        }
        return shape.get(self.action, self.serializer_class)

    def service_create(self, data: dict[str, Any]) -> Instrument:
        """Begin a draft."""
        unit = pick(Unit.objects.visible_to(self.request.user, "round.manage"), data.pop("unit"), "unit")
        return instruments.create_instrument(unit=unit, by=self.request.user, **data)

    def service_update(self, obj: Instrument, data: dict[str, Any]) -> Instrument:
        """Change a draft."""
        return instruments.update_instrument(instrument=obj, changes=data, by=self.request.user)

    @extend_schema(request=shapes.IndicatorsSerializer, responses=shapes.InstrumentDetailSerializer)
    @action(detail=True, methods=["post"])
    def indicators(self, request: Request, pk: str | None = None) -> Response:
        """Replace the indicators of a draft as a whole."""
        rows = given(shapes.IndicatorsSerializer, request)["indicators"]
        with transaction.atomic():
            instrument = self.locked_object()
            instruments.set_indicators(instrument=instrument, rows=rows, by=request.user)
        return Response(self.shown(instrument))

    @extend_schema(request=CommentSerializer, responses=shapes.InstrumentDetailSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str | None = None) -> Response:
        """Freeze the version for use."""
        return self._take("publish")

    @extend_schema(request=CommentSerializer, responses=shapes.InstrumentDetailSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str | None = None) -> Response:
        """Offer the version no more."""
        return self._take("retire")

    @extend_schema(request=None, responses={201: shapes.InstrumentDetailSerializer})
    @action(detail=True, methods=["post"], url_path="new-version")
    def new_version(self, request: Request, pk: str | None = None) -> Response:
        """Copy the version as the next one's draft."""
        copy = instruments.new_version(instrument=self.get_object(), by=request.user)
        self.tagged = copy
        return Response(self.shown(copy), status=status.HTTP_201_CREATED)

    def _take(self, name: str) -> Response:
        values = given(CommentSerializer, self.request)
        instrument = self.get_object()
        require_match(self.request, instrument)
        instruments.take_instrument_action(
            instrument=instrument, action=name, by=self.request.user, comment=values["comment"]
        )
        instrument.refresh_from_db()
        return Response(self.shown(instrument))


class RoundViewSet(WriteViewSet):
    """Rounds: who is rated with which instrument, by whom, until when."""

    queryset = Round.objects.select_related("unit", "instrument")
    serializer_class = shapes.RoundDetailSerializer
    view_capability = "round.view"
    edit_capability = "round.manage"
    filterset_fields = ("status", "purpose", "unit", "instrument")
    search_fields = ("title",)
    ordering_fields = ("opens_at", "closes_at", "updated_at")

    def get_serializer_class(self) -> type[AnySerializer]:
        """Short rows in lists, everything about one."""
        shape = {
            "list": shapes.RoundSerializer,
            "create": shapes.RoundWriteSerializer,
            "partial_update": shapes.RoundEditSerializer,
        }
        return shape.get(self.action, self.serializer_class)

    def service_create(self, data: dict[str, Any]) -> Round:
        """Begin a draft."""
        unit = pick(Unit.objects.visible_to(self.request.user, "round.manage"), data.pop("unit"), "unit")
        return rounds.create_round(unit=unit, by=self.request.user, **self._with_rows(data))

    def service_update(self, obj: Round, data: dict[str, Any]) -> Round:
        """Change a draft."""
        return rounds.update_round(round=obj, changes=self._with_rows(data), by=self.request.user)

    def _with_rows(self, data: dict[str, Any]) -> dict[str, Any]:
        if "instrument" not in data:
            return data
        found = pick(Instrument.objects.visible_to(self.request.user), data["instrument"], "instrument")
        return {**data, "instrument": found}

    @extend_schema(responses=shapes.SubjectSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def subjects(self, request: Request, pk: str | None = None) -> Response:
        """Everybody who is rated, in pages."""
        rows = self.get_object().subjects.select_related("cadre", "unit").order_by("pk")
        self.tagged = None
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(shapes.SubjectSerializer(page, many=True).data)

    @extend_schema(request=shapes.SubjectsSerializer, responses=shapes.SubjectsSetSerializer)
    @subjects.mapping.post
    def set_subjects(self, request: Request, pk: str | None = None) -> Response:
        """Choose everybody who is rated, in place of those before."""
        values = given(shapes.SubjectsSerializer, request)
        round_ = self.get_object()
        require_match(request, round_)
        wanted = set(values["cadres"])
        people = Cadre.objects.visible_to(request.user).filter(pk__in=wanted)
        if people.count() != len(wanted):
            raise Invalid("有的干部没有找到。", errors={"cadres": ["没有找到，或者不在您的权限范围内。"]})
        words = values["words"] or f"选定的 {len(wanted)} 人"
        count = rounds.set_subjects(round=round_, people=people, words=words, by=request.user)
        self.tagged = round_
        return Response({"count": count})

    @extend_schema(request=shapes.RelationsSerializer, responses=shapes.RoundDetailSerializer)
    @action(detail=True, methods=["post"])
    def relations(self, request: Request, pk: str | None = None) -> Response:
        """Say in which relations the raters stand, with which weight, named or anonymous."""
        rows = given(shapes.RelationsSerializer, request)["relations"]
        with transaction.atomic():
            round_ = self.locked_object()
            rounds.set_relations(round=round_, rows=rows, by=request.user)
        return Response(self.shown(round_))

    @extend_schema(request=shapes.InviteSerializer, responses=shapes.InvitedSerializer)
    @action(detail=True, methods=["post"])
    def raters(self, request: Request, pk: str | None = None) -> Response:
        """Invite people to rate a subject in a relation."""
        values = given(shapes.InviteSerializer, request)
        round_ = self.get_object()
        people = User.objects.filter(username__in=set(values["raters"]), is_active=True)
        missing = set(values["raters"]) - {each.username for each in people}
        if missing:
            raise Invalid(
                "有的账号没有找到。", errors={"raters": [f"没有账号 {name}。" for name in sorted(missing)]}
            )
        count = invitations.invite(
            round=round_,
            subject=pick(round_.subjects.select_related("cadre"), values["subject"], "subject"),
            relation=pick(round_.relations.all(), values["relation"], "relation"),
            raters=people,
            by=request.user,
        )
        self.tagged = None
        return Response({"invited": count})

    @extend_schema(request=CommentSerializer, responses=shapes.RoundDetailSerializer)
    @action(detail=True, methods=["post"], url_path="open")
    def open_round(self, request: Request, pk: str | None = None) -> Response:
        """Open the round and tell the raters."""
        return self._take("open")

    @extend_schema(request=shapes.RoundExtendSerializer, responses=shapes.RoundDetailSerializer)
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: str | None = None) -> Response:
        """Move the end of the window."""
        return self._take("extend", shapes.RoundExtendSerializer)

    @extend_schema(request=CommentSerializer, responses=shapes.RoundDetailSerializer)
    @action(detail=True, methods=["post"], url_path="close")
    def close_round(self, request: Request, pk: str | None = None) -> Response:
        """Close the round before its time; its results are worked out at once."""
        return self._take("close")

    @extend_schema(request=CommentSerializer, responses=shapes.RoundDetailSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str | None = None) -> Response:
        """Let the people rated read their results."""
        return self._take("publish")

    @extend_schema(request=CommentSerializer, responses=shapes.RoundDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str | None = None) -> Response:
        """Drop the round."""
        return self._take("cancel")

    def _take(self, name: str, shape: type[AnySerializer] = CommentSerializer) -> Response:
        values = given(shape, self.request)
        round_ = self.get_object()
        require_match(self.request, round_)
        rounds.take_round_action(round=round_, action=name, by=self.request.user, **values)
        round_.refresh_from_db()
        return Response(self.shown(round_))
