"""Requests that wait for an answer: petitions and corrections, before their date and weekly after it."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from cadres.models import Correction, Petition
from core.inbox import NewMessage
from reports.reminders.deadlines import horizon
from reports.reminders.recipients import keepers_of_due


def due() -> Iterator[NewMessage]:
    """Yield the reminders of this module."""
    yield from petitions()
    yield from corrections()


def petitions() -> Iterator[NewMessage]:
    """Those who may answer; the message names neither the person nor the matter."""
    waiting = Petition.objects.filter(replied_on=None, due__lte=horizon()).select_related("cadre")
    rows = list(waiting.defer("subject", "content", "reply").order_by("due", "pk"))
    for row, at, person in keepers_of_due(rows, "cadre.edit", "cadre.view_sensitive"):
        yield NewMessage(
            person, f"petition:{row.pk}:{at.occasion}", title=f"有 1 件干部诉求{at.words('答复')}",
            body="内容保密，请在系统中查看和答复。",
            url=reverse("petition-answer", args=[row.cadre_id, row.pk]), due=row.due,
        )  # fmt: skip


def corrections() -> Iterator[NewMessage]:
    """Those who keep the record; what would be corrected stands on the page."""
    waiting = Correction.objects.waiting().filter(due__lte=horizon()).select_related("cadre")
    rows = list(waiting.defer("wanted", "explanation").order_by("due", "pk"))
    for row, at, person in keepers_of_due(rows, "cadre.edit"):
        yield NewMessage(
            person, f"correction:{row.pk}:{at.occasion}",
            title=f"{row.cadre.name}的档案更正申请{at.words('核实')}", body="请核对证明材料后办理。",
            url=reverse("correction-detail", args=[row.pk]), due=row.due,
        )  # fmt: skip
