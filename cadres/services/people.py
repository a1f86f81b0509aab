"""Verbs on a person: create, edit, transfer, leave and return, tie to an account, open a masked number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Unit, User
from accounts.scope import require
from cadres.identity import Identity, disagreements, read_identity
from cadres.models import Appointment, Cadre, PersonnelRelation
from cadres.names import name_columns
from cadres.services.appointments import close_appointment
from cadres.services.changes import check, check_version, lock_cadre, save_changes, set_values, shown
from cadres.services.sealed import reveal_record
from core import audit
from core.calendar import today
from core.errors import Invalid
from core.files import StoredFile
from core.partial_dates import PartialDate
from core.pinyin import surname_readings
from core.sheets.values import phone_number

audit.register("cadre.create", "建立干部档案")
audit.register("cadre.edit", "修改干部信息")
audit.register("cadre.transfer", "区内调动")
audit.register("cadre.leave", "结束人事关系")
audit.register("cadre.return", "恢复人事关系")
audit.register("cadre.link_user", "关联账号")

EDITABLE = (
    "name", "surname_reading", "gender", "birth", "id_number", "ethnicity", "native_place", "birthplace", "work_start", "health",
    "speciality", "retirement_limit", "phone", "photo", "note",
)  # fmt: skip


@dataclass
class SavedCadre:
    """A saved person and what should still be looked at."""

    cadre: Cadre
    warnings: list[str] = field(default_factory=list)


def create_cadre(
    *,
    by: User,
    unit: Unit,
    name: str,
    gender: str = "",
    birth: PartialDate | None = None,
    id_number: str = "",
    relation_start: PartialDate | None = None,
    namesake_confirmed: bool = False,
    **others: Any,
) -> SavedCadre:
    """Enter a person on the roster with an open personnel relation at a unit.

    `others` are further editable fields. Raises Invalid for a wrong or taken identity number, a closed
    unit, or someone of the same name and birth at the unit (unless `namesake_confirmed`).
    """
    with transaction.atomic():
        require(by, "cadre.edit", unit)
        _check_open(unit)
        cadre = Cadre(unit=unit, unit_path=unit.path)
        values = {"name": _clean_name(name), "gender": gender, "birth": birth, **_known(others)}
        set_values(cadre, values)
        identity = _set_identity(cadre, id_number)
        _fill_from(cadre, identity)
        if not namesake_confirmed:
            _refuse_namesake(cadre)
        reading = values.get("surname_reading") or ""
        _check_reading(cadre.name, reading)
        for column, value in name_columns(cadre.name, reading).items():
            setattr(cadre, column, value)
        _check_life(cadre)
        check(cadre)
        _insert(cadre)
        relation = PersonnelRelation(cadre=cadre, unit=unit)
        set_values(relation, {"start": relation_start})
        check(relation)
        relation.save(force_insert=True)
        audit.record(
            "cadre.create", by=by, obj=cadre, after=shown(cadre, ("name", "gender", "birth", "unit")),
            unit_name=unit.name,
        )  # fmt: skip
        return SavedCadre(cadre, _warnings(cadre, identity))


def edit_cadre(*, cadre: Cadre, by: User, version: str = "", **values: Any) -> SavedCadre:
    """Change a person's own fields. An identity number of None or with asterisks means „as it is“.

    Raises Stale when `version` is not the record's present one, Invalid as `create_cadre` does.
    """
    with transaction.atomic():
        locked = lock_cadre(cadre, by=by)
        check_version(locked, version)
        values = _known(values)
        number = values.pop("id_number", None)
        identity: Identity | None = None
        if number is not None and "*" not in number:
            identity = _new_identity(locked, number)
            values["id_number"] = identity.number if identity else ""
            values["id_index"] = identity.index if identity else None
        if "name" in values:
            values["name"] = _clean_name(values["name"])
        if "name" in values or "surname_reading" in values:
            values |= _read_name(locked, values)
        _write(locked, values, by=by)
        if identity is None and locked.id_number:
            identity = _stored_identity(locked.id_number)
        return SavedCadre(locked, _warnings(locked, identity))


def transfer_cadre(*, cadre: Cadre, to_unit: Unit, on: date, by: User) -> Cadre:
    """Move the personnel relation to another unit: the open one ends, a new one begins the same day.

    Appointments stay as they are: they end by their own decision. Raises Invalid for a day in the future
    or before the present relation began, a closed unit, or the unit where the person already is.
    """
    with transaction.atomic():
        locked = lock_cadre(cadre, by=by)
        require(by, "cadre.edit", to_unit)
        _check_open(to_unit)
        relation = _open_relation(locked)
        if relation.unit_id == to_unit.pk:
            raise Invalid("人事关系已经在这个单位。", errors={"to_unit": ["请选择另一个单位。"]})
        before = relation.unit.name
        _close_relation(relation, on, PersonnelRelation.Leaving.TRANSFER)
        PersonnelRelation.objects.create(cadre=locked, unit=to_unit, start=on)
        _move(locked, to_unit)
        audit.record(
            "cadre.transfer", by=by, obj=locked, before={"单位": before}, after={"单位": to_unit.name},
            note=f"自 {on.isoformat()} 起", unit_name=to_unit.name,
        )  # fmt: skip
        return locked


def end_relation(*, cadre: Cadre, on: date, leaving: str, by: User) -> Cadre:
    """End a person's personnel relation (retired, moved out …); open appointments end the same day.

    Raises Invalid for a day in the future, a transfer (that is `transfer_cadre`), or no open relation.
    """
    if leaving not in PersonnelRelation.Leaving.values or leaving == PersonnelRelation.Leaving.TRANSFER:
        raise Invalid("请选择离开的原因。", errors={"leaving": ["请选择离开的原因。"]})
    with transaction.atomic():
        locked = lock_cadre(cadre, by=by)
        relation = _open_relation(locked)
        _close_relation(relation, on, leaving)
        reason = PersonnelRelation.Leaving(leaving).label
        for appointment in Appointment.objects.filter(cadre=locked, end=None).select_for_update():
            end = max(on, appointment.start) if appointment.start else on
            close_appointment(appointment=appointment, on=end, by=by, removal_reason=str(reason))
        locked.save(update_fields=["updated_at"])
        audit.record(
            "cadre.leave", by=by, obj=locked, after={"离开原因": str(reason), "日期": on.isoformat()},
            unit_name=locked.unit.name,
        )  # fmt: skip
        return locked


def return_cadre(*, cadre: Cadre, unit: Unit, on: date, by: User) -> Cadre:
    """Open a personnel relation again for someone who had left."""
    with transaction.atomic():
        locked = lock_cadre(cadre, by=by)
        require(by, "cadre.edit", unit)
        _check_open(unit)
        _check_day(on)
        relations = PersonnelRelation.objects.filter(cadre=locked)
        if relations.filter(end=None).exists():
            raise Invalid("这位干部的人事关系没有结束，不需要恢复。")
        if relations.filter(end__gt=on).exists():
            raise Invalid("恢复的日期早于上次离开的日期。", errors={"on": ["请填写离开之后的日期。"]})
        PersonnelRelation.objects.create(cadre=locked, unit=unit, start=on)
        _move(locked, unit)
        audit.record("cadre.return", by=by, obj=locked, after={"单位": unit.name}, unit_name=unit.name)
        return locked


def link_user(*, cadre: Cadre, user: User | None, by: User) -> Cadre:
    """Tie a person to the account they sign in with, or untie; an account belongs to one person at most."""
    with transaction.atomic():
        locked = lock_cadre(cadre, by=by)
        if user is not None:
            if user.account_class != "business":
                raise Invalid("管理员账号不能关联到干部。", errors={"user": ["请选择业务账号。"]})
            other = Cadre.objects.filter(user=user).exclude(pk=locked.pk).first()
            if other is not None:
                raise Invalid("这个账号已经关联到另一位干部。", errors={"user": ["请选择别的账号。"]})
        save_changes(
            locked, {"user": user}, action="cadre.link_user", by=by, unit_name=locked.unit.name
        )  # fmt: skip
        return locked


def reveal_identity(*, cadre: Cadre, by: User, reason: str) -> str:
    """Return a person's identity number in clear and note who looked, and why.

    Raises NotAllowed for whoever may not see sensitive information, Invalid without a reason.
    """
    return reveal_record(record=cadre, by=by, reason=reason)[0].text


def set_photo(*, cadre: Cadre, photo: StoredFile | None, by: User) -> Cadre:
    """Put a stored photo on a person, or take it off."""
    return edit_cadre(cadre=cadre, by=by, photo=photo).cadre


def _known(values: dict[str, Any]) -> dict[str, Any]:
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not editable: {', '.join(sorted(unknown))}")
    found = dict(values)
    if "phone" in found:
        found["phone"] = _clean_phone(found["phone"])
    return found


def _clean_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if any("\u4e00" <= char <= "\u9fff" for char in cleaned):
        cleaned = cleaned.replace(" ", "")
    if not cleaned:
        raise Invalid("请填写姓名。", errors={"name": ["请填写姓名。"]})
    return cleaned


def _clean_phone(number: str) -> str:
    """The number as the import reads it too. Raises Invalid for what is none."""
    try:
        cleaned = phone_number(number)
    except ValueError as problem:
        raise Invalid(str(problem), errors={"phone": [str(problem)]}) from None
    if "*" in cleaned:
        sentence = "请填写完整的电话号码。"
        raise Invalid(sentence, errors={"phone": [sentence]})
    return cleaned


def _check_open(unit: Unit) -> None:
    if unit.valid_to is not None and unit.valid_to <= today():
        raise Invalid(f"“{unit.name}”已经撤销，请选择现有的单位。", errors={"unit": ["这个单位已经撤销。"]})


def _check_day(day: date) -> None:
    if day > today():
        raise Invalid("日期不能晚于今天。", errors={"on": ["日期不能晚于今天。"]})


def _new_identity(cadre: Cadre, number: str) -> Identity | None:
    """Read a number typed for a person; refuses a wrong one and one that belongs to somebody else."""
    if not number.strip():
        return None
    try:
        identity = read_identity(number)
    except ValueError as problem:
        raise Invalid(str(problem), errors={"id_number": [str(problem)]}) from None
    if Cadre.objects.filter(id_index=identity.index).exclude(pk=cadre.pk).exists():
        raise _taken()
    return identity


def _taken() -> Invalid:
    sentence = "这个身份证号已登记在名册的另一位干部名下，请先查找核对。"
    return Invalid(sentence, errors={"id_number": [sentence]})


def _set_identity(cadre: Cadre, number: str) -> Identity | None:
    identity = _new_identity(cadre, number)
    cadre.id_number = identity.number if identity else ""
    cadre.id_index = identity.index if identity else None
    return identity


def _stored_identity(number: str) -> Identity | None:
    try:
        return read_identity(number)
    except ValueError:
        return None


def _fill_from(cadre: Cadre, identity: Identity | None) -> None:
    """What was left empty is taken from the identity number."""
    if identity is None:
        return
    if cadre.birth is None:
        set_values(cadre, {"birth": PartialDate.of(identity.birth)})
    cadre.gender = cadre.gender or identity.gender


def _refuse_namesake(cadre: Cadre) -> None:
    same = Cadre.objects.filter(name=cadre.name, unit=cadre.unit)
    if cadre.birth is not None:
        same = same.filter(birth__year=cadre.birth.year, birth__month=cadre.birth.month)
    if same.exists():
        sentence = "本单位已有同名、同出生年月的干部。如果确实是另一个人，请勾选确认后再保存。"
        raise Invalid(sentence, errors={"namesake_confirmed": [sentence]})


def _check_life(cadre: Cadre) -> None:
    if cadre.birth and cadre.birth > today():
        raise Invalid("出生年月不能晚于今天。", errors={"birth": ["出生年月不能晚于今天。"]})
    if cadre.birth and cadre.work_start and cadre.work_start <= cadre.birth:
        sentence = "参加工作时间应晚于出生年月。"
        raise Invalid(sentence, errors={"work_start": [sentence]})


def _warnings(cadre: Cadre, identity: Identity | None) -> list[str]:
    if identity is None:
        return []
    return disagreements(identity, birth=cadre.birth_date, gender=cadre.gender)


def _insert(cadre: Cadre) -> None:
    """Insert; a number that somebody else took in the same moment is refused in the same words."""
    try:
        with transaction.atomic():
            cadre.save(force_insert=True)
    except IntegrityError as error:
        if "id_index" in str(error):
            raise _taken() from None
        raise


def _read_name(cadre: Cadre, values: dict[str, Any]) -> dict[str, Any]:
    """The surname's reading and the search columns that follow; a new name loses a reading that isn't its own."""
    name = values.get("name", cadre.name)
    if "surname_reading" in values:
        _check_reading(name, values["surname_reading"])
        reading = values["surname_reading"]
    else:
        reading = cadre.surname_reading if cadre.surname_reading in surname_readings(name) else ""
    return {"surname_reading": reading, **name_columns(name, reading)}


def _check_reading(name: str, reading: str) -> None:
    known = surname_readings(name)
    if reading and reading not in known:
        sentence = f"{name}的姓氏没有“{reading}”的读音" + (f"，可选：{'、'.join(known)}。" if known else "。")
        raise Invalid(sentence, errors={"surname_reading": [sentence]})


def _write(cadre: Cadre, values: dict[str, Any], *, by: User) -> None:
    """Write changed values; the search columns and the blind index are no news of their own."""
    derived = {
        name: values.pop(name) for name in ("name_key", "initials", "grams", "id_index") if name in values
    }
    for name, value in derived.items():
        setattr(cadre, name, value)
    candidate: dict[str, Any] = {name: values[name] for name in ("birth", "work_start") if name in values}
    probe = Cadre(birth=cadre.birth, work_start=cadre.work_start)
    set_values(probe, candidate)
    _check_life(probe)
    try:
        with transaction.atomic():
            save_changes(cadre, values, action="cadre.edit", by=by, unit_name=cadre.unit.name)
    except IntegrityError as error:
        if "id_index" in str(error):
            raise _taken() from None
        raise


def _open_relation(cadre: Cadre) -> PersonnelRelation:
    relation = PersonnelRelation.objects.select_for_update(of=("self",)).select_related("unit")
    found = relation.filter(cadre=cadre, end=None).first()
    if found is None:
        raise Invalid("这位干部的人事关系已经结束，请先恢复。")
    return found


def _close_relation(relation: PersonnelRelation, on: date, leaving: str) -> None:
    _check_day(on)
    if relation.start is not None and on < relation.start:
        sentence = f"日期早于本单位人事关系的开始（{relation.start_date.chinese()}）。"  # type: ignore[union-attr]
        raise Invalid(sentence, errors={"on": [sentence]})
    relation.end, relation.end_precision, relation.leaving = on, "day", leaving
    relation.save()


def _move(cadre: Cadre, unit: Unit) -> None:
    cadre.unit = unit
    cadre.save(update_fields=["unit", "updated_at"])
