"""The grammar of a 任免审批表's 简历: texts into lines with periods, and lines into the text again.

A line is `1998.07--2005.08  示例区第一中学教师`; the present one `2017.08--` and nine blanks. What stands in
brackets below a line （其间：…） belongs to it, and a line without a period continues the one above
(domain facts §1.4).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from core.partial_dates import EARLIEST_YEAR, LATEST_YEAR, PartialDate

LONGEST_TEXT = 500
_GAP, _OPEN_GAP = "  ", " " * 9

_BREAK = re.compile(r"<br\s*/?>|\r\n?|\u2028|\u2029|\x0b|\x0c", re.IGNORECASE)
# Brackets and marks as vertical printing draws them (︵ ︰ ﹏ …), and what word processors leave behind.
_VERTICAL = re.compile(r"[\ufe10-\ufe19\ufe30-\ufe4f]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_DATE = r"\d{4}\s?[.．。·/年]\s?\d{1,2}(?:\s?月)?|\d{6}(?!\d)|\d{4}-\d{2}(?!\d)|\d{4}(?!\d)年?"
_DASH = r"-{1,3}|[—–－―─]{1,2}|[～~〜]|至|到"
_UNTIL_NOW = "至今|迄今|现在|今"
_PERIOD = re.compile(
    rf"(?P<start>{_DATE})\s*(?:(?P<dash>{_DASH})\s*)+(?:(?P<end>{_DATE})|(?P<now>{_UNTIL_NOW}))?"
    r"(?P<space>\s*)[,，:：]?\s*(?P<text>.*)",
    re.DOTALL,
)
_MEANWHILE = re.compile(r"[(（]\s*(?P<word>其间|期间|其中)?\s*[:：,，]?\s*(?P<rest>\d{4}.*)", re.DOTALL)
_NEXT_MEANWHILE = re.compile(rf"[;；。]\s*(?=(?:{_DATE})\s*(?:{_DASH}))")
_MONTH = re.compile(r"(\d{4})\D*(\d{1,2})?")

_STUDY = re.compile(
    "学习|就读|学员|进修|函授|自学考试|大专|本科|研究生|硕士|博士|中专|专业.{0,6}(?:毕业|学生)|电大|夜大|预科|求学|攻读"
)
# Words that hold one of those above and are work all the same.
_NO_STUDY = re.compile(
    "博士后|(?:硕士|博士)(?:研究生)?生?导师|硕导|博导|学习与|本科教学|研究生(?:处|院|部|科|办)"
)


@dataclass(frozen=True)
class CareerEntry:
    """One line of a CV; `end` None means until now. `within` are the （其间：…） lines below it."""

    start: PartialDate | None
    end: PartialDate | None
    text: str
    within: tuple[CareerEntry, ...] = ()

    @property
    def is_study(self) -> bool:
        """Whether the line tells of studies and not of work."""
        return is_study(self.text)


@dataclass
class Career:
    """A CV as read, and sentences about what could not be read."""

    entries: list[CareerEntry] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass
class _Draft:
    """A line while its continuations are still being read."""

    start: PartialDate
    end: PartialDate | None
    text: str
    within: list[_Draft] = field(default_factory=list)
    # What stands in a bracket that isn't closed yet.
    pending: str = ""

    def done(self) -> CareerEntry:
        return CareerEntry(self.start, self.end, self.text.strip(), tuple(one.done() for one in self.within))


def plain_text(text: str) -> str:
    """A CV's text with ordinary line ends and characters: no <br>, no vertical forms, nothing invisible."""
    lines = _BREAK.sub("\n", text)
    lines = _VERTICAL.sub(lambda found: unicodedata.normalize("NFKC", found[0]), lines)
    lines = _INVISIBLE.sub("", lines).replace("\xa0", " ").replace("\t", " ")
    return "\n".join(line.rstrip() for line in lines.split("\n")).strip("\n")


def read_career(text: str) -> Career:
    """Read a CV. Never raises: what can't be read is named in `problems`, and the rest is read all the same."""
    career = Career()
    drafts: list[_Draft] = []
    for number, line in enumerate(plain_text(text).split("\n"), 1):
        stripped = line.strip(" \u3000")
        if not stripped:
            continue
        problem = _take(stripped, drafts)
        if problem:
            career.problems.append(f"简历第 {number} 行（{_short(stripped)}）{problem}")
    if drafts and (problem := _close(drafts[-1])):
        career.problems.append(f"简历最后一行{problem}")
    career.entries = [draft.done() for draft in drafts]
    career.problems += [
        f"简历“{_short(entry.text)}”超过 {LONGEST_TEXT} 个字，履历中只登记前面的部分。"
        for entry in all_entries(career.entries)
        if len(entry.text) > LONGEST_TEXT
    ]
    return career


def write_career(entries: Iterable[CareerEntry], *, line_end: str = "\n") -> str:
    """Write entries as the form's editor does; reading the text gives the same entries again."""
    lines: list[str] = []
    for entry in entries:
        lines.append(_written(entry))
        lines += [f"（其间：{_written(inner, open_gap=_GAP)}）" for inner in entry.within]
    return line_end.join(lines)


def is_study(text: str) -> bool:
    """Whether a line tells of studies: by the words that such lines use (博士后 is work)."""
    return bool(_STUDY.search(_NO_STUDY.sub("", text)))


def all_entries(entries: Iterable[CareerEntry]) -> Iterator[CareerEntry]:
    """Entries with those within them."""
    for entry in entries:
        yield entry
        yield from entry.within


@dataclass(frozen=True)
class Gap:
    """Time of which no line tells: from the end of all that began before until the next line, in months."""

    until: PartialDate
    since: PartialDate
    months: int


def gaps_of(entries: Iterable[CareerEntry]) -> list[Gap]:
    """Return the gaps of more than a month between a line and all that began before it, in order of time.

    The fact `career_gap` (cadres.facts.careers) is the longest of them: one rule, written in SQL there. Months
    count. A year alone lasts until its December; a line that begins in a year alone can't be compared.
    """
    found: list[Gap] = []
    latest: PartialDate | None = None
    for entry in sorted(
        (each for each in entries if each.start is not None), key=lambda each: each.start.date
    ):  # type: ignore[union-attr]
        assert entry.start is not None
        if latest is not None and entry.start.precision != "year":
            months = _first_month(entry.start) - _last_month(latest)
            if months > 1:
                found.append(Gap(latest, entry.start, months))
        if entry.end is None:
            break
        if latest is None or _last_month(entry.end) > _last_month(latest):
            latest = entry.end
    return found


def check_career(entries: list[CareerEntry], *, work_start: dt.date | None = None) -> list[str]:
    """Sentences about overlaps, gaps of more than a month, an ended last line, a late first line.

    Only what is certain is said: of a year alone nobody knows in which month it began or ended.
    """
    dated = [entry for entry in entries if entry.start is not None]
    if not dated:
        return []
    found: list[str] = []
    for earlier, later in zip(dated, dated[1:], strict=False):
        found += _between(earlier, later)
    found += [
        f"简历在 {gap.until.dotted()} 与 {gap.since.dotted()} 之间空缺 {gap.months} 个月。"
        for gap in gaps_of(dated)
    ]
    if dated[-1].end is not None:
        found.append(f"简历最后一段到 {dated[-1].end.dotted()} 为止，没有写到现在。")
    first = dated[0].start
    if work_start is not None and first is not None and _first_month(first) > _month(work_start):
        found.append(f"简历从 {first.dotted()} 写起，晚于参加工作时间（{work_start:%Y.%m}）。")
    return found


def _between(earlier: CareerEntry, later: CareerEntry) -> list[str]:
    """What is wrong in the order of two lines that follow each other in the text."""
    assert earlier.start is not None
    assert later.start is not None
    if _last_month(later.start) < _first_month(earlier.start):
        return [f"简历“{_short(later.text)}”（{later.start.dotted()} 起）排在更晚的一段之后。"]
    if earlier.end is None:
        return [f"简历“{_short(earlier.text)}”没有写到什么时候，后面还有 {later.start.dotted()} 起的一段。"]
    if _last_month(later.start) < _first_month(earlier.end):
        return [
            f"简历“{_short(earlier.text)}”（到 {earlier.end.dotted()}）与"
            f"“{_short(later.text)}”（{later.start.dotted()} 起）时间重叠。"
        ]
    return []


def _first_month(day: PartialDate) -> int:
    """The earliest month that a date may mean: unknown parts stand at 1."""
    return _month(day.date)


def _last_month(day: PartialDate) -> int:
    """The latest month that a date may mean."""
    return _month(day.date) + (11 if day.precision == "year" else 0)


def _month(day: dt.date) -> int:
    return day.year * 12 + day.month


def _take(line: str, drafts: list[_Draft]) -> str:
    """Put one line where it belongs; says what is wrong when it belongs nowhere."""
    bracket = _MEANWHILE.match(line)
    if bracket and drafts and _PERIOD.match(bracket["rest"]):
        return _take_meanwhile(bracket["rest"], drafts[-1])
    found = _PERIOD.match(line)
    if found and (draft := _draft(found)):
        problem = _close(drafts[-1]) if drafts else ""
        drafts.append(draft)
        return problem
    if not drafts:
        return "没有起止时间，没有读取。"
    if drafts[-1].pending:
        return _take_meanwhile(drafts[-1].pending + line, drafts[-1])
    drafts[-1].text += line
    return ""


def _take_meanwhile(rest: str, above: _Draft) -> str:
    """Take what follows （其间：; when the bracket isn't closed yet, wait for the next line."""
    text = rest.rstrip()
    above.pending = text
    return _close(above) if _is_closed(text) else ""


def _close(above: _Draft) -> str:
    """Read what stood in the bracket below a line; it may hold several periods."""
    text, above.pending = above.pending, ""
    inside = text[:-1] if _is_closed(text) else text
    for piece in _NEXT_MEANWHILE.split(inside) if inside else ():
        found = _PERIOD.match(piece.strip())
        draft = _draft(found) if found else None
        if draft is None:
            return f"“{_short(piece)}”的时间读不出，没有读取。"
        above.within.append(draft)
    return ""


def _is_closed(text: str) -> bool:
    """Whether a closing bracket is left over at the end: the one that closes （其间：."""
    opened, closed = (text.count(one) + text.count(two) for one, two in ("(（", ")）"))
    return closed > opened and text.endswith((")", "）"))


def _draft(found: re.Match[str]) -> _Draft | None:
    start = _date(found["start"])
    end = _date(found["end"]) if found["end"] else None
    if start is None or (found["end"] and (end is None or end.date < start.date)):
        return None
    return _Draft(start, end, found["text"].strip(" \u3000"))


def _date(text: str) -> PartialDate | None:
    digits = re.sub(r"\s", "", text)
    if re.fullmatch(r"\d{6}", digits):
        year, month = int(digits[:4]), int(digits[4:])
    else:
        found = _MONTH.match(digits)
        assert found is not None
        year, month = int(found[1]), int(found[2] or 0)
    if not EARLIEST_YEAR <= year <= LATEST_YEAR or month > 12:
        return None
    if not month:
        return None if len(digits.rstrip("年")) > 4 else PartialDate.of(dt.date(year, 1, 1), "year")
    return PartialDate.of(dt.date(year, month, 1), "month")


def _written(entry: CareerEntry, *, open_gap: str = _OPEN_GAP) -> str:
    if entry.start is None:
        return entry.text
    start = entry.start.at_most("month").dotted()
    if entry.end is None:
        return f"{start}--{open_gap}{entry.text}"
    return f"{start}--{entry.end.at_most('month').dotted()}{_GAP}{entry.text}"


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}…"
