"""What people are told about rounds: one message per recipient and occasion, never whom it is about nor a verdict.

Messages leave the house by e-mail, so a rater's names no person to rate, and a subject's no figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from assessment.models import Invitation, Round, SubjectResult
from core.calendar import ZONE
from core.inbox import NewMessage, send_many


def round_opened(round_: Round) -> None:
    """Tell everybody invited that there is something to rate; whoever is invited later hears by a further call."""
    _tell_raters(round_, "open", f"请参加“{round_.title}”", "")


def round_extended(round_: Round) -> None:
    """Tell those who haven't submitted everything that they have more time."""
    closes = round_.closes_at.astimezone(ZONE)
    _tell_raters(
        round_, f"extended:{closes:%Y%m%d%H%M}", f"“{round_.title}”延长了截止时间", "", only_outstanding=True
    )


def round_cancelled(round_: Round) -> None:
    """Tell everybody invited that nothing is to be rated any more."""
    _send(
        _raters(round_, only_outstanding=False),
        f"round:{round_.pk}:cancelled",
        title=f"“{round_.title}”已取消",
        body="不需要再评价。",
        url="/ballots/",
    )


def results_published(round_: Round) -> None:
    """Tell every person rated who has an account that the own result may be read; each has an address of its own."""
    rows = SubjectResult.objects.filter(subject__round=round_, subject__cadre__user__is_active=True)
    send_many(
        NewMessage(
            row.subject.cadre.user,
            f"round:{round_.pk}:published",
            title=f"“{round_.title}”的结果已公布",
            body="请查看本人的测评反馈并确认。",
            url=f"/results/{row.pk}/",
        )
        for row in rows.select_related("subject__cadre__user")
    )


def until_words(round_: Round) -> str:
    """How long ballots are taken: 2026年12月1日 18:00."""
    local = round_.closes_at.astimezone(ZONE)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def _tell_raters(
    round_: Round, occasion: str, title: str, body: str, *, only_outstanding: bool = False
) -> None:
    _send(
        _raters(round_, only_outstanding=only_outstanding),
        f"round:{round_.pk}:{occasion}",
        title=title,
        body=body or f"请在{until_words(round_)}前在“待评”里提交评价票。",
        url="/ballots/",
        due=round_.closes_at,
    )


def _raters(round_: Round, *, only_outstanding: bool) -> Iterable[User]:
    rows = Invitation.objects.filter(subject__round=round_)
    rows = rows.filter(used=False) if only_outstanding else rows
    return User.objects.filter(is_active=True, pk__in=rows.values("rater"))


def _send(people: Iterable[User], occasion: str, **words: Any) -> None:
    send_many(NewMessage(person, occasion, **words) for person in people)
