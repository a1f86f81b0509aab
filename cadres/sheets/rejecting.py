"""The workbook of the rows that didn't come in: the upload's own rows, marked and commented."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from cadres.collection.rejecting import LEFT_OUT, marked_workbook, rejected_histories
from cadres.models import RosterImport
from cadres.services.form_import.rejecting import rejected_files, rejected_files_name
from cadres.services.roster_import.reporting import Wording, rows_of
from cadres.sheets.columns import KEY, ROSTER
from core.sheets.headers import SEARCHED_ROWS, Header, find_header
from core.sheets.reading import open_workbook


def rejected_workbook(roster_import: RosterImport) -> bytes:
    """The rejected rows, and those left unanswered, as a workbook to correct and upload again."""
    rows = rows_of(roster_import, LEFT_OUT)
    return marked_workbook(roster_import, rows, Wording(roster_import).problems, _headers_of, key=KEY)


def _headers_of(file: Any, known: dict[str, Any]) -> dict[str, Header]:
    """The headers of the sheets that were read."""
    headers: dict[str, Header] = {}
    with open_workbook(file) as workbook:
        for sheet in workbook.sheets():
            header = find_header(sheet.head(SEARCHED_ROWS), ROSTER, sheet.facts.merged)
            if header is not None and sheet.name in known:
                headers[sheet.name] = header
    return headers


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
