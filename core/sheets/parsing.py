"""The child process that runs the spreadsheet parser under memory and time limits, and writes rows to a pipe.

A crafted sheet can make the parser allocate without end or abort the whole process; here that kills only
this child. Started by core/sheets/reading.py; imports no Django. Frames on standard output: one byte of
kind, four bytes of length (big-endian), then JSON. JSON by orjson costs the least of the formats measured
(marshal and pickle take about twice its time for text cells).
"""

import contextlib
import datetime as dt
import gc
import os
import resource
import struct
import sys
from itertools import islice
from typing import Any

import orjson
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from core.errors import DomainError, Invalid, TooLarge
from core.sheets import limits as bounds
from core.sheets import package

BATCH = 1_000
WORKBOOK, SHEET, ROWS, DATED_ROWS, REFUSAL, DONE = b"W", b"S", b"R", b"D", b"X", b"Z"
_WITH_DATES = orjson.OPT_PASSTHROUGH_DATETIME


class Writer:
    """Writes frames to a file descriptor."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def frame(self, kind: bytes, payload: bytes) -> None:
        """Write one frame completely."""
        self._all(kind + struct.pack(">I", len(payload)))
        self._all(payload)

    def _all(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self.descriptor, view) :]


class _Encoder:
    """Turns batches of rows into JSON; dates become lists of numbers, and their columns are named."""

    def __init__(self) -> None:
        self.saw_dates = False

    def encode(self, rows: list[list[Any]]) -> tuple[bytes, bytes]:
        """The kind of frame and its payload for rows of equal length."""
        self.saw_dates = False
        payload = orjson.dumps(rows, default=self._foreign, option=_WITH_DATES)
        if not self.saw_dates:
            return ROWS, payload
        columns = [
            at
            for at, column in enumerate(zip(*rows, strict=True))
            if not _DATES.isdisjoint(map(type, column))
        ]
        return DATED_ROWS, orjson.dumps([columns, orjson.Fragment(payload)])

    def _foreign(self, value: object) -> object:
        if isinstance(value, dt.datetime):
            self.saw_dates = True
            return [value.year, value.month, value.day, value.hour, value.minute, value.second]
        if isinstance(value, dt.date):
            self.saw_dates = True
            return [value.year, value.month, value.day]
        return str(value)


_DATES = {dt.date, dt.datetime}


def limit_resources(memory: int, seconds: int) -> None:
    """Bind this process to so many bytes of address space and seconds of processor time; no core files."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _hidden_rows(path: str, kind: str, limits: bounds.Limits) -> dict[str, list[int]]:
    if kind != "xlsx":
        return {}
    with open(path, "rb") as file:
        return package.scan(file, package.check_directory(file, limits), limits).hidden_rows


def parse(path: str, kind: str, limits: bounds.Limits, writer: Writer) -> None:
    """Read the visible worksheets one after the other into frames; raises DomainErrors."""
    hidden_rows = _hidden_rows(path, kind, limits)
    with CalamineWorkbook.from_path(path) as book:
        sheets = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        if len(sheets) > limits.sheets:
            raise TooLarge(f"工作簿里的工作表太多，最多 {limits.sheets} 个。")
        hidden = [one.name for one in sheets if one.visible != SheetVisibleEnum.Visible]
        writer.frame(WORKBOOK, orjson.dumps({"hidden_sheets": hidden}))
        for one in sheets:
            if one.name not in hidden:
                _parse_sheet(book, one.name, hidden_rows.get(one.name, []), limits, writer)


def _parse_sheet(
    book: CalamineWorkbook, name: str, hidden: list[int], limits: bounds.Limits, writer: Writer
) -> None:
    sheet = book.get_sheet_by_name(name)
    start, end = sheet.start, sheet.end
    if end is not None and end[0] >= limits.rows:
        raise bounds.too_many_rows(name, limits)
    if end is not None and end[1] >= limits.columns:
        raise bounds.too_far(name, "", limits)
    merged = sheet.merged_cell_ranges or []
    if len(merged) > limits.merges:
        raise TooLarge(f"工作表“{name.strip()}”的合并单元格太多，无法读取。")
    columns = end[1] + 1 if end else 0
    head = {"name": name, "merged": merged, "hidden_rows": hidden, "columns": columns}
    writer.frame(SHEET, orjson.dumps(head))
    padding = [""] * (start[1] if start else 0)
    encoder = _Encoder()
    rows = sheet.iter_rows()
    while batch := list(islice(rows, BATCH)):
        if padding:
            batch = [padding + cells for cells in batch]
        writer.frame(*encoder.encode(batch))


def main(path: str, kind: str, memory: str, seconds: str, limits: str) -> None:
    """Entry of the child: bind the process to its limits and serve."""
    limit_resources(int(memory), int(seconds))
    gc.disable()  # rows hold no cycles, and the process ends with its task
    serve(path, kind, bounds.Limits(**orjson.loads(limits)), Writer(sys.stdout.fileno()))


def serve(path: str, kind: str, limits: bounds.Limits, writer: Writer) -> None:
    """Parse `path` into frames and report any failure as a refusal frame."""
    try:
        parse(path, kind, limits, writer)
        writer.frame(DONE, b"{}")
    except DomainError as refusal:
        _refuse(writer, refusal)
    except PasswordError:
        _refuse(writer, Invalid(bounds.ENCRYPTED))
    except MemoryError:
        _refuse(writer, TooLarge("表格内容太大，无法读取，请拆分后分别导入。"))
    except (CalamineError, OSError, ValueError):
        _refuse(writer, Invalid(bounds.DAMAGED))


def _refuse(writer: Writer, refusal: DomainError) -> None:
    payload = {"class": type(refusal).__name__, "message": refusal.message}
    with contextlib.suppress(OSError):
        writer.frame(REFUSAL, orjson.dumps(payload))
