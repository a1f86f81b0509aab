"""How far the raters of a round are: numbers a relation; names only where a relation is named (实名).

Of an anonymous relation nothing is counted below the round: a subject with few raters would tell who has rated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts.models import User
from assessment.models import Invitation, Relation, Round, RoundSubject


@dataclass(frozen=True)
class RelationCount:
    """A relation with how many ballots were asked for and how many are in."""

    relation: Relation
    invited: int
    received: int

    @property
    def left(self) -> int:
        """How many are still to come."""
        return self.invited - self.received


def relation_counts(round: Round) -> list[RelationCount]:
    """Return the relations of a round with their numbers, in their order; one query."""
    used = Count("invitations", filter=Q(invitations__used=True))
    rows = round.relations.annotate(asked=Count("invitations"), got=used).order_by("id")
    return [RelationCount(each, each.asked, each.got) for each in rows]


def invited_by_subject(subjects: Iterable[RoundSubject]) -> dict[int, dict[int, int]]:
    """Return how many raters each subject has, by relation; nothing about who has submitted."""
    rows = (
        Invitation.objects.filter(subject__in=[each.pk for each in subjects])
        .order_by()
        .values_list("subject_id", "relation_id")
        .annotate(count=Count("id"))
    )
    found: dict[int, dict[int, int]] = {}
    for subject, relation, count in rows:
        found.setdefault(subject, {})[relation] = count
    return found


def outstanding_named(round: Round) -> QuerySet[User, dict[str, Any]]:
    """Return the raters of named relations who have ballots to submit, with how many (name, id, left)."""
    rows = Invitation.objects.filter(subject__round=round, relation__anonymous=False, used=False)
    return (
        User.objects.filter(pk__in=rows.values("rater"))
        .annotate(left=Count("invitations", filter=Q(invitations__in=rows)))
        .order_by("name", "pk")
        .values("pk", "name", "username", "left")
    )


def unrated(round: Round) -> QuerySet[RoundSubject]:
    """Return the subjects whom nobody is asked to rate."""
    return round.subjects.filter(invitations=None).select_related("cadre", "unit").order_by("unit_path", "id")


def places_without_raters(round: Round) -> int:
    """Return in how many places (a subject and a relation) nobody is asked to rate."""
    wanted = round.subjects.count() * round.relations.count()
    rows = Invitation.objects.filter(subject__round=round).order_by()
    return wanted - rows.values("subject_id", "relation_id").distinct().count()


def with_counts(rows: QuerySet[Round]) -> QuerySet[Round]:
    """Annotate rounds with people rated, ballots asked for and ballots in (people, invited, received)."""
    return rows.annotate(
        people=Count("subjects", distinct=True),
        invited=Count("subjects__invitations", distinct=True),
        received=Count("subjects__invitations", filter=Q(subjects__invitations__used=True), distinct=True),
    ).order_by(F("opens_at").desc(), "-pk")
