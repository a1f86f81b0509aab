"""The resources of the nomination engine: every verb goes to the same service as the pages."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer as AnySerializer

from accounts.api_base import ReadViewSet, WriteViewSet, given, pick
from accounts.models import Unit, User
from accounts.roles import AccountClass
from cadres.models import Cadre
from core.api.viewsets import require_match
from core.errors import Invalid
from programs import serializers as shapes
from programs.models import Appraisal, Base, Call, Nomination, Participation, Program
from programs.services import appraisals, bases, calls, lists, nominations, participations


class ProgramViewSet(ReadViewSet):
    """Programmes that concern the reader."""

    queryset = Program.objects.all()
    serializer_class = shapes.ProgramSerializer
    view_capability = "call.view"
    filterset_fields = ("kind", "is_active")
    search_fields = ("name",)


class CallViewSet(WriteViewSet):
    """Calls: made from a template, opened, closed, extended, finished."""

    queryset = Call.objects.real().select_related("program")
    serializer_class = shapes.CallDetailSerializer
    view_capability = "call.view"
    edit_capability = "call.manage"
    capabilities = {"file_list": "nomination.list"}
    filterset_fields = ("status", "year", "program")
    search_fields = ("title",)
    ordering_fields = ("opens_at", "closes_at", "year", "updated_at")

    def get_serializer_class(self) -> type[AnySerializer]:
        """Short rows in lists, everything about one."""
        if self.action == "list":
            return shapes.CallSerializer
        if self.action == "create":
            return shapes.CallCreateSerializer
        return shapes.CallEditSerializer if self.action == "partial_update" else self.serializer_class

    def service_create(self, data: dict[str, Any]) -> Call:
        """Copy a template."""
        templates = Call.objects.templates().visible_to(self.request.user, "call.manage")
        template = pick(templates, data["template"], "template")
        return calls.create_call_from_template(
            template=template, year=data["year"], by=self.request.user, title=data["title"]
        )

    def service_update(self, obj: Call, data: dict[str, Any]) -> Call:
        """Change a draft."""
        return calls.edit_call(call=obj, by=self.request.user, changes=data)

    @extend_schema(request=shapes.CommentSerializer, responses=shapes.CallDetailSerializer)
    @action(detail=True, methods=["post"], url_path="open")
    def open_call(self, request: Request, pk: str | None = None) -> Response:
        """Open the call and tell the schools."""
        return self._verb(calls.open_call)

    @extend_schema(request=shapes.CommentSerializer, responses=shapes.CallDetailSerializer)
    @action(detail=True, methods=["post"], url_path="close")
    def close_call(self, request: Request, pk: str | None = None) -> Response:
        """Close the call before its time."""
        return self._verb(calls.close_call)

    @extend_schema(request=shapes.CommentSerializer, responses=shapes.CallDetailSerializer)
    @action(detail=True, methods=["post"], url_path="finish")
    def finish_call(self, request: Request, pk: str | None = None) -> Response:
        """Put the call aside."""
        return self._verb(calls.finish_call)

    @extend_schema(request=shapes.CallExtendSerializer, responses=shapes.CallDetailSerializer)
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: str | None = None) -> Response:
        """Move the end of the window."""
        values = given(shapes.CallExtendSerializer, request)
        call = self.get_object()
        require_match(request, call)
        return Response(self.shown(calls.extend_call(call=call, by=request.user, **values)))

    @extend_schema(request=shapes.FileListSerializer, responses=shapes.NominationSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="file-list")
    def file_list(self, request: Request, pk: str | None = None) -> Response:
        """File a central school's list in this call."""
        values = given(shapes.FileListSerializer, request)
        units = Unit.objects.visible_to(request.user, "nomination.list")
        filed = lists.file_list(
            call=self.get_object(),
            unit=pick(units, values["unit"], "unit"),
            ids=values["nominations"],
            by=request.user,
            note=values["note"],
        )
        cases = filed.nominations.select_related("cadre", "unit", "call", "step", "participation").order_by(
            "list_rank"
        )
        return Response(shapes.NominationSerializer(cases, many=True, context={"request": request}).data)

    def in_reach(self, obj: Any, capability: str) -> bool:
        """A central school files its list in the bureau's call: the service checks its own unit."""
        return capability == "nomination.list" or super().in_reach(obj, capability)

    def _verb(self, service: Any) -> Response:
        values = given(shapes.CommentSerializer, self.request)
        call = self.get_object()
        require_match(self.request, call)
        return Response(self.shown(service(call=call, by=self.request.user, comment=values["comment"])))


class NominationViewSet(WriteViewSet):
    """Nominations: drafted, submitted, decided."""

    queryset = Nomination.objects.select_related("call", "unit", "cadre", "step", "participation")
    serializer_class = shapes.NominationDetailSerializer
    write_serializer_class = shapes.NominationWriteSerializer
    view_capability = "nomination.view"
    edit_capability = "nomination.file"
    # Who may act at a step is asked of the case itself, by the workflow.
    capabilities = {"take": "nomination.view", "bulk": "nomination.view", "papers": "nomination.view"}
    filterset_fields = ("call", "status", "unit", "cadre", "step__kind")
    search_fields = ("cadre__name", "unit__name", "cadre__initials")
    ordering_fields = ("submitted_at", "updated_at", "list_rank")

    def get_serializer_class(self) -> type[AnySerializer]:
        """Short rows in lists, everything about one."""
        return shapes.NominationSerializer if self.action == "list" else super().get_serializer_class()

    def may_use(self, user: Any, capability: str) -> bool:
        """Nominees read their own case without any grant."""
        if super().may_use(user, capability):
            return True
        return capability == self.view_capability and self.action != "bulk" and _is_cadre(user)

    def in_reach(self, obj: Any, capability: str) -> bool:
        """What is in view may be tried: the workflow asks who may do what on the case."""
        return capability == self.view_capability or super().in_reach(obj, capability)

    def service_create(self, data: dict[str, Any]) -> Nomination:
        """Begin a draft with what is given."""
        user = self.request.user
        call = pick(Call.objects.real().visible_to(user), data.get("call"), "call")
        cadre = pick(Cadre.objects.visible_to(user, "nomination.file"), data.get("cadre"), "cadre")
        nomination = nominations.start_nomination(call=call, cadre=cadre, by=user)
        return self.service_update(nomination, data)

    def service_update(self, obj: Nomination, data: dict[str, Any]) -> Nomination:
        """Keep what was written so far."""
        changes = {name: data[name] for name in nominations.EDITABLE if name in data}
        declared = [nominations.Declaration(**each) for each in data.get("declarations", [])]
        return nominations.save_draft(
            nomination=obj, by=self.request.user, changes=changes, declarations=declared
        )

    @extend_schema(request=shapes.NominationTakeSerializer, responses=shapes.NominationDetailSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str | None = None) -> Response:
        """Take an action on the case."""
        values = given(shapes.NominationTakeSerializer, request)
        with transaction.atomic():
            nomination = self.locked_object()
            if values["action"] == "submit":
                # Submitting twice is one submission with the same receipt, here as on the page.
                nominations.submit_nomination(nomination=nomination, by=request.user)
            else:
                values["confirmations"] = _by_rule(values["confirmations"])
                nominations.take_action(nomination=nomination, by=request.user, **values)
        nomination.refresh_from_db()
        self.tagged = nomination
        return Response(self.shown(nomination))

    @extend_schema(
        request={"multipart/form-data": shapes.PaperUploadSerializer},
        responses={201: shapes.NominationDetailSerializer},
    )
    @action(detail=True, methods=["post"])
    def papers(self, request: Request, pk: str | None = None) -> Response:
        """Add a paper to a draft or returned case."""
        nomination = self.get_object()
        values = given(shapes.PaperUploadSerializer, request)
        wanted, asked = values["attachment"], nomination.call.attachments.all()
        nominations.attach_file(
            nomination=nomination,
            content=values["file"],
            name=values["file"].name or "",
            by=request.user,
            attachment=None if wanted is None else pick(asked, wanted, "attachment"),
        )
        return Response(self.shown(nomination), status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.NominationBulkSerializer, responses=shapes.BulkOutcomeSerializer)
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Take one action on many cases; each answers for itself."""
        values = given(shapes.NominationBulkSerializer, request)
        results = nominations.take_in_bulk(by=request.user, **values)
        rows = [
            {"nomination": each.nomination, "name": each.name, "ok": each.ok, "message": each.message}
            for each in results
        ]
        return Response({"done": sum(1 for each in results if each.ok), "results": rows})


class BaseViewSet(WriteViewSet):
    """Bases."""

    queryset = Base.objects.select_related("host_unit", "lead")
    serializer_class = shapes.BaseSerializer
    write_serializer_class = shapes.BaseSerializer
    view_capability = "base.view"
    edit_capability = "base.manage"
    filterset_fields = ("is_active", "unit")
    search_fields = ("name", "place")

    def may_use(self, user: Any, capability: str) -> bool:
        """Leads read their own base."""
        return super().may_use(user, capability) or (
            capability == self.view_capability and Base.objects.filter(lead_id=user.pk).exists()
        )

    def service_create(self, data: dict[str, Any]) -> Base:
        """Register a base."""
        return bases.create_base(by=self.request.user, **data)

    def service_update(self, obj: Base, data: dict[str, Any]) -> Base:
        """Change a base."""
        return bases.edit_base(base=obj, by=self.request.user, changes=data)


class ParticipationViewSet(ReadViewSet):
    """Undertakings: placed, rearranged, completed, cancelled."""

    queryset = Participation.objects.select_related("cadre", "unit", "program").prefetch_related(
        "stints__base", "stints__guide"
    )
    serializer_class = shapes.ParticipationDetailSerializer
    view_capability = "participation.view"
    capabilities = {"take": "participation.view"}
    filterset_fields = ("status", "year", "program", "unit", "cadre")
    search_fields = ("cadre__name", "unit__name", "cadre__initials")
    ordering_fields = ("start", "end", "updated_at")

    def get_serializer_class(self) -> type[AnySerializer]:
        """Short rows in lists, everything about one."""
        return shapes.ParticipationSerializer if self.action == "list" else self.serializer_class

    def may_use(self, user: Any, capability: str) -> bool:
        """Hosts, guides and the people themselves hold no grant; administrators have no business here."""
        return user.account_class == AccountClass.BUSINESS

    def in_reach(self, obj: Any, capability: str) -> bool:
        """What is in view may be tried: the workflow asks who may do what."""
        return True

    @extend_schema(request=shapes.ParticipationTakeSerializer, responses=shapes.ParticipationDetailSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str | None = None) -> Response:
        """Take an action on the undertaking."""
        values = given(shapes.ParticipationTakeSerializer, request)
        name, comment = values.pop("action"), values.pop("comment")
        with transaction.atomic():
            self._take(self._locked_in_order(), name, comment, values)
        shown = self.get_queryset().get(pk=self.tagged.pk)
        self.tagged = shown
        return Response(self.get_serializer(shown).data)

    def _locked_in_order(self) -> Participation:
        """The undertaking locked and compared with If-Match, its nomination locked before it as everywhere."""
        seen = self.get_object()
        if seen.nomination_id:
            Nomination.objects.select_for_update(of=("self",)).get(pk=seen.nomination_id)
        return self.locked_object()

    def _take(self, participation: Participation, name: str, comment: str, values: dict[str, Any]) -> None:
        user = self.request.user
        if name in ("place", "rearrange"):
            service = getattr(participations, f"{name}_participation")
            service(participation=participation, by=user, comment=comment, **_arrangement(values, user))
        else:
            participations.take_action(participation=participation, action=name, by=user, comment=comment)


class AppraisalViewSet(WriteViewSet):
    """Written appraisals."""

    queryset = Appraisal.objects.select_related(
        "participation__cadre", "stint__base", "stint__host", "stint__guide"
    ).prefetch_related("sections")
    serializer_class = shapes.AppraisalSerializer
    write_serializer_class = shapes.AppraisalWriteSerializer
    view_capability = "appraisal.view"
    edit_capability = "appraisal.view"
    http_method_names = ("get", "patch", "post", "head", "options")
    filterset_fields = ("status", "participation")
    ordering_fields = ("due", "filed_at")

    def may_use(self, user: Any, capability: str) -> bool:
        """Hosts and guides hold no grant; administrators have no business here."""
        return user.account_class == AccountClass.BUSINESS

    def in_reach(self, obj: Any, capability: str) -> bool:
        """What is in view may be tried: the services ask who writes and who returns."""
        return True

    @extend_schema(exclude=True)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Appraisals come with a stay; nobody creates one."""
        return self.http_method_not_allowed(request)

    def service_update(self, obj: Appraisal, data: dict[str, Any]) -> Appraisal:
        """Keep what was written so far."""
        return appraisals.save_appraisal_draft(appraisal=obj, by=self.request.user, **_writing(data))

    @extend_schema(request=shapes.AppraisalTakeSerializer, responses=shapes.AppraisalSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str | None = None) -> Response:
        """File or return the appraisal."""
        values = given(shapes.AppraisalTakeSerializer, request)
        appraisal = self.get_object()
        require_match(request, appraisal)
        if values["action"] == "file":
            appraisals.file_appraisal(appraisal=appraisal, by=request.user, **_writing(values))
        else:
            appraisals.return_appraisal(appraisal=appraisal, by=request.user, comment=values["comment"])
        return Response(self.shown(self.get_queryset().get(pk=appraisal.pk)), status=status.HTTP_200_OK)


def _is_cadre(user: Any) -> bool:
    return Cadre.objects.filter(user_id=user.pk).exists()


def _by_rule(confirmations: dict[str, bool]) -> dict[int, bool]:
    try:
        return {int(rule): holds for rule, holds in confirmations.items()}
    except ValueError as error:
        raise Invalid("承诺确认的条件编号不对。", errors={"confirmations": ["须以条件编号为键。"]}) from error


def _writing(values: dict[str, Any]) -> dict[str, Any]:
    sections = values.get("sections")
    return {
        "grade": values.get("grade"),
        "sections": None if sections is None else {each["order"]: each["text"] for each in sections},
    }


def _arrangement(values: dict[str, Any], user: Any) -> dict[str, Any]:
    """Turn the ids of a placing into rows."""
    rows: dict[str, Any] = {**values, "base": pick(Base.objects.visible_to(user), values["base"], "base")}
    for name in ("host", "guide"):
        if values.get(name) is not None:
            rows[name] = get_object_or_404(User.objects.filter(is_active=True), pk=values[name])
    return rows


router_entries = [
    ("programs", ProgramViewSet),
    ("calls", CallViewSet),
    ("nominations", NominationViewSet),
    ("bases", BaseViewSet),
    ("participations", ParticipationViewSet),
    ("appraisals", AppraisalViewSet),
]
