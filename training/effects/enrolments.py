"""What the actions on an enrolment write: the place in the queue, who moves up, messages."""

from __future__ import annotations

from typing import Any

from core.workflow import Move, take
from training import messages, places
from training.models import Enrolment, TrainingClass

Status = Enrolment.Status


def consent_target(enrolment: Enrolment, move: Move) -> str:
    """A place while there is one (the guard holds the class's lock), else the waiting list."""
    return Status.ENROLLED if places.places_left(enrolment.training_class) else Status.WAITING


def consent_columns(enrolment: Enrolment, move: Move) -> dict[str, Any]:
    """When the school consented: the place in the queue."""
    return {"queued_at": move.at}


def after_settled(enrolment: Enrolment, move: Move) -> None:
    """Tell the person."""
    messages.settled(enrolment)


def after_withdraw(enrolment: Enrolment, move: Move) -> None:
    """Tell the other side; the place goes to whoever waits longest."""
    messages.withdrawn(enrolment, move.by)
    move_up(enrolment.training_class)


def after_lapse(enrolment: Enrolment, move: Move) -> None:
    """Tell the person, unless the whole class was cancelled: of that everybody is told at once."""
    if enrolment.training_class.status != TrainingClass.Status.CANCELLED:
        messages.settled(enrolment)


def move_up(training_class: TrainingClass) -> None:
    """Give free places to those who wait longest; the system acts, under the class's lock."""
    locked = places.lock_class(training_class.pk)
    while places.places_left(locked):
        following = places.first_waiting(locked)
        if following is None:
            return
        take(following, "promote", by=None, comment="名额空出，按候补顺序递补。")
