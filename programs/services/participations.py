"""Verbs on undertakings: place, rearrange, complete, cancel; the calendar starts and ends them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction

from accounts.models import User
from core.calendar import today
from core.errors import NotFound, WrongMoment
from core.models import DecisionBase
from core.workflow import take
from programs.effects.participations import last_day_of_stay
from programs.models import Base, CallStep, Nomination, Participation
from programs.routing import central_of, publicity_end

Status = Participation.Status


def place_participation(
    *,
    participation: Participation,
    base: Base,
    acting_post: str,
    start: dt.date,
    by: User,
    end: dt.date | None = None,
    host: User | None = None,
    guide: User | None = None,
    guide_name: str = "",
    comment: str = "",
) -> Participation:
    """Place a person: base, host (the base's lead unless another is named), guide, acting post, from–to.

    `end` is the last day; without one the programme's months count. Opens the stay, its 挂任 appointment and
    its appraisal, due a week after the end. Raises Invalid with the fields at fault, WrongMoment when the
    base is full on any day of the period or the person is away.
    """
    data = _arrangement(
        participation, base, acting_post, start, end, host=host, guide=guide, guide_name=guide_name
    )
    take_action(participation=participation, action="place", by=by, comment=comment, **data)
    return participation


def rearrange_participation(
    *,
    participation: Participation,
    base: Base,
    acting_post: str,
    start: dt.date,
    end: dt.date,
    by: User,
    comment: str,
    host: User | None = None,
    guide: User | None = None,
    guide_name: str = "",
) -> Participation:
    """Change an arrangement: from `start` on the person is at `base`; what ran before ends the day before.

    A change that starts no later than the present stay corrects that stay instead of adding one.
    """
    data = _arrangement(
        participation, base, acting_post, start, end, host=host, guide=guide, guide_name=guide_name
    )
    take_action(participation=participation, action="rearrange", by=by, comment=comment, **data)
    return participation


def _arrangement(
    participation: Participation,
    base: Base,
    acting_post: str,
    start: dt.date,
    end: dt.date | None,
    *,
    host: User | None,
    guide: User | None,
    guide_name: str,
) -> dict[str, Any]:
    if end is None:
        end = last_day_of_stay(start, participation.program.duration_months)
    return {
        "base": base,
        "host": host or base.lead,
        "guide": guide,
        "guide_name": guide_name.strip() or (guide.name if guide else ""),
        "acting_post": acting_post.strip(),
        "start": start,
        "end": end,
    }


def complete_participation(*, participation: Participation, by: User, comment: str = "") -> Participation:
    """Close an ended undertaking whose appraisals have come in and been read."""
    take_action(participation=participation, action="complete", by=by, comment=comment)
    return participation


def cancel_participation(*, participation: Participation, by: User, comment: str) -> Participation:
    """Call an undertaking off: before its start the place goes back and the waiting list moves."""
    take_action(participation=participation, action="cancel", by=by, comment=comment)
    return participation


def take_action(
    *, participation: Participation, action: str, by: User, comment: str = "", **data: Any
) -> DecisionBase:
    """Take an action of the workflow: place rearrange complete cancel.

    The nomination is locked before the undertaking, the order in which every action of the engine locks.
    Raises NotFound outside one's scope, else as core.workflow.take does.
    """
    if not Participation.objects.visible_to(by).filter(pk=participation.pk).exists():
        raise NotFound
    with transaction.atomic():
        if participation.nomination_id:
            Nomination.objects.select_for_update(of=("self",)).get(pk=participation.nomination_id)
        return take(participation, action, by=by, comment=comment, **data)


def follow_calendar() -> dict[str, int]:
    """Do what the calendar asks: start stays, end them, conclude 公示; safe to run twice at once.

    Cases left at a central school that their school no longer has go on to the next step.
    Returns how many of each were done.
    """
    day = today()
    started = _each(Participation.objects.filter(status=Status.PLACED, start__lte=day), "start")
    ended = _each(Participation.objects.filter(status=Status.ACTIVE, end__lt=day), "end")
    publicised = Nomination.objects.filter(status=Nomination.Status.PUBLICISED)
    over = [case for case in publicised if _is_over(publicity_end(case), day)]
    _each(_without_central(), "reroute")
    return {"started": started, "ended": ended, "concluded": _each(over, "conclude")}


def _without_central() -> list[Nomination]:
    """Cases that wait for a central school although none is above their school (it was moved)."""
    cases = Nomination.objects.under_way().filter(step__level=CallStep.Level.CENTRAL)
    paths = set(cases.order_by().values_list("unit_path", flat=True).distinct())
    alone = [path for path in paths if central_of(path) is None]
    return list(cases.filter(unit_path__in=alone))


def _is_over(last: dt.date | None, day: dt.date) -> bool:
    return last is not None and last < day


def _each(rows: Iterable[Any], action: str, act: Callable[..., Any] = take) -> int:
    """Take an automatic action on each row; one that another beat took first is left alone."""
    done = 0
    for row in rows:
        try:
            act(row, action, by=None)
        except WrongMoment:
            continue
        done += 1
    return done
