"""A cadre's own training: what one is in, the next sessions, what one may apply for, what was."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cadres.services.ties import has_record
from core.calendar import today
from core.errors import NotAllowed
from training import presenting
from training.listing import open_to_apply, own_sessions, with_numbers
from training.models import Enrolment, TrainingClass

_SHOWN, _SESSIONS = 30, 12
_ENDED = (TrainingClass.Status.FINISHED, TrainingClass.Status.CANCELLED)


@require_GET
def my_training(request: HttpRequest) -> HttpResponse:
    """The page 我的培训; for whoever is on the roster."""
    user = request.user
    if not has_record(user):
        raise NotAllowed("您没有干部档案，没有本人的培训记录。")
    rows = Enrolment.objects.filter(cadre__user=user.pk).select_related("training_class")
    present = rows.filter(status__in=Enrolment.LIVE).exclude(training_class__status__in=_ENDED)
    past = rows.exclude(pk__in=present.values("pk"))
    attended = past.filter(status=Enrolment.Status.ENROLLED, training_class__status="finished")
    context = {
        "present": [_line(each) for each in present.order_by("training_class__starts_on", "pk")[:_SHOWN]],
        "past": [_line(each) for each in past.order_by("-training_class__starts_on", "-pk")[:_SHOWN]],
        "attended": attended.count(),
        "days": presenting.by_day(own_sessions(user, today())[:_SESSIONS]),
        "offers": [_offer(each) for each in with_numbers(open_to_apply(user), user)[:_SHOWN]],
    }
    return render(request, "training/my_training.html", context)


def _line(row: Enrolment) -> dict[str, Any]:
    """An enrolment in a list."""
    words, tone = presenting.standing_of(row)
    return {
        "row": row,
        "training_class": row.training_class,
        "days": presenting.days_of(row.training_class),
        "words": words,
        "tone": tone,
    }


def _offer(row: Any) -> dict[str, Any]:
    """A class one may apply for, with the places left."""
    return {
        "training_class": row,
        "days": presenting.days_of(row),
        "left": max(row.capacity - row.enrolled, 0),
    }
