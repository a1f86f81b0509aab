"""A workbook of histories read: each sheet told what it is, its rows into staged rows with all their problems."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from cadres.collection.cells import Tables
from cadres.collection.columns import ERROR, WARNING, WHO_NAMES, Column, Reader, SheetSpec
from cadres.collection.national import UNITS_REMARK, national_sheets
from cadres.collection.own import own_sheets
from cadres.kinds import KINDS
from cadres.services.collection_import.kept import CELLS, TOLD
from cadres.services.collection_import.staged import READ, seal
from cadres.services.roster_import.columns import SLOT
from cadres.services.roster_import.staging import Spool
from cadres.services.roster_import.units import UnitNames
from cadres.sheets.cells import CellReaders
from cadres.sheets.row_reading import RowReader
from core.errors import Invalid
from core.partial_dates import PartialDate
from core.sheets.books import CHOICES_SHEET
from core.sheets.headers import SEARCHED_ROWS, Header, find_header, no_header_sentence
from core.sheets.problems import hidden_rows_note, hidden_sheet_note, shown
from core.sheets.reading import Sheet, open_workbook
from core.sheets.rows import Kind, Record, Table
from core.sheets.safety import Source
from core.sheets.values import one_line, squeezed, text

REPORTED_EVERY = 2_000
MOST_NOTES = 200
LONGEST_KEPT = 10_000
NOT_YOURS = "您没有查看这类保密内容的权限，这个工作表没有读取。"
EXPORTED_ONLY = "这类内容只能导出，不能导入，这个工作表没有读取。"
UNKNOWN = "不是信息提取表或履历工作簿的工作表，没有读取。"
NOTHING = "文件里没有可以导入的内容。请使用履历工作簿的模板，或《干部大数据信息提取表》。"
NOT_READ = "这些列系统中没有对应的内容，没有读取：{}。"
KEPT_AS_IT_CAME = "这些列系统中没有对应的栏目，按原文保存，导出信息提取表时写回：{}。"
SEALED = "（保密内容）"
_COPIED = tuple(name for name in READ if name in SLOT and name not in ("ordinal", "sheet", "row"))
_ROW = tuple(READ)
_AT = {name: at for at, name in enumerate(READ)}
_SET = "_set"
# The columns of the roster that the persons' sheet is read by.
ROSTER_COLUMNS = frozenset(
    {
        "unit",
        "name",
        "id",
        "gender",
        "birth",
        "native_place",
        "ethnicity",
        "work",
        "party",
        "party_join",
        "note",
    }
)


@dataclass
class CollectionReading:
    """What reading gave: persons for the roster's staging, rows, headings by sheet, remarks on the file."""

    people: Spool = field(default_factory=Spool)
    rows: Spool = field(default_factory=lambda: Spool(tuple(READ)))
    columns: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def note(self, sheet: str, row: int, message: str) -> None:
        """Add a remark on a sheet or a row of it."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append({"sheet": sheet.strip(), "row": row, "message": message, "severity": WARNING})


@dataclass(frozen=True)
class Context:
    """What the rows are read with; `sees` says whether a kind of confidential content may be brought in."""

    units: UnitNames
    only_unit: int | None
    sees: Callable[[str], bool]
    tables: Tables
    roster: CellReaders


def spec_of(name: str) -> SheetSpec | None:
    """The sheet a name means: by its code in front (A08), or by the history's own name."""
    key = squeezed(name)
    for spec in national_sheets():
        if any(re.match(rf"{code}(?![0-9])", key, re.IGNORECASE) for code in spec.codes):
            return spec
    return next((spec for spec in own_sheets() if squeezed(spec.name) == key), None)


def read_collection(
    source: Source, context: Context, *, progress: Callable[[int], None] | None = None
) -> CollectionReading:
    """Read every sheet that is known. Raises Invalid, TooLarge or WrongType with a Chinese sentence."""
    reading = CollectionReading()
    with open_workbook(source) as workbook:
        for name in workbook.hidden_sheets:
            if name != CHOICES_SHEET:
                reading.note(name, 0, hidden_sheet_note(name).message)
        for sheet in workbook.sheets():
            found = _header_of(sheet, reading, context)
            if found is not None:
                _SheetReader(sheet, *found, reading, context).read(progress)
    if not reading.rows.count:
        raise Invalid(NOTHING)
    return reading


def check_head(source: Source) -> None:
    """Refuse early a file without any sheet that is known; reads the first rows only."""
    with open_workbook(source) as workbook:
        if not any(spec_of(sheet.name) for sheet in workbook.sheets()):
            raise Invalid(NOTHING)


def headers_of(source: Source, known: dict[str, Any]) -> dict[str, Header]:
    """The headers of the sheets that were read, for the workbook of rejected rows."""
    found: dict[str, Header] = {}
    with open_workbook(source) as workbook:
        for sheet in workbook.sheets():
            spec = spec_of(sheet.name)
            if spec is not None and sheet.name in known:
                header = find_header(sheet.head(SEARCHED_ROWS), spec.headings(), sheet.facts.merged)
                if header is not None:
                    found[sheet.name] = header
    return found


def _header_of(sheet: Sheet, reading: CollectionReading, context: Context) -> tuple[SheetSpec, Header] | None:
    """What a sheet is and its header, or None with a remark why it isn't read."""
    head = sheet.head(SEARCHED_ROWS)
    if not any(str(cell).strip() for row in head for cell in row.cells):
        return None
    spec = spec_of(sheet.name)
    if spec is None:
        reading.note(sheet.name, 0, UNKNOWN)
        return None
    if not spec.importable:
        reading.note(sheet.name, 0, EXPORTED_ONLY)
        return None
    if spec.guard and not context.sees(spec.guard):
        reading.note(sheet.name, 0, NOT_YOURS)
        return None
    header = find_header(head, spec.headings(), sheet.facts.merged)
    if header is None:
        reading.note(sheet.name, 0, f"{no_header_sentence(spec.headings(), head)}这个工作表没有读取。")
        return None
    if header.missing:
        raise Invalid(f"工作表“{sheet.name.strip()}”：{header.complaint()}")
    return spec, header


class _SheetReader:
    """Reads the rows of one sheet."""

    def __init__(
        self, sheet: Sheet, spec: SheetSpec, header: Header, reading: CollectionReading, context: Context
    ) -> None:
        self._sheet = sheet
        self._spec = spec
        self._header = header
        self._reading = reading
        self._context = context
        self._untyped = not sheet.facts.typed
        own = {name for name in header.columns if name in (ROSTER_COLUMNS if self._is_people else WHO_NAMES)}
        if spec.slug == "unit":
            own = {"name"}
        self._own = own
        # The form's dates are as precise as their digits: 出生年月 isn't a month whatever stands in it.
        headings = (
            {at: f"{words}日" for at, words in header.headings.items()} if spec.national else header.headings
        )
        narrowed = replace(header, columns={name: header.columns[name] for name in own}, headings=headings)
        self._who = RowReader(
            sheet.name, narrowed, context.roster, context.units, untyped=self._untyped,
            only_unit=context.only_unit if spec.slug != "unit" else None,
        )  # fmt: skip
        by_name = {spec.key(one): one for one in spec.columns}
        self._columns: list[tuple[Column, int, Reader]] = [
            (by_name[name], at, by_name[name].read(context.tables))  # type: ignore[misc]
            for name, at in header.columns.items()
            if name in by_name and by_name[name].read is not None
        ]
        self._homeless = [
            (by_name[name], at)
            for name, at in header.columns.items()
            if name in by_name and (by_name[name].homeless or by_name[name].told)
        ]
        self._filled_homeless: dict[str, int] = {}

    @property
    def _is_people(self) -> bool:
        return self._spec.slug == "person"

    def read(self, progress: Callable[[int], None] | None) -> None:
        """All data rows into the spools."""
        reading, header = self._reading, self._header
        reading.columns[self._sheet.name] = {
            _SET: [self._spec.code, -1],
            **{name: [header.heading_of(name), at] for name, at in header.columns.items()},
        }
        hidden: list[int] = []
        for record in Table(self._sheet, header, key="name"):
            if record.kind is not Kind.DATA:
                continue
            self._row(record)
            if record.hidden:
                hidden.append(record.number)
            if progress is not None and reading.rows.count % REPORTED_EVERY == 0:
                progress(reading.rows.count)
        if self._spec.slug == "unit":
            reading.note(self._sheet.name, 0, UNITS_REMARK)
        if hidden:
            reading.note(self._sheet.name, 0, hidden_rows_note(self._sheet.name, hidden).message)
        self._note_columns()

    def _note_columns(self) -> None:
        header = self._header
        unknown = [header.headings[at] for at in header.unknown]
        for headings, sentence in ((unknown, NOT_READ), (list(self._filled_homeless), KEPT_AS_IT_CAME)):
            if headings:
                listed = "、".join(f"“{one}”" for one in headings[:20])
                self._reading.note(self._sheet.name, header.rows[0], sentence.format(listed))

    def _row(self, record: Record) -> None:
        reading = self._reading
        ordinal = reading.rows.count + 1
        who = self._who.read(record, ordinal) if self._spec.slug != "unit" else [""] * len(SLOT)
        problems: list[dict[str, Any]] = orjson.loads(who[SLOT["problems"]]) if who[SLOT["problems"]] else []
        for one in problems:
            one["column"] = self._header.headings.get(one["at"], one["column"])
        values, words = self._cells(record, problems)
        slug = self._spec.slug
        kept = {name: values.pop(name) for name in (CELLS, TOLD) if name in values}
        if self._spec.turn is not None:
            try:
                slug, values = self._spec.turn(values)
            except ValueError as problem:
                problems.append(self._problem("", "", str(problem), ERROR, -1))
        if slug in KINDS and not self._context.sees(KINDS[slug].guard):
            problems.append(self._problem("", "", "您没有登记这类保密内容的权限。", ERROR, -1))
        place = values.pop("@place", "")
        career = values.pop("@career", [])
        self._democratic(who, values)
        out = self._staged(who, record, ordinal, slug, problems)
        if place:
            self._place(out, place)
        out[_AT["content"]] = seal(values | kept, words)
        reading.rows.add(out)
        if self._is_people:
            reading.people.add(who)
            for line in career:
                self._line(out, line)

    def _staged(
        self, who: list[str], record: Record, ordinal: int, slug: str, problems: list[dict[str, Any]]
    ) -> list[str]:
        out = [""] * len(_ROW)
        for name in _COPIED:
            out[_AT[name]] = who[SLOT[name]]
        faulty = any(one["severity"] == ERROR for one in problems)
        out[_AT["ordinal"]], out[_AT["sheet"]], out[_AT["row"]] = (
            str(ordinal),
            self._sheet.name,
            str(record.number),
        )
        out[_AT["slug"]], out[_AT["is_faulty"]] = slug, "t" if faulty else "f"
        out[_AT["problems"]] = orjson.dumps(problems).decode() if problems else ""
        if slug == "unit":
            out[_AT["unit_id"]] = out[_AT["unit_text"]] = ""
        return out

    def _place(self, out: list[str], name: str) -> None:
        """Another unit that the row names; only one that is meant for sure is taken."""
        out[_AT["place_text"]] = name
        known = self._context.units.matching(name)
        if len(known) == 1:
            out[_AT["place_id"]] = str(known[0])

    def _democratic(self, who: list[str], values: dict[str, Any]) -> None:
        """The second party of the persons' sheet, where the first is told by its own column."""
        code, words = values.pop("democratic_id", None), values.pop("democratic_text", "")
        if code and not who[SLOT["democratic_id"]]:
            who[SLOT["democratic_id"]], who[SLOT["democratic_text"]] = str(code), words

    def _line(self, person: list[str], values: dict[str, Any]) -> None:
        """A line of the 简历 as a row of its own, on the row of the person."""
        out = list(person)
        out[_AT["ordinal"]] = str(self._reading.rows.count + 1)
        out[_AT["slug"]], out[_AT["problems"]] = "career", ""
        shown_words = {"text": values["text"]}
        out[_AT["content"]] = seal(values, shown_words)
        self._reading.rows.add(out)

    def _cells(self, record: Record, problems: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, str]]:
        values: dict[str, Any] = {}
        words: dict[str, str] = {}
        for column, at, read in self._columns:
            cell = record.cells[at] if at < len(record.cells) else ""
            if cell == "" or cell is None:
                continue
            found = read(cell, self._untyped)
            for name, value in found.values.items():
                _put(values, name, value)
            if found.values:
                words[column.name] = _word(column.name, found.values, cell)
            for sentence, severity in found.remarks:
                problems.append(self._problem(column.name, cell, sentence, severity, at))
        for name in [one for one in values if one.startswith("?")]:
            values.setdefault(name[1:], values.pop(name))
        self._keep(record, values, words)
        return values, words

    def _keep(self, record: Record, values: dict[str, Any], words: dict[str, str]) -> None:
        """The cells of columns without a home, and the words of those that the system computes."""
        for column, at in self._homeless:
            given = record.cells[at] if at < len(record.cells) else ""
            # „无“ is a word here: what is kept goes out as it came.
            cell = (given.strip() if isinstance(given, str) else text(given))[:LONGEST_KEPT]
            if not cell:
                continue
            values.setdefault(TOLD if column.told else CELLS, {})[column.heading] = cell
            if column.homeless:
                words[column.heading] = cell[:200]
                self._filled_homeless.setdefault(column.heading, record.number)

    def _problem(self, name: str, value: Any, message: str, severity: str, at: int) -> dict[str, Any]:
        kind = KINDS.get(self._spec.slug)
        sealed = kind is not None and name in kind.sealed
        return {
            "column": self._header.heading_of(name) if name else "",
            "value": SEALED if sealed else shown(value) if name else "",
            "message": message,
            "severity": severity,
            "at": at,
        }


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    """A value under its attribute; one of several scores goes into its place."""
    base, _, at = name.partition(".")
    if not at:
        values[name] = value
        return
    row = values.setdefault(base, [None] * 6)
    row[int(at)] = value


def _word(name: str, values: dict[str, Any], cell: Any) -> str:
    """What the cell says, dates as ISO text."""
    if f"{name}_precision" in values:
        return PartialDate.of(dt.date.fromisoformat(values[name]), values[f"{name}_precision"]).iso()
    if isinstance(values.get(name), str) and re.fullmatch(r"\d{4}-\d\d-\d\d", values[name]):
        return str(values[name])
    return one_line(shown(cell))
