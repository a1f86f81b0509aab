"""Verbs on instruments: create, change while drafted, set the indicators, copy as a new version, publish, retire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.models import Unit, User
from accounts.scope import require
from assessment.leaves import leaves, problems_of
from assessment.models import Indicator, Instrument, InstrumentDecision
from core import audit
from core.errors import Invalid, WrongMoment
from core.versions import require_version
from core.workflow import take

__all__ = [
    "create_instrument",
    "leaves",
    "new_version",
    "problems_of",
    "set_indicators",
    "take_instrument_action",
    "update_instrument",
]

audit.register("instrument.created", "建立量表")
audit.register("instrument.edited", "修改量表")
audit.register("instrument.indicators_set", "设定量表指标")

EDITABLE = ("name", "instructions", "basis")
MOST_INDICATORS = 200
_COLUMNS = ("name", "hint", "kind", "weight", "competence")


def create_instrument(
    *, unit: Unit, by: User, name: str, instructions: str = "", basis: str = ""
) -> Instrument:
    """Create the drafted first version of an instrument. Needs `round.manage` at the unit.

    Raises Invalid for a name that the unit uses already (its next version comes from `new_version`).
    """
    require(by, "round.manage", unit)
    instrument = Instrument(
        unit=unit, name=name.strip(), instructions=instructions, basis=basis, created_by=by
    )
    with transaction.atomic():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        _check_name(instrument)
        _check(instrument)
        instrument.save()
        audit.record("instrument.created", by=by, obj=instrument, after={"name": instrument.name},
                     unit_name=unit.name)  # fmt: skip
    return instrument


def update_instrument(
    *, instrument: Instrument, changes: Mapping[str, Any], by: User, version: str = ""
) -> Instrument:
    """Change a drafted version's name, instructions or basis. Raises WrongMoment once published, Stale, Invalid."""
    with transaction.atomic():
        locked = _locked_draft(instrument, by, version)
        before = {name: getattr(locked, name) for name in changes if name in EDITABLE}
        for name, value in changes.items():
            if name not in EDITABLE:
                raise Invalid(f"不能修改“{name}”。")
            setattr(locked, name, value.strip() if name == "name" else value)
        if "name" in changes and locked.name != before["name"]:
            _check_name(locked)
        _check(locked)
        locked.save()
        audit.record("instrument.edited", by=by, obj=locked, before=before, after=dict(changes),
                     unit_name=locked.unit.name)  # fmt: skip
    instrument.refresh_from_db()
    return instrument


def set_indicators(
    *, instrument: Instrument, rows: Iterable[Mapping[str, Any]], by: User, version: str = ""
) -> list[Indicator]:
    """Replace the indicators of a drafted version as a whole.

    In: rows in order, each with `level` (1 to 3), `name` and, where they matter, `hint`, `kind`, `weight`,
    `competence`; a row hangs under the last row of the level above it. Out: the new rows. Weights need not add
    up yet: that is asked when it is published. Raises Invalid with the row at fault ("rows.3"), WrongMoment, Stale.
    """
    given = list(rows)
    if len(given) > MOST_INDICATORS:
        raise Invalid(f"指标最多 {MOST_INDICATORS} 项。")
    with transaction.atomic():
        locked = _locked_draft(instrument, by, version)
        locked.indicators.all().delete()
        above: list[Indicator] = []
        made = []
        for order, row in enumerate(given, start=1):
            level = _level(row, order, len(above))
            del above[level - 1 :]
            each = _indicator(locked, order, row, above[-1] if above else None)
            above.append(each)
            made.append(each)
        locked.save()  # the version that forms compare
        audit.record("instrument.indicators_set", by=by, obj=locked, after={"指标数": len(made)},
                     unit_name=locked.unit.name)  # fmt: skip
    instrument.refresh_from_db()
    return made


def new_version(*, instrument: Instrument, by: User) -> Instrument:
    """Copy a version as the drafted next one of the same name. Raises WrongMoment while a draft of it exists."""
    require(by, "round.manage", instrument)
    with transaction.atomic():
        Unit.objects.select_for_update(no_key=True).get(pk=instrument.unit_id)
        family = Instrument.objects.filter(unit=instrument.unit_id, name=instrument.name)
        if family.filter(status=Instrument.Status.DRAFT).exists():
            raise WrongMoment("这个量表已有编制中的版本，请直接修改它。")
        copy = Instrument(
            unit=instrument.unit, name=instrument.name, instructions=instrument.instructions,
            basis=instrument.basis, created_by=by, edition=(family.aggregate(last=Max("edition"))["last"] or 0) + 1,
        )  # fmt: skip
        copy.save()
        twins: dict[int, Indicator] = {}
        for each in instrument.indicators.order_by("order"):
            values = {name: getattr(each, name) for name in _COLUMNS}
            parent = twins.get(each.parent_id or 0)
            twins[each.pk] = Indicator.objects.create(
                instrument=copy, parent=parent, order=each.order, **values
            )
        audit.record("instrument.created", by=by, obj=copy, after={"name": copy.name, "edition": copy.edition},
                     unit_name=copy.unit.name)  # fmt: skip
    return copy


def take_instrument_action(
    *, instrument: Instrument, action: str, by: User, comment: str = ""
) -> InstrumentDecision:
    """Publish or retire a version; raises what core.workflow.take raises, Invalid with what is wrong with it."""
    require(by, "round.view", instrument)
    return take(instrument, action, by=by, comment=comment)  # type: ignore[return-value]


def _locked_draft(instrument: Instrument, by: User, version: str) -> Instrument:
    require(by, "round.manage", instrument)
    locked = Instrument.objects.select_for_update(of=("self",)).get(pk=instrument.pk)
    if version:
        require_version(locked, version)
    if locked.status != Instrument.Status.DRAFT:
        raise WrongMoment("量表已经定稿，不能再修改；需要调整的请建立新版本。")
    return locked


def _check_name(instrument: Instrument) -> None:
    taken = Instrument.objects.filter(unit=instrument.unit_id, name=instrument.name).exclude(pk=instrument.pk)
    if taken.exists():
        sentence = f"已有名为“{instrument.name}”的量表，请换一个名称，或在它的页面建立新版本。"
        raise Invalid(sentence, errors={"name": [sentence]})


def _check(obj: Any) -> None:
    try:
        obj.full_clean(exclude=["unit_path"])
    except ValidationError as error:
        raise Invalid("填写的内容有误，请检查标出的各项。", errors=error.message_dict) from None


def _level(row: Mapping[str, Any], order: int, depth: int) -> int:
    """A row's level: no deeper than three, and none left out between it and the row before."""
    given = str(row.get("level", 1)).strip()
    level = int(given) if given.isdecimal() and len(given) == 1 else 0
    if not 1 <= level <= Indicator.MAX_DEPTH:
        raise _refused(order, "级别须为 1、2 或 3。")
    if level > depth + 1:
        raise _refused(order, "上面没有可以归属的上一级指标。")
    return level


def _indicator(
    instrument: Instrument, order: int, row: Mapping[str, Any], parent: Indicator | None
) -> Indicator:
    values = {name: row[name] for name in _COLUMNS if row.get(name) is not None}
    try:
        values["weight"] = Decimal(str(values.get("weight", 0) or 0))
    except InvalidOperation:
        raise _refused(order, "权重须是 0 至 100 的数。") from None
    each = Indicator(instrument=instrument, order=order, parent=parent, **values)
    each.name = str(each.name).strip()
    try:
        each.full_clean(validate_constraints=False)
    except ValidationError as error:
        words = "".join(text for texts in error.message_dict.values() for text in texts)
        raise _refused(order, words) from None
    if not 0 <= each.weight <= 100:
        raise _refused(order, "权重须是 0 至 100 的数。")
    if each.kind == Indicator.Kind.TEXT and each.weight:
        raise _refused(order, "文字意见不占权重。")
    each.save()
    return each


def _refused(order: int, words: str) -> Invalid:
    sentence = f"第 {order} 行：{words}"
    return Invalid(sentence, errors={f"rows.{order}": [sentence]})
