"""What of the assessment engine waits for a person: ballots, own results, rounds to begin or to publish."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min
from django.urls import reverse

from accounts.scope import paths
from assessment.models import Round, SubjectResult
from assessment.rating import outstanding
from core.calendar import now
from core.todo import TodoItem

_SHOWN = 10


def waiting(user: Any) -> list[TodoItem]:
    """Return everything of this app that waits for the user."""
    return [*_ballots(user), *_results(user), *_rounds(user)]


def _ballots(user: Any) -> list[TodoItem]:
    """One line a round: how many ballots are still to be submitted, until its end."""
    rows = (
        outstanding(user)
        .order_by()
        .values("subject__round_id", "subject__round__title", "subject__round__closes_at")
        .annotate(count=Count("pk"), first=Min("pk"))
    )
    return [
        TodoItem(
            title=f"提交 {row['count']} 份评价票",
            verb="评价",
            url=reverse("ballot", args=[row["first"]]) if row["count"] == 1 else reverse("ballot-list"),
            due=row["subject__round__closes_at"],
            count=row["count"],
            detail=row["subject__round__title"],
        )
        for row in rows
    ]


def _results(user: Any) -> list[TodoItem]:
    """Published results of one's own that weren't confirmed yet."""
    rows = SubjectResult.objects.own(user).filter(confirmed_at=None).select_related("subject__round")
    return [
        TodoItem(
            title="查看并确认测评反馈",
            verb="查看",
            url=reverse("own-result", args=[row.pk]),
            detail=row.subject.round.title,
        )
        for row in rows.order_by("pk")
    ]


def _rounds(user: Any) -> list[TodoItem]:
    """Rounds whose results wait to be published, and those in preparation whose start has come."""
    if not paths(user, "round.manage"):
        return []
    rows = Round.objects.visible_to(user, "round.manage")
    closed = [
        TodoItem("公布评价结果", "核对", reverse("round-results", args=[each.pk]), detail=each.title)
        for each in rows.filter(status=Round.Status.CLOSED).order_by("closes_at", "pk")[:_SHOWN]
    ]
    begun = rows.filter(status=Round.Status.DRAFT, opens_at__lte=now()).order_by("opens_at", "pk")
    return closed + [
        TodoItem(
            "开始评价", "准备", reverse("round-detail", args=[each.pk]), due=each.closes_at, detail=each.title
        )
        for each in begun[:_SHOWN]
    ]
