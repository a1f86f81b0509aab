"""Structure of the whole tree, forecast of the whole tree: the pages' figures against the bare aggregates."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from django.db import connection

from accounts.models import Unit
from cadres.services.codes import load_codes
from cadres.services.rules import load_rules
from core.calendar import add_months, today
from reports.forecast import figures as forecast
from reports.forecast.outlook import Outlook
from reports.structure import figures as structure
from reports.structure.population import Population
from tests.bench.registry import Bench, Measure, Verdict, at_most
from tests.bench.roster_data import build

PEOPLE = int(os.environ.get("BENCH_LIST_PEOPLE", "1000000"))

# What somebody would write who wanted each number by itself, every table read once for it.
_IN_FORCE = '(h.start IS NULL OR h.start <= %(day)s) AND (h."end" IS NULL OR h."end" > %(day)s)'
_PEOPLE = f"""FROM cadres_personnelrelation h JOIN cadres_cadre c ON c.id = h.cadre_id
    JOIN accounts_unit u ON u.id = h.unit_id WHERE h.unit_path LIKE %(path)s AND {_IN_FORCE}"""
_OF_PEOPLE = """JOIN cadres_personnelrelation r ON r.cadre_id = h.cadre_id AND r.unit_path LIKE %(path)s
    AND (r.start IS NULL OR r.start <= %(day)s) AND (r."end" IS NULL OR r."end" > %(day)s)"""
BARE = (
    f"SELECT c.gender, count(*) {_PEOPLE} GROUP BY 1",
    f"SELECT width_bucket(c.birth, %(births)s::date[]), count(*), avg(%(day)s - c.birth) {_PEOPLE} GROUP BY 1",
    f"SELECT c.ethnicity_id, count(*) {_PEOPLE} GROUP BY 1",
    f"SELECT u.is_rural, u.stage, count(*) {_PEOPLE} GROUP BY GROUPING SETS ((1), (2))",
    f"""SELECT level, count(*) FROM (SELECT h.cadre_id, max(k.level) AS level FROM cadres_education h
        {_OF_PEOPLE} JOIN cadres_code k ON k.id = h.level_id GROUP BY 1) s GROUP BY 1""",
    f"""SELECT level, count(*) FROM (SELECT h.cadre_id, max(k.level) AS level FROM cadres_professionaltitle h
        {_OF_PEOPLE} JOIN cadres_code k ON k.id = h.title_id WHERE {_IN_FORCE} GROUP BY 1) s GROUP BY 1""",
    f"""SELECT code, count(*) FROM (SELECT h.cadre_id, min(k.code) AS code FROM cadres_politicalstatus h
        {_OF_PEOPLE} JOIN cadres_code k ON k.id = h.status_id WHERE {_IN_FORCE} GROUP BY 1) s GROUP BY 1""",
    f"""SELECT category, years, count(*) FROM (SELECT h.cadre_id, min(o.category) AS category,
        max(extract(year FROM age(%(day)s, h.start))) AS years FROM cadres_appointment h
        {_OF_PEOPLE} LEFT JOIN cadres_post o ON o.id = h.post_id WHERE h.kind <> 'seconded' AND {_IN_FORCE}
        GROUP BY 1) s GROUP BY GROUPING SETS ((1), (2))""",
    # Places and holders, leaders of every unit, the teams' measures.
    f"""SELECT o.category, u.stage, count(*), sum(o.headcount), sum(n) FROM cadres_post o
        JOIN accounts_unit u ON u.id = o.unit_id LEFT JOIN (SELECT h.post_id, count(DISTINCT h.cadre_id) AS n
        FROM cadres_appointment h WHERE h.kind <> 'seconded' AND {_IN_FORCE} GROUP BY 1) a ON a.post_id = o.id
        WHERE o.unit_path LIKE %(path)s GROUP BY 1, 2""",
    f"""SELECT h.unit_id, count(DISTINCT h.cadre_id) FROM cadres_appointment h
        JOIN cadres_post o ON o.id = h.post_id AND o.category IN ('head', 'deputy')
        WHERE h.kind <> 'seconded' AND {_IN_FORCE} GROUP BY 1""",
    f"""SELECT h.unit_id, count(*), count(*) FILTER (WHERE c.gender = '2'), avg(%(day)s - c.birth), avg(e.level)
        FROM cadres_appointment h JOIN cadres_post o ON o.id = h.post_id AND o.category IN ('head', 'deputy')
        JOIN cadres_cadre c ON c.id = h.cadre_id
        LEFT JOIN (SELECT h.cadre_id, max(k.level) AS level FROM cadres_education h
                   JOIN cadres_code k ON k.id = h.level_id GROUP BY 1) e ON e.cadre_id = c.id
        WHERE h.kind <> 'seconded' AND {_IN_FORCE} GROUP BY 1""",
)
BARE_FORECAST = (
    f"""SELECT o.category, u.stage, extract(year FROM c.birth), c.gender, count(DISTINCT h.cadre_id)
        FROM cadres_appointment h JOIN cadres_post o ON o.id = h.post_id JOIN cadres_cadre c ON c.id = h.cadre_id
        JOIN accounts_unit u ON u.id = h.unit_id
        WHERE o.unit_path LIKE %(path)s AND h.kind <> 'seconded' AND {_IN_FORCE} GROUP BY 1, 2, 3, 4""",
    f"""SELECT o.category, extract(year FROM h.term_end), count(*) FROM cadres_appointment h
        JOIN cadres_post o ON o.id = h.post_id WHERE o.unit_path LIKE %(path)s AND {_IN_FORCE} GROUP BY 1, 2""",
    BARE[8],
)


def _prepare() -> None:
    load_codes()
    load_rules()
    build(PEOPLE)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _root() -> Unit:
    return Unit.objects.get(parent=None)


def _structure() -> dict[str, Any]:
    found = structure.compute(Population(_root(), today()))
    return {"total": found["total"]}


def _forecast() -> dict[str, Any]:
    outlook = Outlook(_root(), today().year)
    return {"needed": forecast.compute(outlook, with_reserve=True)["total"]["needed"]}


def _run(statements: tuple[str, ...]) -> dict[str, Any]:
    day = today()
    births = [add_months(day, -12 * (age + 1)) for age in (55, 50, 45, 40, 35)]
    values = {"day": day, "path": f"{_root().path}%", "births": births}
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; " + statement, values)
            cursor.fetchall()
    return {}


def _judge(found: Mapping[str, Measure]) -> list[Verdict]:
    lines = []
    for name, label in (("structure", "结构分析"), ("forecast", "供需预测")):
        ours, bare = found[name], found[f"{name}_bare"]
        ratio = ours.cpu / bare.cpu
        shown = f"{ratio:.2f} × ({ours.cpu:.2f} : {bare.cpu:.2f} s CPU, {ours.seconds:.1f} s)"
        lines.append(at_most(f"{label} {PEOPLE:,} 人：CPU ≤ 2 × 裸聚合", ratio, 2.0, shown))
    own = found["structure"].own_mb
    lines.append(at_most(f"结构分析 {PEOPLE:,} 人：自身内存 ≤ 20 MB", own, 20, f"{own:.0f} MB"))
    return lines


BENCHES = [
    Bench(
        name="structure",
        title=f"结构分析与供需预测，{PEOPLE:,} 人",
        prepare=_prepare,
        sides={
            "structure": _structure,
            "structure_bare": lambda: _run(BARE),
            "forecast": _forecast,
            "forecast_bare": lambda: _run(BARE_FORECAST),
        },
        judge=_judge,
    )
]
