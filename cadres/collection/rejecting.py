"""The workbook of the rows of histories that didn't come in: the upload's own rows, marked and commented."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from cadres.collection.reading import headers_of
from cadres.models import RosterImport, RosterImportRow
from cadres.services.collection_import.reporting import RecordWording, rows_of
from core.files import open_stored
from core.sheets.headers import Header
from core.sheets.problems import Problems
from core.sheets.rejected import write_rejected

UNANSWERED = "这一行在预览中没有答复，没有导入。"
_KEY = "name"
LEFT_OUT = (RosterImportRow.Status.REJECTED, RosterImportRow.Status.ASK)


def rejected_histories(roster_import: RosterImport) -> bytes:
    """The rejected rows, and those left unanswered, as a workbook to correct and upload again."""
    rows = rows_of(roster_import, LEFT_OUT)
    return marked_workbook(roster_import, rows, RecordWording(roster_import).problems, headers_of, key=_KEY)


def marked_workbook(
    roster_import: RosterImport, rows: Iterable[Any], problems_of: Callable[[Any], list[dict[str, Any]]],
    headers_of: Callable[[Any, dict[str, Any]], dict[str, Header]], *, key: str,
) -> bytes:  # fmt: skip
    """The staged rows that didn't come in, in the upload's own sheets, with their problems beside the cells.

    `headers_of` finds the headers of the sheets that were read, `key` names the column that every row has.
    """
    problems = Problems()
    for row in rows:
        for one in problems_of(row):
            problems.add(
                row.sheet, row.row, one["message"], column=one["column"], value=one["value"], at=one["at"],
                severity=one["severity"],
            )  # fmt: skip
        if row.verdict == RosterImportRow.Status.ASK:
            problems.add(row.sheet, row.row, UNANSWERED)
    content = io.BytesIO()
    with open_stored(roster_import.file) as file:
        headers = headers_of(file, roster_import.columns)
        write_rejected(file, content, problems=problems, headers=headers, key=key)
    return content.getvalue()
