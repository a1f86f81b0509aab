"""The API of every history: one viewset a kind, made from KINDS; rows above the reader's level are absent."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import IF_MATCH, WriteViewSet
from cadres.api.filters import filters_for
from cadres.fields import capability_for, fields_for, rows_seen
from cadres.kinds import KINDS, REVIEWS, HistoryKind
from cadres.models import Appointment, Cadre
from cadres.serializers.appointments import AppointmentSerializer
from cadres.serializers.histories import (
    READERS,
    WRITERS,
    EndHistorySerializer,
    ReasonSerializer,
    RelationSerializer,
)
from cadres.services import histories
from cadres.services.sight import may_read, readable
from core.errors import Invalid, NotFound

# What each kind is called in addresses.
PLURALS = {
    "education": "educations", "title": "titles", "certificate": "certificates", "rank": "ranks",
    "political": "political-statuses", "assessment": "assessments", "honour": "honours", "career": "careers",
    "talent": "talents", "reserve": "reserves", "plan": "development-plans", "competence": "competences",
    "evaluation": "evaluations", "family": "family", "oversight": "oversight", "petition": "petitions",
}  # fmt: skip


class HistoryViewSet(WriteViewSet):
    """Entries of one history that the reader may see; whoever keeps the person's record writes them."""

    kind: HistoryKind
    edit_capability = "cadre.edit"
    search_fields = ("cadre__name", "cadre__initials")
    http_method_names = ("get", "post", "patch", "head", "options")

    def may_use(self, user: Any, capability: str) -> bool:
        """One's own entries are open to whoever has a record, as far as one may see them."""
        if capability == self.view_capability:
            return may_read(user, self.kind.guard)
        return super().may_use(user, capability)

    def get_queryset(self) -> QuerySet[Any]:
        """The entries the reader may see."""
        rows: Any = self.queryset
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return readable(rows.all(), self.request.user, self.kind.guard)

    def in_reach(self, obj: Any, capability: str) -> bool:
        """An entry in view may be looked at; changing it needs the person in the writer's scope."""
        return capability == self.view_capability or super().in_reach(obj, capability)

    def locked_object(self) -> Any:
        """The entry of the address, locked after its person, in the order of the services."""
        obj = self.get_object()
        Cadre.objects.select_for_update(of=("self",)).get(pk=obj.cadre_id)
        if not type(obj).objects.filter(pk=obj.pk).exists():
            raise NotFound("没有找到这条记录。")
        return super().locked_object()

    def service_create(self, data: dict[str, Any]) -> Any:
        """See cadres.services.histories.add_history."""
        return histories.add_history(self.kind.model, by=self.request.user, **data)

    def service_update(self, obj: Any, data: dict[str, Any]) -> Any:
        """See cadres.services.histories.edit_history; an entry stays its person's."""
        if data.pop("cadre", obj.cadre) != obj.cadre:
            sentence = "履历不能换人。"
            raise Invalid(sentence, errors={"cadre": [sentence]})
        return histories.edit_history(record=obj, by=self.request.user, **data)

    @extend_schema(request=ReasonSerializer, responses={204: None}, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"], url_path="delete", url_name="delete")
    def take_out(self, request: Request, pk: str = "") -> Response:
        """Take out an entry that was made by mistake; the audit trail keeps what it said."""
        with transaction.atomic():
            obj, data = self.locked_object(), self.sent(ReasonSerializer)
            histories.delete_history(record=obj, by=request.user, reason=data["reason"])
        self.tagged = None
        return Response(status=status.HTTP_204_NO_CONTENT)

    def sent(self, serializer_class: Any) -> dict[str, Any]:
        """What came with the request, checked."""
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


class EndingViewSet(HistoryViewSet):
    """A history with periods."""

    @extend_schema(request=EndHistorySerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str = "") -> Response:
        """Say from when the entry no longer holds."""
        with transaction.atomic():
            obj, data = self.locked_object(), self.sent(EndHistorySerializer)
            obj = histories.end_history(record=obj, by=request.user, on=data["on"])
        self.tagged = obj
        return Response(self.shown(obj))


def rows_of(kind: HistoryKind) -> QuerySet[Any]:
    """The entries with what they are read along with; encrypted columns stay in the database."""
    links = [kind.model._meta.get_field(name) for name in kind.fields]
    along = [link.name for link in links if link.is_relation and link.name != "within"]
    rows = kind.model.objects.select_related("cadre", *along).defer(*kind.sealed)
    if kind.slug not in REVIEWS:
        return rows
    review = REVIEWS[kind.slug]
    return rows.prefetch_related(Prefetch("reviews", review.model.objects.defer(*review.sealed)))


def histories_of(cadre: Cadre, user: Any) -> dict[str, Any]:
    """Return what a reader may see of a person's histories, by kind; a statement or two each."""
    seen = fields_for(user, cadre)
    found: dict[str, Any] = {}
    if "posts" in seen:
        held = Appointment.objects.filter(cadre=cadre)
        rows = held.select_related("cadre", "unit", "selection", "removal")
        found["appointment"] = AppointmentSerializer(rows, many=True).data
    if "unit" in seen:
        relations = cadre.personnelrelations.select_related("unit")
        found["relation"] = RelationSerializer(relations, many=True).data
    for slug, kind in KINDS.items():
        if kind.guard in seen:
            rows = rows_seen(rows_of(kind).filter(cadre=cadre), user, cadre, kind.guard)
            found[slug] = READERS[slug](rows, many=True).data
    return found


def viewset_for(kind: HistoryKind, *mixins: type[Any]) -> type[HistoryViewSet]:
    """Return the viewset of a kind."""
    base = EndingViewSet if kind.has_period else HistoryViewSet
    made: dict[str, Any] = {
        "kind": kind,
        "queryset": rows_of(kind),
        "serializer_class": READERS[kind.slug],
        "write_serializer_class": WRITERS[kind.slug],
        "filterset_class": filters_for(kind),
        "view_capability": capability_for(kind.guard),
        "ordering_fields": ("id", "updated_at", *kind.dated),
        "__doc__": f"{kind.label}。",
        "__module__": __name__,
    }
    viewset = type(f"{kind.model.__name__}ViewSet", (*mixins, base), made)
    # What is written is answered with the entry as it is read.
    reader = made["serializer_class"]
    described = extend_schema_view(
        create=extend_schema(responses={201: reader}), partial_update=extend_schema(responses=reader)
    )
    return described(viewset)
