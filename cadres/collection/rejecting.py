"""The workbook of the rows of histories that didn't come in: the upload's own rows, marked and commented."""

from __future__ import annotations

import io

from cadres.collection.reading import headers_of
from cadres.models import CollectionRow, RosterImport
from cadres.services.collection_import.reporting import RecordWording, rows_of
from core.files import open_stored
from core.sheets.problems import Problems
from core.sheets.rejected import write_rejected

UNANSWERED = "这一行在预览中没有答复，没有导入。"
_KEY = "name"


def rejected_histories(roster_import: RosterImport) -> bytes:
    """The rejected rows, and those left unanswered, as a workbook to correct and upload again."""
    problems = Problems()
    wording = RecordWording(roster_import)
    left_out = (CollectionRow.Status.REJECTED, CollectionRow.Status.ASK)
    for row in rows_of(roster_import, left_out):
        for one in wording.problems(row):
            problems.add(
                row.sheet, row.row, one["message"], column=one["column"], value=one["value"], at=one["at"],
                severity=one["severity"],
            )  # fmt: skip
        if row.verdict == CollectionRow.Status.ASK:
            problems.add(row.sheet, row.row, UNANSWERED)
    content = io.BytesIO()
    with open_stored(roster_import.file) as file:
        headers = headers_of(file, roster_import.columns)
        write_rejected(file, content, problems=problems, headers=headers, key=_KEY)
    return content.getvalue()
