"""The workbook of the rows that didn't come in: the upload's own rows, marked and commented."""

from __future__ import annotations

import io
from pathlib import PurePath

from cadres.collection.rejecting import UNANSWERED, rejected_histories
from cadres.models import RosterImport, RosterImportRow
from cadres.services.form_import.rejecting import rejected_files, rejected_files_name
from cadres.services.roster_import.reporting import Wording, rows_of
from cadres.sheets.columns import KEY, ROSTER
from core.files import open_stored
from core.sheets.headers import SEARCHED_ROWS, Header, find_header
from core.sheets.problems import Problems
from core.sheets.reading import open_workbook
from core.sheets.rejected import write_rejected


def rejected_workbook(roster_import: RosterImport) -> bytes:
    """The rejected rows, and those left unanswered, as a workbook to correct and upload again."""
    problems = Problems()
    wording = Wording(roster_import)
    left_out = (RosterImportRow.Status.REJECTED, RosterImportRow.Status.ASK)
    for row in rows_of(roster_import, left_out):
        for one in wording.problems(row):
            problems.add(
                row.sheet, row.row, one["message"], column=one["column"], value=one["value"], at=one["at"],
                severity=one["severity"],
            )  # fmt: skip
        if row.verdict == RosterImportRow.Status.ASK:
            problems.add(row.sheet, row.row, UNANSWERED)
    content = io.BytesIO()
    with open_stored(roster_import.file) as file:
        headers: dict[str, Header] = {}
        with open_workbook(file) as workbook:
            for sheet in workbook.sheets():
                header = find_header(sheet.head(SEARCHED_ROWS), ROSTER, sheet.facts.merged)
                if header is not None and sheet.name in roster_import.columns:
                    headers[sheet.name] = header
        write_rejected(file, content, problems=problems, headers=headers, key=KEY)
    return content.getvalue()


def rejected_name(roster_import: RosterImport) -> str:
    """The file name of that workbook."""
    return f"{PurePath(roster_import.file.name).stem[:80]}_待更正.xlsx"


def rejected_content(roster_import: RosterImport) -> tuple[bytes, str]:
    """What didn't come in, as a file with its name: a marked workbook of a roster, else the files themselves."""
    if roster_import.kind == RosterImport.Kind.HISTORIES:
        return rejected_histories(roster_import), rejected_name(roster_import)
    if roster_import.kind == RosterImport.Kind.ROSTER:
        return rejected_workbook(roster_import), rejected_name(roster_import)
    return rejected_files(roster_import), rejected_files_name(roster_import)
