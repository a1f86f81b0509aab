"""Panels of training on other apps' pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cadres.models import Cadre
from core.errors import NotFound
from training.models import Enrolment
from training.presenting import enrolment_lines

_SHOWN = 20


@require_GET
def cadre_training(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's classes, as far as the reader sees them; 404 where not even the person."""
    seen = Cadre.objects.visible_to(request.user) | Cadre.objects.filter(user_id=request.user.pk)
    if not seen.filter(pk=pk).exists():
        raise NotFound("没有找到这位干部。")
    rows = Enrolment.objects.visible_to(request.user).filter(cadre_id=pk).select_related("training_class")
    entries = enrolment_lines(rows.order_by("-training_class__starts_on", "-pk")[:_SHOWN])
    return render(request, "training/_cadre_training.html", {"entries": entries})
