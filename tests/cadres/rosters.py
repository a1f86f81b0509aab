"""Made-up roster files for tests, and short ways to preview, commit and read them back."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from openpyxl import Workbook, load_workbook
from stdnum.cn import ric

from accounts.models import Unit
from cadres.models import Code, RosterImport
from cadres.services.codes import CODE_FILES, load_codes
from cadres.services.roster_import.committing import Outcome, commit
from cadres.services.roster_import.reporting import as_json
from cadres.sheets.previewing import preview
from core.files import store

DATA = Path(__file__).resolve().parents[1] / "data"
SAMPLE = DATA / "synthetic_messy_roster.xlsx"
ZHANG = "310107197605031315"


def number(birth: str, serial: int = 1, region: str = "522325") -> str:
    """A valid identity number of a birth date such as "19800102"."""
    body = f"{region}{birth}{serial:03}"
    return body + ric.calc_check_digit(body + "0")


def workbook(*rows: list[Any], sheet: str = "名册", **more_sheets: list[list[Any]]) -> bytes:
    """A workbook with these rows on its first sheet."""
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    for name, content in more_sheets.items():
        page = book.create_sheet(name)
        for row in content:
            page.append(row)
    for cell in (cell for page in book for row in page for cell in row if cell.data_type == "f"):
        cell.data_type = "s"  # typed as text, however it begins
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def people(*rows: dict[str, Any], defaults: dict[str, Any] | None = None) -> bytes:
    """A workbook with a row for each person; the keys are the headings."""
    filled = [{**(defaults or {}), **row} for row in rows]
    headings = list(dict.fromkeys(key for row in filled for key in row))
    return workbook(headings, *([row.get(key) for key in headings] for row in filled))


def previewed(content: bytes | Path, unit: Unit, *, name: str = "名册.xlsx", by: Any = None) -> RosterImport:
    """The preview of a file."""
    file = store(content, name=name, kind="sheet", by=by)
    roster_import = RosterImport.objects.create(unit=unit, file=file, uploaded_by=by)
    with transaction.atomic():
        preview(roster_import)
    return roster_import


def imported(content: bytes | Path, unit: Unit, **options: Any) -> Outcome:
    """A file previewed and committed by the system."""
    roster_import = previewed(content, unit, **options)
    with transaction.atomic():
        return commit(roster_import.pk, by=None)


def rows_by_name(roster_import: RosterImport) -> dict[str, dict[str, Any]]:
    """The JSON rows of a preview by the person's name."""
    return {row["values"].get("name"): row for row in as_json(roster_import)["rows"]}


def sentences(row: dict[str, Any], severity: str = "") -> str:
    """All messages of a JSON row in one text."""
    return " ".join(one["message"] for one in row["problems"] if severity in ("", one["severity"]))


def expected() -> dict[str, Any]:
    """What the sample's author expects of an importer."""
    return json.loads((DATA / "synthetic_messy_roster.expected.json").read_text(encoding="utf-8"))


def cells(content: bytes) -> list[list[Any]]:
    """The cells of a workbook's first sheet."""
    return [list(row) for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)]


def excel_date(year: int, month: int, day: int = 1) -> dt.datetime:
    """A real Excel date."""
    return dt.datetime(year, month, day)


@pytest.fixture(scope="session")
def few_codes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code tables without the thousands of regions, which a roster doesn't need."""
    folder = tmp_path_factory.mktemp("codes")
    for path in CODE_FILES.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        (folder / path.name).write_text(
            text.splitlines()[0] + "\n" if path.stem == "region" else text, encoding="utf-8"
        )
    return folder


_COPY = 'COPY cadres_code (list, code, name, short, aliases, level, "order", is_active)'
_loaded: dict[Path, str] = {}


@pytest.fixture
def codes(db: None, few_codes: Path) -> None:
    """The code tables a roster needs: loaded by the service once, then copied as it left them."""
    with connection.cursor() as cursor:
        if few_codes in _loaded and not Code.objects.exists():
            cursor.copy_expert(f"{_COPY} FROM STDIN", io.StringIO(_loaded[few_codes]))
            return
        is_empty = not Code.objects.exists()
        load_codes(directory=few_codes)
        if is_empty:
            kept = io.StringIO()
            cursor.copy_expert(f"{_COPY} TO STDOUT", kept)
            _loaded[few_codes] = kept.getvalue()


@pytest.fixture
def roster(tree: Any, codes: None, settings: Any, tmp_path: Path) -> Any:
    """The named tree with code tables and a storage of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tree
