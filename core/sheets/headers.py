"""Finding the header of a messy table and telling which column is which field."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from core.sheets.reading import Merge, Row

SEARCHED_ROWS = 30
DEEPEST_HEADER = 3
FEWEST_FIELDS = 2

PROBLEMS_HEADING = "存在的问题"
IGNORED_HEADINGS = ("序号", "编号", "序列号", "行号", "No", "No.", PROBLEMS_HEADING)

Alias = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """A column a table may have: its name in code, its usual heading, and the other headings people use.

    An alias given as a pair means a sub-heading under a group: ("全日制教育", "学历学位").
    """

    name: str
    label: str
    aliases: tuple[Alias, ...] = ()
    required: bool = False


class Columns:
    """The fields a kind of table may have, looked up by heading. Two fields can't share a heading.

    `ignored` headings are neither a field nor reported as unknown: by default a serial number's
    and the column of remarks in a workbook of rejected rows.
    """

    def __init__(self, fields: Iterable[Field], *, ignored: Iterable[str] = IGNORED_HEADINGS) -> None:
        self.fields: tuple[Field, ...] = tuple(fields)
        self.ignored = frozenset(heading(text) for text in ignored)
        self._by_heading: dict[str | tuple[str, str], str] = {}
        for one in self.fields:
            for alias in (one.label, *one.aliases):
                self._register(alias, one.name)

    def _register(self, alias: Alias, name: str) -> None:
        key = heading(alias) if isinstance(alias, str) else (heading(alias[0]), heading(alias[1]))
        if self._by_heading.setdefault(key, name) != name:
            raise ValueError(f"heading {alias!r} is claimed by {self._by_heading[key]!r} and {name!r}")

    def label(self, name: str) -> str:
        """The usual heading of a field."""
        return next(one.label for one in self.fields if one.name == name)

    def resolve(self, path: Sequence[str]) -> str | None:
        """The field a column's headings from top to bottom stand for, or None.

        Tried in this order: group and sub-heading as a pair, both read as one, the lowest alone, the highest
        alone; each as written, then without remarks in brackets.
        """
        for reading in (heading, bare_heading):
            words = [word for word in map(reading, path) if word]
            for upper in words[:-1]:
                found = self._by_heading.get((upper, words[-1])) or self._by_heading.get(upper + words[-1])
                if found:
                    return found
            for word in (words[-1:] + words[:1]) if words else ():
                if word in self._by_heading:
                    return self._by_heading[word]
        return None


_BLANK = re.compile(r"\s+")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_ORNAMENT = re.compile(r"[*＊:：、。,.;；#·_\-'\"“”‘’/]+")


@lru_cache(maxsize=4_096)
def heading(text: str) -> str:
    """A heading without blanks, line breaks and ornaments, full-width forms made plain: `姓  名*` → `姓名`."""
    normal = unicodedata.normalize("NFKC", text)
    return _ORNAMENT.sub("", _BLANK.sub("", normal)).lower()


@lru_cache(maxsize=4_096)
def bare_heading(text: str) -> str:
    """A heading without remarks in brackets: `出生年月（岁）` → `出生年月`."""
    normal = unicodedata.normalize("NFKC", text)
    return heading(_BRACKETS.sub("", normal))


@dataclass(frozen=True, slots=True)
class Header:
    """A header as found: where it stands, which field is in which column, and what didn't fit.

    `columns` maps field names to positions counted from 0, `headings` every position to its text in one
    line, `unknown` lists the positions no field claims, `repeated` those whose field an earlier one has.
    `titles` are the texts above the header; `missing` the labels of required fields without a column.
    """

    rows: tuple[int, ...]
    columns: dict[str, int]
    headings: dict[int, str]
    unknown: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    _words: frozenset[str] = field(default_factory=frozenset)

    @property
    def last_row(self) -> int:
        """The Excel number of the lowest header row."""
        return self.rows[-1]

    @property
    def rank(self) -> tuple[int, int]:
        """What makes one candidate better than another: more known columns, then fewer rows."""
        return len(self.columns), -len(self.rows)

    def heading_of(self, name: str) -> str:
        """The heading the file uses for a field; "" where the file doesn't have it."""
        at = self.columns.get(name)
        return "" if at is None else self.headings.get(at, "")

    def complaint(self) -> str:
        """One sentence about missing required columns; "" when there are none."""
        if not self.missing:
            return ""
        wanted = "、".join(f"“{label}”" for label in self.missing)
        found = "、".join(text for _, text in sorted(self.headings.items()) if text) or "无"
        return f"缺少{wanted}列。第 {self.rows[0]} 行找到的列有：{found}。"

    def repeats_in(self, cells: Sequence[object]) -> bool:
        """Whether a row is this header again (tables printed page by page)."""
        filled = [heading(cell) for cell in cells if isinstance(cell, str) and cell.strip()]
        if len(filled) < FEWEST_FIELDS:
            return False
        return sum(word in self._words for word in filled) * 3 >= len(filled) * 2


def find_header(rows: Sequence[Row], columns: Columns, merged: Sequence[Merge] = ()) -> Header | None:
    """Find the best header among the first rows of a sheet; None when no row looks like one.

    Takes the head of a sheet (`Sheet.head(SEARCHED_ROWS)`) and its merged ranges. A header may be up to three
    rows deep. The row with the most known columns wins; among equals the one with fewer rows, then the
    higher one. Required columns may still be `missing`: the caller decides what that means.
    """
    rows = rows[:SEARCHED_ROWS]
    merged = [one for one in merged if one[0][0] <= rows[-1].number] if rows else ()
    best: Header | None = None
    for at in range(len(rows)):
        for depth in range(1, min(DEEPEST_HEADER, len(rows) - at) + 1):
            header = _read_header(rows[:at], rows[at : at + depth], columns, merged)
            if header is not None and (best is None or header.rank > best.rank):
                best = header
    return best


def no_header_sentence(columns: Columns, rows: Sequence[Row]) -> str:
    """The sentence for a sheet without any header: what is looked for, and what the first rows hold."""
    wanted = "、".join(f"“{one.label}”" for one in columns.fields if one.required)
    texts = [str(cell).strip() for row in rows[:5] for cell in row.cells if str(cell).strip()]
    found = "、".join(_one_line(text)[:20] for text in texts[:12]) or "空白"
    return f"前 {SEARCHED_ROWS} 行中没有找到表头，表头至少要有{wanted}列。开头的内容是：{found}。"


def _read_header(
    above: Sequence[Row], rows: Sequence[Row], columns: Columns, merged: Sequence[Merge]
) -> Header | None:
    paths = _heading_paths(rows, merged)
    if len(rows) > 1 and not _lower_rows_are_headings(rows, paths, columns):
        return None
    found: dict[str, int] = {}
    unknown: list[int] = []
    repeated: list[int] = []
    for at, path in sorted(paths.items()):
        name = columns.resolve(path)
        if name is None:
            if heading(path[-1]) not in columns.ignored:
                unknown.append(at)
        elif name in found:
            repeated.append(at)
        else:
            found[name] = at
    if len(found) < FEWEST_FIELDS:
        return None
    missing = tuple(one.label for one in columns.fields if one.required and one.name not in found)
    words = frozenset(heading(text) for path in paths.values() for text in path)
    texts = {at: " / ".join(_one_line(text) for text in path) for at, path in paths.items()}
    titles = tuple(_one_line(str(cell)) for row in above for cell in row.cells if str(cell).strip())
    numbers = tuple(row.number for row in rows)
    return Header(numbers, found, texts, tuple(unknown), tuple(repeated), titles, missing, words)


def _heading_paths(rows: Sequence[Row], merged: Sequence[Merge]) -> dict[int, tuple[str, ...]]:
    """The texts over each column from top to bottom, groups spread over the columns they span."""
    spread = [
        _spread_groups(row, rows[at + 1] if at + 1 < len(rows) else None, merged)
        for at, row in enumerate(rows)
    ]
    paths: dict[int, tuple[str, ...]] = {}
    for at in range(max(len(texts) for texts in spread)):
        path = [texts[at] for texts in spread if at < len(texts) and texts[at].strip()]
        if path:
            paths[at] = tuple(dict.fromkeys(path))
    return paths


def _spread_groups(row: Row, below: Row | None, merged: Sequence[Merge]) -> list[str]:
    """A header row's texts; a group heading also stands over the columns its merged cell spans.

    Without merged ranges (text tables) a blank right of a heading belongs to it when the row below has a text.
    """
    texts = [
        cell if isinstance(cell, str) else "" if cell is None else _number_text(cell) for cell in row.cells
    ]
    spans = [(c1 - 1, c2) for (r1, c1), (r2, c2) in merged if r1 <= row.number <= r2 and c2 > c1]
    for first, behind in spans:
        for at in range(first + 1, min(behind, len(texts))):
            texts[at] = texts[at] if texts[at].strip() else texts[first]
    if below is not None and not merged:
        for at in range(1, len(texts)):
            if not texts[at].strip() and at < len(below.cells) and str(below.cells[at]).strip():
                texts[at] = texts[at - 1]
    return texts


def _lower_rows_are_headings(
    rows: Sequence[Row], paths: dict[int, tuple[str, ...]], columns: Columns
) -> bool:
    """Whether the lower rows really are sub-headings: they stand under headings, and most are known there.

    A row of data under a header isn't: its cells add nothing to what the upper row says.
    """
    upper = _heading_paths(rows[:-1], ())
    below = [at for at, cell in enumerate(rows[-1].cells) if str(cell).strip() and at in paths]
    if not below or any(not isinstance(rows[-1].cells[at], str) for at in below):
        return False
    helped = 0
    for at in below:
        name = columns.resolve(paths[at])
        if name is not None and name != columns.resolve(upper.get(at, ())):
            helped += 1
    return helped * 2 >= len(below)


def _number_text(cell: object) -> str:
    """A heading typed as a number (`2018`) as text."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _one_line(text: str) -> str:
    """A heading as shown to people: line breaks and stray blanks gone."""
    pieces = text.split()
    spaced = all(len(piece) == 1 for piece in pieces) or any(
        "\u4e00" <= letter <= "\u9fff" for letter in text
    )
    return "".join(pieces) if spaced else " ".join(pieces)
