"""One more row of each page of training, for the tests that count a list's statements."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.calendar import now
from tests.factories import make_user
from tests.programs.factories import make_cadre
from tests.training.factories import make_class
from training.models import ClassTarget, Enrolment, TrainingClass


def full_class(stage: Any, number: int) -> TrainingClass:
    """An open class with people of the East in every state."""
    made = make_class(stage.tree.bureau, stage.people["hr"], is_open=False, title=f"培训班{number}")
    TrainingClass.objects.filter(pk=made.pk).update(status="open")
    _in_every_state(stage, made)
    return made


def people_of_class(stage: Any, number: int) -> None:
    """More people of every state in the open class."""
    _in_every_state(stage, stage.open_class)


def meant_person(stage: Any, number: int) -> None:
    """Somebody the limited class is meant for."""
    cadre = make_cadre(stage.tree.school_east)
    ClassTarget.objects.create(training_class=stage.limited_class, cadre=cadre)
    _enrolled(stage, stage.limited_class, "applied")


def planned_day(stage: Any, number: int) -> None:
    """A phase with a session in the open class."""
    _planned(stage.open_class, number)


def own_classes(stage: Any, number: int) -> None:
    """One to apply for, one with a place and a session, one that is over."""
    full_class(stage, number)
    for status in ("open", "finished"):
        made = full_class(stage, number)
        Enrolment.objects.create(
            training_class=made, cadre=stage.cadre, unit=stage.cadre.unit, status="enrolled",
            applied_by=make_user(), queued_at=now(),
        )  # fmt: skip
        _planned(made, number)
        TrainingClass.objects.filter(pk=made.pk).update(status=status)


def _in_every_state(stage: Any, training_class: TrainingClass) -> None:
    for status in ("applied", "enrolled", "waiting"):
        _enrolled(stage, training_class, status)


def _enrolled(stage: Any, training_class: TrainingClass, status: str) -> None:
    cadre = make_cadre(stage.tree.school_east)
    Enrolment.objects.create(
        training_class=training_class, cadre=cadre, unit=cadre.unit, status=status, applied_by=make_user(),
        queued_at=None if status == "applied" else now(),
    )  # fmt: skip


def _planned(training_class: TrainingClass, number: int) -> None:
    phase = training_class.phases.create(order=100 + number, name="领导力", days=2)
    training_class.sessions.create(
        phase=phase,
        day=training_class.starts_on,
        begins=dt.time(9),
        ends=dt.time(11),
        topic="研修",
        trainer="文老师",
    )
