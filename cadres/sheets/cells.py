"""Single cells of a roster read into the columns of a staged row, each kind of column by its own reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from cadres.codes import PARTY_MEMBERS, CodeMatcher
from cadres.models import Code, Post
from cadres.services.roster_import.columns import SLOT, as_array
from cadres.sheets.politics import PoliticsReader
from cadres.sheets.posts import read_posts
from cadres.sheets.schooling import Coded, Schooling, SchoolingReader
from core.calendar import today
from core.partial_dates import PartialDate, parse
from core.sheets.values import clean_person_name, one_line, phone_number, squeezed, text

ERROR, WARNING = "error", "warning"
MASK = "*"
LIMITS = {"native_place": 60, "full_school": 200, "service_school": 200, "rank": 60}
LONGEST_NAME = 60
LONGEST_TITLE_TEXT = 60
LONGEST_NOTE = 2000


class Cell(NamedTuple):
    """What a cell says: texts by their place in the staged row, and remarks as (sentence, severity)."""

    updates: tuple[tuple[int, str], ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Meant:
    """A raw cell and how precise its column means dates."""

    value: Any
    untyped: bool
    with_days: bool
    only_months: bool

    def date(self, found: PartialDate) -> PartialDate:
        """The date as precise as the column means it."""
        if self.only_months or (found.date.day == 1 and not self.with_days):
            return found.at_most("month")
        return found


NOTHING = Cell()
Reader = Callable[[Any], Cell]
_GENDERS = {"男": "1", "女": "2", "男性": "1", "女性": "2", "m": "1", "f": "2"}
_DATES = {
    "birth": "birth", "work": "work_start", "post_since": "post_since", "level_since": "level_since",
}  # fmt: skip
_NOT_IN_FUTURE = frozenset({"birth", "work"})


class CellReaders:
    """The readers of all columns; loads the code tables once."""

    def __init__(self) -> None:
        self._ethnicities = CodeMatcher(Code.List.ETHNICITY)
        self._titles = CodeMatcher(Code.List.TITLE)
        statuses = CodeMatcher(Code.List.POLITICAL)
        self._politics = PoliticsReader(statuses)
        self.member_ids = frozenset(str(c.pk) for c in statuses.codes if c.code in PARTY_MEMBERS)
        self._schooling = SchoolingReader(CodeMatcher(Code.List.EDUCATION), CodeMatcher(Code.List.DEGREE))

    def reader(self, field: str, heading: str, *, untyped: bool) -> Reader:
        """The reader of a column; `untyped` when the file can't tell numbers from text (.csv).

        The heading tells how precise its dates are meant: `出生年月` is a month whatever day stands in it;
        the first of a month is a month unless the heading asks for a day (`出生日期`).
        """
        with_days, only_months = "日" in heading, "年月" in heading and "日" not in heading
        if field in _DATES:
            return lambda value: _date(field, _Meant(value, untyped, with_days, only_months))
        if field in ("party", "party_join"):
            return lambda value: self._party(_Meant(value, untyped, with_days, only_months))
        mode, _, part = field.partition("_")
        if mode in ("full", "service") and part in ("both", "level", "degree"):
            read = getattr(self._schooling, part)
            return lambda value: _schooling(mode, part, value, read)
        own: dict[str, Reader] = {
            "name": _name, "gender": _gender, "ethnicity": self._ethnicity, "post": _posts,
            "category": _category, "title": self._title, "phone": _phone, "note": _note,
        }  # fmt: skip
        return own.get(field) or (lambda value: _plain(field, value))

    def _ethnicity(self, value: Any) -> Cell:
        word = squeezed(text(value))
        if not word:
            return NOTHING
        code = self._ethnicities.match(word) or self._ethnicities.match(f"{word}族")
        if code is None:
            return _error(f"没有“{word[:20]}”这个民族，请核对。")
        return Cell(((SLOT["ethnicity_id"], str(code.pk)),))

    def _title(self, value: Any) -> Cell:
        word = squeezed(text(value))
        if not word or word in ("未定级", "未评", "未评定", "暂无"):
            return NOTHING
        if len(word) > LONGEST_TITLE_TEXT:
            return _error(f"职称过长，最多 {LONGEST_TITLE_TEXT} 个字。")
        code = self._titles.match(word) or self._titles.match(f"{word}教师")
        updates = ((SLOT["title_id"], str(code.pk) if code else ""), (SLOT["title_text"], word))
        return Cell(updates, () if code else (_as_written(word),))

    def _party(self, cell: _Meant) -> Cell:
        value = text(cell.value) if isinstance(cell.value, str) else cell.value
        found = self._politics.read(value, untyped=cell.untyped)
        if found.refused:
            return _error(found.refused)
        updates: list[tuple[int, str]] = []
        if found.status is not None:
            updates += [(SLOT["party_id"], str(found.status.pk)), (SLOT["party_text"], found.status_text)]
        if found.democratic is not None:
            updates += [
                (SLOT["democratic_id"], str(found.democratic.pk)),
                (SLOT["democratic_text"], found.democratic_text),
            ]
        if found.joined is not None:
            if found.joined.date > today():
                return _error(_not_yet(found.joined))
            updates += _day("party_join", cell.date(found.joined))
        return Cell(tuple(updates), tuple((sentence, WARNING) for sentence in found.warnings))


def _error(sentence: str) -> Cell:
    return Cell((), ((sentence, ERROR),))


def _not_yet(value: PartialDate) -> str:
    return f"“{value.chinese()}”还没有到，请核对。"


def _as_written(word: str) -> tuple[str, str]:
    return f"“{word[:30]}”不在标准名称中，按原文登记。", WARNING


def _day(column: str, value: PartialDate) -> tuple[tuple[int, str], tuple[int, str]]:
    return (SLOT[column], value.date.isoformat()), (SLOT[f"{column}_precision"], value.precision)


def _date(field: str, cell: _Meant) -> Cell:
    try:
        parsed = parse(cell.value, untyped=cell.untyped)
    except ValueError as problem:
        return _error(str(problem))
    if parsed.value is None:
        return NOTHING
    remarks = [(parsed.warning, WARNING)] if parsed.warning else []
    if parsed.rest:
        remarks.append((f"日期后面的“{parsed.rest[:30]}”没有读取。", WARNING))
    if parsed.value.date > today():
        if field in _NOT_IN_FUTURE:
            return _error(_not_yet(parsed.value))
        remarks.append((_not_yet(parsed.value), WARNING))
    return Cell(_day(_DATES[field], cell.date(parsed.value)), tuple(remarks))


def _name(value: Any) -> Cell:
    name = clean_person_name(value)
    if not name:
        return NOTHING
    if len(name) > LONGEST_NAME:
        return _error(f"姓名过长，最多 {LONGEST_NAME} 个字。")
    return Cell(((SLOT["name"], name),))


def _gender(value: Any) -> Cell:
    word = squeezed(text(value)).lower()
    if not word:
        return NOTHING
    if word not in _GENDERS:
        return _error("性别只能填“男”或“女”。")
    return Cell(((SLOT["gender"], _GENDERS[word]),))


def _schooling(mode: str, part: str, value: Any, read: Callable[[str], Schooling]) -> Cell:
    words = text(value)
    if not words:
        return NOTHING
    found = read(words)
    updates: list[tuple[int, str]] = []
    for name, coded in (("level", found.level), ("degree", found.degree)):
        updates += _coded(f"{mode}_{name}", coded)
    return Cell(tuple(updates), tuple(_as_written(piece) for piece in found.unknown))


def _coded(column: str, coded: Coded) -> list[tuple[int, str]]:
    if not coded.text:
        return []
    code = str(coded.code.pk) if coded.code else ""
    return [(SLOT[f"{column}_id"], code), (SLOT[f"{column}_text"], coded.text)]


def _posts(value: Any) -> Cell:
    words = text(value)
    if not words:
        return NOTHING
    try:
        found = read_posts(words)
    except ValueError as problem:
        return _error(str(problem))
    if not found.titles:
        return NOTHING
    updates = [(SLOT["posts"], as_array(found.titles))]
    if found.probation_months is not None:
        updates.append((SLOT["probation_months"], str(found.probation_months)))
    return Cell(tuple(updates))


def _category(value: Any) -> Cell:
    word = squeezed(text(value))
    if not word:
        return NOTHING
    for sign, category in (
        ("中层", Post.Category.MIDDLE), ("副", Post.Category.DEPUTY), ("正", Post.Category.HEAD),
    ):  # fmt: skip
        if sign in word:
            return Cell(((SLOT["category"], str(category.value)),))
    return _error("职务类别只能填“正职”“副职”或“中层”。")


def _phone(value: Any) -> Cell:
    try:
        number = phone_number(value)
    except ValueError as problem:
        return Cell((), ((f"{problem}这一格没有读取。", WARNING),))
    if not number or MASK in number:
        return NOTHING
    return Cell(((SLOT["phone"], number),))


def _note(value: Any) -> Cell:
    words = text(value)
    if len(words) > LONGEST_NOTE:
        return _error(f"备注过长，最多 {LONGEST_NOTE} 个字。")
    return Cell(((SLOT["note"], words),)) if words else NOTHING


def _plain(field: str, value: Any) -> Cell:
    words = one_line(value)
    if field == "native_place":
        words = squeezed(words)
    if not words:
        return NOTHING
    if len(words) > LIMITS[field]:
        return _error(f"内容过长，最多 {LIMITS[field]} 个字。")
    return Cell(((SLOT[field], words),))
