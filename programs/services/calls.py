"""Verbs on calls: make one from a template, edit it while drafted, open, close, extend, finish."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Unit, User
from accounts.scope import require
from core import audit
from core.calendar import ZONE, add_months, now
from core.errors import Invalid, WrongMoment
from core.versions import require_version
from core.workflow import take
from programs.effects.nominations import move_waiting_list
from programs.effects.participations import last_day_of_stay
from programs.models import (
    Call,
    CallAttachment,
    CallQuota,
    CallStep,
    EligibilityRule,
    PlacesAccount,
    Program,
)
from programs.places import lock_call

audit.register("call.created", "建立征集")
audit.register("call.edited", "修改征集")
audit.register("call.quota_set", "设定推荐名额")
audit.register("call.places_set", "设定年度名额")

EDITABLE = (
    "title", "notice", "opens_at", "closes_at", "list_due", "reference_date", "planned_start",
    "planned_end", "quota_per_unit",
)  # fmt: skip
_MOVED = ("opens_at", "closes_at", "list_due", "reference_date", "planned_start")


def create_call_from_template(*, template: Call, year: int, by: User, title: str = "") -> Call:
    """Make a drafted call for a plan year from a template: steps, rules and papers copied, dates moved.

    All windows of a programme's year draw on one places account, made with the programme's yearly places
    where it is missing. Raises Invalid when the year has a call of that title already.
    """
    require(by, "call.manage", template)
    if not template.is_template:
        raise Invalid("请选择一个方案模板。", errors={"template": ["请选择一个方案模板。"]})
    title = title.strip() or f"{year}年{template.title}"
    with transaction.atomic():
        Program.objects.select_for_update(of=("self",)).get(pk=template.program_id)
        if Call.objects.real().filter(program=template.program, year=year, title=title).exists():
            raise Invalid(f"“{title}”已经建立。", errors={"year": ["这一年度已据此方案建立征集。"]})
        account, _ = PlacesAccount.objects.get_or_create(
            program=template.program, year=year, defaults={"places": template.program.yearly_places}
        )
        call = Call(
            unit=template.unit, program=template.program, places_account=account, title=title, year=year,
            notice=template.notice, quota_per_unit=template.quota_per_unit, created_by=by,
            **{name: _moved(getattr(template, name), year - template.year) for name in _MOVED},
        )  # fmt: skip
        if call.planned_start:
            call.planned_end = last_day_of_stay(call.planned_start, template.program.duration_months)
        call.save()
        _copy_rows(template, call, year - template.year)
        audit.record("call.created", by=by, obj=call, after={"title": title, "year": year},
                     unit_name=call.unit.name)  # fmt: skip
    return call


def _moved(value: Any, years: int) -> Any:
    """The same day and time of day some years on."""
    if isinstance(value, dt.datetime):
        local = value.astimezone(ZONE)
        return dt.datetime.combine(add_months(local.date(), 12 * years), local.time(), tzinfo=ZONE)
    return add_months(value, 12 * years) if value else value


def _copy_rows(template: Call, call: Call, years: int) -> None:
    """Steps (with their days moved), rules and papers of a template."""
    for step in template.steps.all():
        CallStep.objects.create(call=call, order=step.order, kind=step.kind, name=step.name,
                                level=step.level, due=_moved(step.due, years))  # fmt: skip
    for rule in template.rules.all():
        rule.pk, rule.call = None, call
        rule._state.adding = True
        rule.save()
    for paper in template.attachments.all():
        CallAttachment.objects.create(call=call, name=paper.name, required=paper.required,
                                      order=paper.order, form=paper.form)  # fmt: skip


def edit_call(
    *,
    call: Call,
    by: User,
    changes: Mapping[str, Any] | None = None,
    steps: Iterable[Mapping[str, Any]] | None = None,
    rules: Iterable[Mapping[str, Any]] | None = None,
    attachments: Iterable[Mapping[str, Any]] | None = None,
    version: str = "",
) -> Call:
    """Change a drafted call or a template; rows that are given replace what was there.

    `changes` may name the fields in EDITABLE. New rules raise the rules' version. Raises WrongMoment once
    the call is open, Stale for an older version, Invalid with the fields at fault.
    """
    require(by, "call.manage", call)
    with transaction.atomic():
        locked = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
        if version:
            require_version(locked, version)
        if locked.status != Call.Status.DRAFT:
            raise WrongMoment("征集已经开始，不能再修改；需要延长的请用“延长截止时间”。")
        before = {name: getattr(locked, name) for name in changes or {}}
        for name, value in (changes or {}).items():
            if name not in EDITABLE:
                raise Invalid(f"不能修改“{name}”。")
            setattr(locked, name, value)
        _replace(CallStep, locked, steps)
        _replace(CallAttachment, locked, attachments)
        if rules is not None:
            _replace(EligibilityRule, locked, rules)
            locked.rules_version += 1
        _check(locked)
        locked.save()
        audit.record("call.edited", by=by, obj=locked, before=before, after=dict(changes or {}),
                     unit_name=locked.unit.name)  # fmt: skip
    call.refresh_from_db()
    return call


def _replace(model: Any, call: Call, rows: Iterable[Mapping[str, Any]] | None) -> None:
    if rows is None:
        return
    model.objects.filter(call=call).delete()
    for order, row in enumerate(rows, start=1):
        each = model(**{"order": order, **row, "call": call})
        _check(each)
        each.save()


def _check(obj: Any) -> None:
    try:
        obj.full_clean(exclude=["unit_path"])
    except ValidationError as error:
        raise Invalid("填写的内容有误，请检查标出的各项。", errors=error.message_dict) from None


def set_quota(*, call: Call, unit: Unit, quota: int | None, by: User) -> None:
    """Give a unit (or, for a unit with units below it, a group) its own nomination quota; None removes it."""
    require(by, "call.manage", call)
    if quota is not None and quota < 0:
        raise Invalid("名额不能小于 0。", errors={"quota": ["名额不能小于 0。"]})
    with transaction.atomic():
        lock_call(call.pk)
        rows = CallQuota.objects.filter(call=call, unit=unit)
        before = rows.values_list("quota", flat=True).first()
        if quota is None:
            rows.delete()
        elif not rows.update(quota=quota):
            CallQuota.objects.create(call=call, unit=unit, quota=quota)
        audit.record("call.quota_set", by=by, obj=call, before={"quota": before}, after={"quota": quota},
                     unit_name=unit.name)  # fmt: skip


def set_places(*, account: PlacesAccount, places: int, by: User) -> PlacesAccount:
    """Change a year's places under lock, never below what is held (Invalid); new ones go to those who wait."""
    require(by, "program.manage", account.program)
    with transaction.atomic():
        locked = PlacesAccount.objects.select_for_update(no_key=True, of=("self",)).get(pk=account.pk)
        held = locked.holders.count()
        if places < held:
            raise Invalid(f"已有 {held} 人占用名额，不能少于此数。", errors={"places": [f"至少 {held}。"]})
        before, locked.places = locked.places, places
        locked.save(update_fields=["places"])
        audit.record("call.places_set", by=by, obj=locked, before={"places": before},
                     after={"places": places})  # fmt: skip
        move_waiting_list(locked.pk)
    return locked


def open_call(*, call: Call, by: User, comment: str = "") -> Call:
    """Open a drafted call and tell the schools; raises Invalid with what is missing."""
    require(by, "call.manage", call)
    take(call, "open", by=by, comment=comment)
    return call


def close_call(*, call: Call, by: User, comment: str = "") -> Call:
    """Close an open call before its time; cases under way go on."""
    require(by, "call.manage", call)
    take(call, "close", by=by, comment=comment)
    return call


def extend_call(
    *,
    call: Call,
    by: User,
    comment: str,
    closes_at: dt.datetime | None = None,
    list_due: dt.date | None = None,
) -> Call:
    """Move the end of the window (and the lists' due date), reopening a closed call; the schools are told.

    Without a new end only the lists get more time, and the schools' window stays closed if it is.
    """
    require(by, "call.manage", call)
    same = closes_at is None or closes_at == call.closes_at.replace(second=0, microsecond=0)
    if same and list_due is not None and list_due != call.list_due:
        return extend_list(call=call, list_due=list_due, by=by, comment=comment)
    take(call, "extend", by=by, comment=comment, closes_at=closes_at, list_due=list_due)
    return call


def extend_list(*, call: Call, list_due: dt.date, by: User, comment: str) -> Call:
    """Give the central schools more time for their lists; the schools' window stays as it is."""
    require(by, "call.manage", call)
    take(call, "extend_list", by=by, comment=comment, list_due=list_due)
    return call


def finish_call(*, call: Call, by: User, comment: str = "") -> Call:
    """Put a closed call aside when every case has its answer; its waiting list ends."""
    require(by, "call.manage", call)
    take(call, "finish", by=by, comment=comment)
    return call


def close_due_calls() -> int:
    """Close every open call whose window has passed; safe to run twice at once. Returns how many closed."""
    closed = 0
    for call in Call.objects.real().filter(status=Call.Status.OPEN, closes_at__lte=now()):
        try:
            take(call, "close", by=None, comment="到截止时间，自动截止。")
        except WrongMoment:
            continue
        closed += 1
    return closed
