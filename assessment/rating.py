"""What a rater has before them: the open rounds with their people, how far they got, and who is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from assessment.models import Ballot, BallotDraft, Invitation, Round
from cadres.models import Appointment
from core.calendar import now, today

_ENDED_SHOWN = 10
# A deadline typed 23:59 counts through 23:59:59 (Round.window_end).
_LAST_MINUTE = timedelta(minutes=1)
_ORDER = (
    "subject__round__closes_at", "subject__round_id", "subject__unit_path", "subject__cadre__name_key", "pk",
)  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """How many of a rater's ballots of a round are in."""

    done: int
    total: int

    @property
    def left(self) -> int:
        """How many are still to be submitted."""
        return self.total - self.done


@dataclass(frozen=True)
class RoundToRate:
    """An open round with the rater's invitations: those to be done first."""

    round: Round
    invitations: list[Invitation]

    @property
    def takes_now(self) -> bool:
        """Whether ballots may be submitted at this moment."""
        return self.round.takes_at(now())

    @property
    def progress(self) -> Progress:
        """How far the rater got."""
        return Progress(sum(1 for each in self.invitations if each.used), len(self.invitations))


def to_rate(user: Any) -> QuerySet[Invitation]:
    """Return the user's invitations with all that their pages name: person, post, round, when draft and ballot came.

    Only a named ballot has a time: an anonymous one isn't tied to its invitation.
    """
    posts = Appointment.objects.filter(cadre=OuterRef("subject__cadre"), is_main=True).on(today())
    drafts, given = (each.objects.filter(invitation=OuterRef("pk")) for each in (BallotDraft, Ballot))
    return (
        Invitation.objects.visible_to(user)
        .select_related("relation", "subject__cadre", "subject__unit", "subject__round__instrument")
        .annotate(
            post=Subquery(posts.values("title")[:1]),
            saved_at=Subquery(drafts.values("saved_at")[:1]),
            submitted_at=Subquery(given.values("submitted_at")[:1]),
        )
    )


def rounds_to_rate(user: Any) -> list[RoundToRate]:
    """Return the open rounds in which the user was invited, the one that ends first on top."""
    rows = to_rate(user).filter(subject__round__status=Round.Status.OPEN)
    rows = rows.filter(subject__round__closes_at__gt=now() - _LAST_MINUTE)
    found: dict[int, RoundToRate] = {}
    for each in rows.order_by(*_ORDER[:2], "used", *_ORDER[2:]):
        held = found.setdefault(each.subject.round_id, RoundToRate(each.subject.round, []))
        held.invitations.append(each)
    return list(found.values())


def rounds_that_ended(user: Any) -> list[dict[str, Any]]:
    """Return the latest rounds that take no ballots any more, with how many the user had submitted."""
    over = ~Q(subject__round__status=Round.Status.OPEN) | Q(
        subject__round__closes_at__lte=now() - _LAST_MINUTE
    )
    rows = (
        Invitation.objects.visible_to(user)
        .filter(over)
        .order_by("-subject__round__closes_at", "subject__round_id")
        .values("subject__round__title", "subject__round__closes_at", "subject__round_id")
        .annotate(done=Count("pk", filter=Q(used=True)), total=Count("pk"))
    )[:_ENDED_SHOWN]
    return [
        {
            "title": row["subject__round__title"],
            "closes_at": row["subject__round__closes_at"],
            "progress": Progress(row["done"], row["total"]),
        }
        for row in rows
    ]


def outstanding(user: Any) -> QuerySet[Invitation]:
    """Return what the user may submit at this moment and hasn't."""
    moment = now()
    rows = Invitation.objects.visible_to(user).outstanding()
    return rows.filter(
        subject__round__opens_at__lte=moment, subject__round__closes_at__gt=moment - _LAST_MINUTE
    )


def progress_of(user: Any, round_: Round) -> Progress:
    """Return how far the user got in a round."""
    rows = Invitation.objects.visible_to(user).filter(subject__round=round_)
    return Progress(**rows.aggregate(done=Count("pk", filter=Q(used=True)), total=Count("pk")))


def next_to_rate(user: Any, *, after: Invitation) -> Invitation | None:
    """Return whom the user rates next: in the same round first, then in the round that ends first."""
    rows = to_rate(user).filter(pk__in=outstanding(user).order_by().values("pk"))
    same = rows.filter(subject__round=after.subject.round_id)
    return same.order_by(*_ORDER).first() or rows.order_by(*_ORDER).first()
