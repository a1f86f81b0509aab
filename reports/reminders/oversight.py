"""Oversight: follow-ups and replies that are due or late, effects of sanctions that end. No names in messages."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse

from cadres.models import Oversight
from core.calendar import today
from core.inbox import NewMessage
from reports.reminders.deadlines import chinese, horizon, mark
from reports.reminders.recipients import Keepers, keepers_of_due, paths_of

# Days before the end of a sanction's or an admonition's effect.
ENDING = (30, 7)
_RIGHTS = ("cadre.edit", "cadre.view_sensitive")


def due() -> Iterator[NewMessage]:
    """Yield the reminders of this module."""
    yield from follow_ups()
    yield from endings()


def follow_ups() -> Iterator[NewMessage]:
    """诫勉回访, 函询回复, 整改: whoever records them, before the date and weekly after it."""
    rows = _bare(Oversight.objects.due_by(horizon()))
    for row, at, person in keepers_of_due(rows, *_RIGHTS):
        yield NewMessage(
            person, f"oversight:{row.pk}:{at.occasion}",
            title=f"有 1 项监督事项{at.words('办结')}", body="内容保密，请在系统中登记回访、回复或整改情况。",
            url=reverse("oversight-follow-up", args=[row.cadre_id, row.pk]), due=row.due,
        )  # fmt: skip


def endings() -> Iterator[NewMessage]:
    """An effect that is over in thirty and in seven days: `end` is the first day without it."""
    kinds = (Oversight.Kind.SANCTION, Oversight.Kind.ADMONITION)
    ending = Oversight.objects.filter(kind__in=kinds, end__gte=today(), end__lte=horizon(ENDING))
    rows = _bare(ending)
    keepers = Keepers(paths_of(rows), *_RIGHTS)
    for row in rows:
        ahead = mark(row.end, ENDING) if row.end else None
        if row.end is None or ahead is None:
            continue
        for person in keepers.of(row.cadre_id):
            yield NewMessage(
                person, f"oversight:{row.pk}:ending:{row.end:%Y%m%d}:{ahead}",
                title=f"有 1 名干部的监督影响期将在{chinese(row.end)}届满", body="内容保密，请在系统中查看。",
                url=f"{reverse('cadre-detail', args=[row.cadre_id])}?tab=oversight", due=row.end,
            )  # fmt: skip


def _bare(rows: QuerySet[Oversight]) -> list[Oversight]:
    """The acts with their people, without what they say."""
    return list(rows.select_related("cadre").defer("content", "result").order_by("pk"))
