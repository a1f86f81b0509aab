"""Made-up workbooks of histories for tests, previewed, committed and read back."""

from __future__ import annotations

import io
from typing import Any

from django.db import transaction
from openpyxl import Workbook

from accounts.models import Unit
from cadres.collection.previewing import preview
from cadres.models import RosterImport
from cadres.services.collection_import.committing import commit
from cadres.services.collection_import.reporting import as_json
from cadres.services.roster_import.committing import Outcome
from core.files import store

WHO = ("姓名", "身份证号", "出生年月", "单位")


def book(**sheets: list[dict[str, Any]]) -> bytes:
    """A workbook with a sheet for each name; rows by heading."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        page = made.create_sheet(name)
        headings = list(dict.fromkeys(key for row in rows for key in row))
        page.append(headings)
        for row in rows:
            page.append([row.get(key) for key in headings])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def previewed(content: bytes, unit: Unit, *, by: Any = None) -> RosterImport:
    """The preview of a workbook."""
    file = store(content, name="履历.xlsx", kind="sheet", by=by)
    made = RosterImport.objects.create(unit=unit, file=file, uploaded_by=by, kind=RosterImport.Kind.HISTORIES)
    with transaction.atomic():
        preview(made)
    return made


def imported(content: bytes, unit: Unit, *, by: Any = None) -> Outcome:
    """A workbook previewed and committed."""
    made = previewed(content, unit, by=by)
    with transaction.atomic():
        return commit(made.pk, by=by)


def rows(made: RosterImport) -> list[dict[str, Any]]:
    """The JSON rows of a preview."""
    return list(as_json(made)["rows"])


def sentences(row: dict[str, Any]) -> str:
    """All messages of a JSON row in one text."""
    return " ".join(one["message"] for one in row["problems"])
