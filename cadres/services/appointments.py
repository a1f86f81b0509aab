"""Verbs on appointments: record, end, correct; leadership grants are proposed from them and end with them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Unit, User
from cadres.models import Appointment, Cadre, Code, Post
from cadres.services.changes import (
    MISSING,
    check,
    check_version,
    lock_cadre,
    save_changes,
    set_values,
    shown,
    touch,
)
from cadres.services.leadership import end_leadership_grants, propose_leadership_grant
from core import audit
from core.errors import Invalid
from core.partial_dates import PartialDate

audit.register("appointment.record", "登记任职")
audit.register("appointment.end", "登记免职")
audit.register("appointment.correct", "更正任职")
audit.register("appointment.delete", "删除误登的任职")

NOTED = ("unit", "unit_text", "title", "post", "kind", "is_main", "start", "end", "document_number")
_MAIN_CONSTRAINT = "appointment_one_main_at_a_time"


def record_appointment(*, cadre: Cadre, by: User, **values: Any) -> Appointment:
    """Enter an appointment of a person on the roster; see `open_appointment` for the values and refusals.

    Raises NotFound or NotAllowed when the person isn't the writer's to edit.
    """
    with transaction.atomic():
        lock_cadre(cadre, by=by)
        return open_appointment(cadre=cadre, by=by, **values)


def open_appointment(
    *,
    cadre: Cadre,
    by: User | None,
    title: str,
    unit: Unit | None = None,
    unit_text: str = "",
    post: Post | None = None,
    kind: str = Appointment.Kind.REGULAR,
    is_main: bool = False,
    start: PartialDate | date | None = None,
    end: PartialDate | date | None = None,
    document_number: str = "",
    selection: Code | None = None,
    probation_end: date | None = None,
    term_number: int | None = None,
    term_end: date | None = None,
    order: int = 0,
) -> Appointment:
    """Write an appointment for callers that have asked a capability of their own (a placement, a post gate).

    `by` None is the system. `end` is the first day that no longer counts. Raises Invalid when a main
    appointment overlaps another one, when the post lies at another unit, or for a period in disorder.
    """
    with transaction.atomic():
        cadre = lock_cadre(cadre, by=by, capability="")
        appointment = Appointment(
            cadre=cadre, unit=unit, unit_text=unit_text.strip() if unit is None else "", title=title.strip(),
            post=post, kind=kind, is_main=is_main, document_number=document_number.strip(),
            selection=selection, probation_end=probation_end, term_number=term_number, term_end=term_end,
            order=order,
        )  # fmt: skip
        set_values(appointment, {"start": _partial(start), "end": _partial(end)})
        _check(appointment)
        _save(appointment)
        touch(cadre)
        audit.record(
            "appointment.record", by=by, obj=appointment, after=shown(appointment, NOTED),
            unit_name=appointment.place, note=cadre.name,
        )  # fmt: skip
        propose_leadership_grant(appointment, by=by)
        return appointment


def end_appointment(
    *,
    appointment: Appointment,
    on: PartialDate | date,
    by: User,
    removal: Code | None = None,
    removal_reason: str = "",
    version: str = "",
) -> Appointment:
    """End an appointment: `on` is the first day it is no longer held. Grants that hang on it end too."""
    with transaction.atomic():
        lock_cadre(appointment.cadre, by=by)
        return close_appointment(
            appointment=appointment, on=on, by=by, removal=removal, removal_reason=removal_reason,
            version=version,
        )  # fmt: skip


def close_appointment(
    *,
    appointment: Appointment,
    on: PartialDate | date,
    by: User | None,
    removal: Code | None = None,
    removal_reason: str = "",
    version: str = "",
) -> Appointment:
    """End an appointment for callers that have asked a capability of their own; `by` None is the system."""
    with transaction.atomic():
        cadre = lock_cadre(appointment.cadre, by=by, capability="")
        locked = _locked(appointment)
        check_version(locked, version)
        end = _partial(on)
        if locked.start is not None and end is not None and end.date < locked.start:
            sentence = f"免职时间早于任职时间（{locked.start_date.chinese()}）。"  # type: ignore[union-attr]
            raise Invalid(sentence, errors={"on": [sentence]})
        values = {"end": end, "removal": removal, "removal_reason": removal_reason.strip()}
        save_changes(locked, values, action="appointment.end", by=by, unit_name=locked.place, note=cadre.name)
        touch(cadre)
        end_leadership_grants(locked, by=by)
        return locked


def correct_appointment(
    *, appointment: Appointment, by: User, version: str = "", **values: Any
) -> Appointment:
    """Correct what was entered wrongly; raises Stale for an older version, Invalid as recording does."""
    with transaction.atomic():
        cadre = lock_cadre(appointment.cadre, by=by)
        locked = _locked(appointment)
        check_version(locked, version)
        for name in ("start", "end"):
            if values.get(name, MISSING) is not MISSING:
                values[name] = _partial(values[name])
        probe = _locked(appointment)
        set_values(probe, values)
        _check(probe)
        try:
            with transaction.atomic():
                save_changes(
                    locked, values, action="appointment.correct", by=by, unit_name=probe.place,
                    note=cadre.name,
                )  # fmt: skip
        except IntegrityError as error:
            raise _overlap(probe, error) from None
        touch(cadre)
        _follow_with_grants(locked, by)
        return locked


def delete_appointment(*, appointment: Appointment, by: User, reason: str) -> None:
    """Take out an appointment that was entered by mistake; the audit keeps what it said."""
    if not reason.strip():
        raise Invalid("请写明删除的理由。", errors={"reason": ["请写明删除的理由。"]})
    with transaction.atomic():
        cadre = lock_cadre(appointment.cadre, by=by)
        locked = _locked(appointment)
        audit.record(
            "appointment.delete", by=by, obj=locked, before=shown(locked, NOTED), unit_name=locked.place,
            note=f"{cadre.name}：{reason.strip()}",
        )  # fmt: skip
        end_leadership_grants(locked, by=by)
        locked.delete()
        touch(cadre)


def _follow_with_grants(appointment: Appointment, by: User) -> None:
    """After a correction: an ended appointment gives no rights, an open one proposes them again."""
    if appointment.end is not None:
        end_leadership_grants(appointment, by=by)
    else:
        propose_leadership_grant(appointment, by=by)


def _locked(appointment: Appointment) -> Appointment:
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("cadre__unit", "unit", "post")
    return rows.get(pk=appointment.pk)


def _partial(value: PartialDate | date | None) -> PartialDate | None:
    return PartialDate.of(value) if isinstance(value, date) else value


def _check(appointment: Appointment) -> None:
    """The rules in words; the database holds the same ones."""
    check_entry(appointment)
    if appointment.is_main and (other := _overlapping(appointment)) is not None:
        raise _overlap_with(other)


def check_entry(appointment: Appointment) -> None:
    """What must hold of an appointment by itself, whatever else the person held; raises Invalid by field."""
    if appointment.unit is None and not appointment.unit_text:
        sentence = "请选择任职单位，区外单位请填写名称。"
        raise Invalid(sentence, errors={"unit": [sentence]})
    if appointment.unit is not None and appointment.unit_text:
        appointment.unit_text = ""
    if appointment.post is not None and appointment.post.unit_id != appointment.unit_id:
        raise Invalid("岗位不属于任职单位。", errors={"post": ["请选择任职单位的岗位。"]})
    if appointment.is_main and appointment.kind in (Appointment.Kind.CONCURRENT, Appointment.Kind.SECONDED):
        sentence = "兼任、挂任不能作为主职务。"
        raise Invalid(sentence, errors={"is_main": [sentence]})
    if appointment.start and appointment.end and appointment.end < appointment.start:
        sentence = "免职时间不能早于任职时间。"
        raise Invalid(sentence, errors={"end": [sentence]})
    check(appointment)


def _overlapping(appointment: Appointment) -> Appointment | None:
    """Another main appointment of the person whose period meets this one's."""
    others = Appointment.objects.main().filter(cadre_id=appointment.cadre_id).select_related("unit")
    if appointment.pk:
        others = others.exclude(pk=appointment.pk)
    return others.overlapping(appointment.start, appointment.end).first()


def _overlap_with(other: Appointment) -> Invalid:
    sentence = (
        f"与主职务“{other.place} {other.title}”（{other.period or '时间不详'}）的任期重叠。"
        "请先登记该职务的免职时间，或把本条登记为兼任。"
    )
    return Invalid(sentence, errors={"is_main": [sentence]})


def _overlap(appointment: Appointment, error: IntegrityError) -> Exception:
    """The database's refusal in the words of the rule; any other refusal as it came."""
    if _MAIN_CONSTRAINT not in str(error):
        return error
    other = _overlapping(appointment)
    return _overlap_with(other) if other is not None else Invalid("主职务的任期重叠，请核对。")


def _save(appointment: Appointment) -> None:
    try:
        with transaction.atomic():
            appointment.save(force_insert=True)
    except IntegrityError as error:
        raise _overlap(appointment, error) from None
