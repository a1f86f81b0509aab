"""What the actions on a call write: the window's new end, the messages, the end of its waiting list."""

from __future__ import annotations

from typing import Any

from core.workflow import Move, take
from programs import messages
from programs.models import Call, Nomination


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
    """Tell the schools that they have more time."""
    messages.call_extended(call)


def after_finish(call: Call, move: Move) -> None:
    """The waiting list ends with the call."""
    for nomination in Nomination.objects.filter(call=call, status=Nomination.Status.WAITING):
        take(nomination, "lapse", by=None, comment="本次征集已办结，候补结束。")
