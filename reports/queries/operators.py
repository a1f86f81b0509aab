"""How values are compared, by kind: operators with their words, what a value may be, what it reads like."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.errors import Invalid
from core.partial_dates import EARLIEST_YEAR, LATEST_YEAR, PartialDate
from reports.queries.catalog import CodeNames, Field

MOST_OPTIONS, LONGEST_TEXT, LARGEST_NUMBER = 60, 60, 1_000_000
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)

# kind → operator → the words of a choice in the builder.
OPERATORS: dict[str, dict[str, str]] = {
    "number": {"at_least": "不少于（≥）", "at_most": "不超过（≤）", "between": "介于", "is": "等于"},
    "level": {"at_least": "不低于（≥）", "at_most": "不高于（≤）", "is": "是"},
    "choice": {"one_of": "是其中之一"},
    "flag": {"is": "是否"},
    "text": {"contains": "包含", "is": "等于"},
    "date": {"since": "不早于", "before": "早于", "between": "介于"},
}
UNKNOWN = "unknown"
UNKNOWN_LABEL = "未登记"
SIGNS = {"at_least": "≥", "at_most": "≤", "is": "="}


def operators_of(field: Field, *, of_fact: bool) -> dict[str, str]:
    """The operators of a field with their words; a fact may also be unknown, unless it is a flag."""
    found = dict(OPERATORS[field.kind])
    if of_fact and field.kind != "flag":
        found[UNKNOWN] = UNKNOWN_LABEL
    return found


@dataclass(frozen=True)
class Comparison:
    """A field, an operator of its kind and a value that was checked (dates are PartialDates)."""

    field: Field
    op: str
    value: Any = None

    def plain(self) -> Any:
        """The value as JSON."""
        if isinstance(self.value, tuple):
            return [_plain(each) for each in self.value]
        return _plain(self.value)


def _plain(value: Any) -> Any:
    return value.iso() if isinstance(value, PartialDate) else value


def comparison(field: Field, op: Any, value: Any, codes: CodeNames, *, of_fact: bool, at: str) -> Comparison:
    """Check an operator and a value for a field. Raises Invalid naming the place `at`."""
    if not isinstance(op, str) or op not in operators_of(field, of_fact=of_fact):
        _refuse(f"“{field.label}”不能这样比较。", f"{at}.op")
    if op == UNKNOWN:
        return Comparison(field, op)
    if op == "between":
        if not isinstance(value, list | tuple) or len(value) != 2:
            _refuse(f"“{field.label}”请填写起止两个值。", f"{at}.value")
        low, high = (_read(field, each, codes, at) for each in value)
        if _sortable(low) > _sortable(high):
            _refuse(f"“{field.label}”的起值不能大于止值。", f"{at}.value")
        return Comparison(field, op, (low, high))
    if op == "one_of":
        if not isinstance(value, list | tuple) or not value or len(value) > MOST_OPTIONS:
            _refuse(f"“{field.label}”请至少选择一项。", f"{at}.value")
        return Comparison(field, op, tuple(dict.fromkeys(_read(field, each, codes, at) for each in value)))
    return Comparison(field, op, _read(field, value, codes, at))


def _sortable(value: Any) -> Any:
    return value.date if isinstance(value, PartialDate) else value


def _read(field: Field, value: Any, codes: CodeNames, at: str) -> Any:
    return _READERS[field.kind](field, value, codes, f"{at}.value")


def _number(field: Field, value: Any, codes: CodeNames, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST_NUMBER:
        _refuse(f"“{field.label}”请填写整数。", at)
    return int(value)


def _flag(field: Field, value: Any, codes: CodeNames, at: str) -> bool:
    if not isinstance(value, bool):
        _refuse(f"“{field.label}”请选择是或否。", at)
    return bool(value)


def _text(field: Field, value: Any, codes: CodeNames, at: str) -> str:
    words = value.strip() if isinstance(value, str) else ""
    if not words or len(words) > LONGEST_TEXT or not words.isprintable():
        _refuse(f"“{field.label}”请填写 1 到 {LONGEST_TEXT} 个字。", at)
    return words


def _choice(field: Field, value: Any, codes: CodeNames, at: str) -> Any:
    known: Any = field.options or field.steps
    if field.codes:
        known = codes.options(field.codes, with_level=field.kind == "level")
    if (
        isinstance(value, bool)
        or not isinstance(value, str | int)
        or value not in {each for each, _ in known}
    ):
        _refuse(f"“{field.label}”没有这个选项。", at)
    return value


def _date(field: Field, value: Any, codes: CodeNames, at: str) -> PartialDate:
    day = read_date(value)
    if day is None:
        _refuse(f"“{field.label}”请填写 2022、2022-09 或 2022-09-01 这样的日期。", at)
    assert day is not None
    return day


def read_date(value: Any) -> PartialDate | None:
    """Read 2022, 2022-09 or 2022-09-01; None for anything else and for days that don't exist."""
    found = _ISO.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        whole = dt.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if not EARLIEST_YEAR <= whole.year <= LATEST_YEAR:
        return None
    return PartialDate.of(whole, "day" if day else "month" if month else "year")


def day_after(value: PartialDate) -> dt.date:
    """The first day behind a partial date: behind 2022 it is 1 January 2023."""
    if value.precision == "day":
        return value.date + dt.timedelta(days=1)
    year, month = (value.date.year, value.date.month) if value.precision == "month" else (value.date.year, 12)
    return dt.date(year + month // 12, month % 12 + 1, 1)


_READERS: dict[str, Callable[[Field, Any, CodeNames, str], Any]] = {
    "number": _number, "flag": _flag, "text": _text, "choice": _choice, "level": _choice, "date": _date,
}  # fmt: skip


def _refuse(sentence: str, at: str) -> None:
    raise Invalid(sentence, errors={at: [sentence]})
