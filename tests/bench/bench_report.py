"""Annual report of 100 000 cadres: figures and workbook against the bare aggregates and the same cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xlsxwriter
from django.db import connection, transaction

from accounts.models import Unit
from core.calendar import today
from reports import services
from reports.annual import figures
from reports.annual.roster import roster_rows
from reports.annual.workbook import ROSTER_COLUMNS
from reports.structure.figures import counts_sql
from reports.structure.population import Population
from tests.bench.registry import Bench, Measure, Verdict, at_most
from tests.bench.roster_data import build

PEOPLE = 100_000


def _prepare() -> None:
    build(PEOPLE)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _scope() -> figures.Scope:
    root = Unit.objects.get(parent=None)
    return figures.Scope(root, today().year, figures.as_of(today().year), None)


def _ours() -> dict[str, Any]:
    scope = _scope()
    with transaction.atomic():
        path = services.write_workbook(scope, figures.compute(scope))
    size = path.stat().st_size
    path.unlink()
    return {"bytes": size}


def _bare() -> dict[str, Any]:
    """The same aggregates, and the roster's cells written by the bare writer."""
    scope = _scope()
    with transaction.atomic(), connection.cursor() as cursor:
        population = Population(scope.unit, scope.as_of)
        cursor.execute(counts_sql(population, figures.DIMENSIONS), population.parameters)
        cursor.fetchall()
        book = xlsxwriter.Workbook("/dev/null", {"constant_memory": True})
        sheet = book.add_worksheet()
        for column, (_, title, _) in enumerate(ROSTER_COLUMNS):
            sheet.write_string(0, column, title)
        for at, row in enumerate(roster_rows(scope), start=1):
            for column, value in enumerate(row):
                sheet.write_string(at, column, value)
        book.close()
    return {}


def _judge(found: Mapping[str, Measure]) -> list[Verdict]:
    ratio = found["ours"].cpu / found["bare"].cpu
    peak = found["ours"].peak_mb
    return [
        at_most("年度报告 10 万人：CPU ≤ 2 × 裸聚合与同样的单元格", ratio, 2.0, f"{ratio:.2f} ×"),
        at_most("年度报告 10 万人：内存 ≤ 200 MB", peak, 200, f"{peak:.0f} MB"),
    ]


BENCHES = [
    Bench(
        name="report",
        title="年度报告",
        prepare=_prepare,
        sides={"ours": _ours, "bare": _bare},
        judge=_judge,
    )
]
