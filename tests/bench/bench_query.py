"""The query builder on a large roster: three typical queries against the SQL that somebody would write by hand.

Measured is the database's time for a page of fifty people and for counting all that are found.
BENCH_LIST_PEOPLE makes the roster smaller, for a quick look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from cadres.models import Code
from cadres.paging import Phase, walk
from cadres.services.codes import load_codes
from core.calendar import add_months, today
from reports.queries.sql import people
from reports.queries.tree import Query, parse
from tests.bench.bench_list import LARGE, _database_ms, _user
from tests.bench.registry import Bench, Measure, Verdict, at_most
from tests.bench.roster_data import build

ROOT_UNIT = 1
QUERIES: dict[str, dict[str, Any]] = {
    "young with a degree": {
        "items": [
            {"fact": "age", "op": "at_most", "value": 45},
            {"fact": "education_level", "op": "at_least", "value": "21"},
        ]
    },
    "nested": {
        "items": [
            {"fact": "gender", "op": "one_of", "value": ["2"]},
            {"fact": "years_in_post", "op": "at_least", "value": 5},
            {
                "join": "or",
                "items": [
                    {"fact": "party_member", "op": "is", "value": True},
                    {"fact": "education_level", "op": "at_least", "value": "14"},
                ],
            },
            {"fact": "seconded_now", "op": "is", "value": True, "not": True},
        ]
    },
    "rare": {
        "items": [
            {"history": "education", "where": [{"field": "level", "op": "at_least", "value": "14"}]},
            {
                "history": "appointment",
                "when": "in_force",
                "where": [
                    {"field": "title", "op": "is", "value": "校长"},
                    {"field": "start", "op": "since", "value": "2025-01"},
                ],
            },
        ]
    },
}
_OPEN = (
    "EXISTS (SELECT FROM cadres_personnelrelation r WHERE r.cadre_id = c.id"
    ' AND (r.start IS NULL OR r.start <= %(day)s) AND (r."end" IS NULL OR r."end" > %(day)s))'
)
_EDUCATED = (
    "EXISTS (SELECT FROM cadres_education e WHERE e.cadre_id = c.id AND e.level_id = ANY(%({levels})s))"
)
_IN_POST = (
    "EXISTS (SELECT FROM cadres_appointment a WHERE a.cadre_id = c.id AND a.is_main AND a.kind <> 'seconded'"
    ' AND a.start <= %(five)s AND (a."end" IS NULL OR a."end" > %(day)s))'
)
_PARTY = (
    "EXISTS (SELECT FROM cadres_politicalstatus s WHERE s.cadre_id = c.id AND s.status_id = ANY(%(party)s)"
    ' AND s.start <= %(day)s AND (s."end" IS NULL OR s."end" > %(day)s))'
)
_AWAY = (
    "EXISTS (SELECT FROM cadres_appointment a WHERE a.cadre_id = c.id AND a.kind = 'seconded'"
    ' AND a.start <= %(day)s AND (a."end" IS NULL OR a."end" > %(day)s))'
)
_NEW_HEAD = (
    "EXISTS (SELECT FROM cadres_appointment a WHERE a.cadre_id = c.id AND a.title = '校长'"
    ' AND a.start >= \'2025-01-01\' AND a.start <= %(day)s AND (a."end" IS NULL OR a."end" > %(day)s))'
)
BARE = {
    "young with a degree": f"c.birth > %(born)s AND {_EDUCATED.format(levels='bachelor')}",
    "nested": (
        f"c.gender = '2' AND {_IN_POST} AND ({_PARTY} OR {_EDUCATED.format(levels='master')}) AND NOT {_AWAY}"
    ),
    "rare": f"{_EDUCATED.format(levels='master')} AND {_NEW_HEAD}",
}


def _prepare() -> None:
    load_codes()
    build(LARGE)


def _parameters() -> dict[str, Any]:
    """What the hand-written statements take; the codes are looked up before, as somebody would."""

    def ids(code_list: str, **found: Any) -> list[int]:
        return list(Code.objects.filter(list=code_list, **found).values_list("pk", flat=True))

    return {
        "day": today(), "born": add_months(today(), -12 * 46), "five": add_months(today(), -60),
        "bachelor": ids("education", level__gte=50), "master": ids("education", level__gte=60),
        "party": ids("political", code__in=["01", "02"]),
    }  # fmt: skip


def _ask(sql: str, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _run() -> Mapping[str, Any]:
    user, parameters, found = _user(ROOT_UNIT), _parameters(), {}
    for name, where in QUERIES.items():
        group, codes = parse(where)
        query = Query(group, codes=codes)
        where_sql = f"FROM cadres_cadre c WHERE c.unit_path LIKE '/1/%%' AND {_OPEN} AND {BARE[name]}"
        page_sql = f"SELECT c.name_key, c.id {where_sql} ORDER BY c.name_key, c.id LIMIT 51"
        count_sql = f"SELECT count(*) {where_sql}"
        number = people(query, user=user).count()
        if number != _ask(count_sql, parameters)[0][0]:
            raise AssertionError(f"{name}: the builder finds {number} people, the hand-written SQL others")
        found[name] = {
            "number": number,
            "page": _database_ms(
                lambda q=query: walk([Phase(people(q, user=user), ("name_key", "id"))], "", 50)
            ),
            "bare page": _database_ms(lambda s=page_sql: _ask(s, parameters)),
            "all": _database_ms(lambda q=query: people(q, user=user).count()),
            "bare all": _database_ms(lambda s=count_sql: _ask(s, parameters)),
        }
    return found


def _judge(found: Mapping[str, Measure]) -> list[Verdict]:
    lines = []
    for name, figures in found["query"].facts.items():
        for what in ("page", "all"):
            ratio = figures[what] / figures[f"bare {what}"]
            shown = f"{figures[what]:.1f} : {figures[f'bare {what}']:.1f} ms, {ratio:.2f} × ({figures['number']:,} people)"
            lines.append(at_most(f"query {name}, {what}: ≤ 3 × bare", ratio, 3, shown))
    return lines


BENCHES = [
    Bench(
        name="query", title=f"query builder, {LARGE:,} people", prepare=_prepare, sides={"query": _run},
        judge=_judge, once=frozenset({"query"}),
    )
]  # fmt: skip
