"""Reading an uploaded table row by row, with Excel's own row numbers; the parser runs in a child process."""

import contextlib
import datetime as dt
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

import orjson

from core import errors
from core.errors import Invalid, TooLarge
from core.sheets import delimited, package, parsing, safety
from core.sheets.limits import LIMITS, MEGABYTE, FileKind, Limits, Source, opened, size_of

Cell = str | float | bool | dt.date | dt.datetime
Merge = tuple[tuple[int, int], tuple[int, int]]

ROOT = Path(__file__).resolve().parents[2]
STOPPED = "文件内容不正常，读取时被中止。请在 Excel 中重新保存后再上传。"
TOO_SLOW = "文件读取时间过长，已中止。请删去多余的工作表和空行后再上传。"
BASE_MEMORY = 176 * MEGABYTE
MEMORY_PER_BYTE = {"xlsx": 4, "xls": 16}
MOST_MEMORY = 1_500 * MEGABYTE
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from core.sheets.parsing import main; main(*sys.argv[2:])"
)


class Row(NamedTuple):
    """One row: its number as Excel shows it, its cells ("" where empty, numbers as float), hidden or not."""

    number: int
    cells: list[Any]
    hidden: bool


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What is known of a sheet before its rows.

    `merged` holds (first row, first column), (last row, last column), all counted from 1. `typed` is false
    for text tables, where a number can't be told from text. `hidden_rows` are read like others; say so to
    the user (`problems.hidden_rows_note`).
    """

    name: str
    columns: int
    merged: tuple[Merge, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    typed: bool = True


class Sheet:
    """One visible worksheet: its facts, a look at its first rows, and a single pass over all of them."""

    def __init__(self, facts: SheetFacts, rows: Iterator[Row]) -> None:
        self.facts = facts
        self._rows = rows
        self._ahead: list[Row] = []

    @property
    def name(self) -> str:
        """The sheet's name as written, stray blanks included."""
        return self.facts.name

    def head(self, count: int) -> list[Row]:
        """The first rows, without using them up: iteration starts at the first row all the same."""
        while len(self._ahead) < count:
            row = next(self._rows, None)
            if row is None:
                break
            self._ahead.append(row)
        return self._ahead[:count]

    def __iter__(self) -> Iterator[Row]:
        while self._ahead:
            yield self._ahead.pop(0)
        yield from self._rows


class TextWorkbook:
    """A .csv file as a workbook of one sheet."""

    kind: FileKind = "csv"
    hidden_sheets: tuple[str, ...] = ()

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self._file = file
        self._limits = limits

    def sheets(self) -> Iterator[Sheet]:
        """The only sheet. Raises DomainErrors, also while its rows are read."""
        rows = delimited.read_rows(self._file, self._limits)
        facts = SheetFacts(delimited.SHEET_NAME, columns=0, typed=False)
        yield Sheet(facts, (Row(number, list(cells), False) for number, cells in rows))


class ParsedWorkbook:
    """An .xlsx or .xls file read by a child process; sheets and rows come as the child sends them."""

    def __init__(self, kind: FileKind, process: "ChildProcess") -> None:
        self.kind = kind
        self._process = process
        self._pending: tuple[bytes, bytes] | None = None
        self._current = 0
        frame, payload = process.frame()
        if frame != parsing.WORKBOOK:
            raise Invalid(STOPPED)
        self.hidden_sheets: tuple[str, ...] = tuple(orjson.loads(payload)["hidden_sheets"])

    def sheets(self) -> Iterator[Sheet]:
        """Visible sheets in workbook order, once. Rows left unread are skipped. Raises DomainErrors."""
        while True:
            frame, payload = self._next()
            if frame == parsing.DONE:
                self._pending = frame, payload
                return
            if frame == parsing.SHEET:
                self._current += 1
                facts = _sheet_facts(orjson.loads(payload))
                yield Sheet(facts, self._rows(facts, self._current))

    def _rows(self, facts: SheetFacts, current: int) -> Iterator[Row]:
        number = 1
        hidden = frozenset(facts.hidden_rows)
        while True:
            if current != self._current:
                raise RuntimeError("the rows of a sheet must be read before the next sheet is asked for")
            frame, payload = self._next()
            if frame == parsing.ROWS:
                batch = orjson.loads(payload)
            elif frame == parsing.DATED_ROWS:
                batch = _with_dates(*orjson.loads(payload))
            else:
                self._pending = frame, payload
                return
            for at, cells in enumerate(batch, start=number):
                yield Row(at, cells, at in hidden)
            number += len(batch)

    def _next(self) -> tuple[bytes, bytes]:
        """The next frame, or the one that ended the sheet before."""
        frame = self._pending or self._process.frame()
        self._pending = None
        return frame


class ChildProcess:
    """The parsing child: started with limits, read frame by frame, ended for good on exit.

    Only time spent waiting for the child counts against its limit, so that a slow consumer kills nothing.
    """

    def __init__(self, path: str, kind: FileKind, memory: int, limits: Limits) -> None:
        self._patience = float(limits.seconds)
        arguments = [
            str(ROOT),
            path,
            kind,
            str(memory),
            str(limits.seconds),
            orjson.dumps(asdict(limits)).decode(),
        ]
        self._process = subprocess.Popen(  # noqa: S603 (fixed program, no shell)
            [sys.executable, "-I", "-c", _START, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()
        with contextlib.suppress(
            OSError, AttributeError
        ):  # a larger pipe only saves switches between the two
            fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, MEGABYTE)

    def frame(self) -> tuple[bytes, bytes]:
        """The next frame. Raises the child's refusal, or Invalid when it died or took too long."""
        header = self._exactly(5)
        (length,) = struct.unpack(">I", header[1:])
        kind, payload = header[:1], self._exactly(length)
        if kind == parsing.REFUSAL:
            raise _refusal(orjson.loads(payload))
        return kind, payload

    def _exactly(self, count: int) -> bytes:
        chunks: list[bytes] = []
        while count > 0:
            self._wait()
            chunk = os.read(self._pipe, count)
            if not chunk:
                raise self._died()
            chunks.append(chunk)
            count -= len(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _wait(self) -> None:
        started = time.monotonic()
        poll = select.poll()
        poll.register(self._pipe, select.POLLIN)
        ready = poll.poll(max(self._patience, 0) * 1000)
        self._patience -= time.monotonic() - started
        if not ready:
            raise TooLarge(TOO_SLOW)

    def _died(self) -> errors.DomainError:
        code = self._process.wait()
        return TooLarge(TOO_SLOW) if code in (-signal.SIGXCPU, -signal.SIGKILL) else Invalid(STOPPED)

    def __enter__(self) -> "ChildProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


Workbook = TextWorkbook | ParsedWorkbook


@contextlib.contextmanager
def open_workbook(source: Source, *, limits: Limits = LIMITS) -> Iterator[Workbook]:
    """Open an uploaded .xlsx, .xls or .csv (a path or a binary file) for one pass over its visible sheets.

    Checks the file first (see safety.check; the scan of the worksheets happens in the child). Raises
    DomainErrors on opening and while rows are read. Memory stays flat here, and is limited in the child
    according to the unpacked size. Hidden sheets are left out and named in `hidden_sheets`; hidden rows are
    read, marked as hidden.
    """
    with opened(source) as file:
        kind = safety.identify(file, limits)
        if kind == "csv":
            yield TextWorkbook(file, limits)
            return
        memory = _memory_for(kind, file, limits)
        with _on_disk(source, file) as path, ChildProcess(path, kind, memory, limits) as process:
            yield ParsedWorkbook(kind, process)


def _memory_for(kind: FileKind, file: IO[bytes], limits: Limits) -> int:
    """Address space the child may use, from the size of what it has to hold."""
    if kind == "xlsx":
        content = package.check_directory(file, limits).sheet_bytes
    else:
        safety.check_xls(file)
        content = size_of(file)
    return min(BASE_MEMORY + MEMORY_PER_BYTE[kind] * content, MOST_MEMORY)


@contextlib.contextmanager
def _on_disk(source: Source, file: IO[bytes]) -> Iterator[str]:
    """A path the child can open: the given one, or that of a temporary copy."""
    if isinstance(source, str | PathLike):
        yield os.path.abspath(source)
        return
    with tempfile.NamedTemporaryFile(prefix="sheet-") as copy:
        file.seek(0)
        while chunk := file.read(MEGABYTE):
            copy.write(chunk)
        copy.flush()
        yield copy.name


def _sheet_facts(head: dict[str, Any]) -> SheetFacts:
    merged = tuple(((r1 + 1, c1 + 1), (r2 + 1, c2 + 1)) for (r1, c1), (r2, c2) in head["merged"])
    return SheetFacts(head["name"], head["columns"], merged, tuple(head["hidden_rows"]))


def _with_dates(columns: list[int], rows: list[list[Any]]) -> list[list[Any]]:
    """Turn the lists that stand for dates in the named columns back into dates."""
    for cells in rows:
        for at in columns:
            value = cells[at]
            if value.__class__ is list:
                cells[at] = dt.date(*value) if len(value) == 3 else dt.datetime(*value)
    return rows


def _refusal(payload: dict[str, str]) -> errors.DomainError:
    kind = {"TooLarge": errors.TooLarge, "WrongType": errors.WrongType}.get(payload["class"], Invalid)
    return kind(payload["message"])
