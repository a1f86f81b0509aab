"""The verbs that only some histories have: opening, following up, confirming kin, asking and answering, reviewing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import IF_MATCH
from cadres.api.histories import HistoryViewSet
from cadres.models import DevelopmentPlan
from cadres.serializers.histories import READERS, ReasonSerializer
from cadres.serializers.verbs import (
    AskSerializer,
    FollowUpSerializer,
    OpenedSerializer,
    PlanReviewWriteSerializer,
    ReplySerializer,
    ReserveReviewWriteSerializer,
    WhySerializer,
)
from cadres.services import family, oversight, petitions, profiles, reviews
from cadres.services.mentoring import is_mentor
from cadres.services.sealed import reveal_record
from cadres.services.sight import own_record
from cadres.services.ties import mentors
from core.errors import NotAllowed, NotFound


class VerbsMixin(HistoryViewSet):
    """The base: a verb runs on the locked entry in one transaction and answers with the entry."""

    def taken(self, verb: Callable[..., Any], serializer_class: Any = None) -> Response:
        """Run a verb of the services and show what became of the entry."""
        with transaction.atomic():
            obj = self.locked_object()
            data = self.sent(serializer_class) if serializer_class else {}
            verb(record=obj, by=self.request.user, **data)
        self.tagged = self.get_queryset().get(pk=obj.pk)
        return Response(self.shown(self.tagged))


class OpeningMixin(HistoryViewSet):
    """A history with encrypted columns."""

    @extend_schema(request=WhySerializer, responses=OpenedSerializer(many=True), filters=False)
    @action(detail=True, methods=["post"], pagination_class=None)
    def reveal(self, request: Request, pk: str = "") -> Response:
        """The encrypted columns of one entry in clear, with a reason that goes into the audit trail."""
        data = self.sent(WhySerializer)
        found = reveal_record(record=self.get_object(), by=request.user, reason=data.get("reason", ""))
        shown = OpenedSerializer(found, many=True).data
        self.tagged = None
        return Response(shown, headers={"Cache-Control": "no-store"})

    def capability(self) -> str:
        """Whoever reads an entry may ask; the service decides."""
        return self.view_capability if self.action == "reveal" else super().capability()


class OversightMixin(OpeningMixin, VerbsMixin):
    """Acts of oversight."""

    @extend_schema(request=FollowUpSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"], url_path="follow-up")
    def follow_up(self, request: Request, pk: str = "") -> Response:
        """Record what came of it."""
        return self.taken(oversight.record_follow_up, FollowUpSerializer)


class FamilyMixin(OpeningMixin, VerbsMixin):
    """Family members."""

    @extend_schema(request=None, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"], url_path="confirm-kin")
    def confirm_kin(self, request: Request, pk: str = "") -> Response:
        """Confirm that the family member is the linked cadre."""
        return self.taken(family.confirm_kin)

    @extend_schema(request=None, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"], url_path="withdraw-kin")
    def withdraw_kin(self, request: Request, pk: str = "") -> Response:
        """Take the confirmation back."""
        return self.taken(family.withdraw_kin)


class PetitionMixin(OpeningMixin, VerbsMixin):
    """Requests."""

    def capability(self) -> str:
        """One submits one's own."""
        return self.view_capability if self.action == "submit" else super().capability()

    @extend_schema(request=AskSerializer, responses={201: READERS["petition"]}, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def submit(self, request: Request) -> Response:
        """Submit one's own request."""
        own = own_record(request.user)
        if own is None:
            raise NotAllowed("诉求由本人提出。")
        made = petitions.submit_petition(cadre=own, by=request.user, **self.sent(AskSerializer))
        self.tagged = made
        return Response(self.shown(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=ReplySerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str = "") -> Response:
        """Answer it; the asker is told."""
        return self.taken(petitions.answer_petition, ReplySerializer)


class ReviewsMixin(VerbsMixin):
    """A history with reviews below its entries; the entry's tag covers them."""

    def review_of(self, entry: Any, review: str) -> Any:
        """The review of the address; raises NotFound where it isn't the entry's."""
        found = entry.reviews.filter(pk=int(review)).first()
        if found is None:
            raise NotFound("没有找到这条记录。")
        return found

    def edited(self, review: str, serializer_class: Any) -> Response:
        """Correct a review below the locked entry with what was sent of it."""

        def verb(*, record: Any, by: Any) -> None:
            serializer = serializer_class(data=self.request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            reviews.edit_review(review=self.review_of(record, review), by=by, **serializer.validated_data)

        return self.taken(verb)

    @extend_schema(request=ReasonSerializer, parameters=[IF_MATCH])
    @action(
        detail=True,
        methods=["post"],
        url_path=r"reviews/(?P<review>\d{1,18})/delete",
        url_name="review-delete",
    )
    def delete_review(self, request: Request, pk: str = "", review: str = "") -> Response:
        """Take out a review that was entered by mistake."""

        def verb(*, record: Any, by: Any, reason: str) -> None:
            reviews.delete_review(review=self.review_of(record, review), by=by, reason=reason)

        return self.taken(verb, ReasonSerializer)


class ReserveMixin(ReviewsMixin):
    """Entries of the reserve pool."""

    @extend_schema(request=ReserveReviewWriteSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str = "") -> Response:
        """Record the review of a year."""
        return self.taken(reviews.review_reserve, ReserveReviewWriteSerializer)

    @extend_schema(request=ReserveReviewWriteSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["patch"], url_path=r"reviews/(?P<review>\d{1,18})", url_name="review-edit")
    def edit_review(self, request: Request, pk: str = "", review: str = "") -> Response:
        """Correct a review; the entry's status follows its newest one."""
        return self.edited(review, ReserveReviewWriteSerializer)


class CompetenceMixin(VerbsMixin):
    """Competence profiles."""

    @extend_schema(request=None, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str = "") -> Response:
        """Let the person read it; the person is told."""
        return self.taken(profiles.publish_profile)

    @extend_schema(request=None, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str = "") -> Response:
        """Take it back from the person's sight."""
        return self.taken(profiles.withdraw_profile)


class PlanMixin(ReviewsMixin):
    """Development plans; a mentor reads and reviews those assigned."""

    _of_mentors = ("list", "retrieve", "review", "edit_review")

    def may_use(self, user: Any, capability: str) -> bool:
        """Mentors hold no grant: their plans decide."""
        return super().may_use(user, capability) or (self.action in self._of_mentors and mentors(user))

    def get_queryset(self) -> QuerySet[Any]:
        """The plans in scope, one's own, and those one mentors."""
        rows, user = super().get_queryset(), self.request.user
        if self.action not in self._of_mentors or user.pk is None or not mentors(user):
            return rows
        assigned = DevelopmentPlan.objects.of_mentor(user).values("pk")
        return self.queryset.filter(Q(pk__in=assigned) | Q(pk__in=rows.order_by().values("pk")))

    def in_reach(self, obj: Any, capability: str) -> bool:
        """A plan one mentors may be reviewed."""
        assigned = self.action in self._of_mentors and is_mentor(self.request.user, obj)
        return assigned or super().in_reach(obj, capability)

    @extend_schema(request=PlanReviewWriteSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str = "") -> Response:
        """Record a review."""
        return self.taken(reviews.review_plan, PlanReviewWriteSerializer)

    @extend_schema(request=PlanReviewWriteSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["patch"], url_path=r"reviews/(?P<review>\d{1,18})", url_name="review-edit")
    def edit_review(self, request: Request, pk: str = "", review: str = "") -> Response:
        """Correct a review; a mentor's by the mentor alone."""
        return self.edited(review, PlanReviewWriteSerializer)


MIXINS: dict[str, tuple[type[Any], ...]] = {
    "oversight": (OversightMixin,), "family": (FamilyMixin,), "petition": (PetitionMixin,),
    "reserve": (ReserveMixin,), "plan": (PlanMixin,), "evaluation": (OpeningMixin,),
    "competence": (CompetenceMixin,),
}  # fmt: skip
