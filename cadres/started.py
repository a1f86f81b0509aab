"""What a cadre has asked for and where it stands: requests for correction, confidential requests."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, When
from django.urls import reverse

from cadres.models import Correction, Petition
from cadres.services.corrections import subject_of
from cadres.tables import CORRECTION_TONES
from core.started import Line

_SHOWN = 4


def own_requests(user: Any) -> list[Line]:
    """Return the newest of one's own requests, those under way first; nothing of what is confidential in them."""
    return [*_corrections(user), *_petitions(user)]


def _corrections(user: Any) -> list[Line]:
    rows = Correction.objects.filter(cadre__user=user.pk).annotate(
        rank=Case(When(status__in=(Correction.Status.DRAFT, *Correction.OPEN), then=0), default=1)
    )
    return [
        Line(
            title=f"更正申请：{subject_of(row)}",
            url=reverse("correction-detail", args=[row.pk]),
            status=row.get_status_display(),
            tone=CORRECTION_TONES.get(row.status, "muted"),
            due=row.due if row.status == Correction.Status.SUBMITTED else None,
        )
        for row in rows.order_by("rank", "-updated_at", "-pk")[:_SHOWN]
    ]


def _petitions(user: Any) -> list[Line]:
    rows = Petition.objects.filter(cadre__user=user.pk).annotate(
        rank=Case(When(replied_on=None, then=0), default=1)
    )
    return [
        Line(
            title=f"{row.submitted_on.year}年{row.submitted_on.month}月{row.submitted_on.day}日提出的诉求",
            url=f"{reverse('cadre-detail', args=[row.cadre_id])}?tab=requests",
            status=row.state,
            tone="success" if row.replied_on else "active",
            due=None if row.replied_on else row.due,
        )
        for row in rows.defer("subject", "content", "reply").order_by("rank", "-submitted_on", "-pk")[:_SHOWN]
    ]
