"""Verbs on the organisation tree: create, edit, rename with a date, move with everything below, close."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import DateField, F, Q, Value
from django.db.models.functions import Greatest

from accounts.models import Grant, Unit, UnitName, User
from accounts.scope import may, require
from core import audit
from core.calendar import today
from core.errors import Invalid, NotAllowed, WrongMoment
from core.pinyin import initials, pinyin_key
from core.versions import require_version

audit.register("unit.create", "建立单位")
audit.register("unit.edit", "修改单位信息")
audit.register("unit.rename", "单位更名")
audit.register("unit.move", "调整单位隶属")
audit.register("unit.close", "撤销单位")
audit.register("unit.reopen", "恢复单位")

EDITABLE = ("code", "stage", "is_rural", "is_weak", "cluster", "headcount", "valid_from")

_KIND = Unit.Kind
# Which kinds of unit may stand above a unit of a kind; the root stands under nothing.
PARENT_KINDS: dict[str, tuple[str, ...]] = {
    _KIND.BUREAU: (),
    _KIND.SECTION: (_KIND.BUREAU, _KIND.CENTRAL, _KIND.SCHOOL, _KIND.TRAINING),
    _KIND.CENTRAL: (_KIND.BUREAU,),
    _KIND.SCHOOL: (_KIND.BUREAU, _KIND.CENTRAL, _KIND.SCHOOL),
    _KIND.TRAINING: (_KIND.BUREAU,),
}

# One statement, so that every copied path below follows in the same breath (ON UPDATE CASCADE).
_MOVE = """
UPDATE accounts_unit
SET path = %(after)s || substr(path, %(cut)s),
    parent_id = CASE WHEN id = %(id)s THEN %(parent)s ELSE parent_id END,
    updated_at = now()
WHERE path LIKE %(below)s
"""


def create_unit(
    *,
    by: User | None,
    code: str,
    name: str,
    kind: str,
    parent: Unit | None,
    stage: str = "",
    is_rural: bool = False,
    is_weak: bool = False,
    cluster: str = "",
    headcount: int | None = None,
    valid_from: date | None = None,
    pk: int | None = None,
) -> Unit:
    """Put a new unit into the tree under its parent; `pk` is an id taken with `reserve_id` before.

    Needs `unit.edit` at the parent; the root is made once, by the command line's account (or by the
    command itself, `by=None`). Raises Invalid for a taken code or name, or a kind that can't stand there.
    """
    with transaction.atomic():
        if parent is None:
            _check_root(by, kind)
        else:
            _lock_tree()
            parent = Unit.objects.get(pk=parent.pk)
            require(by, "unit.edit", parent)
        _check_parent(kind, parent)
        name = _clean_name(name)
        unit = Unit(
            pk=pk or reserve_id(), code=code.strip(), name=name, kind=kind, parent=parent, stage=stage,
            is_rural=is_rural, is_weak=is_weak, cluster=cluster.strip(), headcount=headcount,
            valid_from=valid_from, name_key=pinyin_key(name), initials=initials(name),
        )  # fmt: skip
        unit.path = (parent.path if parent else "/") + f"{unit.pk}/"
        _check_rows(unit)
        unit.save(force_insert=True)
        UnitName.objects.create(unit=unit, name=name, start=valid_from)
        audit.record("unit.create", by=by, obj=unit, after=_facts(unit), unit_name=unit.name)
    return unit


def update_unit(*, by: User, unit: Unit, changes: dict[str, Any], version: str = "") -> Unit:
    """Change a unit's plain facts (code, stage, flags, cluster, headcount, date of foundation).

    Needs `unit.edit` there. Raises Invalid for another field (name, place and closing have their own verbs),
    Stale when `version` is given and isn't the unit's present one.
    """
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise Invalid(
            "这些内容不能这样修改。", errors={name: ["不能在这里修改。"] for name in sorted(unknown)}
        )
    with transaction.atomic():
        require(by, "unit.edit", unit)
        unit = _lock(unit)
        if version:
            require_version(unit, version)
        before = {name: getattr(unit, name) for name in changes}
        changed = {name: value for name, value in changes.items() if before[name] != value}
        if not changed:
            return unit
        for name, value in changed.items():
            setattr(unit, name, value.strip() if isinstance(value, str) else value)
        _check_rows(unit)
        unit.save(update_fields=[*changed, "updated_at"])
        audit.record(
            "unit.edit", by=by, obj=unit, unit_name=unit.name, before={name: before[name] for name in changed},
            after={name: getattr(unit, name) for name in changed},
        )  # fmt: skip
    return unit


def rename_unit(*, by: User, unit: Unit, name: str, on: date) -> Unit:
    """Give a unit a new name from a day on; the old one stays with its dates.

    Needs `unit.edit` there. Raises Invalid for a day in the future or before the present name began.
    """
    with transaction.atomic():
        require(by, "unit.edit", unit)
        unit = _lock(unit)
        _check_open(unit)
        old, name = unit.name, _clean_name(name)
        current = UnitName.objects.filter(unit=unit, end=None).first()
        if name == old:
            raise Invalid("新名称与现名称相同。", errors={"name": ["与现名称相同。"]})
        if on > today():
            raise Invalid("更名日期不能晚于今天。", errors={"on": ["不能晚于今天。"]})
        if current and current.start and on <= current.start:
            raise Invalid("更名日期须晚于现名称的启用日期。", errors={"on": ["须晚于现名称的启用日期。"]})
        unit.name, unit.name_key, unit.initials = name, pinyin_key(name), initials(name)
        _check_rows(unit)
        if current:
            current.end = on
            current.save(update_fields=["end"])
        else:
            UnitName.objects.create(unit=unit, name=old, end=on)
        UnitName.objects.create(unit=unit, name=name, start=on)
        unit.save(update_fields=["name", "name_key", "initials", "updated_at"])
        audit.record(
            "unit.rename",
            by=by,
            obj=unit,
            unit_name=name,
            before={"name": old},
            after={"name": name, "on": on},
        )
    return unit


def move_unit(*, by: User, unit: Unit, parent: Unit) -> Unit:
    """Hang a unit, with everything below it, under another unit.

    Needs `unit.edit` at the unit and at its new parent. Raises Invalid when the kinds don't fit or the
    parent lies below the unit itself. Rows that copied the paths follow in the database.
    """
    with transaction.atomic():
        _lock_tree()
        unit, parent = Unit.objects.get(pk=unit.pk), Unit.objects.get(pk=parent.pk)
        require(by, "unit.edit", unit)
        require(by, "unit.edit", parent)
        _check_open(unit)
        if parent.path.startswith(unit.path):
            raise Invalid(
                "不能移到自己或自己的下级单位之下。", errors={"parent": ["不能选自己或自己的下级。"]}
            )
        _check_parent(unit.kind, parent)
        if Unit.objects.filter(parent=parent, name=unit.name, valid_to=None).exclude(pk=unit.pk).exists():
            raise Invalid("新的上级单位下已有同名单位。", errors={"parent": ["已有同名单位。"]})
        old_parent = unit.parent
        with connection.cursor() as cursor:
            cursor.execute(
                _MOVE,
                {
                    "after": f"{parent.path}{unit.pk}/", "cut": len(unit.path) + 1, "id": unit.pk,
                    "parent": parent.pk, "below": f"{unit.path}%",
                },
            )  # fmt: skip
        unit.refresh_from_db()
        audit.record(
            "unit.move", by=by, obj=unit, unit_name=unit.name,
            before={"parent": old_parent.name if old_parent else ""}, after={"parent": parent.name},
        )  # fmt: skip
    return unit


def close_unit(*, by: User, unit: Unit, on: date, successors: Iterable[Unit] = ()) -> Unit:
    """Close a unit from a day on; grants at it end that day (later ones where they begin), its successors are noted.

    Needs `unit.edit` there. Raises WrongMoment while units below it are open; whether people still belong
    to it is checked by the roster's own service, which calls this one.
    """
    with transaction.atomic():
        unit = lock_unit(unit)
        require(by, "unit.edit", unit)
        _check_open(unit)
        if unit.parent_id is None:
            raise Invalid("根单位不能撤销。")
        if unit.valid_from and on <= unit.valid_from:
            raise Invalid("撤销日期须晚于成立日期。", errors={"on": ["须晚于成立日期。"]})
        below = Unit.objects.below(unit.path).exclude(pk=unit.pk)
        if below.filter(Q(valid_to=None) | Q(valid_to__gt=on)).exists():
            raise WrongMoment("还有下级单位没有撤销或转出，请先处理下级单位。")
        heirs = list(successors)
        if any(heir.pk == unit.pk or heir.is_closed for heir in heirs):
            raise Invalid(
                "承接单位须是另一个未撤销的单位。", errors={"successors": ["须是另一个未撤销的单位。"]}
            )
        unit.valid_to = on
        unit.save(update_fields=["valid_to", "updated_at"])
        unit.successors.add(*heirs)  # beside those that were split off before
        UnitName.objects.filter(unit=unit, end=None).update(end=on)
        Grant.objects.filter(Q(end=None) | Q(end__gt=on), unit=unit).update(
            end=Greatest(F("start"), Value(on, DateField()))
        )
        audit.record(
            "unit.close", by=by, obj=unit, unit_name=unit.name,
            after={"on": on, "successors": [heir.name for heir in heirs]},
        )  # fmt: skip
    return unit


def reopen_unit(*, by: User, unit: Unit) -> Unit:
    """Take a closing back: the unit and its last name go on. Grants that ended with it stay ended.

    Needs `unit.edit` there. Raises WrongMoment when it isn't closed or the unit above it is by now, Invalid
    when another unit has taken its name.
    """
    with transaction.atomic():
        unit = lock_unit(unit)
        require(by, "unit.edit", unit)
        if not unit.is_closed:
            raise WrongMoment(f"“{unit.name}”没有撤销。")
        if unit.parent is not None:
            _check_open(unit.parent)
        UnitName.objects.filter(unit=unit, end=unit.valid_to, name=unit.name).update(end=None)
        unit.valid_to = None
        _check_rows(unit)
        unit.save(update_fields=["valid_to", "updated_at"])
        audit.record("unit.reopen", by=by, obj=unit, unit_name=unit.name, after={"valid_to": None})
    return unit


def _check_root(by: User | None, kind: str) -> None:
    if by is not None and not may(by, "unit.edit", "/"):
        raise NotAllowed("根单位只能由命令行建立。")
    if kind != Unit.Kind.BUREAU:
        raise Invalid("根单位的类别须是局。", errors={"kind": ["须是局。"]})
    if Unit.objects.filter(parent=None).exists():
        raise Invalid("已经有根单位，新单位须选上级单位。", errors={"parent": ["请选上级单位。"]})


def _check_parent(kind: str, parent: Unit | None) -> None:
    if kind not in PARENT_KINDS:
        raise Invalid("没有这种单位类别。", errors={"kind": ["请重新选择。"]})
    if parent is None:
        return
    _check_open(parent)
    if parent.kind not in PARENT_KINDS[kind]:
        label, above = Unit.Kind(kind).label, parent.get_kind_display()
        raise Invalid(f"{label}不能设在{above}之下。", errors={"parent": [f"{label}不能设在{above}之下。"]})


def _check_open(unit: Unit) -> None:
    if unit.is_closed:
        raise WrongMoment(f"“{unit.name}”已撤销。")


def _clean_name(name: str) -> str:
    name = "".join(name.split())
    if not name:
        raise Invalid("请填写单位名称。", errors={"name": ["请填写单位名称。"]})
    return name


def _check_rows(unit: Unit) -> None:
    """The friendly sentence before the database's own constraints."""
    others = Unit.objects.exclude(pk=unit.pk)
    if others.filter(code=unit.code).exists():
        raise Invalid("单位编码已被使用。", errors={"code": ["已被使用。"]})
    if others.filter(parent=unit.parent, name=unit.name, valid_to=None).exists():
        raise Invalid("同一上级单位下已有同名单位。", errors={"name": ["同一上级单位下已有同名单位。"]})
    unit.full_clean(exclude=["path", "parent"], validate_unique=False, validate_constraints=False)


def _lock_tree() -> None:
    """Let one change of the tree's shape go first.

    Two moves at once could hang each of two units under the other, and a unit created while its parent
    moves would keep the old path.
    """
    list(Unit.objects.select_for_update().filter(parent=None).values_list("pk"))


def lock_unit(unit: Unit) -> Unit:
    """Lock the tree, then a unit of it, and return it afresh; whoever needs both asks for them in this order."""
    _lock_tree()
    return _lock(unit)


def _lock(unit: Unit) -> Unit:
    return Unit.objects.select_for_update().get(pk=unit.pk)


def reserve_id() -> int:
    """Take an id for a unit that will be made, so that others can name it before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('accounts_unit', 'id'))")
        return int(cursor.fetchone()[0])


def _facts(unit: Unit) -> dict[str, Any]:
    shown = ("code", "name", "kind", "stage", "is_rural", "is_weak", "cluster", "headcount", "valid_from")
    return {name: getattr(unit, name) for name in shown} | {"parent": str(unit.parent or "")}
