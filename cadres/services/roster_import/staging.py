"""Copying what was read into the database: one COPY for the whole file, memory flat."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence

from django.db import connection

from cadres.services.roster_import.columns import FOUND, INCOMING, READ, definition, names

SPOOLED_BYTES = 8 * 1024 * 1024
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": None})


class Spool:
    """Rows on their way into the database, as COPY text: in memory while small, else in a temporary file."""

    def __init__(self, columns: Sequence[str] = tuple(READ)) -> None:
        self.count = 0
        self._columns = columns
        self._tabs = len(columns) - 1
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 (closed by copy_in)
            max_size=SPOOLED_BYTES, mode="w+", encoding="utf-8", newline="\n"
        )

    def add(self, cells: list[str]) -> None:
        """Take one row, its texts in the order of the columns; an empty text is NULL."""
        line = "\t".join(cells)
        if "\\" in line or "\n" in line or "\r" in line or "\x00" in line or line.count("\t") != self._tabs:
            line = "\t".join(cell.translate(_ESCAPES) for cell in cells)
        self._file.write(line + "\n")
        self.count += 1

    def extend(self, rows: Iterable[list[str]]) -> None:
        """Take many rows."""
        for cells in rows:
            self.add(cells)

    def copy_in(self, table: str = INCOMING) -> None:
        """Copy all rows into a table and forget them."""
        with self._file, connection.cursor() as cursor:
            self._file.seek(0)
            cursor.copy_expert(
                f"COPY {table} ({names(self._columns)}) FROM STDIN WITH (FORMAT text, NULL '')", self._file
            )


def create_incoming() -> None:
    """Make the temporary table that rows are matched and compared in; it goes with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {INCOMING}")
        cursor.execute(f"CREATE TEMP TABLE {INCOMING} ({definition({**READ, **FOUND})}) ON COMMIT DROP")


def analyze(table: str, *columns: str) -> None:
    """Tell the planner how large a temporary table is, and how the named columns are spread."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table} ({names(columns)})")
