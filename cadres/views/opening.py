"""Opening what is shown masked: one row at a time, after a reason, with an entry in the audit trail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from cadres.fields import is_own
from cadres.forms.people import RevealForm
from cadres.kinds import KINDS, REVIEWS
from cadres.models import Cadre
from cadres.services.sealed import OWN_REASON, REFUSED, may_open, reveal_record
from cadres.views.base import found_or_404
from cadres.views.detail import detail_url, tab_url, visible_cadre
from core.errors import DomainError, NotAllowed, NotFound


@require_http_methods(["GET", "POST"])
def open_record(
    request: HttpRequest, pk: int, kind: str = "", record: int = 0, review: int = 0
) -> HttpResponse:
    """Ask for a reason, then show the encrypted columns this once; the address is never cached.

    Without a kind it is the person's identity number; with `review` a review below an entry.
    """
    cadre = visible_cadre(request.user, pk)
    row = _row(cadre, kind, record, review)
    if not may_open(request.user, cadre, row):
        raise NotAllowed(REFUSED)
    asks = not (kind and is_own(request.user, cadre))
    form = RevealForm(request.POST if asks and request.method == "POST" else None)
    opened = []
    if request.method == "POST" and (not asks or form.is_valid()):
        reason = form.cleaned_data["reason"] if asks else OWN_REASON
        try:
            opened = reveal_record(record=row, by=request.user, reason=reason)
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error("reason", error.message)
    target = f"open-{'review' if review else kind}-{row.pk}" if kind else "identity"
    context = {"form": form, "opened": opened, "target": target, "is_number": not kind}
    context["back_url"] = tab_url(cadre, kind) if kind else detail_url(cadre)
    response = render(
        request,
        "cadres/_reveal.html",
        context,
        status=422 if request.method == "POST" and not opened else 200,
    )
    response["Cache-Control"] = "no-store"
    return response


def _row(cadre: Cadre, kind: str, record: int, review: int) -> Any:
    """The row of the address: it belongs to this person and has something to open, else 404."""
    if not kind:
        return cadre
    if kind not in KINDS:
        raise NotFound("没有这种履历。")
    found = found_or_404(KINDS[kind].model.objects.filter(cadre=cadre, pk=record).first())
    found.cadre = cadre
    if review:
        if kind not in REVIEWS:
            raise NotFound
        below = found_or_404(found.reviews.filter(pk=review).first())
        setattr(below, REVIEWS[kind].link, found)
        return below if REVIEWS[kind].sealed else found_or_404(None)
    return found if KINDS[kind].sealed else found_or_404(None)
