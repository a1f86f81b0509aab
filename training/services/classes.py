"""Verbs on classes: make one, change it, open, extend, settle, finish, cancel; also what the clock does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Unit, User
from accounts.scope import require
from core import audit
from core.calendar import ZONE, now, today
from core.errors import Invalid, NotFound, WrongMoment
from core.models import DecisionBase
from core.versions import require_version
from core.workflow import take
from training import messages, places
from training.effects.enrolments import move_up
from training.models import TrainingClass

audit.register("class.created", "建立培训班")
audit.register("class.edited", "修改培训班")

Status = TrainingClass.Status
EDITABLE = (
    "title", "summary", "mode", "venue", "hours", "starts_on", "ends_on", "capacity", "enrol_from",
    "enrol_until", "self_enrolment",
)  # fmt: skip
# What may still change once people have enrolled: nothing they have enrolled for gets less.
EDITABLE_LATER = ("summary", "venue", "capacity")
_LABELS = {each.name: str(each.verbose_name) for each in TrainingClass._meta.concrete_fields}


def create_class(*, unit: Unit, by: User, **fields: Any) -> TrainingClass:
    """Make a drafted class held by a unit, for the people of its subtree; `fields` as in EDITABLE.

    Needs `class.manage` on the unit. Raises Invalid with the fields at fault.
    """
    require(by, "class.manage", unit)
    made = TrainingClass(unit=unit, created_by=by)
    _assign(made, fields, EDITABLE)
    with transaction.atomic():
        made.save()
        audit.record("class.created", by=by, obj=made, after=dict(fields), unit_name=unit.name)
    return made


def update_class(
    *, training_class: TrainingClass, changes: Mapping[str, Any], by: User, version: str = ""
) -> TrainingClass:
    """Change a class: everything while drafted, later its content, venue and a higher capacity.

    More places go to those who wait; the enrolled hear of another venue. Raises Stale for an older version,
    WrongMoment once the class is over, Invalid with the fields at fault.
    """
    require(by, "class.manage", training_class)
    with transaction.atomic():
        locked = lock_for_change(training_class)
        if version:
            require_version(locked, version)
        drafted = locked.status == Status.DRAFT
        before: dict[str, Any] = {name: getattr(locked, name, None) for name in changes}
        changed = {name for name, value in changes.items() if before[name] != value}
        _assign(locked, changes, EDITABLE if drafted else EDITABLE_LATER, changed)
        if not drafted and "capacity" in changed and locked.capacity < before["capacity"]:
            words = f"报名开始后名额只能增加（现为 {before['capacity']} 人）。"
            raise Invalid(words, errors={"capacity": [words]})
        locked.save()
        audit.record("class.edited", by=by, obj=locked, before=before, after=dict(changes),
                     unit_name=locked.unit.name)  # fmt: skip
        if not drafted:
            move_up(locked)
            if "venue" in changed:
                messages.venue_changed(locked)
    training_class.refresh_from_db()
    return training_class


def lock_for_change(training_class: TrainingClass) -> TrainingClass:
    """Lock a class that is not over yet. Raises WrongMoment for a finished or cancelled one."""
    locked = places.lock_class(training_class.pk)
    if locked.status in (Status.FINISHED, Status.CANCELLED):
        raise WrongMoment(f"培训班{locked.get_status_display()}，不能再修改。")
    return locked


def _assign(
    training_class: TrainingClass, values: Mapping[str, Any], allowed: Iterable[str], changed: Any = None
) -> None:
    """Set and check values. Raises Invalid for what is wrong, or can't be changed (any more)."""
    for name, value in values.items():
        if name in allowed:
            setattr(training_class, name, value)
        elif name not in EDITABLE:
            raise Invalid(f"不能修改“{name}”。")
        elif changed is None or name in changed:
            words = f"报名开始后不能再修改{_LABELS[name]}。"
            raise Invalid(words, errors={name: [words]})
    errors = _faults(training_class)
    if errors:
        raise Invalid("填写的内容有误，请检查标出的各项。", errors=errors)


def _faults(training_class: TrainingClass) -> dict[str, list[str]]:
    try:
        training_class.full_clean(exclude=["unit_path"], validate_constraints=False)
    except ValidationError as error:
        return dict(error.message_dict)
    errors: dict[str, list[str]] = {}
    if training_class.ends_on < training_class.starts_on:
        errors["ends_on"] = ["结束日期不能早于开班日期。"]
    if training_class.enrol_until <= training_class.enrol_from:
        errors["enrol_until"] = ["报名截止须晚于报名开始。"]
    elif training_class.enrol_until.astimezone(ZONE).date() > training_class.starts_on:
        errors["enrol_until"] = ["报名截止不能晚于开班日期。"]
    if training_class.capacity < 1:
        errors["capacity"] = ["名额至少 1 人。"]
    if training_class.hours <= 0:
        errors["hours"] = ["学时须大于 0。"]
    if training_class.pk:
        outside = training_class.sessions.exclude(
            day__range=(training_class.starts_on, training_class.ends_on)
        ).count()
        if outside:
            errors["starts_on"] = [f"有 {outside} 次课程安排不在开班至结束日期之间，请先调整。"]
    return errors


def take_class_action(
    *, training_class: TrainingClass, action: str, by: User, comment: str = "", version: str = "", **data: Any
) -> DecisionBase:
    """Take an action of the workflow: open, extend (`enrol_until`), settle, finish, cancel.

    Raises NotFound outside one's scope, Stale for an older version, else as core.workflow.take does.
    """
    if not TrainingClass.objects.visible_to(by).filter(pk=training_class.pk).exists():
        raise NotFound
    with transaction.atomic():
        locked = places.lock_class(training_class.pk)
        if version:
            require_version(locked, version)
        return take(training_class, action, by=by, comment=comment, **data)


def settle_due_classes() -> int:
    """Settle the lists of the classes whose window has passed; safe to run twice. Returns how many."""
    due = TrainingClass.objects.filter(status=Status.OPEN, enrol_until__lte=now())
    return _each(due, "settle", "报名截止，名单自动确定。")


def finish_past_classes() -> int:
    """Finish the classes whose last day has passed; safe to run twice. Returns how many."""
    past = TrainingClass.objects.filter(status=Status.SETTLED, ends_on__lt=today())
    return _each(past, "finish", "培训班已结束。")


def _each(classes: Iterable[TrainingClass], action: str, words: str) -> int:
    """Take an automatic action on each; one that isn't due to the second, or that another beat took, is left."""
    done = 0
    for each in classes:
        try:
            take(each, action, by=None, comment=words)
        except WrongMoment:
            continue
        done += 1
    return done
