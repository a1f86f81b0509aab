"""Panels of the nomination engine on other apps' pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cadres.models import Cadre
from core.errors import NotFound
from programs import presenting
from programs.models import Nomination, Participation

_SHOWN = 20


@require_GET
def cadre_programs(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's nominations and undertakings, as far as the reader sees them; 404 where not even the person."""
    seen = Cadre.objects.visible_to(request.user) | Cadre.objects.filter(user_id=request.user.pk)
    if not seen.filter(pk=pk).exists():
        raise NotFound("没有找到这位干部。")
    cases = Nomination.objects.visible_to(request.user).filter(cadre_id=pk).exclude(status="draft")
    rows = Participation.objects.visible_to(request.user).filter(cadre_id=pk)
    entries = [
        {
            "at": each.start or each.created_at,
            "title": each.program.name,
            "who": f"{each.get_status_display()}　"
            + "；".join(f"{stint.base.name} {stint.acting_post}" for stint in each.stints.all()),
            "url": f"/participations/{each.pk}/",
            "tone": presenting.PARTICIPATION_TONES[each.status],
        }
        for each in rows.select_related("program").prefetch_related("stints__base")[:_SHOWN]
    ]
    entries += [
        {
            "at": each.submitted_at,
            "title": each.call.title,
            "who": f"推荐：{presenting.state_words(each)}",
            "url": f"/nominations/{each.pk}/",
            "tone": presenting.state_tone(each),
        }
        for each in cases.select_related("call", "step", "participation")[:_SHOWN]
    ]
    return render(request, "programs/_cadre_programs.html", {"entries": entries})
