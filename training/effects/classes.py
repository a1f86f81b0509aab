"""What the actions on a class write: the window's new end, the end of applications and the waiting list, messages."""

from __future__ import annotations

from typing import Any

from core.workflow import Move, take
from training import messages
from training.models import Enrolment, TrainingClass

Status = Enrolment.Status


def after_open(training_class: TrainingClass, move: Move) -> None:
    """Tell those who may enrol."""
    messages.class_opened(training_class)


def extend_columns(training_class: TrainingClass, move: Move) -> dict[str, Any]:
    """The new end of the window."""
    return {"enrol_until": move.data["enrol_until"]}


def after_extend(training_class: TrainingClass, move: Move) -> None:
    """Tell those who may enrol that there is more time."""
    messages.class_extended(training_class)


def after_settle(training_class: TrainingClass, move: Move) -> None:
    """Whoever has no place by now gets none: without the school's consent, or still waiting."""
    _lapse(training_class, "报名已截止，没有录取。")


def after_cancel(training_class: TrainingClass, move: Move) -> None:
    """Tell everybody concerned; applications and the waiting list end, the enrolled stay on record.

    A draft was nobody's news.
    """
    if training_class.decisions.filter(action="open").exists():
        messages.class_cancelled(training_class)
    _lapse(training_class, "培训班已取消。")


def _lapse(training_class: TrainingClass, words: str) -> None:
    left = Enrolment.objects.filter(
        training_class=training_class, status__in=[Status.APPLIED, Status.WAITING]
    )
    for enrolment in left.order_by("pk"):
        take(enrolment, "lapse", by=None, comment=words)
