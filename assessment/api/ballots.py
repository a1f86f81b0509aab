"""What a rater and a person rated reach: one's own ballots, filled in and submitted, and results."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer as AnySerializer

from accounts.api_base import ScopedViewSet, given
from accounts.roles import AccountClass
from assessment import serializers as shapes
from assessment.models import Invitation, SubjectResult
from assessment.rating import to_rate
from assessment.services import ballots, results, sight
from core.errors import Invalid


class _OwnViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Rows that are one's own without any grant; administrators have no business here."""

    updated_field = ""

    def may_use(self, user: Any, capability: str) -> bool:
        """Raters and those rated hold no grant."""
        return user.account_class == AccountClass.BUSINESS

    def in_reach(self, obj: Any, capability: str) -> bool:
        """What is in view may be tried: the services ask whose it is."""
        return True


class BallotViewSet(_OwnViewSet):
    """One's own ballots: whom to rate in which relation, the questions, the draft, the submission."""

    queryset = Invitation.objects.all()
    serializer_class = shapes.BallotDetailSerializer
    view_capability = edit_capability = "ballot"
    filterset_fields = ("used", "subject__round", "relation__kind", "relation__anonymous")
    ordering_fields = ("id",)

    def get_queryset(self) -> QuerySet[Invitation]:
        """The reader's own, with what their list names."""
        if getattr(self, "swagger_fake_view", False):
            return Invitation.objects.none()
        return to_rate(self.request.user)

    def get_serializer_class(self) -> type[AnySerializer]:
        """Short rows in lists, the questions with one."""
        return shapes.BallotSerializer if self.action == "list" else self.serializer_class

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The questions with the answers so far; 409 for an anonymous ballot that was submitted."""
        invitation = self._invitation()
        context = {
            **self.get_serializer_context(),
            "answers": ballots.load(invitation=invitation, by=request.user),
        }
        return Response(self.get_serializer_class()(invitation, context=context).data)

    @extend_schema(request=shapes.AnswersSerializer, responses=shapes.DraftKeptSerializer)
    @action(detail=True, methods=["post"])
    def draft(self, request: Request, pk: str | None = None) -> Response:
        """Keep what was answered so far."""
        answers = _by_indicator(given(shapes.AnswersSerializer, request))
        ballots.save_draft(invitation=self._invitation(), answers=answers, by=request.user)
        return Response({"saved": True})

    @extend_schema(request=shapes.AnswersSerializer, responses=shapes.ReceiptSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str | None = None) -> Response:
        """Submit; an anonymous ballot once and for all, a second time with the same receipt."""
        answers = _by_indicator(given(shapes.AnswersSerializer, request))
        invitation = self._invitation()
        ballots.submit(invitation=invitation, answers=answers, by=request.user)
        words = (
            "匿名票已收到，不能再修改。"
            if invitation.relation.anonymous
            else "评价票已收到，截止前可以修改。"
        )
        return Response({"submitted": True, "message": words})

    def _invitation(self) -> Invitation:
        """One's own; without an entity tag, which would be a digest of the row."""
        invitation = self.get_object()
        self.tagged = None
        return invitation


class ResultViewSet(_OwnViewSet):
    """Results of rounds in scope, and one's own once published."""

    queryset = SubjectResult.objects.select_related(
        "subject__round__instrument", "subject__cadre", "subject__unit"
    )
    serializer_class = shapes.ResultDetailSerializer
    view_capability = edit_capability = "result.view"
    filterset_fields = ("subject__round", "subject__cadre", "subject__unit")
    search_fields = ("subject__cadre__name", "subject__round__title")
    ordering_fields = ("id", "rank", "total")

    def get_serializer_class(self) -> type[AnySerializer]:
        """Short rows in lists, the figures by relation and indicator with one."""
        return shapes.ResultSerializer if self.action == "list" else self.serializer_class

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Reading others' results is noted, once a page."""
        if request.user.holds("result.view"):
            sight.note_reading(by=request.user)
        return super().list(request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The same for one result."""
        sight.note_reading(by=request.user, result=self.get_object())
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(request=None, responses=shapes.ResultDetailSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str | None = None) -> Response:
        """Confirm that one has read one's own result."""
        result = self.get_object()
        results.confirm(result=result, by=request.user)
        return Response(self.get_serializer(self.get_object()).data)


def _by_indicator(values: dict[str, Any]) -> dict[int, Any]:
    """The answers by the indicators' numbers; an empty text is none. Raises Invalid for a key that is no number."""
    found: dict[int, Any] = {}
    for key, value in values["answers"].items():
        if not key.isascii() or not key.isdecimal() or len(key) > 18:
            raise Invalid("答案须以指标编号为键。", errors={"answers": ["须以指标编号为键。"]})
        if value is None or value != "":
            found[int(key)] = value
    return found
