"""Roster export, 100 000 people × 25 columns, against the bare writer and the stock way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import rustpy_xlsxwriter as rustpy
from django.db import connection, transaction

from accounts.models import Grant, Unit, User
from cadres.listing import Criteria
from cadres.services.exports import _ALL_ROWS, Export, _statement, export_rows
from cadres.sheets.exporting import COLUMNS, write_export
from core.calendar import now, today
from tests.bench import bench_import
from tests.bench.registry import Bench, Measure, Verdict, at_least, at_most
from tests.bench.roster_files import folder

ROWS, FEW = bench_import.ROWS, bench_import.FEW


def _prepare() -> None:
    """The roster that the import makes, and somebody who may export it."""
    bench_import._prepare()
    bench_import._reset()
    bench_import._import(ROWS)
    user, _ = User.objects.get_or_create(username="bench", defaults={"name": "测试"})
    Grant.objects.get_or_create(
        user=user, role="hr", unit=Unit.objects.get(pk=1), account_class="business",
        defaults={"start": today() - timedelta(days=1), "confirmed_at": now()},
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    rows = export_rows(Export(Criteria(), tuple(COLUMNS)), by=user)
    with (folder() / "cells.txt").open("w", encoding="utf-8") as lines:
        lines.writelines("\t".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)


def _ours() -> dict[str, Any]:
    export = Export(Criteria(), tuple(COLUMNS))
    return {"rows": write_export(folder() / "ours.xlsx", export, by=User.objects.get(username="bench"))}


def _bare() -> None:
    """The writer alone: the same cells from a generator, header, widths, column formats, filter, frozen row."""
    _write_lines(folder() / "cells.txt")


def _fed() -> None:
    """The writer fed by the database: the rows of the same statement by COPY, numbers left encrypted."""
    export, path = Export(Criteria(), tuple(COLUMNS)), folder() / "copied.txt"
    sql, parameters = _statement(export, User.objects.get(username="bench"))
    with transaction.atomic(), connection.cursor() as cursor, path.open("w", encoding="utf-8") as file:
        cursor.execute(_ALL_ROWS)
        asked = cursor.mogrify(sql, parameters).decode()
        cursor.copy_expert(f"COPY (SELECT * FROM ({asked}) AS found) TO STDOUT (NULL '')", file)
    _write_lines(path, skipped=1)


def _write_lines(path: Path, *, skipped: int = 0) -> None:
    titles = list(COLUMNS.values())
    with path.open(encoding="utf-8") as lines:
        rustpy.write_worksheet(
            (dict(zip(titles, line[:-1].split("\t")[skipped:], strict=True)) for line in lines),
            str(folder() / "bare.xlsx"),
            sheet_name="干部名册",
            freeze_row=1,
            autofilter=True,
            header_format=rustpy.Format().set_bold(),
            column_widths=[12.0] * len(titles),
            column_formats=[rustpy.Format().set_num_format("@")] * len(titles),
            ignore_errors=titles,
        )


def _stock() -> dict[str, Any]:
    from tests.bench.stock import export_stock

    return export_stock(folder() / "stock.xlsx", FEW)


def _judge(found: Mapping[str, Measure]) -> list[Verdict]:
    ours, bare, fed, stock = found["ours"], found["bare"], found["fed"], found["stock-10k"]
    ratio, gain = ours.cpu / bare.cpu, stock.cpu * ROWS / FEW / ours.cpu
    return [
        at_most(
            "export 100 000 × 25: CPU ≤ 1.5 × the bare writer", ratio, 1.5,
            f"{ratio:.2f} × ({ours.cpu:.2f} s : {bare.cpu:.2f} s)",
        ),
        at_most(
            "export 100 000 × 25: CPU ≤ 1.5 × the bare writer fed by COPY of the same rows", ours.cpu / fed.cpu, 1.5,
            f"{ours.cpu / fed.cpu:.2f} × ({ours.cpu:.2f} s : {fed.cpu:.2f} s)",
        ),
        at_most(
            "export 100 000 × 25: memory ≤ 120 MB beyond the idle process", ours.own_mb, 120,
            f"{ours.own_mb:.0f} MB (idle {ours.idle_mb:.0f} MB)",
        ),
        at_least(
            "export: ≥ 10 × less CPU than stock (10 000 rows, by the row)", gain, 10,
            f"{gain:.0f} × ({stock.cpu:.1f} s for 10 000)",
        ),
    ]  # fmt: skip


BENCHES = [
    Bench(
        "export",
        "roster export",
        {"ours": _ours, "bare": _bare, "fed": _fed, "stock-10k": _stock},
        _judge,
        _prepare,
        once=frozenset({"stock-10k"}),
    )
]
