"""Writing tables: .xlsx with a styled, frozen, filtered header from any iterator of rows, and .csv.

The fast writer (rustpy-xlsxwriter) is young, so it stands behind `write_table` with XlsxWriter as fallback.
Text is always written as text: no cell ever becomes a formula or a link, whatever it begins with.
"""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from os import PathLike
from typing import IO, Any, Literal, Protocol

from core.partial_dates import PartialDate

rustpy: Any
try:
    import rustpy_xlsxwriter as rustpy
except ImportError:  # no wheel for this platform: XlsxWriter does the same, more slowly
    rustpy = None

Kind = Literal["text", "identity", "integer", "number", "money", "percent", "date", "datetime", "partial"]
Engine = Literal["auto", "rustpy", "xlsxwriter"]
Target = str | PathLike[str] | IO[bytes]

LONGEST_TEXT = 32_767
LONGEST_SHEET_NAME = 31
HEADER_FILL = "#1F4E79"
HEADER_FONT = "#FFFFFF"
NUMBER_FORMATS: dict[str, str] = {
    "text": "@",
    "identity": "@",
    "partial": "@",
    "integer": "0",
    "number": "General",
    "money": "#,##0.00",
    "percent": "0.0%",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
}
_TEXT_KINDS = ("text", "identity", "partial")
_DANGEROUS_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_FORBIDDEN_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width in characters, and the kind of its values.

    `identity` is text that must never turn into a number; `partial` takes PartialDate and shows `1976.05`;
    `date` and `datetime` take real dates; text kinds take anything and show it as text.
    """

    title: str
    width: float = 12
    kind: Kind = "text"


def write_table(
    target: Target,
    sheet_name: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    title: str = "",
    note: str = "",
    engine: Engine = "auto",
) -> int:
    """Write one table as .xlsx and return the number of data rows.

    `rows` may be a generator: memory stays flat. `title` and `note` (who exported it, and why) go above the
    header. Values are text, numbers, booleans, dates, PartialDate or None. Raises ValueError for headings
    that repeat or rows of the wrong length; nothing is left at `target` then.
    """
    _check_columns(columns)
    values = PlainRows(columns, rows)
    above = tuple(text for text in (title, note) if text)
    if engine == "xlsxwriter" or rustpy is None:
        _write_with_xlsxwriter(target, clean_sheet_name(sheet_name), columns, iter(values), above)
    else:
        _write_with_rustpy(target, clean_sheet_name(sheet_name), columns, iter(values), above)
    return values.count


def write_csv(target: Target, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> int:
    """Write one table as .csv in UTF-8 with mark (so that Excel reads Chinese) and return the number of rows.

    Text that a spreadsheet would take for a formula gets a leading apostrophe, and so do identity numbers;
    reading drops it again.
    """
    _check_columns(columns)
    if isinstance(target, str | PathLike):
        with open(target, "wb") as file:
            return write_csv(file, columns, rows)
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([neutralised(column.title) for column in columns])
    plain = PlainRows(columns, rows)
    identities = [at for at, column in enumerate(columns) if column.kind == "identity"]
    for values in plain:
        cells = [neutralised(value) for value in values]
        for at in identities:
            cells[at] = f"'{values[at]}" if values[at] else ""
        writer.writerow(cells)
    text.flush()
    text.detach()
    return plain.count


def neutralised(value: Any) -> Any:
    """A value for .csv: text that begins like a formula gets a leading apostrophe."""
    if isinstance(value, str) and value.lstrip(" \u3000").startswith(_DANGEROUS_STARTS):
        return f"'{value}"
    return value


def clean_sheet_name(name: str) -> str:
    """A name Excel accepts: 31 characters at most, without the seven forbidden ones, never empty."""
    return _FORBIDDEN_IN_SHEET_NAME.sub(" ", name).strip(" '")[:LONGEST_SHEET_NAME].strip() or "Sheet1"


def _check_columns(columns: Sequence[Column]) -> None:
    titles = [column.title for column in columns]
    if len(set(titles)) != len(titles) or not titles:
        raise ValueError(f"headings must be given and differ: {titles}")


class _Typed(Protocol):
    """What a column must tell: the kind of its values."""

    @property
    def kind(self) -> Kind: ...


class PlainRows:
    """Rows of text, numbers, booleans and dates only, text cut to what a cell holds; counts what passes."""

    def __init__(self, columns: Sequence[_Typed], rows: Iterable[Sequence[Any]]) -> None:
        self.count = 0
        self._columns = columns
        self._rows = rows

    def __iter__(self) -> Iterator[list[Any]]:
        width = len(self._columns)
        special = [
            (at, _partial_text if column.kind == "partial" else _identity_text)
            for at, column in enumerate(self._columns)
            if column.kind in ("partial", "identity")
        ]
        for row in self._rows:
            cells = [cell[:LONGEST_TEXT] if cell.__class__ is str else cell for cell in row]
            if len(cells) != width:
                raise ValueError(f"row {self.count + 1} has {len(cells)} cells instead of {width}")
            for at, convert in special:
                cells[at] = convert(cells[at])
            self.count += 1
            yield cells


def _partial_text(value: Any) -> Any:
    return value.dotted() if isinstance(value, PartialDate) else value


def _identity_text(value: Any) -> Any:
    return value if value is None or value.__class__ is str else str(value)


def _write_with_rustpy(
    target: Target,
    sheet_name: str,
    columns: Sequence[Column],
    rows: Iterator[list[Any]],
    above: Sequence[str],
) -> None:
    titles = [column.title for column in columns]
    header = rustpy.Format().set_bold().set_font_color(HEADER_FONT).set_background_color(HEADER_FILL)
    header = header.set_align("center").set_align("vertical_center").set_text_wrap().set_border("thin")
    first = next(rows, None)
    if first is None:
        # The fast writer takes its headings from the first record; a table without rows still has them.
        _write_with_xlsxwriter(target, sheet_name, columns, iter(()), above)
        return
    options: dict[str, Any] = {}
    if above:
        last = len(columns) - 1
        options["merge_ranges"] = [
            (at, 0, at, last, text, _title_format(at)) for at, text in enumerate(above) if last > 0
        ]
        options["header_row"] = len(above)
    rustpy.write_worksheet(
        (dict(zip(titles, row, strict=True)) for row in chain([first], rows)),
        target,
        sheet_name=sheet_name,
        freeze_row=len(above) + 1,
        autofilter=True,
        header_format=header,
        column_widths=[column.width for column in columns],
        column_formats=[rustpy.Format().set_num_format(NUMBER_FORMATS[column.kind]) for column in columns],
        ignore_errors=[column.title for column in columns if column.kind in _TEXT_KINDS],
        **options,
    )


def _title_format(at: int) -> Any:
    plain = rustpy.Format().set_align("left")
    return plain.set_bold().set_font_size(14) if at == 0 else plain


def plain_options(folder: str) -> dict[str, Any]:
    """XlsxWriter's options for tables: rows go out at once, and text stays text."""
    return {
        "constant_memory": True,
        "tmpdir": folder,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }


def _write_with_xlsxwriter(
    target: Target,
    sheet_name: str,
    columns: Sequence[Column],
    rows: Iterator[list[Any]],
    above: Sequence[str],
) -> None:
    # Imported where it is used: every process would carry its 10 MB otherwise.
    from xlsxwriter import Workbook

    with tempfile.TemporaryDirectory(prefix="table-") as folder:
        book = Workbook(target, plain_options(folder))
        sheet = book.add_worksheet(sheet_name)
        header = book.add_format(
            {"bold": True, "font_color": HEADER_FONT, "bg_color": HEADER_FILL, "align": "center",
             "valign": "vcenter", "text_wrap": True, "border": 1}
        )  # fmt: skip
        formats = [book.add_format({"num_format": NUMBER_FORMATS[column.kind]}) for column in columns]
        for at, column in enumerate(columns):
            sheet.set_column(at, at, column.width, formats[at])
        for at, text in enumerate(above):
            sheet.write_string(
                at, 0, text, book.add_format({"bold": at == 0, "font_size": 14 if at == 0 else 11})
            )
        top = last = len(above)
        for at, column in enumerate(columns):
            sheet.write_string(top, at, column.title, header)
        for last, row in enumerate(rows, start=top + 1):
            write_row(sheet, last, row, formats)
        sheet.freeze_panes(top + 1, 0)
        sheet.autofilter(top, 0, last, len(columns) - 1)
        book.close()


def write_row(sheet: Any, number: int, row: list[Any], formats: list[Any]) -> None:
    """Write one row of plain values with XlsxWriter, text as text."""
    for at, value in enumerate(row):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            sheet.write_string(number, at, value, formats[at])
        elif isinstance(value, bool):
            sheet.write_boolean(number, at, value, formats[at])
        elif isinstance(value, int | float) and value == value:
            sheet.write_number(number, at, value, formats[at])
        elif hasattr(value, "isoformat"):
            sheet.write_datetime(number, at, value, formats[at])
        else:
            sheet.write_string(number, at, str(value), formats[at])
