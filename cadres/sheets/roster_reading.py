"""A whole roster file read: its sheets, their headers, group rows and notes, into rows for the staging."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cadres.services.roster_import.staging import Spool
from cadres.services.roster_import.units import UnitNames
from cadres.sheets.cells import CellReaders
from cadres.sheets.columns import IGNORED, KEY, ROSTER
from cadres.sheets.row_reading import RowReader
from core.errors import Invalid
from core.sheets.headers import SEARCHED_ROWS, Header, bare_heading, find_header, no_header_sentence
from core.sheets.problems import hidden_rows_note, hidden_sheet_note
from core.sheets.reading import Sheet, open_workbook
from core.sheets.rows import Kind, Table
from core.sheets.safety import Source

REPORTED_EVERY = 2_000
MOST_NOTES = 200
NOTHING_TO_READ = "文件里没有可以导入的人员，请核对工作表的内容。"
NO_IDENTITY = "缺少“身份证号”或“出生年月”列，至少要有其中一列，才能认出是名册中的哪一位。"
Progress = Callable[[int], None]


@dataclass
class Reading:
    """What reading a file gave: rows for the staging, the headings by sheet, remarks about the file."""

    spool: Spool = field(default_factory=Spool)
    columns: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def note(self, sheet: str, row: int, message: str) -> None:
        """Add a remark about a sheet or one of its rows."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append({"sheet": sheet.strip(), "row": row, "message": message, "severity": "warning"})


def read_roster(
    source: Source, units: UnitNames, *, only_unit: int | None = None, progress: Progress | None = None
) -> Reading:
    """Read every visible sheet that holds a roster.

    Raises Invalid, TooLarge or WrongType with a Chinese sentence for hostile files, for a file without a
    header or without people, and for a header that lacks a required column. `progress` hears how many rows
    were read.
    """
    reading = Reading()
    readers = CellReaders()
    headless: list[tuple[Sheet, list[Any]]] = []
    with open_workbook(source) as workbook:
        for name in workbook.hidden_sheets:
            reading.notes.append(_file_note(hidden_sheet_note(name)))
        for sheet in workbook.sheets():
            head = sheet.head(SEARCHED_ROWS)
            header = find_header(head, ROSTER, sheet.facts.merged)
            if header is None:
                if any(str(cell).strip() for row in head for cell in row.cells):
                    headless.append((sheet, head))
                continue
            _check_header(header)
            _read_sheet(sheet, header, reading, readers, units, only_unit, progress)
    if not reading.columns:
        raise Invalid(no_header_sentence(ROSTER, headless[0][1]) if headless else NOTHING_TO_READ)
    for sheet, _ in headless:
        reading.note(sheet.name, 0, "没有找到表头，这个工作表没有读取。")
    if not reading.spool.count:
        raise Invalid(NOTHING_TO_READ)
    return reading


def check_head(source: Source) -> None:
    """Refuse early what `read_roster` would refuse for its header alone; reads the first rows only."""
    headless: list[list[Any]] = []
    with open_workbook(source) as workbook:
        for sheet in workbook.sheets():
            head = sheet.head(SEARCHED_ROWS)
            header = find_header(head, ROSTER, sheet.facts.merged)
            if header is not None:
                _check_header(header)
                return
            if any(str(cell).strip() for row in head for cell in row.cells):
                headless.append(head)
    raise Invalid(no_header_sentence(ROSTER, headless[0]) if headless else NOTHING_TO_READ)


def _check_header(header: Header) -> None:
    if header.missing:
        raise Invalid(header.complaint())
    if not header.columns.keys() & {"id", "birth"}:
        raise Invalid(NO_IDENTITY)


def _read_sheet(
    sheet: Sheet,
    header: Header,
    reading: Reading,
    readers: CellReaders,
    units: UnitNames,
    only_unit: int | None,
    progress: Progress | None,
) -> None:
    reading.columns[sheet.name] = _headings(header)
    _note_columns(sheet, header, reading)
    reader = RowReader(sheet.name, header, readers, units, untyped=not sheet.facts.typed, only_unit=only_unit)
    spool = reading.spool
    hidden: list[int] = []
    groups = _Groups(sheet.name, reading)
    for record in Table(sheet, header, key=KEY):
        if record.kind is Kind.DATA:
            spool.add(reader.read(record, spool.count + 1))
            groups.seen += 1
            if record.hidden:
                hidden.append(record.number)
            if progress is not None and spool.count % REPORTED_EVERY == 0:
                progress(spool.count)
        elif record.kind is Kind.GROUP:
            groups.open(record.number, record.group, record.announced)
    groups.close()
    if hidden:
        reading.notes.append(_file_note(hidden_rows_note(sheet.name, hidden)))


class _Groups:
    """Compares the number of people that a group row announces with those that follow it."""

    def __init__(self, sheet: str, reading: Reading) -> None:
        self._sheet = sheet
        self._reading = reading
        self._current: tuple[int, str, int | None] | None = None
        self.seen = 0

    def open(self, row: int, label: str, announced: int | None) -> None:
        """A new group begins."""
        self.close()
        self._current = (row, label, announced)
        self.seen = 0

    def close(self) -> None:
        """The group is over."""
        if self._current is not None and self._current[2] not in (None, self.seen):
            row, label, announced = self._current
            self._reading.note(
                self._sheet, row, f"“{label}”写明 {announced} 人，下面实际有 {self.seen} 人，请核对。"
            )
        self._current = None


def _headings(header: Header) -> dict[str, list[Any]]:
    found = {name: [header.heading_of(name), at] for name, at in header.columns.items()}
    for mode in ("full", "service"):
        if f"{mode}_both" in found:
            for part in ("level", "degree"):
                found.setdefault(f"{mode}_{part}", found[f"{mode}_both"])
    if "party_join" in found:
        found.setdefault("party", found["party_join"])
    return found


def _note_columns(sheet: Sheet, header: Header, reading: Reading) -> None:
    unknown = [
        header.headings[at] for at in header.unknown if bare_heading(header.headings[at]) not in IGNORED
    ]
    if unknown:
        listed = "、".join(f"“{one}”" for one in unknown[:20])
        reading.note(sheet.name, header.rows[0], f"这些列名册中没有对应的内容，没有读取：{listed}。")
    repeated = [header.headings[at] for at in header.repeated]
    if repeated:
        listed = "、".join(f"“{one}”" for one in repeated[:20])
        reading.note(sheet.name, header.rows[0], f"这些列重复出现，只读取了第一列：{listed}。")


def _file_note(problem: Any) -> dict[str, Any]:
    return {
        "sheet": problem.sheet.strip(),
        "row": problem.row,
        "message": problem.message,
        "severity": "warning",
    }
