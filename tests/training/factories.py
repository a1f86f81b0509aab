"""Builders for tests of training: classes in the window of the tests' clock, people with accounts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import Unit, User
from cadres.models import Cadre
from tests.factories import make_user
from tests.programs.factories import make_cadre, moment
from training.models import Enrolment, TrainingClass
from training.services.classes import create_class, take_class_action
from training.services.enrolments import apply

_numbers = count(1)


def fields(**changes: Any) -> dict[str, Any]:
    """What a class of two places needs, open for enrolment in the middle of November 2026."""
    return {
        "title": f"校级干部领导力培训班（第{next(_numbers)}期）",
        "hours": Decimal("40"),
        "starts_on": dt.date(2026, 12, 7),
        "ends_on": dt.date(2026, 12, 11),
        "capacity": 2,
        "enrol_from": moment("2026-11-10 08:00"),
        "enrol_until": moment("2026-11-30 17:00"),
        **changes,
    }


def make_class(unit: Unit, by: User, *, is_open: bool = True, **changes: Any) -> TrainingClass:
    """A class made by the services, open unless told otherwise."""
    made = create_class(unit=unit, by=by, **fields(**changes))
    if is_open:
        take_class_action(training_class=made, action="open", by=by)
    return made


def person(unit: Unit, name: str = "", **more: Any) -> Cadre:
    """Somebody in service at a unit with an account of their own."""
    number = next(_numbers)
    name = name or f"学员{number}"
    return make_cadre(unit, name, user=make_user(f"learner-{number}", name), **more)


def applied(training_class: TrainingClass, unit: Unit) -> Enrolment:
    """Somebody's own application that waits for the school's consent."""
    return apply(training_class=training_class, by=person(unit).user, reason="想提高管理能力")
