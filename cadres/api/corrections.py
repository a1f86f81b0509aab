"""The API's requests for correction: one's own and those about the people one keeps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import IF_MATCH, ReadViewSet
from cadres.models import Cadre, Correction
from cadres.serializers.corrections import (
    CorrectionAskSerializer,
    CorrectionDetailSerializer,
    CorrectionSerializer,
    CorrectionSupplementSerializer,
    CorrectionTakeSerializer,
    values_serializer,
)
from cadres.serializers.verbs import WhySerializer
from cadres.services import corrections as services
from cadres.services.askable import NOT_ASKED, model_of
from cadres.services.compared import mark_of, target_of
from cadres.services.sight import own_record
from core.errors import Invalid, NotAllowed, NotFound, TooLarge, WrongType
from core.files import StoredFile, download_response, store
from core.filetypes import DOCUMENTS, JPEG

NOT_THERE = "没有找到这条记录。"


class CorrectionViewSet(ReadViewSet):
    """Requests about people in scope, and one's own; drafts stay on their writer's page."""

    queryset = Correction.objects.select_related(
        "cadre__unit", "cadre__user", "proof", "photo", "photo_before"
    )
    serializer_class = CorrectionSerializer
    view_capability = "cadre.edit"
    filterset_fields = ("cadre", "kind", "status")
    search_fields = ("cadre__name", "cadre__initials")
    ordering_fields = ("id", "due", "created_at", "updated_at")

    def capability(self) -> str:
        """Who may do what with a request is asked of the request itself, by services and workflow."""
        return self.view_capability

    def may_use(self, user: Any, capability: str) -> bool:
        """Whoever has a record asks about it; asking for others isn't possible."""
        if self.action == "create":
            return own_record(user) is not None
        return super().may_use(user, capability) or own_record(user) is not None

    def in_reach(self, obj: Any, capability: str) -> bool:
        """What is in view may be tried."""
        return True

    def get_queryset(self) -> QuerySet[Correction]:
        """Those in scope, and one's own."""
        rows = self.queryset.all()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.in_view_of(self.request.user).exclude(status=Correction.Status.DRAFT)

    @extend_schema(responses=CorrectionDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One request with what it compares; of one that is `sealed` only with `reveal`."""
        return Response(self._full(self.get_object()))

    @extend_schema(request=WhySerializer, responses=CorrectionDetailSerializer)
    @action(detail=True, methods=["post"])
    def reveal(self, request: Request, pk: str = "") -> Response:
        """One request with what is sensitive, with a reason that goes into the audit trail."""
        row, sent = self.get_object(), self._sent(WhySerializer)
        shown = self._full(row, reason=sent.get("reason", ""), opens=True)
        return Response(shown, headers={"Cache-Control": "no-store"})

    @extend_schema(request=CorrectionAskSerializer, responses={201: CorrectionDetailSerializer})
    def create(self, request: Request) -> Response:
        """Ask for one's own record to be corrected, or for a missing entry."""
        own = own_record(request.user)
        if own is None:
            raise NotAllowed(services.NOT_OWN)
        sent = self._sent(CorrectionAskSerializer)
        record = self._record(own, sent["kind"], sent.get("record"))
        with transaction.atomic():
            made = services.request_correction(
                cadre=own, by=request.user, kind=sent["kind"], record=record,
                values=self._values(sent["kind"], own, record, sent.get("values")),
                explanation=sent.get("explanation", ""), **self._files(sent),
            )  # fmt: skip
            self.tagged = self.get_queryset().get(pk=made.pk)
        return Response(self._full(self.tagged), status=status.HTTP_201_CREATED)

    @extend_schema(
        request=CorrectionSupplementSerializer, responses=CorrectionDetailSerializer, parameters=[IF_MATCH]
    )
    @action(detail=True, methods=["post"])
    def supplement(self, request: Request, pk: str = "") -> Response:
        """Complete a returned request and submit it again."""
        with transaction.atomic():
            row, sent = self.locked_object(), self._sent(CorrectionSupplementSerializer)
            values = sent.get("values")
            if not row.allows(request.user, "own"):
                raise NotAllowed(services.NOT_OWN)
            if values is not None:
                values = self._values(row.kind, row.cadre, target_of(row), values)
            services.supplement_correction(
                correction=row, by=request.user, values=values,
                explanation=sent.get("explanation", row.explanation), **self._files(sent),
            )  # fmt: skip
        self.tagged = self.get_queryset().get(pk=row.pk)
        return Response(self._full(self.tagged))

    @extend_schema(
        request=CorrectionTakeSerializer, responses=CorrectionDetailSerializer, parameters=[IF_MATCH]
    )
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str = "") -> Response:
        """Accept, write over what is newer, return, decline, or withdraw one's own."""
        with transaction.atomic():
            row, sent = self.locked_object(), self._sent(CorrectionTakeSerializer)
            services.take_on_correction(
                correction=row, action=sent["action"], by=request.user, comment=sent.get("comment", ""),
                seen=sent.get("mark", ""),
            )  # fmt: skip
        self.tagged = self.get_queryset().get(pk=row.pk)
        return Response(self._full(self.tagged))

    @extend_schema(responses={(200, kind): OpenApiTypes.BINARY for kind in DOCUMENTS})
    @action(detail=True, methods=["get"])
    def proof(self, request: Request, pk: str = "") -> FileResponse:
        """The proof; of a request that is `sealed` with `reveal-proof`."""
        return self._handed_out(self.get_object(), "proof")

    @extend_schema(request=WhySerializer, responses={(200, kind): OpenApiTypes.BINARY for kind in DOCUMENTS})
    @action(detail=True, methods=["post"], url_path="reveal-proof")
    def reveal_proof(self, request: Request, pk: str = "") -> FileResponse:
        """The proof, with a reason that goes into the audit trail where it is sensitive."""
        return self._handed_out(self.get_object(), "proof", self._sent(WhySerializer).get("reason", ""))

    @extend_schema(responses={(200, JPEG): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def photo(self, request: Request, pk: str = "") -> FileResponse:
        """The new photo that is asked for."""
        return self._handed_out(self.get_object(), "photo")

    def locked_object(self) -> Any:
        """The request of the address, locked after its person, in the order of the services."""
        obj = self.get_object()
        Cadre.objects.select_for_update(of=("self",)).get(pk=obj.cadre_id)
        return super().locked_object()

    def _handed_out(self, row: Correction, name: str, reason: str = "") -> FileResponse:
        services.note_opening(correction=row, by=self.request.user, reason=reason)
        stored = getattr(row, name)
        if stored is None:
            raise NotFound("没有这个文件。")
        self.tagged = None
        return download_response(stored)

    def _full(self, row: Correction, *, reason: str = "", opens: bool = False) -> Any:
        """The request with what it compares; the mark is for those who decide. Sealed, it says nothing."""
        user: Any = self.request.user
        is_sealed = services.is_sealed_for(row, user) and not opens
        if is_sealed and not services.may_read(user, row):
            raise NotAllowed("您没有查看这项内容的权限。")
        actions = services.actions_on(row, user)
        found: Any = SimpleNamespace(is_sealed=is_sealed, differences=[], mark="", actions=actions)
        if not is_sealed:
            found.differences = services.differences_of(correction=row, by=user, reason=reason)
            found.mark = "" if row.allows(user, "own") else mark_of(row)
        for name, value in vars(found).items():
            setattr(row, name, value)
        return CorrectionDetailSerializer(row, context=self.get_serializer_context()).data

    def _sent(self, serializer_class: Any) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def _record(self, own: Cadre, kind: str, key: int | None) -> Any:
        if key is None or kind in Correction.PERSONAL:
            return None
        found = model_of(kind).objects.filter(cadre=own, pk=key).first()
        if found is None:
            raise Invalid(NOT_THERE, errors={"record": [NOT_THERE]})
        return found

    def _values(self, kind: str, cadre: Cadre, record: Any, sent: Any) -> dict[str, Any]:
        """What is asked for, read as the history's own resource reads it."""
        if kind == Correction.PHOTO or not sent:
            return {}
        if not isinstance(sent, dict):
            raise ValidationError({"values": ["应为字段和值。"]})
        made = values_serializer(kind, cadre, record, sent, self.get_serializer_context())
        if unknown := sorted(set(sent) - set(made.fields)):
            raise ValidationError({"values": [f"{NOT_ASKED}（{'、'.join(unknown)[:200]}）"]})
        if not made.is_valid():
            raise ValidationError({"values": made.errors})
        return made.validated_data

    def _files(self, sent: dict[str, Any]) -> dict[str, StoredFile | None]:
        """The files that came along, checked and kept."""
        found: dict[str, StoredFile | None] = {}
        for name, about in services.FILES.items():
            upload = sent.get(name)
            try:
                found[name] = (
                    store(upload, name=upload.name, by=self.request.user, **about) if upload else None
                )
            except (WrongType, TooLarge) as error:
                raise Invalid(error.message, errors={name: [error.message]}) from None
        return found
