"""The roster list on a million people: database time against the bare indexed query, flat from ten thousand on.

BENCH_LIST_PEOPLE makes the large roster smaller, for a quick look.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from django.db import connection
from django.template.loader import render_to_string
from django.test import RequestFactory

from accounts.models import Unit, User
from cadres.listing import Criteria, list_page
from cadres.models import Cadre
from cadres.paging import _write
from cadres.services.codes import load_codes
from cadres.summaries import summaries, with_summary
from cadres.views.lists import CadreList
from core.calendar import today
from tests.bench.registry import Bench, Measure, Verdict, at_least, at_most
from tests.bench.roster_data import build

LARGE = int(os.environ.get("BENCH_LIST_PEOPLE", "1000000"))
SMALL = 10_000
REPEATS = 15
SCOPES = {"100 %": 1, "10 %": 5, "1 %": 133}  # unit keys of tests/bench/roster_data.py
CASES: dict[str, dict[str, Any]] = {
    "default": {},
    "pinyin prefix": {"search": "zhang"},
    "initials": {"search": "zw"},
    "two filters": {"gender": "1", "category": "deputy"},
}
# What nobody could beat: the same rows by the same index, nothing else asked.
_ROWS = (
    "SELECT c.name_key, c.id FROM cadres_cadre c WHERE {where} AND EXISTS (SELECT FROM cadres_personnelrelation r"
    ' WHERE r.cadre_id = c.id AND r."end" IS NULL) ORDER BY {order} LIMIT 51'
)
_POST = (
    "EXISTS (SELECT FROM cadres_appointment a JOIN cadres_post p ON p.id = a.post_id WHERE a.cadre_id = c.id"
    " AND a.is_main AND a.\"end\" IS NULL AND p.category = 'deputy')"
)
BARE = {
    "default": ("true", "name_key, id"),
    "pinyin prefix": ("name_key >= 'zhang' AND name_key < 'zhang~'", "name_key, id"),
    "initials": ("initials LIKE 'zw%%'", "initials, name_key, id"),
    "two filters": (f"gender = '1' AND {_POST}", "name_key, id"),
}
LIKE = _ROWS.format(where="name LIKE %s", order="name_key, id")


def _prepare() -> None:
    """The large roster in the database, the small one beside it in a schema of its own."""
    load_codes()
    build(LARGE)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA small")
        for table in ("accounts_unit", "cadres_code", "cadres_post", "cadres_cadre", "cadres_personnelrelation",
                      "cadres_appointment", "cadres_education", "cadres_politicalstatus"):  # fmt: skip
            cursor.execute(f"CREATE TABLE small.{table} (LIKE public.{table} INCLUDING ALL)")
        cursor.execute("INSERT INTO small.cadres_code SELECT * FROM public.cadres_code")
    with _roster("small"):
        build(SMALL)


@contextmanager
def _roster(schema: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {schema}, public")
        yield
        cursor.execute("SET search_path TO public")


def _user(unit: int) -> User:
    """Somebody who holds HR's role at a unit, without asking the database for it."""
    user = User(pk=1, username="bench", name="bench")
    user.__dict__["_held_grants"] = (today(), [("hr", Unit.objects.get(pk=unit).path)])
    return user


def _database_ms(work: Callable[[], Any]) -> float:
    """The best time the database took for all statements of a piece of work: machines are shared."""
    spent: list[float] = []

    def clock(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent[-1] += time.perf_counter() - begun

    with connection.execute_wrapper(clock):
        for _ in range(REPEATS):
            spent.append(0.0)
            work()
    return min(spent) * 1000


def _bare_ms(where: str, order: str, unit: int, params: tuple[Any, ...] = ()) -> float:
    scope = {
        1: "true",
        5: "split_part(unit_path, '/', 3) = '5'",
        133: "split_part(unit_path, '/', 4) = '133'",
    }
    sql = _ROWS.format(where=f"({where}) AND {scope[unit]}", order=order)

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            cursor.fetchall()

    return _database_ms(work)


def _figures() -> dict[str, float]:
    """Milliseconds of the database by scope and case; the bare query under `bare …`."""
    found = {}
    for scope, unit in SCOPES.items():
        user = _user(unit)
        for case, asked in CASES.items():
            found[f"{scope} {case}"] = _database_ms(lambda u=user, a=asked: list_page(u, Criteria(**a)))
            found[f"{scope} {case} full"] = float(bool(list_page(user, Criteria(**asked)).next))
            found[f"bare {scope} {case}"] = _bare_ms(*BARE[case], unit)
    return found


def _deep() -> float:
    """Database time of a page in the middle of the whole tree."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT name_key, id FROM cadres_cadre ORDER BY name_key, id OFFSET {LARGE // 2} LIMIT 1"
        )
        cursor_text = _write("n", (0, tuple(cursor.fetchone())))
    user = _user(1)
    return _database_ms(lambda: list_page(user, Criteria(), cursor=cursor_text))


def _searches() -> dict[str, float]:
    """Search inside names against LIKE, over the whole tree."""
    user, found = _user(1), {}
    for case, text in (("rare", "廉耻"), ("missing", "鑫淼"), ("surname", "张"), ("common", "明")):

        def like(text: str = text) -> None:
            with connection.cursor() as cursor:
                cursor.execute(LIKE, [f"%{text}%"])
                cursor.fetchall()

        found[f"search {case}"] = _database_ms(lambda t=text: list_page(user, Criteria(search=t)))
        found[f"like {case}"] = _database_ms(like)
    return found


def _cpu_ms(work: Callable[[], Any], times: int = 40) -> float:
    work()
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) * 1000 / times


def _rendering() -> dict[str, float]:
    """CPU of Python for fifty rows: bare values, JSON as the API gives it, the page's rows as HTML."""
    user = _user(1)
    ids = list_page(user, Criteria()).ids
    request = RequestFactory().get("/cadres/")
    request.user = user
    view = CadreList()
    view.setup(request)
    names = ("id", "name", "gender", "birth", "phone", "unit__name", "posts_json", "educations_json",
             "politics_json", "title_now", "ranks_json", "left_as")  # fmt: skip

    def bare() -> None:
        orjson.dumps(list(with_summary(Cadre.objects.filter(pk__in=ids), today()).values(*names)))

    def page() -> None:
        render_to_string("cadres/_rows.html", {"rows": view.get_context_data()["rows"]})

    return {
        "bare": _cpu_ms(bare),
        "json": _cpu_ms(lambda: orjson.dumps(summaries(ids, user=user))),
        "page": _cpu_ms(page),
    }


def _run() -> Mapping[str, Any]:
    large = {**_figures(), "deep": _deep(), **_searches(), **_rendering()}
    with _roster("small"):
        small = _figures()
    return {"large": large, "small": small}


def _judge(found: Mapping[str, Measure]) -> list[Verdict]:
    large, small = found["list"].facts["large"], found["list"].facts["small"]
    lines = []
    for scope in SCOPES:
        for case in CASES:
            key = f"{scope} {case}"
            ratio, growth = large[key] / large[f"bare {key}"], large[key] / small[key]
            shown = f"{large[key]:.2f} ms, {ratio:.1f} ×"
            lines.append(at_most(f"list {key}: ≤ 3 × bare", ratio, 3, shown))
            if small[f"{key} full"]:  # fewer rows than a page are no comparison
                lines.append(at_most(f"list {key}: ≤ 2 × that of 10 000", growth, 2, f"{growth:.1f} ×"))
    first = large["100 % default"]
    lines.append(at_most("deep page: ≤ 3 × page one", large["deep"] / first, 3))
    for case in ("rare", "missing"):
        lines.append(
            at_least(
                f"search {case}: ≥ 20 × faster than LIKE", large[f"like {case}"] / large[f"search {case}"], 20
            )
        )
    for case in ("surname", "common"):
        lines.append(
            at_least(
                f"search {case}: not slower than LIKE (within 5 % of noise)",
                large[f"like {case}"] / large[f"search {case}"],
                0.95,
            )
        )
    lines.append(at_most("JSON of 50 rows: ≤ 3 × bare values + orjson", large["json"] / large["bare"], 3))
    lines.append(at_most("rows of the page: ≤ 10 × bare", large["page"] / large["bare"], 10))
    return lines


BENCHES = [
    Bench(
        name="list", title=f"roster list, {LARGE:,} people", prepare=_prepare, sides={"list": _run}, judge=_judge,
        once=frozenset({"list"}),
    )
]  # fmt: skip
