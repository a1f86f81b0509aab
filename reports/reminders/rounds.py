"""Rounds: whoever still has somebody to rate is told two days before the round ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from accounts.models import User
from assessment.models import Invitation, Relation
from core.calendar import ZONE, end_of_day, now
from core.inbox import NewMessage
from programs.avoidance import avoiding_pairs
from reports.reminders.deadlines import horizon

# Days before a round ends on which its outstanding raters are reminded.
AHEAD = (2,)


def due() -> Iterator[NewMessage]:
    """Yield one reminder per rater and round that ends soon.

    The occasion names the deadline: one that was moved is a new one and is called to mind anew. The message names
    nobody who is to be rated; kin confirmed after the invitation aren't counted (回避).
    """
    counts = _outstanding()
    people = User.objects.in_bulk({rater for rater, *_ in counts})
    for (rater, key, title, closes_at), count in counts.items():
        closes = closes_at.astimezone(ZONE)
        yield NewMessage(
            people[rater],
            f"round:{key}:closing:{closes:%Y%m%d%H%M}",
            title=f"“{title}”还有 {count} 份评价票没有提交",
            body=f"截止时间为{closes:%Y年%-m月%-d日 %H:%M}，过时不收。",
            url=reverse("ballot-list"),
            due=closes_at,
        )


def _outstanding() -> dict[tuple[int, int, str, datetime], int]:
    """How many ballots each rater still owes, by (rater, round, its title, its end)."""
    moment = now()
    rows = (
        Invitation.objects.outstanding()
        .filter(
            rater__is_active=True,
            subject__round__opens_at__lte=moment,
            subject__round__closes_at__gt=moment,
            subject__round__closes_at__lte=end_of_day(horizon(AHEAD)),
        )
        .order_by("subject__round__closes_at", "subject__round_id", "rater_id")
        .values_list(
            "rater_id", "subject__round_id", "subject__round__title", "subject__round__closes_at",
            "subject__cadre_id", "relation__kind",
        )
    )  # fmt: skip
    found = list(rows)
    avoiding = avoiding_pairs(row[4] for row in found)
    counts: dict[tuple[int, int, str, datetime], int] = {}
    for *key, cadre, kind in found:
        if kind == Relation.Kind.SELF or (key[0], cadre) not in avoiding:
            counts[tuple(key)] = counts.get(tuple(key), 0) + 1  # type: ignore[index, arg-type]
    return counts
