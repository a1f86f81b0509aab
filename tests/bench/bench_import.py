"""Roster import, 100 000 rows: read, preview and commit against calamine + COPY + one merge per table."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from accounts.models import Unit
from cadres.models import RosterImport
from cadres.services.roster_import.committing import commit
from cadres.sheets.previewing import preview
from core.files import store
from core.sheets.reading import open_workbook
from tests.bench.registry import Bench, Measure, Verdict, at_least, at_most
from tests.bench.roster_files import COLUMNS, make_roster, make_units

ROWS, FEW = 100_000, 10_000
_TABLES = (
    "cadres_rosterimportrow", "cadres_rosterimport", "cadres_rank", "cadres_politicalstatus",
    "cadres_professionaltitle", "cadres_education", "cadres_appointment", "cadres_post",
    "cadres_personnelrelation", "cadres_annualassessment", "cadres_cadre",
)  # fmt: skip


def _prepare() -> None:
    make_units()
    make_roster(ROWS)
    make_roster(FEW)


def _reset() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(_TABLES)} RESTART IDENTITY CASCADE")
        cursor.execute("CHECKPOINT")


def _import(rows: int) -> dict[str, Any]:
    with CaptureQueriesContext(connection) as queries:
        stored = store(make_roster(rows), name="roster.xlsx", kind="sheet", by=None)
        roster_import = RosterImport.objects.create(unit=Unit.objects.get(pk=1), file=stored)
        with transaction.atomic():
            preview(roster_import)
        with transaction.atomic():
            outcome = commit(roster_import.pk, by=None)
    assert outcome.summary["new"] == rows, outcome
    return {"statements": len(queries)}


def _again() -> dict[str, Any]:
    """The same file against the roster it made: everything unchanged."""
    stored = store(make_roster(FEW), name="roster.xlsx", kind="sheet", by=None)
    roster_import = RosterImport.objects.create(unit=Unit.objects.get(pk=1), file=stored)
    with transaction.atomic():
        preview(roster_import)
    return dict(roster_import.summary)


class _Lines(io.RawIOBase):
    """Rows as COPY text."""

    def __init__(self, rows: Iterator[list[Any]]) -> None:
        self._rows = rows
        self._left = b""

    def readable(self) -> bool:
        """COPY reads it."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        pieces = [self._left]
        length = len(self._left)
        while length < size:
            row = next(self._rows, None)
            if row is None:
                break
            line = ("\t".join(map(str, row)) + "\n").encode()
            pieces.append(line)
            length += len(line)
        data = b"".join(pieces)
        self._left = data[size:]
        return data[:size]


_STAMPS = "now(), now()"
_MERGES = (
    f"""INSERT INTO cadres_cadre (id, unit_id, unit_path, name, name_key, initials, grams, gender, birth,
        birth_precision, id_number, id_index, ethnicity_id, native_place, work_start, work_start_precision, phone,
        note, created_at, updated_at)
    SELECT i.c0::int, u.id, u.path, i.c2, i.c2, left(i.c2, 1),
        ARRAY[substr(i.c2, 1, 1), substr(i.c2, 2, 1), substr(i.c2, 1, 2)],
        CASE i.c3 WHEN '男' THEN '1' ELSE '2' END, to_date(i.c6, 'YYYY.MM'), 'month', i.c7,
        encode(sha256(i.c7::bytea), 'hex'), e.id, i.c5,
        to_date(i.c8, 'YYYY.MM'), 'month', i.c22, i.c23, {_STAMPS}
    FROM limit_rows i JOIN accounts_unit u ON u.name = i.c1
    LEFT JOIN cadres_code e ON e.list = 'ethnicity' AND e.name = i.c4""",
    f"""INSERT INTO cadres_personnelrelation (cadre_id, unit_id, unit_path, start_precision, end_precision, leaving,
        created_at, updated_at)
    SELECT i.c0::int, u.id, u.path, 'day', 'day', '', {_STAMPS} FROM limit_rows i JOIN accounts_unit u ON u.name = i.c1""",
    """INSERT INTO cadres_post (unit_id, unit_path, title, category, updated_at)
    SELECT DISTINCT u.id, u.path, t.title, 'middle', now() FROM limit_rows i JOIN accounts_unit u ON u.name = i.c1
    CROSS JOIN LATERAL unnest(string_to_array(i.c17, '、')) t (title)""",
    f"""INSERT INTO cadres_appointment (cadre_id, unit_id, unit_text, title, post_id, kind, is_main, start,
        start_precision, end_precision, document_number, removal_reason, "order", created_at, updated_at)
    SELECT i.c0::int, u.id, '', t.title, p.id, CASE t.nth WHEN 1 THEN 'regular' ELSE 'concurrent' END, t.nth = 1,
        to_date(i.c18, 'YYYY.MM'), 'month', 'day', '', '', t.nth - 1, {_STAMPS}
    FROM limit_rows i JOIN accounts_unit u ON u.name = i.c1
    CROSS JOIN LATERAL unnest(string_to_array(i.c17, '、')) WITH ORDINALITY t (title, nth)
    JOIN cadres_post p ON p.unit_id = u.id AND p.title = t.title""",
    f"""INSERT INTO cadres_education (cadre_id, mode, level_id, level_text, degree_id, degree_text, school, major,
        start_precision, end_precision, "order", created_at, updated_at)
    SELECT i.c0::int, m.mode, l.id, m.level, d.id, m.degree, m.school, '', 'day', 'day', 0, {_STAMPS}
    FROM limit_rows i
    CROSS JOIN LATERAL (VALUES ('full_time', i.c11, i.c12, i.c13), ('in_service', i.c14, i.c15, i.c16)) m (mode, level, degree, school)
    LEFT JOIN cadres_code l ON l.list = 'education' AND l.short = m.level
    LEFT JOIN cadres_code d ON d.list = 'degree' AND d.short = m.degree AND m.degree <> ''""",
    f"""INSERT INTO cadres_professionaltitle (cadre_id, title_id, title_text, start_precision, end_precision,
        created_at, updated_at)
    SELECT i.c0::int, t.id, i.c20, 'day', 'day', {_STAMPS}
    FROM limit_rows i LEFT JOIN cadres_code t ON t.list = 'title' AND t.name = i.c20""",
    f"""INSERT INTO cadres_politicalstatus (cadre_id, status_id, start, start_precision, end_precision, created_at,
        updated_at)
    SELECT i.c0::int, s.id, CASE WHEN i.c10 <> '' THEN to_date(i.c10, 'YYYY.MM') END, 'month', 'day', {_STAMPS}
    FROM limit_rows i JOIN cadres_code s ON s.list = 'political' AND s.short = i.c9""",
    f"""INSERT INTO cadres_rank (cadre_id, kind, name, start, start_precision, end_precision, created_at, updated_at)
    SELECT i.c0::int, 'level', '', to_date(i.c24, 'YYYY.MM'), 'month', 'day', {_STAMPS} FROM limit_rows i""",
)


def _limit() -> None:
    """The bare limit: nothing is checked, nothing compared, nothing kept for a preview."""
    rows = CalamineWorkbook.from_path(str(make_roster(ROWS))).get_sheet_by_index(0).iter_rows()
    next(rows)
    numbered = ([int(row[0]), *row[1:]] for row in rows)
    with transaction.atomic(), connection.cursor() as cursor:
        columns = ", ".join(f"c{at} text" for at in range(len(COLUMNS)))
        cursor.execute(f"CREATE TEMP TABLE limit_rows ({columns}) ON COMMIT DROP")
        cursor.copy_expert("COPY limit_rows FROM STDIN", _Lines(numbered))
        cursor.execute("ANALYZE limit_rows")
        for statement in _MERGES:
            cursor.execute(statement)


def _judge(found: Mapping[str, Measure]) -> list[Verdict]:
    ours, limit, few, stock = found["ours"], found["limit"], found["ours-10k"], found["stock-10k"]
    ratio, gain = ours.cpu / limit.cpu, stock.cpu / few.cpu
    counts = (few.facts["statements"], ours.facts["statements"])
    return [
        at_most(
            "import 100 000: CPU ≤ 2 × calamine + COPY + one merge per table", ratio, 2,
            f"{ratio:.2f} × ({ours.cpu:.1f} s : {limit.cpu:.1f} s)",
        ),
        at_most("import 100 000: memory ≤ 450 MB", ours.peak_mb, 450, f"{ours.peak_mb:.0f} MB"),
        at_least(
            "import 10 000: ≥ 15 × less CPU than stock ModelResource", gain, 15,
            f"{gain:.0f} × ({few.cpu:.1f} s : {stock.cpu:.1f} s)",
        ),
        Verdict("import: number of statements independent of rows", f"{counts[0]} = {counts[1]}", counts[0] == counts[1]),
    ]  # fmt: skip


def _stock() -> dict[str, Any]:
    from tests.bench.stock import import_stock

    return import_stock(make_roster(FEW))


# --- reading alone ---------------------------------------------------------------------------------------


def _read_ours() -> None:
    with open_workbook(make_roster(ROWS)) as workbook:
        for sheet in workbook.sheets():
            for _ in sheet:
                pass


def _read_bare() -> None:
    for _ in CalamineWorkbook.from_path(str(make_roster(ROWS))).get_sheet_by_index(0).iter_rows():
        pass


def _judge_reading(found: Mapping[str, Measure]) -> list[Verdict]:
    ours, bare = found["ours"].cpu, found["bare"].cpu
    goal = "read .xlsx 100 000 × 25: CPU ≤ 1.4 × bare calamine"
    return [at_most(goal, ours / bare, 1.4, f"{ours / bare:.2f} × ({ours:.2f} s : {bare:.2f} s)")]


BENCHES = [
    Bench("read", "reading a workbook", {"ours": _read_ours, "bare": _read_bare}, _judge_reading, _prepare),
    Bench(
        "import",
        "roster import",
        {
            "ours": lambda: _import(ROWS),
            "limit": _limit,
            "ours-10k": lambda: _import(FEW),
            "stock-10k": _stock,
        },
        _judge,
        _prepare,
        _reset,
        frozenset({"stock-10k"}),
    ),
]
