"""Writing workbooks of several sheets: title and notes above a frozen header, hints, drop-downs, streamed rows.

Text is always written as text, as in `core.sheets.writing`; rows may come from generators, one sheet after the
other, so memory stays flat.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.sheets.writing import (
    HEADER_FILL,
    HEADER_FONT,
    NUMBER_FORMATS,
    Kind,
    PlainRows,
    Target,
    clean_sheet_name,
    plain_options,
    write_row,
)

# Where the words of drop-downs stand; hidden, and known to readers as ours.
CHOICES_SHEET = "选项"
_PREPARED_ROWS = 2_000
_REQUIRED_FONT = "#FF0000"


@dataclass(frozen=True, slots=True)
class BookColumn:
    """A column: heading, width, kind of its values, the words of its drop-down, and whether it must be filled."""

    title: str
    width: float = 12
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class BookSheet:
    """A sheet: `title` is merged over the header, `notes` follow it, `hints` is a row below the header."""

    name: str
    columns: Sequence[BookColumn]
    rows: Iterable[Sequence[Any]] = ()
    title: str = ""
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    plain_header: bool = False


def write_book(
    target: Target, sheets: Iterable[BookSheet], *, progress: Callable[[int], None] | None = None
) -> int:
    """Write the sheets in order and return the number of data rows; `progress` hears it after each sheet."""
    # Imported where it is used: every process would carry its 10 MB otherwise.
    from xlsxwriter import Workbook

    total = 0
    with tempfile.TemporaryDirectory(prefix="book-") as folder:
        book = Workbook(target, plain_options(folder))
        writer = _Writer(book)
        for sheet in sheets:
            total += writer.write(sheet)
            if progress is not None:
                progress(total)
        writer.write_choices()
        book.close()
    return total


class _Writer:
    """Writes sheets into one book and collects the words of their drop-downs."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._formats = {kind: book.add_format({"num_format": form}) for kind, form in NUMBER_FORMATS.items()}
        base = {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1}
        self._header = book.add_format({**base, "font_color": HEADER_FONT, "bg_color": HEADER_FILL})
        self._plain = book.add_format(base)
        self._required = book.add_format({**base, "font_color": _REQUIRED_FONT})
        self._title = book.add_format({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"})
        self._note = book.add_format({"font_size": 11, "align": "left"})
        self._hint = book.add_format({"italic": True, "font_color": "#595959", "text_wrap": True})
        self._choices: dict[tuple[str, ...], int] = {}

    def write(self, sheet: BookSheet) -> int:
        """One sheet with all its rows; returns how many there were."""
        paper = self._book.add_worksheet(clean_sheet_name(sheet.name))
        formats = [self._formats[column.kind] for column in sheet.columns]
        for at, column in enumerate(sheet.columns):
            paper.set_column(at, at, column.width, formats[at])
        top = self._above(paper, sheet)
        for at, column in enumerate(sheet.columns):
            shown = self._plain if sheet.plain_header else self._header
            shown = self._required if sheet.plain_header and column.required else shown
            paper.write_string(top, at, column.title, shown)
        first = top + 1
        for at, hint in enumerate(sheet.hints):
            paper.write_string(first, at, hint, self._hint)
        first += 1 if sheet.hints else 0
        plain = PlainRows(sheet.columns, sheet.rows)
        for number, row in enumerate(plain, start=first):
            write_row(paper, number, row, formats)
        self._validate(paper, sheet.columns, first, first + max(_PREPARED_ROWS, plain.count))
        paper.freeze_panes(top + 1, 0)
        return plain.count

    def _above(self, paper: Any, sheet: BookSheet) -> int:
        last = len(sheet.columns) - 1
        lines = [(sheet.title, self._title)] if sheet.title else []
        lines += [(note, self._note) for note in sheet.notes]
        for at, (text, shown) in enumerate(lines):
            if last > 0:
                paper.merge_range(at, 0, at, last, "", shown)
            paper.write_string(at, 0, text, shown)
        return len(lines)

    def _validate(self, paper: Any, columns: Sequence[BookColumn], first: int, last: int) -> None:
        for at, column in enumerate(columns):
            if column.choices:
                place = self._choices.setdefault(column.choices, len(self._choices))
                letters = _letters(place)
                source = f"={CHOICES_SHEET}!${letters}$1:${letters}${len(column.choices)}"
                # A warning, not a wall: other usual words are understood as well.
                paper.data_validation(
                    first, at, last, at,
                    {"validate": "list", "source": source, "error_type": "warning",
                     "error_title": "不在选项中", "error_message": "请尽量从下拉框中选择。"},
                )  # fmt: skip

    def write_choices(self) -> None:
        """The words of all drop-downs on one hidden sheet, row by row as flat memory demands."""
        if not self._choices:
            return
        paper = self._book.add_worksheet(CHOICES_SHEET)
        paper.hide()
        for row in range(max(map(len, self._choices))):
            for words, at in self._choices.items():
                if row < len(words):
                    paper.write_string(row, at, words[row])


def _letters(at: int) -> str:
    letters = ""
    at += 1
    while at > 0:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
