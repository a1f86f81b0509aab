"""The resources of training: every verb goes to the same service as the pages."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer as AnySerializer

from accounts.api_base import ReadViewSet, WriteViewSet, given, pick
from accounts.models import Unit
from cadres.models import Cadre
from cadres.services.ties import has_record
from core.api.acting import CommentSerializer
from core.api.viewsets import require_match
from core.errors import Invalid, NotAllowed
from training import places
from training import serializers as shapes
from training.consent import CAPABILITY
from training.models import ClassSession, Enrolment, TrainingClass
from training.services import classes, enrolments, timetable


class ForCadres(ReadViewSet):
    """People of the roster read what concerns them without any grant."""

    def may_use(self, user: Any, capability: str) -> bool:
        """Whoever holds the capability; for reading also whoever is on the roster."""
        if super().may_use(user, capability):
            return True
        return capability == self.view_capability and self.action != "bulk" and has_record(user)


class ClassViewSet(ForCadres, WriteViewSet):
    """Classes: made, changed, opened, extended, settled, finished, cancelled."""

    queryset = TrainingClass.objects.select_related("unit")
    serializer_class = shapes.ClassDetailSerializer
    view_capability = "class.view"
    edit_capability = "class.manage"
    filterset_fields = ("status", "unit", "mode")
    search_fields = ("title",)
    ordering_fields = ("starts_on", "enrol_until", "updated_at")

    def get_queryset(self) -> QuerySet[Any]:
        """A list counts the enrolled of all its classes at once."""
        rows = super().get_queryset()
        if self.action != "list":
            return rows
        enrolled = Q(enrolments__status=Enrolment.Status.ENROLLED)
        return rows.annotate(taken=Count("enrolments", filter=enrolled))

    def get_serializer_class(self) -> type[AnySerializer]:
        """Short rows in lists, everything about one."""
        written = {
            "list": shapes.ClassSerializer,
            "create": shapes.ClassWriteSerializer,
            "partial_update": shapes.ClassEditSerializer,
        }
        return written.get(self.action) or shapes.ClassDetailSerializer

    def service_create(self, data: dict[str, Any]) -> TrainingClass:
        """Make a draft."""
        user, values = self.request.user, dict(data)
        units = Unit.objects.visible_to(user, "class.manage")
        unit = pick(units, values.pop("unit"), "unit")
        return classes.create_class(unit=unit, by=user, **values)

    def service_update(self, obj: TrainingClass, data: dict[str, Any]) -> TrainingClass:
        """Change a class as far as its state allows."""
        return classes.update_class(training_class=obj, changes=data, by=self.request.user)

    @extend_schema(request=CommentSerializer, responses=shapes.ClassDetailSerializer)
    @action(detail=True, methods=["post"], url_path="open")
    def open_class(self, request: Request, pk: str | None = None) -> Response:
        """Begin enrolment and tell those who may enrol."""
        return self._take("open", CommentSerializer)

    @extend_schema(request=shapes.ClassExtendSerializer, responses=shapes.ClassDetailSerializer)
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: str | None = None) -> Response:
        """Move the end of enrolment forward."""
        return self._take("extend", shapes.ClassExtendSerializer)

    @extend_schema(request=CommentSerializer, responses=shapes.ClassDetailSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str | None = None) -> Response:
        """Settle the list before the window ends by itself."""
        return self._take("settle", CommentSerializer)

    @extend_schema(request=CommentSerializer, responses=shapes.ClassDetailSerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str | None = None) -> Response:
        """Put the class aside, from its last day on."""
        return self._take("finish", CommentSerializer)

    @extend_schema(request=CommentSerializer, responses=shapes.ClassDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str | None = None) -> Response:
        """Cancel the class and tell everybody concerned; needs a comment."""
        return self._take("cancel", CommentSerializer)

    @extend_schema(request=shapes.PhasesSerializer, responses=shapes.ClassDetailSerializer)
    @action(detail=True, methods=["post"])
    def phases(self, request: Request, pk: str | None = None) -> Response:
        """Set a drafted class's phases, all of them in their order."""
        values = given(shapes.PhasesSerializer, request)
        with transaction.atomic():
            found = self.locked_object()
            timetable.set_phases(training_class=found, rows=values["rows"], by=request.user)
        return self._answer(found)

    def _take(self, name: str, shape: type[AnySerializer]) -> Response:
        values = given(shape, self.request)
        with transaction.atomic():
            found = self.locked_object()
            classes.take_class_action(training_class=found, action=name, by=self.request.user, **values)
        return self._answer(found)

    def _answer(self, found: TrainingClass) -> Response:
        found.refresh_from_db()
        self.tagged = found
        return Response(self.shown(found))


class SessionViewSet(ForCadres, WriteViewSet):
    """Sessions on the timetables of classes."""

    queryset = ClassSession.objects.all()
    serializer_class = shapes.SessionSerializer
    write_serializer_class = shapes.SessionWriteSerializer
    view_capability = "class.view"
    edit_capability = "class.manage"
    filterset_fields = ("training_class", "day")
    search_fields = ("topic", "trainer")
    ordering_fields = ("day", "begins")
    updated_field = ""

    def service_create(self, data: dict[str, Any]) -> ClassSession:
        """Put a session on the timetable."""
        user, values = self.request.user, dict(data)
        held = TrainingClass.objects.visible_to(user, "class.manage")
        found = pick(held, values.pop("training_class", None), "training_class")
        return timetable.add_session(training_class=found, by=user, **_with_phase(found, values))

    def service_update(self, obj: ClassSession, data: dict[str, Any]) -> ClassSession:
        """Change a session."""
        values = dict(data)
        named = values.pop("training_class", obj.training_class_id)
        if named != obj.training_class_id:
            words = "课程安排不能改到别的培训班。"
            raise Invalid(words, errors={"training_class": [words]})
        changes = _with_phase(obj.training_class, values)
        return timetable.update_session(session=obj, changes=changes, by=self.request.user)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str | None = None) -> Response:
        """Take a session off the timetable."""
        found = self.get_object()
        require_match(request, found)
        timetable.remove_session(session=found, by=request.user)
        return Response(status=204)


def _with_phase(training_class: TrainingClass, values: dict[str, Any]) -> dict[str, Any]:
    """The phase as a row of the class."""
    if values.get("phase") is not None:
        return {**values, "phase": pick(training_class.phases.all(), values["phase"], "phase")}
    return values


class EnrolmentViewSet(ForCadres, WriteViewSet):
    """Enrolments: applied for, made, consented to, refused, withdrawn."""

    queryset = Enrolment.objects.select_related("training_class", "unit", "cadre")
    serializer_class = shapes.EnrolmentDetailSerializer
    view_capability = "class.view"
    # Who may apply, enrol or decide is asked of the person and the class, by the services and the workflow.
    capabilities = {"create": "class.view", "take": "class.view", "bulk": CAPABILITY}
    http_method_names = ("get", "post", "head", "options")
    filterset_fields = ("training_class", "status", "unit", "cadre")
    search_fields = ("cadre__name", "unit__name", "cadre__initials", "training_class__title")
    ordering_fields = ("queued_at", "created_at", "updated_at")

    def get_serializer_class(self) -> type[AnySerializer]:
        """Short rows in lists, everything about one."""
        if self.action == "create":
            return shapes.EnrolmentWriteSerializer
        return shapes.EnrolmentSerializer if self.action == "list" else shapes.EnrolmentDetailSerializer

    def in_reach(self, obj: Any, capability: str) -> bool:
        """What is in view may be tried: the workflow asks who may do what."""
        return capability == self.view_capability or super().in_reach(obj, capability)

    def check_still_in_reach(self, obj: Enrolment) -> None:
        """One's own application is in view like that of one's people."""
        if not Enrolment.objects.visible_to(self.request.user).filter(pk=obj.pk).exists():
            raise NotAllowed

    def service_create(self, data: dict[str, Any]) -> Enrolment:
        """Apply for oneself, or enrol somebody of one's own units."""
        user, reason = self.request.user, data["reason"]
        seen = TrainingClass.objects.visible_to(user)
        found = pick(seen, data["training_class"], "training_class")
        if data["cadre"] is None:
            if not has_record(user):
                raise NotAllowed("您没有干部档案，不能本人报名；为他人报名请写明干部。")
            return enrolments.apply(training_class=found, by=user, reason=reason)
        cadre = pick(Cadre.objects.visible_to(user, CAPABILITY), data["cadre"], "cadre")
        return enrolments.enrol(training_class=found, cadre=cadre, by=user, reason=reason)

    @extend_schema(request=shapes.EnrolmentTakeSerializer, responses=shapes.EnrolmentDetailSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str | None = None) -> Response:
        """Take an action on the enrolment."""
        values = given(shapes.EnrolmentTakeSerializer, request)
        found = self.get_object()
        with transaction.atomic():
            places.lock_class(found.training_class_id)
            found = self.locked_object()
            enrolments.take_enrolment_action(enrolment=found, by=request.user, **values)
        found.refresh_from_db()
        self.tagged = found
        return Response(self.shown(found))

    @extend_schema(request=shapes.EnrolManySerializer, responses=shapes.EnrolOutcomesSerializer)
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Enrol many people; each answers for itself."""
        values = given(shapes.EnrolManySerializer, request)
        seen = TrainingClass.objects.visible_to(request.user)
        found = pick(seen, values["training_class"], "training_class")
        results = enrolments.enrol_many(training_class=found, cadres=values["cadres"], by=request.user)
        rows = [each._asdict() for each in results]
        return Response({"done": sum(1 for each in results if each.ok), "results": rows})


router_entries = [
    ("classes", ClassViewSet),
    ("class-sessions", SessionViewSet),
    ("enrolments", EnrolmentViewSet),
]
