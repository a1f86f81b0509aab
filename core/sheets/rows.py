"""Telling the rows below a header apart: data, group rows, totals, notes, instructions, repeated headers."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from core.sheets.headers import Header
from core.sheets.reading import Row, Sheet
from core.sheets.values import squeezed


class Kind(StrEnum):
    """What a row below the header is."""

    DATA = "data"
    EMPTY = "empty"
    GROUP = "group"
    TOTAL = "total"
    NOTE = "note"
    INSTRUCTION = "instruction"
    HEADER = "header"


class Record(NamedTuple):
    """A row with its kind. In `cells`, `同左`, `同上` and vertically merged cells hold what they stand for.

    `group` is the label of the group row above (`一、示例区第二中学（3人）` → `示例区第二中学`; for a group row
    its own), `group_row` that row's number (0: none), `announced` the count a group row states.
    """

    number: int
    kind: Kind
    cells: list[Any]
    hidden: bool
    group: str
    group_row: int
    announced: int | None = None


SAME_AS_LEFT = frozenset({"同左", "同前", "←"})
SAME_AS_ABOVE = frozenset({"同上", "〃", "″", '"', "””", "''", "↑"})
_DITTO = SAME_AS_LEFT | SAME_AS_ABOVE

_ORDINAL = re.compile(
    r"^\s*(?:第?[一二三四五六七八九十百]+[、.．:：)）]|[(（][一二三四五六七八九十百\d]+[)）]|\d{1,3}[、．)）]|\d{1,3}\.(?!\d))\s*"
)
_COUNT = re.compile(
    r"\s*(?:[(（【\[]\s*(?:共|计|合计)?\s*(\d+)\s*[人名个位]?\s*[)）】\]]|[,，:：\s]?(?:共|计)\s*(\d+)\s*[人名位])\s*$"
)
_UNIT_PREFIX = re.compile(r"^(?:所在|填报|填表)?单位(?:名称)?[:：]\s*")
_CHINESE_NUMBER = re.compile(r"^[(（]?[一二三四五六七八九十百]+[)）]?[、.．]?$")
_TOTAL = re.compile(
    r"^(?:本页|本表|全[区县市局校])?(?:合计|小计|总计|共计|累计|总数|总人数)(?:[:：(（\d人].*)?$"
)
_NOTE = re.compile(
    r"^(?:(?:备?注|附注|说明|填[表报]说明|填写说明|注意(?:事项)?)(?:[:：\d一二三.、]|$)"
    r"|(?:(?:填[表报]|制表|经办|审[核批]|复核|联系|负责)人?|单位负责人|分管领导|主管领导|主要负责人|联系电话|电话"
    r"|填[表报](?:单位|日期|时间)|制表(?:日期|时间)|日期|单位\(?盖章\)?|\(?盖章\)?)[^:：]{0,8}[:：])"
)
_NOTE_CONTINUED = re.compile(r"^(?:[(（]?\d{1,2}[)）]?[.、．)）]|[①-⑳]|[*※★])")
_INSTRUCTION = re.compile(
    r"必填|选填|非必填|必须填写|请填写|请选择|下拉选择|下拉框|填写格式|格式[为如:：]|文本格式|^[(（]?(?:例如|示例|样例|如)[:：]|^填写"
)
_EXAMPLE_WORDS = frozenset({"示例", "样例", "例", "例子", "范例", "举例", "填写示例", "示范"})
_ANNOUNCED = re.compile(r"^\d+(?:\.0)?[人名个]?$")
# First characters of a key cell that make a row worth a close look; names beginning so only cost time.
_SPECIAL_STARTS = frozenset(
    "0123456789０１２３４５６７８９合小总共累本全注备附说填制经审复联负单分主电日必选非请下格例样范举示(（①*※★"
)
LOOKED_AT_CLOSELY = 12
LONGEST_LONE_NAME = 4
# How units end whose names are as short as people's: „火星中学“, „县一中“.
_UNIT_ENDING = re.compile(
    r"(?:[中小]学|学校|幼儿园|中心校|[一二三四五六七八九十]中|[一二三四五六七八九十]小|[职高初]中|完小|党校)$"
)


class Table:
    """The rows of a sheet below its header, each told what it is.

    `key` is the field every data row has (a person's name): without it a row with one text is a group row.
    """

    def __init__(self, sheet: Sheet, header: Header, *, key: str) -> None:
        self.sheet = sheet
        self.header = header
        self._key = header.columns.get(key, 0)
        self._headings = frozenset(header.headings.values())
        self._close_until = header.last_row + LOOKED_AT_CLOSELY
        self._spans = _merged_rows(sheet, header)
        self._merged = _MergedDown(sheet, header)

    def __iter__(self) -> Iterator[Record]:
        """All rows below the header in order; data and others. Raises DomainErrors of the reading."""
        group, group_row = "", 0
        previous: list[Any] = []
        last_kind = Kind.HEADER
        for row in self.sheet:
            if row.number <= self.header.last_row:
                continue
            cells = self._merged.fill(row)
            kind = self.kind_of(row, cells, last_kind)
            announced: int | None = None
            if kind is Kind.GROUP:
                group, announced = group_label(cells)
                group_row = row.number
            elif kind is Kind.DATA:
                if not _DITTO.isdisjoint(cells):
                    cells = _without_dittos(cells, previous)
                previous = cells
            last_kind = kind if kind is not Kind.EMPTY else last_kind
            yield Record(row.number, kind, cells, row.hidden, group, group_row, announced)

    def data(self) -> Iterator[Record]:
        """The data rows only."""
        return (record for record in self if record.kind is Kind.DATA)

    def values(self, record: Record) -> dict[str, Any]:
        """A record's raw cells by field name; "" where the row is shorter than the header."""
        cells, width = record.cells, len(record.cells)
        return {name: cells[at] if at < width else "" for name, at in self.header.columns.items()}

    def kind_of(self, row: Row, cells: list[Any], last_kind: Kind = Kind.DATA) -> Kind:
        """Tell what a row is from its cells, its merged ranges and the kind of the row above it.

        Below the first rows a filled row with an ordinary key is data at once; all others get a close look.
        """
        key = cells[self._key] if self._key < len(cells) else ""
        if row.number > self._close_until and key.__class__ is str and key and key[0] not in _SPECIAL_STARTS:
            first = cells[0]
            plain = first.__class__ is not str or (
                ":" not in first and "：" not in first and first not in _EXAMPLE_WORDS
            )
            if plain and len(cells) - cells.count("") > 3:
                return Kind.HEADER if key in self._headings else Kind.DATA
        return self._look_closely(row.number, cells, str(key).strip(), last_kind)

    def _look_closely(self, number: int, cells: list[Any], key: str, last_kind: Kind) -> Kind:
        texts = [text for text in (str(cell).strip() for cell in cells) if text]
        if not texts:
            return Kind.EMPTY
        first = squeezed(texts[0])
        keyless = not key or squeezed(key) == first or bool(_ANNOUNCED.match(key))
        if keyless and _TOTAL.match(first):
            return Kind.TOTAL
        if _NOTE.match(first) and (keyless or ":" in first):
            return Kind.NOTE
        if keyless and last_kind is Kind.NOTE and _NOTE_CONTINUED.match(texts[0]):
            return Kind.NOTE
        if len(texts) == 1 and _is_number(first):
            return Kind.EMPTY  # a template's serial number with nothing behind it
        if self.header.repeats_in(cells):
            return Kind.HEADER
        if _is_instruction(texts, first):
            return Kind.INSTRUCTION
        return Kind.GROUP if self._is_group(number, texts, key) else Kind.DATA

    def _is_group(self, number: int, texts: list[str], key: str) -> bool:
        if len(set(texts)) == 1 and (len(texts) > 2 or number in self._spans):
            return True
        if len(texts) == 2:
            return not key and bool(_CHINESE_NUMBER.match(texts[0])) and not texts[1][0].isdigit()
        if len(texts) > 2:
            return False
        # One text in an unmerged row: a lone short text in the key column is a row that lacks the rest.
        lone = squeezed(key)
        return not key or len(lone) > LONGEST_LONE_NAME or (len(lone) > 2 and bool(_UNIT_ENDING.search(lone)))


class _MergedDown:
    """Repeats the value of a vertically merged cell on every row it covers."""

    def __init__(self, sheet: Sheet, header: Header) -> None:
        self._starting: dict[int, list[tuple[int, int]]] = {}
        self._open: dict[int, tuple[int, Any]] = {}
        for (r1, c1), (r2, c2) in sheet.facts.merged:
            if r1 > header.last_row and r2 > r1 and c1 == c2:
                self._starting.setdefault(r1, []).append((c1 - 1, r2))

    def fill(self, row: Row) -> list[Any]:
        """The row's cells; a new list where something was filled in. Rows must come in order."""
        if not self._starting:
            return row.cells
        cells = row.cells
        for at, (last, value) in list(self._open.items()):
            if row.number > last:
                del self._open[at]
            elif at < len(cells) and cells[at] == "":
                cells = [*cells[:at], value, *cells[at + 1 :]]
        for at, last in self._starting.get(row.number, ()):
            if at < len(cells):
                self._open[at] = (last, cells[at])
        return cells


def group_label(cells: Sequence[Any]) -> tuple[str, int | None]:
    """The label and the announced count of a group row: `一、示例区第二中学（3人）` → (`示例区第二中学`, 3)."""
    texts = list(dict.fromkeys(text for text in (str(cell).strip() for cell in cells) if text))
    if len(texts) > 1 and _CHINESE_NUMBER.match(texts[0]):
        texts = texts[1:]
    label = _ORDINAL.sub("", squeezed(texts[0])) if texts else ""
    label = _UNIT_PREFIX.sub("", label)
    announced = _COUNT.search(label)
    if announced is None:
        return label, None
    return label[: announced.start()].strip(), int(announced.group(1) or announced.group(2))


def _is_instruction(texts: list[str], first: str) -> bool:
    if first in _EXAMPLE_WORDS:
        return True
    return sum(bool(_INSTRUCTION.search(text)) for text in texts) * 2 >= len(texts)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _merged_rows(sheet: Sheet, header: Header) -> frozenset[int]:
    """Rows below the header that are one wide merged cell."""
    width = max(2, sheet.facts.columns // 2)
    return frozenset(
        r1
        for (r1, c1), (r2, c2) in sheet.facts.merged
        if r1 > header.last_row and r1 == r2 and c2 - c1 + 1 >= width
    )


def _without_dittos(cells: list[Any], previous: list[Any]) -> list[Any]:
    """Replace `同左` by the cell to the left and `同上` by the cell above (of the data row before)."""
    resolved: list[Any] = []
    for at, cell in enumerate(cells):
        if cell in SAME_AS_LEFT:
            cell = resolved[at - 1] if at else ""
        elif cell in SAME_AS_ABOVE:
            cell = previous[at] if at < len(previous) else ""
        resolved.append(cell)
    return resolved
