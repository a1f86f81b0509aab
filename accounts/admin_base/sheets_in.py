"""A workbook of plain configuration read, tried out, and told row by row; nothing here is a page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from import_export.results import RowResult

from accounts.admin_base.resources import Cell, Change, ConfigResource
from core.errors import DomainError, Invalid
from core.sheets.headers import SEARCHED_ROWS, Columns, Field, Header, find_header, no_header_sentence
from core.sheets.reading import Row, open_workbook

MOST_ROWS = 2_000
NEW, CHANGED, SAME, WRONG = "new", "changed", "same", "wrong"
_VERDICTS = {RowResult.IMPORT_TYPE_NEW: NEW, RowResult.IMPORT_TYPE_UPDATE: CHANGED,
             RowResult.IMPORT_TYPE_SKIP: SAME}  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """What a file holds: a dataset, where each of its rows stands, and which headings nobody knows."""

    data: tablib.Dataset
    numbers: list[int]
    sheet: str
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """A row of the preview: what becomes of it, and why not."""

    number: int
    verdict: str
    title: str
    changes: list[Change] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Tried:
    """The outcome of an import, tried or carried out."""

    lines: list[Line]

    def count(self, verdict: str) -> int:
        """How many rows have a verdict."""
        return sum(line.verdict == verdict for line in self.lines)

    @property
    def is_clean(self) -> bool:
        """Whether nothing stands in its way."""
        return self.count(WRONG) == 0

    @property
    def state(self) -> str:
        """What the preview showed, in short: an import that would do something else is shown again first."""
        return hashlib.sha256(repr([(line.number, line.verdict, line.changes) for line in self.lines]).encode()).hexdigest()[:32]  # fmt: skip


def columns_of(resource: ConfigResource) -> Columns:
    """The columns a file may have; those that find the row must be there."""
    keys = set(resource.get_import_id_fields())
    return Columns(
        Field(name, resource.fields[name].column_name, required=name in keys) for name in resource.fields
    )


def read_rows(source: IO[bytes], resource: ConfigResource) -> Rows:
    """Read the first sheet that has the columns, through the checks every upload goes through.

    Raises Invalid without a header, without rows, or with too many, and what reading a workbook raises.
    """
    columns = columns_of(resource)
    with open_workbook(source) as book:
        head: list[Row] = []
        for sheet in book.sheets():
            head = sheet.head(SEARCHED_ROWS)
            header = find_header(head, columns, sheet.facts.merged)
            if header is None:
                continue
            if header.missing:
                raise Invalid(header.complaint())
            return _rows(sheet, header, resource)
    raise Invalid(no_header_sentence(columns, head))


def _rows(sheet: Any, header: Header, resource: ConfigResource) -> Rows:
    names = list(header.columns)
    data = tablib.Dataset(headers=[resource.fields[name].column_name for name in names])
    numbers: list[int] = []
    for row in sheet:
        if row.number <= header.last_row:
            continue
        cells = [
            row.cells[header.columns[name]] if header.columns[name] < len(row.cells) else "" for name in names
        ]
        if all(cell is None or cell == "" for cell in cells):
            continue
        if len(numbers) >= MOST_ROWS:
            raise Invalid(f"一次最多导入 {MOST_ROWS:,} 行，请分成几个文件。")
        data.append(["" if cell is None else cell for cell in cells])
        numbers.append(row.number)
    if not numbers:
        raise Invalid("表头下面没有内容，没有可以导入的行。")
    unknown = tuple(header.headings.get(at, "") for at in header.unknown)
    return Rows(data, numbers, sheet.name, unknown)


def run(rows: Rows, resource: ConfigResource, *, dry: bool) -> Tried:
    """Import the rows, or only try it; with a mistake in any row nothing is written.

    Raises what isn't a refusal: a mistake of the program isn't the file's.
    """
    result = resource.import_data(
        rows.data, dry_run=dry, use_transactions=True, rollback_on_validation_errors=True
    )  # fmt: skip
    for error in result.base_errors:
        raise error.error
    lines = [
        _line(number, cells, one, resource)
        for number, cells, one in zip(rows.numbers, rows.data.dict, result.rows, strict=True)
    ]
    return Tried(_without_twins(lines, rows, resource))


def _line(number: int, cells: dict[str, Any], one: RowResult, resource: ConfigResource) -> Line:
    title = " ".join(str(cells[name]) for name in _keys(resource) if cells.get(name) not in (None, ""))
    if one.validation_error is not None:
        return Line(number, WRONG, title, problems=list(_sentences(one.validation_error, cells, resource)))
    for error in one.errors:
        if not isinstance(error.error, DomainError | ValueError):
            raise error.error
        return Line(number, WRONG, title, problems=[str(error.error)])
    changes = resource.changes(getattr(one, "original", None), one.instance)
    return Line(number, _VERDICTS[one.import_type], title, changes if one.import_type != RowResult.IMPORT_TYPE_SKIP else [])  # fmt: skip


def _sentences(error: ValidationError, cells: dict[str, Any], resource: ConfigResource) -> Iterator[str]:
    """The mistakes of a row with column and value."""
    by_name = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    titles = {one.attribute: one.column_name for one in resource.get_import_fields()}
    for name, texts in by_name.items():
        title = titles.get(name)
        value = cells.get(title) if title else None
        place = (
            f"“{title}”（{value}）："
            if title and value not in (None, "")
            else f"“{title}”："
            if title
            else ""
        )
        for text in texts:
            yield f"{place}{text}"


def _keys(resource: ConfigResource) -> list[str]:
    return [resource.fields[name].column_name for name in resource.get_import_id_fields()]


def _without_twins(lines: list[Line], rows: Rows, resource: ConfigResource) -> list[Line]:
    """Two rows that name the same record contradict each other: the later one is a mistake."""
    first: dict[tuple[str, ...], int] = {}
    found = []
    for line, cells in zip(lines, rows.data.dict, strict=True):
        key = tuple(str(cells.get(name, "")).strip() for name in _keys(resource))
        if key in first:
            sentence = f"与第 {first[key]} 行是同一条记录，请只留一行。"
            line = Line(line.number, WRONG, line.title, problems=[*line.problems, sentence])
        else:
            first[key] = line.number
        found.append(line)
    return found


def template_columns(resource: ConfigResource) -> list[tuple[str, tuple[str, ...], bool]]:
    """The columns of an empty workbook: heading, words of the drop-down, whether it must be filled."""
    keys = set(resource.get_import_id_fields())
    found = []
    for name, one in resource.fields.items():
        if one.readonly:
            continue
        choices = one.widget.choices if isinstance(one.widget, Cell) else ()
        found.append((one.column_name, choices, name in keys))
    return found
