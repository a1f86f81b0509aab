# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Head-count against those in post: how many places each kind of post has, who holds them, what is free or over."""

from __future__ import annotations

from typing import Any

from accounts.models import Unit
from cadres.models import Post
from reports.structure.asking import ask
from reports.structure.population import LEADERS, UNIT_NAME, Population, in_force

VACANT, OVER, ALL = "vacant", "over", "all"
STATES = {ALL: "全部岗位", VACANT: "有空缺", OVER: "有超配"}
_WHERE_STATE = {ALL: "true", VACANT: "vacant > 0", OVER: "over > 0"}
BALANCES = {"over": "leaders > headcount", "under": "leaders < headcount", "full": "leaders = headcount"}
BALANCE_WORDS = {"over": "超职数", "under": "未配满", "full": "正好配满"}


def posts_sql() -> str:
    """Return the expression `seats`: a row per open post with its places, holders, vacancy and excess.

    The rule of a unit's team page: a post without a head-count has one place when nobody holds it; somebody
    on secondment (挂任) holds none.
    """
    return f"""WITH seats AS (
        SELECT o.id, o.title, o.category, u.stage, u.id AS unit_id, u.path, o.headcount,
               coalesce(h.holders, 0) AS holders, h.names,
               greatest(coalesce(o.headcount, 1) - coalesce(h.holders, 0), 0) AS vacant,
               greatest(coalesce(h.holders, 0) - coalesce(o.headcount, h.holders, 0), 0) AS over
        FROM accounts_unit u JOIN cadres_post o ON o.unit_id = u.id
        LEFT JOIN (
            SELECT h.post_id, count(DISTINCT h.cadre_id) AS holders, {{names}} AS names
            FROM accounts_unit u JOIN cadres_post o ON o.unit_id = u.id
            JOIN cadres_appointment h ON h.post_id = o.id {{named}}
            WHERE u.path LIKE %(path)s AND h.kind <> 'seconded' AND {in_force("h")}
            GROUP BY h.post_id
        ) h ON h.post_id = o.id
        WHERE u.path LIKE %(path)s AND (o.closed_on IS NULL OR o.closed_on > %(day)s)
          AND (o.opened_on IS NULL OR o.opened_on <= %(day)s)
          AND (u.valid_from IS NULL OR u.valid_from <= %(day)s) AND (u.valid_to IS NULL OR u.valid_to > %(day)s)
    )"""


_COUNTED = posts_sql().format(names="NULL", named="")
_NAMED = posts_sql().format(
    names="string_agg(DISTINCT c.name, '、')", named="JOIN cadres_cadre c ON c.id = h.cadre_id"
)


def seats(population: Population) -> dict[str, Any]:
    """Return places, holders, vacancies and excess by post category, and by category and stage."""
    sql = f"""{_COUNTED}
        SELECT category, stage, grouping(stage), count(*), sum(headcount), sum(holders), sum(vacant), sum(over)
        FROM seats GROUP BY GROUPING SETS ((category), (category, stage))"""
    rows = ask(sql, population.parameters)
    order, labels = list(Post.Category.values), dict(Post.Category.choices)
    stages = {**dict(Unit.Stage.choices), "": "非学校"}
    found = [
        {
            "category": category, "label": labels[category], "stage": None if whole else stage,
            "stage_label": "" if whole else stages[stage], "posts": posts, "places": int(places or 0),
            "held": int(held), "vacant": int(vacant), "over": int(over),
        }
        for category, stage, whole, posts, places, held, vacant, over in rows
    ]  # fmt: skip
    keys = list(stages)
    found.sort(key=lambda row: (order.index(row["category"]), keys.index(row["stage"] or "")))
    return {
        "by_category": [row for row in found if row["stage"] is None],
        "by_stage": [row for row in found if row["stage"] is not None],
    }


def listed_posts(
    population: Population,
    *,
    state: str,
    category: str = "",
    stage: str | None = None,
    limit: int,
    offset: int,
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return a page of the posts behind a number, in tree order, with the sums over all of them."""
    conditions = [_WHERE_STATE[state]]
    asked: dict[str, Any] = {"limit": limit, "offset": offset}
    if category:
        conditions.append("category = %(category)s")
        asked["category"] = category
    if stage is not None:
        conditions.append("stage = %(stage)s")
        asked["stage"] = stage
    sql = f"""{_NAMED}
        SELECT s.unit_id, {UNIT_NAME}, s.title, s.category, s.headcount, s.holders, s.names, s.vacant, s.over,
               s.found, s.held, s.free, s.more
        FROM (SELECT *, count(*) OVER () AS found, sum(holders) OVER () AS held, sum(vacant) OVER () AS free,
                     sum(over) OVER () AS more
              FROM seats WHERE {" AND ".join(conditions)}
              ORDER BY path, category = 'head' DESC, category = 'deputy' DESC, title, id
              LIMIT %(limit)s OFFSET %(offset)s) s JOIN accounts_unit u ON u.id = s.unit_id
        ORDER BY s.path, s.category = 'head' DESC, s.category = 'deputy' DESC, s.title, s.id"""
    rows = ask(sql, population.parameters | asked)
    names = ("unit_id", "unit", "title", "category", "places", "held", "names", "vacant", "over")
    sums = (
        dict(zip(("posts", "held", "vacant", "over"), (int(n) for n in rows[0][9:]), strict=True))
        if rows
        else {}
    )
    return [dict(zip(names, row[:9], strict=True)) for row in rows], sums


def balance_sql(population: Population) -> str:
    """Return the expression `units`: units with a head-count for leaders and how many they have."""
    whole = Population(population.unit, population.day, LEADERS)
    return f"""{whole.banded_sql((), per_unit=True)}, units AS (
        SELECT u.id, u.name, u.path, u.headcount, coalesce(t.leaders, 0) AS leaders
        FROM accounts_unit u
        LEFT JOIN (SELECT unit_id, count(*) AS leaders FROM banded GROUP BY unit_id) t ON t.unit_id = u.id
        WHERE u.path LIKE %(path)s AND u.headcount IS NOT NULL
          AND (u.valid_from IS NULL OR u.valid_from <= %(day)s) AND (u.valid_to IS NULL OR u.valid_to > %(day)s)
    )"""


def balance(population: Population) -> dict[str, int]:
    """Return how leaders stand against the units' head-count: places, leaders, units over, under and full."""
    sql = f"""{balance_sql(population)}
        SELECT count(*), coalesce(sum(headcount), 0), coalesce(sum(leaders), 0),
               count(*) FILTER (WHERE leaders > headcount), count(*) FILTER (WHERE leaders < headcount),
               count(*) FILTER (WHERE leaders = headcount),
               coalesce(sum(leaders - headcount) FILTER (WHERE leaders > headcount), 0),
               coalesce(sum(headcount - leaders) FILTER (WHERE leaders < headcount), 0)
        FROM units"""
    names = ("units", "places", "leaders", "over", "under", "full", "people_over", "people_under")
    (row,) = ask(sql, population.parameters)
    return dict(zip(names, (int(number) for number in row), strict=True))


def listed_units(
    population: Population, state: str, *, limit: int, offset: int
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of the units over, under or at their head-count, in tree order, and how many there are."""
    sql = f"""{balance_sql(population)}
        SELECT id, {UNIT_NAME}, headcount, leaders, count(*) OVER () FROM units u WHERE {BALANCES[state]}
        ORDER BY path LIMIT %(limit)s OFFSET %(offset)s"""
    rows = ask(sql, population.parameters | {"limit": limit, "offset": offset})
    names = ("id", "name", "headcount", "leaders")
    return [dict(zip(names, row[:4], strict=True)) for row in rows], rows[0][4] if rows else 0
