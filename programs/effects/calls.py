"""What the actions on a call write: the window's new end, the messages, the end of its waiting list."""

from __future__ import annotations

from typing import Any

from core.calendar import ZONE
from core.workflow import Move, take
from programs import messages
from programs.models import Call, CallStep, Nomination

Kind = CallStep.Kind


def after_open(call: Call, move: Move) -> None:
    """Tell the schools."""
    messages.call_opened(call)


def extend_columns(call: Call, move: Move) -> dict[str, Any]:
    """The new end of the window, and of the list's due date where one is given."""
    columns = {"closes_at": move.data["closes_at"]}
    if move.data.get("list_due"):
        columns["list_due"] = move.data["list_due"]
    return columns


def after_extend(call: Call, move: Move) -> None:
    """Move the steps' days along; tell the schools that they have more time."""
    _move_steps(call)
    messages.call_extended(call)


def stay_put(call: Call, move: Move) -> str:
    """More time for the lists leaves the schools' window as it is."""
    return call.status


def extend_list_columns(call: Call, move: Move) -> dict[str, Any]:
    """The new day on which the lists are due."""
    return {"list_due": move.data["list_due"]}


def after_extend_list(call: Call, move: Move) -> None:
    """Move the steps' days along; tell the central schools."""
    _move_steps(call)
    messages.list_extended(call)


def _move_steps(call: Call) -> None:
    """The window's end and the lists' day are the days of their steps; no later step is due before them."""
    floor = call.closes_at.astimezone(ZONE).date()
    for step in call.steps.exclude(due=None).order_by("order"):
        own = {Kind.RECOMMEND: floor, Kind.LIST: call.list_due or step.due}.get(Kind(step.kind), step.due)
        floor = max(own, floor)
        if step.due != floor:
            step.due = floor
            step.save(update_fields=["due"])


def after_finish(call: Call, move: Move) -> None:
    """The waiting list ends with the call."""
    for nomination in Nomination.objects.filter(call=call, status=Nomination.Status.WAITING):
        take(nomination, "lapse", by=None, comment="本次征集已办结，候补结束。")
