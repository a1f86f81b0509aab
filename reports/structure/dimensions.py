# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""The dimensions of the structure: what each is called, its bands, and how SQL puts a person into one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import Unit
from cadres.codes import DEMOCRATIC_PARTIES, PARTY_MEMBERS
from core.calendar import add_months

AGES = (35, 40, 45, 50, 55)
TENURES = (3, 6, 10)


@dataclass(frozen=True)
class Dimension:
    """One way to divide people: every band with its words in order, "" for those without an entry.

    `expression` is SQL over `p` (people) and the history it needs, see HISTORIES.
    """

    name: str
    title: str
    bands: dict[str, str]
    expression: str
    history: str = ""
    # The bands' colours in charts, where a band has a meaning of its own on every page.
    meanings: tuple[str, ...] = ()


# Each reads the rows of the people at hand alone: a school's analysis costs what a school is.
HISTORIES = {
    "schooling": """
        SELECT h.cadre_id, max(k.level) AS level
        FROM cadres_education h JOIN people p ON p.id = h.cadre_id JOIN cadres_code k ON k.id = h.level_id
        WHERE h."end" IS NULL OR h."end" <= %(day)s
        GROUP BY h.cadre_id""",
    "titles": """
        SELECT h.cadre_id, max(k.level) AS level
        FROM cadres_professionaltitle h JOIN people p ON p.id = h.cadre_id
        JOIN cadres_code k ON k.id = h.title_id
        WHERE {in_force} GROUP BY h.cadre_id""",
    "posts": """
        SELECT h.cadre_id,
               min(CASE o.category WHEN 'head' THEN 1 WHEN 'deputy' THEN 2 WHEN 'middle' THEN 3 END) AS category,
               max(h.start) FILTER (WHERE h.is_main) AS since
        FROM cadres_appointment h JOIN people p ON p.id = h.cadre_id
        LEFT JOIN cadres_post o ON o.id = h.post_id
        WHERE h.kind <> 'seconded' AND {in_force} GROUP BY h.cadre_id""",
    "politics": f"""
        SELECT h.cadre_id,
               min(CASE WHEN k.code IN {PARTY_MEMBERS} THEN 1 WHEN k.code IN {DEMOCRATIC_PARTIES} THEN 2
                        WHEN k.code = '03' THEN 3 ELSE 4 END) AS party
        FROM cadres_politicalstatus h JOIN people p ON p.id = h.cadre_id
        JOIN cadres_code k ON k.id = h.status_id
        WHERE {{in_force}} GROUP BY h.cadre_id""",
}

_ALL = (
    Dimension(
        "age", "年龄结构",
        {"u35": "35岁及以下", "36": "36–40岁", "41": "41–45岁", "46": "46–50岁", "51": "51–55岁",
         "56": "56岁及以上", "": "未填"},
        "CASE WHEN p.birth IS NULL THEN '' WHEN p.birth > %(born_35)s THEN 'u35' WHEN p.birth > %(born_40)s THEN '36'"
        " WHEN p.birth > %(born_45)s THEN '41' WHEN p.birth > %(born_50)s THEN '46'"
        " WHEN p.birth > %(born_55)s THEN '51' ELSE '56' END",
    ),
    Dimension(
        "gender", "性别结构", {"1": "男", "2": "女", "": "未填"}, "p.gender",
        meanings=("male", "female", "compare"),
    ),
    Dimension(
        "ethnicity", "民族结构", {"han": "汉族", "minority": "少数民族", "": "未填"},
        "CASE WHEN e.code IS NULL THEN '' WHEN e.code = '01' THEN 'han' ELSE 'minority' END",
    ),
    # By the comparable level of GB/T 4658: an unfinished course counts as the one below.
    Dimension(
        "education", "最高学历",
        {"graduate": "研究生", "bachelor": "大学本科", "college": "大学专科", "secondary": "中专及以下",
         "": "未填"},
        "CASE WHEN schooling.level >= 55 THEN 'graduate' WHEN schooling.level >= 50 THEN 'bachelor'"
        " WHEN schooling.level >= 38 THEN 'college' WHEN schooling.level IS NULL THEN '' ELSE 'secondary' END",
        "schooling",
    ),
    Dimension(
        "title", "职称结构",
        {"senior": "正高级", "associate": "副高级", "middle": "中级", "junior": "助理级及以下",
         "": "未填或无职称"},
        "CASE WHEN titles.level >= 50 THEN 'senior' WHEN titles.level >= 40 THEN 'associate'"
        " WHEN titles.level >= 30 THEN 'middle' WHEN titles.level IS NULL THEN '' ELSE 'junior' END",
        "titles",
    ),
    Dimension(
        "party", "政治面貌",
        {"party": "中共党员", "democratic": "民主党派", "league": "共青团员", "none": "无党派、群众等",
         "": "未填"},
        "CASE politics.party WHEN 1 THEN 'party' WHEN 2 THEN 'democratic' WHEN 3 THEN 'league' WHEN 4 THEN 'none'"
        " ELSE '' END",
        "politics",
    ),
    Dimension(
        "category", "岗位类别", {"head": "正职", "deputy": "副职", "middle": "中层", "": "其他"},
        "CASE posts.category WHEN 1 THEN 'head' WHEN 2 THEN 'deputy' WHEN 3 THEN 'middle' ELSE '' END",
        "posts",
    ),
    Dimension(
        "tenure", "任现职年限",
        {"0": "不满3年", "3": "3–5年", "6": "6–9年", "10": "10年及以上", "": "未填"},
        "CASE WHEN posts.since IS NULL THEN '' WHEN posts.since > %(since_3)s THEN '0'"
        " WHEN posts.since > %(since_6)s THEN '3' WHEN posts.since > %(since_10)s THEN '6' ELSE '10' END",
        "posts",
    ),
    Dimension(
        "area", "城乡分布", {"rural": "农村学校", "urban": "其他单位"},
        "CASE WHEN p.is_rural THEN 'rural' ELSE 'urban' END", meanings=("rural", "town"),
    ),
    Dimension("stage", "学段分布", {**dict(Unit.Stage.choices), "": "非学校"}, "p.stage"),
)  # fmt: skip
DIMENSIONS: dict[str, Dimension] = {each.name: each for each in _ALL}


def age_bounds(day: date) -> dict[str, Any]:
    """Return the parameters of the bands that depend on the day.

    Somebody is over a years old if born on or before the day a + 1 years ago; a post is held for n years if
    it began on or before the day n years ago.
    """
    bounds = {f"born_{age}": add_months(day, -12 * (age + 1)) for age in AGES}
    return bounds | {f"since_{years}": add_months(day, -12 * years) for years in TENURES}
