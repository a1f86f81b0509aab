"""The workbook of rejected rows: the upload again, accepted rows left out, faulty cells marked and commented.

What stays: titles, header, the rejected rows with their values as read (`同上` and vertically merged cells
resolved, since the rows they point to may be gone), and the group rows above them. So it can be corrected
and uploaded again. A small .xlsx keeps its look (openpyxl); .xls, .csv and large files are written plainly.
"""

import datetime as dt
import io
import logging
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from os import PathLike
from typing import IO, TYPE_CHECKING, Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from core.errors import DomainError
from core.sheets import package, safety
from core.sheets.headers import PROBLEMS_HEADING, SEARCHED_ROWS, Header
from core.sheets.limits import LIMITS, MEGABYTE, Limits, Source, opened
from core.sheets.problems import Problem, Problems
from core.sheets.reading import Sheet, open_workbook
from core.sheets.rows import Kind, Record, Table
from core.sheets.writing import LONGEST_TEXT, clean_sheet_name

if TYPE_CHECKING:
    from xlsxwriter import Workbook as PlainBook

logger = logging.getLogger(__name__)

AUTHOR = "导入检查"
ERROR_COLOUR = "FFC7CE"
WARNING_COLOUR = "FFEB9C"
STYLED_BYTES = 6 * MEGABYTE
STYLED_ROWS = 3_000
MOST_COMMENTS = 5_000
LONGEST_COMMENT = 1_000


@dataclass(slots=True)
class _Kept:
    """A row that stays: its number in the upload, its cells as read, its problems."""

    number: int
    cells: list[Any]
    problems: list[Problem]


def write_rejected(
    source: Source,
    target: str | PathLike[str] | IO[bytes],
    *,
    problems: Problems,
    headers: Mapping[str, Header],
    key: str,
    limits: Limits = LIMITS,
) -> int:
    """Write the workbook of rejected rows and return how many there are.

    Takes the upload, its problems, the header found on each sheet (by sheet name) and the key field given
    to `rows.Table`. Raises DomainErrors of the reading.
    """
    rejected = problems.rejected_rows()
    total = sum(len(rows) for rows in rejected.values())
    content = None
    if total <= STYLED_ROWS and _is_small_xlsx(source, limits):
        content = _styled_or_none(source, problems, headers, key, limits)
    if content is None:
        content = io.BytesIO()
        _write_plain(source, content, problems, headers, key, limits)
    if isinstance(target, str | PathLike):
        with open(target, "wb") as file:
            file.write(content.getbuffer())
    else:
        target.write(content.getbuffer())
    return total


def _is_small_xlsx(source: Source, limits: Limits) -> bool:
    with opened(source) as file:
        if safety.identify(file, limits) != "xlsx":
            return False
        return package.check_directory(file, limits).sheet_bytes <= STYLED_BYTES


def _kept_rows(sheet: Sheet, header: Header, key: str, problems: Problems) -> Iterator[_Kept]:
    """Titles and header, then every rejected row, each group row before its first rejected row."""
    for row in sheet.head(max(SEARCHED_ROWS, header.last_row)):
        if row.number <= header.last_row:
            yield _Kept(row.number, row.cells, [])
    group: Record | None = None
    for record in Table(sheet, header, key=key):
        if record.kind is Kind.GROUP:
            group = record
        elif problems.rejects(sheet.name, record.number):
            if group is not None:
                yield _Kept(group.number, group.cells, [])
                group = None
            yield _Kept(record.number, record.cells, problems.of_row(sheet.name, record.number))


def _marks(problems: Sequence[Problem], header: Header) -> dict[int, tuple[str, str]]:
    """For each position to mark: its colour and the sentences; a remark on the whole row stands at its start."""
    marks: dict[int, tuple[str, str]] = {}
    start = min(header.columns.values(), default=0)
    for problem in problems:
        at = problem.at if problem.at >= 0 else start
        colour, text = marks.get(at, (WARNING_COLOUR, ""))
        colour = ERROR_COLOUR if problem.severity == "error" else colour
        marks[at] = (colour, f"{text}\n{problem.message}".strip()[:LONGEST_COMMENT])
    return marks


# --- the look of the upload kept -------------------------------------------------------------------------


def _styled_or_none(
    source: Source, problems: Problems, headers: Mapping[str, Header], key: str, limits: Limits
) -> io.BytesIO | None:
    """The styled workbook, or None when the upload's styles are beyond openpyxl (some office programs')."""
    try:
        with opened(source) as file:
            book = load_workbook(file, data_only=True, keep_links=False)
        _rebuild(book, source, problems, headers, key, limits)
        content = io.BytesIO()
        book.save(content)
    except DomainError:
        raise
    except Exception:  # any fault of the style sheet: the plain form loses the look, but no row
        logger.info("rejected rows are written without the look of the upload", exc_info=True)
        return None
    return content


def _rebuild(
    book: Workbook,
    source: Source,
    problems: Problems,
    headers: Mapping[str, Header],
    key: str,
    limits: Limits,
) -> None:
    """Replace each sheet that has rejected rows by one that holds only these; drop all other sheets."""
    done: set[str] = set()
    rejected = problems.rejected_rows()
    with open_workbook(source, limits=limits) as workbook:
        for sheet in workbook.sheets():
            if sheet.name in headers and sheet.name in rejected:
                header = headers[sheet.name]
                _rebuild_sheet(book, sheet.name, header, list(_kept_rows(sheet, header, key, problems)))
                done.add(sheet.name)
    for name in book.sheetnames:
        if name not in done and len(book.sheetnames) > 1:
            del book[name]
    book.defined_names.clear()
    book.active = 0


def _rebuild_sheet(book: Workbook, name: str, header: Header, kept: list[_Kept]) -> None:
    old: Worksheet = book[name]
    at = book.index(old)
    new: Worksheet = book.create_sheet(index=at)
    moved = {row.number: number for number, row in enumerate(kept, start=1)}
    for row in kept:
        _copy_row(old, new, row, moved[row.number])
        for position, (colour, text) in _marks(row.problems, header).items():
            _mark(new.cell(moved[row.number], position + 1), colour, text)
    for letter, dimension in old.column_dimensions.items():
        new.column_dimensions[letter] = copy(dimension)
        new.column_dimensions[letter].worksheet = new
    for merged in old.merged_cells.ranges:
        below = merged.min_row > header.last_row
        if (
            merged.min_row in moved
            and merged.max_row in moved
            and not (below and merged.max_row > merged.min_row)
        ):
            new.merge_cells(
                start_row=moved[merged.min_row],
                start_column=merged.min_col,
                end_row=moved[merged.max_row],
                end_column=merged.max_col,
            )
    new.freeze_panes = old.freeze_panes if kept and old.freeze_panes else None
    for validation in old.data_validations.dataValidation:
        new.add_data_validation(copy(validation))
    del book[name]
    new.title = name


def _copy_row(old: Worksheet, new: Worksheet, row: _Kept, number: int) -> None:
    width = max(len(row.cells), old.max_column)
    height = old.row_dimensions[row.number].height
    if height:
        new.row_dimensions[number].height = height
    for position in range(width):
        origin = old.cell(row.number, position + 1)
        copied = new.cell(number, position + 1)
        copied._style = copy(origin._style)  # openpyxl offers no public way to share a style within a book
        value = row.cells[position] if position < len(row.cells) else ""
        _set_value(copied, value)
        ours = origin.comment is not None and origin.comment.author == AUTHOR
        if ours:
            copied.fill = PatternFill()
        elif origin.comment is not None:
            copied.comment = Comment(origin.comment.text, origin.comment.author)


def _set_value(cell: Cell, value: Any) -> None:
    """Put a value into a cell; text stays text even when it begins like a formula."""
    if value == "" or value is None:
        return
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"


def _mark(cell: Cell, colour: str, text: str) -> None:
    cell.fill = PatternFill("solid", start_color=colour, end_color=colour)
    comment = Comment(text, AUTHOR)
    comment.width, comment.height = 320, 60 + 18 * (len(text) // 20)
    cell.comment = comment


# --- plain, row by row -----------------------------------------------------------------------------------


def _write_plain(
    source: Source,
    target: IO[bytes],
    problems: Problems,
    headers: Mapping[str, Header],
    key: str,
    limits: Limits,
) -> None:
    rejected = problems.rejected_rows()
    many = sum(len(rows) for rows in rejected.values()) > STYLED_ROWS
    options = {
        "constant_memory": many,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    # Imported where it is used: every process would carry its 10 MB otherwise.
    from xlsxwriter import Workbook as PlainBook

    book = PlainBook(target, options)
    painter = _Painter(book, commented=not many or len(problems) <= MOST_COMMENTS)
    with open_workbook(source, limits=limits) as workbook:
        for sheet in workbook.sheets():
            if sheet.name in headers and sheet.name in rejected:
                header = headers[sheet.name]
                paper = book.add_worksheet(clean_sheet_name(sheet.name))
                moved = painter.paint(paper, header, _kept_rows(sheet, header, key, problems))
                if not many:
                    _merge(paper, sheet, header, moved)
    if not book.worksheets():
        book.add_worksheet()
    book.close()


def _merge(paper: Any, sheet: Sheet, header: Header, moved: dict[int, int]) -> None:
    """Merge again what is merged in the header and what is a wide cell in a group row."""
    for (r1, c1), (r2, c2) in sheet.facts.merged:
        if r1 in moved and r2 in moved and (r2 <= header.last_row or r1 == r2):
            # The cells are written already; only the range is noted, as merge_range would blank them.
            paper.merge.append([moved[r1], c1 - 1, moved[r2], c2 - 1])


class _Painter:
    """Writes kept rows to a sheet of XlsxWriter, marking faulty cells."""

    def __init__(self, book: "PlainBook", *, commented: bool) -> None:
        self._commented = commented
        self._formats = {
            (colour, kind): book.add_format(
                ({"bg_color": f"#{colour}"} if colour else {}) | ({"num_format": kind} if kind else {})
            )
            for colour in ("", ERROR_COLOUR, WARNING_COLOUR)
            for kind in ("", "@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm")
        }
        self._header = book.add_format({"bold": True, "text_wrap": True, "border": 1, "bg_color": "#D9E1F2"})

    def paint(self, paper: Any, header: Header, kept: Iterator[_Kept]) -> dict[int, int]:
        """Write the rows; returns the new position (from 0) of each row number of the upload."""
        moved: dict[int, int] = {}
        remarks_at = max(header.headings, default=0) + 1
        paper.set_column(0, remarks_at, 14)
        for number, row in enumerate(kept):
            moved[row.number] = number
            marks = _marks(row.problems, header)
            in_header = row.number in header.rows
            for at in range(max([len(row.cells), *(position + 1 for position in marks)])):
                colour, text = marks.get(at, ("", ""))
                value = row.cells[at] if at < len(row.cells) else ""
                self._write(paper, number, at, value, colour, header=in_header)
                if text and self._commented:
                    paper.write_comment(number, at, text, {"author": AUTHOR, "x_scale": 2})
            if not self._commented:
                remark = PROBLEMS_HEADING if row.number == header.rows[0] else _sentences(row.problems)
                paper.write_string(number, remarks_at, remark)
        paper.freeze_panes(moved.get(header.last_row, 0) + 1, 0)
        return moved

    def _write(self, paper: Any, row: int, at: int, value: Any, colour: str, *, header: bool) -> None:
        if header:
            paper.write_string(row, at, "" if value is None else str(value), self._header)
        elif isinstance(value, bool):
            paper.write_boolean(row, at, value, self._formats[colour, ""])
        elif isinstance(value, int | float):
            paper.write_number(row, at, value, self._formats[colour, ""])
        elif isinstance(value, dt.datetime):
            paper.write_datetime(row, at, value, self._formats[colour, "yyyy-mm-dd hh:mm"])
        elif isinstance(value, dt.date):
            paper.write_datetime(row, at, value, self._formats[colour, "yyyy-mm-dd"])
        elif value:
            paper.write_string(row, at, str(value)[:LONGEST_TEXT], self._formats[colour, "@"])
        elif colour:
            paper.write_blank(row, at, None, self._formats[colour, "@"])


def _sentences(problems: Sequence[Problem]) -> str:
    return "；".join(
        f"{problem.column}：{problem.message}" if problem.column else problem.message for problem in problems
    )
