"""What the audit trail is told of anonymous submissions: that somebody submitted in a round on a day, and no more.

An entry written with the ballot would tell the time by its running number, so days are noted first and told once
they are over (or the round is): together, in random order, one entry for a person, a round and a day.
"""

from __future__ import annotations

from datetime import date
from random import SystemRandom

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from assessment.models import BallotDay, Round
from core import audit

audit.register("ballot.submitted", "提交评价")


def note_day(round: Round, rater: User, day: date) -> None:
    """Note that a rater submitted anonymously on a day; several ballots of a day are one note."""
    BallotDay.objects.bulk_create([BallotDay(round=round, rater=rater, day=day)], ignore_conflicts=True)


def tell_round(round: Round) -> int:
    """Tell the trail the days of a round that takes no ballots any more; returns how many entries."""
    return _tell(BallotDay.objects.filter(round=round))


def tell_before(day: date) -> int:
    """Tell the trail the days before one; returns how many entries. Run twice at once it tells them once."""
    return _tell(BallotDay.objects.filter(day__lt=day))


def _tell(days: QuerySet[BallotDay]) -> int:
    with transaction.atomic():
        rows = list(
            days.select_for_update(of=("self",)).select_related("round__unit", "rater").order_by("pk")
        )
        SystemRandom().shuffle(rows)
        for row in rows:
            audit.record(
                "ballot.submitted", by=row.rater, obj=row.round, unit_name=row.round.unit.name, day=row.day
            )
        BallotDay.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
