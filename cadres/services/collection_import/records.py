"""The rows of one person beside what is kept of them: which record a row is, what differs, what can't be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models

from cadres.cv import is_study
from cadres.kinds import KINDS
from cadres.models import Code
from cadres.services.changes import check, set_values
from cadres.services.collection_import.constraints import holds
from cadres.services.collection_import.dates import ask_about_dates
from cadres.services.collection_import.kept import HIDDEN
from cadres.services.collection_import.sameness import FINENESS, PARTS, comparable, plain, same
from cadres.services.collection_import.targets import REFUSED, Target
from cadres.services.histories import check_record, worded
from core.errors import Invalid
from core.partial_dates import PartialDate


@dataclass
class Item:
    """One row of the file on its way: what it says, and what was found out about it."""

    ordinal: int
    sheet: str
    row: int
    values: dict[str, Any]
    words: dict[str, str]
    verdict: str = ""
    record: Any = None
    changes: dict[str, list[Any]] | None = None
    findings: list[dict[str, Any]] = field(default_factory=list)
    cadre: int | None = None
    person: int | None = None
    # The record that only a person can say it is.
    likely: Any = None
    # Cells without a home, words of computed columns; whether they are all that differs.
    kept: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    only_kept: bool = False

    def refuse(self, message: str, name: str = "", severity: str = "error") -> None:
        """Say what is wrong; an error rejects the row."""
        self.findings.append({"name": name, "message": message, "severity": severity})
        if severity == "error":
            self.verdict = "rejected"


def judge(
    target: Target, items: Sequence[Item], existing: Sequence[Any], codes: Callable[[int], Code | None],
    answers: Mapping[str, Any],
) -> None:  # fmt: skip
    """Give every row of one person its verdict, its record as it will be, and its changes."""
    free = list(existing)
    wanted = [item for item in items if not item.verdict]
    claimed: dict[int, Item] = {}
    first, *others = target.keys
    for keys, loose in ((first, False), (first, True), *((keys, False) for keys in others)):
        for item in wanted:
            if item.record is None and (keys is first or item.values.get("start")):
                _claim(target, item, keys, free, claimed, sure=keys is first and not loose, loose=loose)
    for item, record in ask_about_dates(target, wanted, free, answers):
        item.record = record
        claimed[record.pk] = item
    kept: list[Any] = [record for record in existing if record.pk not in claimed]
    seen: list[Item] = []
    for item in items:
        if item.verdict:
            continue
        twin = next((one for one in seen if same(item.values, one.record, target.keys[0], loose=False)), None)
        if item.record is None and twin is not None:
            place = f"工作表“{twin.sheet.strip()}”第 {twin.row} 行"
            item.refuse(f"与{place}是同一条记录，只导入前面那一条。")
            continue
        before = item.record
        _settle(target, item, codes)
        if item.verdict != "rejected":
            seen.append(item)
        if item.verdict in ("new", "changed") and not _fits(target, item, kept):
            if before is not None:
                kept.append(before)
            continue
        if item.verdict != "rejected":
            kept.append(item.record)


def _claim(
    target: Target, item: Item, keys: tuple[str, ...], free: list[Any], claimed: dict[int, Item], *, sure: bool,
    loose: bool,
) -> None:  # fmt: skip
    """Take the record that the row's key means: of exactly equal ones the first, else only the one there is."""
    found = [record for record in free if same(item.values, record, keys, loose=loose)]
    if not found or (len(found) > 1 and not sure):
        return
    item.record = found[0]
    claimed[item.record.pk] = item
    free.remove(item.record)


# --- what differs ------------------------------------------------------------------------------------------


def _settle(target: Target, item: Item, codes: Callable[[int], Code | None]) -> None:
    """Verdict and changes of a row, its record made or changed as the service of one row would do it."""
    given = dict(item.values)
    if item.record is None:
        item.record, stored = target.model(), None
        item.verdict = "new"
    else:
        stored = item.record
        given = {name: value for name, value in given.items() if _differs(stored, name, given)}
        if not given:
            item.verdict = "unchanged"
            return
        item.verdict = "changed"
        item.changes = {}
        for name in given:
            if not name.endswith("_precision") and (pair := _pair(target, stored, name, given, codes)):
                item.changes[pair[0]] = pair[1]
        item.record = _copy(stored)
    try:
        _apply(target, item.record, stored, given, codes)
    except Invalid as refusal:
        item.verdict = ""
        for name, sentences in (refusal.errors or {"": [refusal.message]}).items():
            for sentence in sentences:
                item.refuse(str(sentence), name)


def _copy(record: Any) -> Any:
    copied = type(record)(
        **{one.attname: getattr(record, one.attname) for one in record._meta.concrete_fields}
    )
    for one in record._meta.concrete_fields:
        if one.is_relation and one.is_cached(record):
            one.set_cached_value(copied, one.get_cached_value(record))
    copied._state.adding = False
    return copied


def _differs(record: Any, name: str, values: dict[str, Any]) -> bool:
    """Whether a value says something else than the record; a coarser date that agrees doesn't."""
    if name.endswith("_precision"):
        return _differs(record, name.removesuffix("_precision"), values)
    new, old = values[name], getattr(record, name, None)
    if f"{name}_precision" in values:
        if old is None:
            return True
        known, kept = values[f"{name}_precision"], getattr(record, f"{name}_precision")
        if known == kept:
            return bool(new != old.isoformat())
        if FINENESS[known] > FINENESS[kept]:
            return True
        return bool(new[: PARTS[known]] != old.isoformat()[: PARTS[known]])
    if isinstance(new, list):
        return any(a is not None and a != b for a, b in zip(new, old or [None] * len(new), strict=False))
    if name == "within":
        return plain(new) != plain(record.within.text if record.within_id else "")
    code = name.removesuffix("_text")
    if (
        name.endswith("_text")
        and values.get(f"{code}_id")
        and values[f"{code}_id"] == getattr(record, f"{code}_id", 0)
    ):
        # Another word for the same code says nothing new.
        return False
    return bool(comparable(new) != comparable(old))


def _pair(
    target: Target, record: Any, name: str, values: dict[str, Any], codes: Callable[[int], Code | None]
) -> tuple[str, list[Any]] | None:
    """The field with [old, new] in words; what is encrypted only as having changed."""
    if name in target.sealed:
        return name, [HIDDEN if getattr(record, name) else None, HIDDEN]
    old = getattr(record, name, None)
    new = values[name]
    if f"{name}_precision" in values:
        before = PartialDate.of(old, getattr(record, f"{name}_precision")).iso() if old else None
        return name, [before, PartialDate.of(dt.date.fromisoformat(new), values[f"{name}_precision"]).iso()]
    if name == "within":
        return name, [record.within.text if record.within_id else None, new]
    field_ = record._meta.get_field(name)
    if field_.is_relation:
        base = name.removesuffix("_id")
        before = getattr(record, base)
        code = codes(new) if field_.related_model is Code else None
        return base, [str(before) if before else None, str(code) if code else new]
    if field_.choices:
        words = dict(field_.choices)
        return name, [str(words.get(old, old)) if old else None, str(words.get(new, new))]
    if isinstance(old, dt.date):
        old = old.isoformat()
    if isinstance(old, Decimal):
        old = str(old)
    return name, [old if old != "" else None, new]


def _apply(
    target: Target, record: Any, stored: Any, given: dict[str, Any], codes: Callable[[int], Code | None]
) -> None:
    """Put what is given on the record by the rules of the service of one row; raises Invalid."""
    values = _as_fields(record, stored, given, codes)
    if target.slug in KINDS:
        if target.slug == "career":
            _apply_line(record, stored, values)
            return
        set_values(record, worded(KINDS[target.slug], stored, values))
        check_record(record, links=False)
        return
    if stored is None and not given.get("is_main") and "end" not in given:
        values["kind"] = record.Kind.SECONDED if "挂" in given.get("title", "") else record.Kind.CONCURRENT
    set_values(record, values)
    if record.start and record.end and record.end < record.start:
        raise Invalid("结束时间不能早于开始时间。", errors={"end": ["结束时间不能早于开始时间。"]})
    check(record, links=False)


def _apply_line(record: Any, stored: Any, values: dict[str, Any]) -> None:
    """A line of a CV; the line that it stands in is told by its text and found when everything is written."""
    if stored is None and "is_study" not in values:
        values["is_study"] = is_study(values.get("text", ""))
    set_values(record, worded(KINDS["career"], stored, values))
    within = record.within_id
    record.within = None
    check_record(record, links=False)
    record.within_id = within


def _as_fields(
    record: Any, stored: Any, given: dict[str, Any], codes: Callable[[int], Code | None]
) -> dict[str, Any]:
    """The values as the services take them: codes and partial dates; other links are set on the record."""
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name.endswith("_precision") or name == "within":
            continue
        if f"{name}_precision" in given:
            values[name] = PartialDate.of(dt.date.fromisoformat(value), given[f"{name}_precision"])
            continue
        found = record._meta.get_field(name)
        if found.is_relation and found.related_model is Code:
            values[name.removesuffix("_id")] = codes(value)
        elif found.is_relation:
            setattr(record, name, value)
        elif isinstance(found, ArrayField):
            old = getattr(stored, name, None) or [None] * len(value)
            values[name] = [new if new is not None else kept for new, kept in zip(value, old, strict=True)]
        else:
            values[name] = found.to_python(value)
    return values


# --- what the database would refuse ------------------------------------------------------------------------


def _fits(target: Target, item: Item, others: Iterable[Any]) -> bool:
    """Whether the record may stand beside the person's others; says in words why not."""
    for constraint in target.model._meta.constraints:
        if _breaks(constraint, item.record, others):
            name, sentence = REFUSED.get(constraint.name, ("", "与已有的记录冲突，请核对。"))
            item.refuse(sentence, name)
            item.changes = None
            return False
    return True


def _breaks(constraint: Any, record: Any, others: Iterable[Any]) -> bool:
    if isinstance(constraint, models.CheckConstraint):
        return not holds(constraint.condition, record)
    condition = constraint.condition
    if condition is not None and not holds(condition, record):
        return False
    rivals = [one for one in others if condition is None or holds(condition, one)]
    if isinstance(constraint, ExclusionConstraint):
        return any(_overlap(record, one) for one in rivals)
    names = [record._meta.get_field(name).attname for name in constraint.fields if name != "cadre"]
    mine = [getattr(record, name) for name in names]
    return None not in mine and any(mine == [getattr(one, name) for name in names] for one in rivals)


def _overlap(one: Any, other: Any) -> bool:
    """Whether two half-open periods meet; an empty one meets nothing."""
    first, last = dt.date.min, dt.date.max
    start = max(one.start or first, other.start or first)
    return start < min(one.end or last, other.end or last)
