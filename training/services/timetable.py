"""A class's phases and the sessions on its timetable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from accounts.models import User
from accounts.scope import require
from core import audit
from core.errors import Invalid, WrongMoment
from training.models import ClassPhase, ClassSession, TrainingClass
from training.services.classes import lock_for_change

audit.register("class.phases_set", "设定培训阶段")
audit.register("class.session_added", "增加课程安排")
audit.register("class.session_edited", "修改课程安排")
audit.register("class.session_removed", "删除课程安排")

SESSION_FIELDS = ("phase", "day", "begins", "ends", "topic", "trainer", "venue")
# Above every order in use, so that rows can change places under the unique order.
_AWAY = 10_000
_AT_MOST = 100


def set_phases(
    *, training_class: TrainingClass, rows: Iterable[Mapping[str, Any]], by: User
) -> list[ClassPhase]:
    """Set a drafted class's phases in their order: rows with `name`, `days`, `mode`, and `id` for one that stays.

    Phases without a row are removed; their sessions stay without a phase. Raises WrongMoment once the class
    is open, Invalid with the row at fault.
    """
    require(by, "class.manage", training_class)
    given = list(rows)
    if len(given) > _AT_MOST:
        raise Invalid(f"最多 {_AT_MOST} 个阶段。")
    with transaction.atomic():
        locked = lock_for_change(training_class)
        if locked.status != TrainingClass.Status.DRAFT:
            raise WrongMoment("报名已经开始，不能再改阶段。")
        phases = _rows(locked, given)
        locked.phases.exclude(pk__in=[each.pk for each in phases if each.pk]).delete()
        locked.phases.update(order=F("order") + _AWAY)
        for each in phases:
            each.save()
        audit.record("class.phases_set", by=by, obj=locked, unit_name=locked.unit.name,
                     after={"阶段": [f"{each.name} {each.days}天" for each in phases]})  # fmt: skip
        locked.save(update_fields=["updated_at"])
    return phases


def _rows(training_class: TrainingClass, rows: list[Mapping[str, Any]]) -> list[ClassPhase]:
    known = {each.pk: each for each in training_class.phases.all()}
    found = []
    for order, row in enumerate(rows, start=1):
        key = row.get("id")
        phase = known.pop(key, None) if key else ClassPhase(training_class=training_class)
        if phase is None:
            raise Invalid(f"第 {order} 行的阶段已不存在，请刷新后再改。")
        phase.order = order
        for name in ("name", "days", "mode"):
            if name in row:
                setattr(phase, name, row[name])
        _check(phase, f"第 {order} 行：")
        if phase.days <= 0:
            words = f"第 {order} 行：天数须大于 0。"
            raise Invalid(words, errors={"days": [words]})
        found.append(phase)
    return found


def add_session(*, training_class: TrainingClass, by: User, **fields: Any) -> ClassSession:
    """Put a session (`day`, `begins`, `ends`, `topic`, `trainer`, `venue`, `phase`) on the timetable.

    Until the class is over. Raises Invalid outside the class's days, or with the fields at fault.
    """
    require(by, "class.manage", training_class)
    with transaction.atomic():
        locked = lock_for_change(training_class)
        session = ClassSession(training_class=locked)
        _write(session, fields)
        _record("added", session, by, after=fields)
    return session


def update_session(*, session: ClassSession, changes: Mapping[str, Any], by: User) -> ClassSession:
    """Change a session; refusals as in `add_session`."""
    with transaction.atomic():
        locked = _locked(session, by)
        before = {name: getattr(locked, name, None) for name in changes}
        _write(locked, changes)
        _record("edited", locked, by, before=before, after=dict(changes))
    session.refresh_from_db()
    return session


def remove_session(*, session: ClassSession, by: User) -> None:
    """Take a session off the timetable of a class that isn't over."""
    with transaction.atomic():
        locked = _locked(session, by)
        before = {"day": locked.day, "begins": locked.begins, "topic": locked.topic}
        _record("removed", locked, by, before=before)
        locked.delete()


def _locked(session: ClassSession, by: User) -> ClassSession:
    require(by, "class.manage", session.training_class)
    training_class = lock_for_change(session.training_class)
    found = ClassSession.objects.filter(pk=session.pk).first()
    if found is None:
        raise WrongMoment("这次课程安排已被删除。")
    found.training_class = training_class
    return found


def _write(session: ClassSession, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in SESSION_FIELDS:
            raise Invalid(f"不能修改“{name}”。")
        setattr(session, name, value)
    _check(session)
    training_class, errors = session.training_class, {}
    if not training_class.starts_on <= session.day <= training_class.ends_on:
        errors["day"] = ["日期须在开班至结束日期之间。"]
    if session.ends <= session.begins:
        errors["ends"] = ["结束时间须晚于开始时间。"]
    if session.phase is not None and session.phase.training_class_id != training_class.pk:
        errors["phase"] = ["请选择本培训班的阶段。"]
    if errors:
        raise Invalid("填写的内容有误，请检查标出的各项。", errors=errors)
    session.save()


def _check(row: ClassPhase | ClassSession, where: str = "") -> None:
    try:
        row.full_clean(exclude=["training_class"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        words = f"{where}填写的内容有误，请检查标出的各项。"
        raise Invalid(words, errors=error.message_dict) from None


def _record(what: str, session: ClassSession, by: User, **values: Any) -> None:
    """Audit under the class, whose version (`updated_at`) the timetable is part of."""
    training_class = session.training_class
    training_class.save(update_fields=["updated_at"])
    audit.record(f"class.session_{what}", by=by, obj=training_class, unit_name=training_class.unit.name,
                 note=session.topic, **values)  # fmt: skip
