"""Dates known only to the year or the month: reading them as people write them, and showing them again."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from django import forms
from django.core.exceptions import ValidationError

from core import calendar

Precision = Literal["day", "month", "year"]

EARLIEST_YEAR = 1900
LATEST_YEAR = 2100

_FINENESS: dict[str, int] = {"year": 0, "month": 1, "day": 2}
_ORDERED_PRECISIONS: tuple[Precision, ...] = ("year", "month", "day")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date with the precision it was given in; unknown parts stand at 1 in `date`.

    Build it with `of`, which puts the unknown parts to 1, so that equal statements compare equal.
    """

    date: dt.date
    precision: Precision

    @classmethod
    def of(cls, day: dt.date, precision: Precision | str = "day") -> "PartialDate":
        """Make one from a database pair (date, precision); raises ValueError for an unknown precision."""
        if isinstance(day, dt.datetime):
            day = day.date()
        if precision == "day":
            return cls(day, "day")
        if precision == "month":
            return cls(day.replace(day=1), "month")
        if precision == "year":
            return cls(day.replace(month=1, day=1), "year")
        raise ValueError(f"unknown precision {precision!r}")

    def iso(self) -> str:
        """`1976-05-03`, `1976-05` or `1976`: the form of the API and of import results."""
        return self._shown("-", "-", "", pad=True)

    def dotted(self) -> str:
        """`1976.05.03`, `1976.05` or `1976`: the form of Chinese personnel tables."""
        return self._shown(".", ".", "", pad=True)

    def chinese(self) -> str:
        """`1976年5月3日`, `1976年5月` or `1976年`: the form of running text."""
        return self._shown("年", "月", "日", pad=False)

    def at_most(self, precision: Precision) -> "PartialDate":
        """The same date told no more precisely than `precision` (a birth *month* column, for example)."""
        if _FINENESS[self.precision] <= _FINENESS[precision]:
            return self
        return PartialDate.of(self.date, precision)

    def agrees_with(self, other: "PartialDate | dt.date") -> bool:
        """Whether both may be the same day: equal as far as the coarser of the two tells."""
        if not isinstance(other, PartialDate):
            other = PartialDate.of(other)
        coarser = _ORDERED_PRECISIONS[min(_FINENESS[self.precision], _FINENESS[other.precision])]
        return self.at_most(coarser) == other.at_most(coarser)

    def __str__(self) -> str:
        return self.iso()

    def _shown(self, after_year: str, after_month: str, after_day: str, *, pad: bool) -> str:
        year, month, day = self.date.year, self.date.month, self.date.day
        width = "02d" if pad else "d"
        if self.precision == "year":
            return f"{year:04d}" if pad else f"{year}{after_year}"
        if self.precision == "month":
            tail = "" if pad else after_month
            return f"{year:04d}{after_year}{month:{width}}{tail}"
        return f"{year:04d}{after_year}{month:{width}}{after_month}{day:{width}}{after_day}"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a cell or input said: the date (None when empty), a warning to show, and what stood beside it.

    `rest` is text after the date (`2001.08；民建` leaves `民建`); `until_now` is true for `至今`.
    """

    value: PartialDate | None
    warning: str = ""
    rest: str = ""
    until_now: bool = False


EMPTY_WORDS = frozenset(
    {"", "无", "没有", "不详", "未知", "空", "-", "--", "—", "——", "–", "/", "\\", "、", "."}
)
_UNTIL_NOW = frozenset({"至今", "今", "现在", "目前", "到现在", "迄今"})
_NOTHING = Parsed(None)
_OPEN = Parsed(None, until_now=True)

# After NFKC and with blanks around the separators gone. The year is told by two or four digits.
_DATE = re.compile(
    r"""
    (?P<year>\d{4}|\d{2})
    (?:
        (?P<sep>[./\-年])
        (?:
            (?P<month>\d{1,2})
            (?: (?:[./\-]|月)(?P<day>\d{1,2})[日号]? | 月 )?
        )?
    )?
    [.]?
    (?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?
    (?P<rest>$|[\s;,:(\[<].*)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})?(?P<rest>$|[\s;,:(\[<].*)", re.DOTALL | re.ASCII
)
_BLANKS_AROUND_SEPARATOR = re.compile(r"[ \t]*([./\-年月日])(?:[ \t]*(?=\d))?")
_REPLACED = str.maketrans({"。": ".", "·": ".", "・": ".", "•": ".", "—": "-", "–": "-", "－": "-", "‑": "-"})
_AMBIGUOUS_MONTH = re.compile(r"(?:\d{4}|\d{2})\.1$")


def parse(value: object, *, field: str = "", untyped: bool = False) -> Parsed:
    """Read a date as people write it in tables and forms.

    Takes text (`1975.08`, `75.8`, `1975-8-3`, `1975年8月`, `197508`, `19750803`, `1975`, full-width digits,
    a remark after the date), a number from a numeric cell, or a real date. Empty words (`无`, `——`) and
    `至今` give no value. `field` is put into the sentences. `untyped` says that the source can't tell
    numbers from text (.csv): then `1975.1` is taken for a number.

    A *number* 1975.1 is October, because a numeric cell loses the zero of `1975.10` (January is typed
    1975.01); the same as *text* is January. Both carry a warning. Raises ValueError with a Chinese
    sentence for what is no date, and for days that don't exist.
    """
    try:
        if isinstance(value, str):
            return _parse_text(value, untyped)
        if value is None:
            return _NOTHING
        if isinstance(value, PartialDate):
            return Parsed(value)
        if isinstance(value, dt.date):
            return _parse_typed(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return _parse_whole_number(value)
        if isinstance(value, float):
            return _parse_number(value)
    except ValueError as problem:
        raise ValueError(f"{field}{problem}") from None
    raise ValueError(f"{field}“{value}”不是日期，请写成 1975.08 这样的年月。")


def _parse_typed(value: dt.date) -> Parsed:
    """Read a real spreadsheet date. Its first of a month is what a typed year and month becomes: a month."""
    day = value.date() if isinstance(value, dt.datetime) else value
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise ValueError(f"“{day.isoformat()}”的年份不合理，请核对。")
    return Parsed(PartialDate.of(day, "month" if day.day == 1 else "day"))


def _parse_number(value: float) -> Parsed:
    """Read a numeric cell: 2016.08, 197508, 19750803, 1975, 75.8 and the lossy 1975.1 and 4.8."""
    if value != value or value in (float("inf"), float("-inf")) or value < 0:
        raise ValueError("不是日期，请写成 1975.08 这样的年月。")
    if value.is_integer():
        return _parse_whole_number(int(value))
    text = repr(round(value, 4))
    year, _, month = text.partition(".")
    if "e" in text or len(month) > 2:
        raise ValueError(f"“{value}”不是日期，请写成 1975.08 这样的年月。")
    warning = ""
    if len(year) == 1:
        warning = f"数字“{text}”缺少年份前面的 0，已按 0{year} 年读取，请核对。"
        year = f"0{year}"
    if month == "1":
        month = "10"
        warning = (
            f"数字“{text}”按10月读取（数字单元格会丢掉 .10 末尾的 0），请核对；如果是1月，请写成 {year}.01。"
        )
    parsed = _parse_text(f"{year}.{month}", False)
    return Parsed(parsed.value, warning)


def _parse_whole_number(number: int) -> Parsed:
    text = str(number) if 0 <= number <= 99_999_999 else "…"
    if len(text) in (6, 8) or (len(text) == 4 and EARLIEST_YEAR <= number <= LATEST_YEAR):
        return _parse_text(text, False)
    if len(text) == 5:
        raise ValueError(f"“{text}”像是没有设成日期格式的 Excel 日期，请改成 1975.08 这样的年月。")
    raise ValueError(f"数字“{text}”不是日期，请写成 1975.08 这样的年月。")


@lru_cache(maxsize=16_384)
def _match(text: str) -> tuple[str, str, str, str] | None:
    """Split a written date into year, month, day and rest; None when it isn't one."""
    normal = unicodedata.normalize("NFKC", text).strip().lstrip("'‘’`").strip().translate(_REPLACED)
    first, newline, further = normal.partition("\n")
    normal = _BLANKS_AROUND_SEPARATOR.sub(r"\1", first) + newline + further
    found = _COMPACT.fullmatch(normal) or _DATE.fullmatch(normal)
    if found is None:
        return None
    parts = found.groupdict()
    if parts["month"] is None and len(parts["year"]) == 2 and parts["sep"] != "年":
        return None
    rest = parts["rest"].strip().lstrip(";,:").strip()
    return parts["year"], parts["month"] or "", parts["day"] or "", rest


def _parse_text(text: str, untyped: bool) -> Parsed:
    word = text.strip()
    if word in EMPTY_WORDS:
        return _NOTHING
    parts = _match(word)
    if parts is None:
        bare = "".join(word.split())
        if bare in _UNTIL_NOW:
            return _OPEN
        if bare in EMPTY_WORDS:
            return _NOTHING
        raise ValueError(f"“{_short(word)}”不是日期，请写成 1975.08 这样的年月。")
    year, month, day, rest = parts
    warning = ""
    if (
        month == "1"
        and not day
        and not rest
        and _AMBIGUOUS_MONTH.fullmatch(unicodedata.normalize("NFKC", word))
    ):
        if untyped:
            month = "10"
            warning = f"“{word}”按10月读取（数字会丢掉 .10 末尾的 0），请核对；如果是1月，请写成 {year}.01。"
        else:
            warning = f"“{word}”按1月读取，请核对；如果是10月，请写成 {year}.10。"
    return Parsed(_build(_full_year(year), month, day, word), warning, rest)


def _full_year(year: str) -> int:
    """Complete a two-digit year: the latest such year that isn't in the future."""
    number = int(year)
    if len(year) == 4:
        return number
    return 2000 + number if 2000 + number <= calendar.today().year else 1900 + number


@lru_cache(maxsize=16_384)
def _build(year: int, month: str, day: str, shown: str) -> PartialDate:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(f"“{_short(shown)}”的年份不合理，请核对。")
    if not month:
        return PartialDate(dt.date(year, 1, 1), "year")
    if not 1 <= int(month) <= 12:
        raise ValueError(f"“{_short(shown)}”的月份不存在，请核对。")
    if not day:
        return PartialDate(dt.date(year, int(month), 1), "month")
    try:
        return PartialDate(dt.date(year, int(month), int(day)), "day")
    except ValueError:
        raise ValueError(f"“{_short(shown)}”这一天不存在，请核对。") from None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 30 else f"{line[:30]}…"


class PartialDateFormField(forms.CharField):
    """A text input for a date of any precision; cleans to a PartialDate or None.

    Set `precisions` to those allowed, for example ("day",) where the day must be known.
    """

    default_error_messages = {
        "precision": "请填写完整的年月日，例如 1975-08-03。",
        "rest": "日期后面有多余的文字。",
    }

    def __init__(
        self, *, precisions: tuple[Precision, ...] = ("day", "month", "year"), **kwargs: Any
    ) -> None:
        self.precisions = precisions
        kwargs.setdefault("max_length", 30)
        kwargs.setdefault("widget", forms.TextInput(attrs={"placeholder": "如 1975.08", "inputmode": "text"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored value as `1975.08`; what the user typed stays as typed."""
        return value.dotted() if isinstance(value, PartialDate) else value

    def to_python(self, value: Any) -> Any:
        """Read the input; raises ValidationError with the sentence of `parse`."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            parsed = parse(text)
        except ValueError as problem:
            raise ValidationError(str(problem), code="invalid") from None
        if parsed.rest:
            raise ValidationError(self.error_messages["rest"], code="rest")
        if parsed.value is not None and parsed.value.precision not in self.precisions:
            raise ValidationError(self.error_messages["precision"], code="precision")
        return parsed.value

    def run_validators(self, value: Any) -> None:
        """The length limits of the text don't apply to the date it became."""
        if isinstance(value, PartialDate):
            return
        super().run_validators(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as dates, so that `1975.08` and `1975年8月` count as the same."""
        read: Callable[[Any], Any] = self.to_python
        try:
            return read(self.prepare_value(initial)) != read(data)
        except ValidationError:
            return True
