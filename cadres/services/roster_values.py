# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""What the roster says of people, in the shape of a roster sheet: one statement for export and comparison.

The latest known state is meant: appointments without an end, the first education of each mode, the newest
open title, rank and level. An export writes these values and an import compares with them, so a file that
was exported comes back unchanged.
"""

from __future__ import annotations

import re

from cadres.codes import DEMOCRATIC_PARTIES, PARTY_MEMBERS

_MEMBERS = ", ".join(f"'{code}'" for code in PARTY_MEMBERS)
_DEMOCRATIC = ", ".join(f"'{code}'" for code in DEMOCRATIC_PARTIES)

_POSTS = """
SELECT a.cadre_id,
       string_agg(CASE WHEN a.unit_id = p.unit_id THEN a.title
                       ELSE coalesce(x.name, a.unit_text) || a.title END,
                  '、' ORDER BY a.is_main DESC, a."order", a.id) AS post_text,
       max(a.id) FILTER (WHERE a.is_main) AS main_id,
       max(a.unit_id) FILTER (WHERE a.is_main) AS main_unit_id,
       max(a.title) FILTER (WHERE a.is_main) AS main_title,
       max(a.start) FILTER (WHERE a.is_main) AS post_since,
       max(a.start_precision) FILTER (WHERE a.is_main) AS post_since_precision,
       max(a.probation_end) FILTER (WHERE a.is_main) AS probation_end,
       max(o.category) FILTER (WHERE a.is_main) AS category
FROM cadres_appointment a
JOIN {owners} p ON p.id = a.cadre_id
LEFT JOIN accounts_unit x ON x.id = a.unit_id AND a.unit_id <> p.unit_id
LEFT JOIN cadres_post o ON o.id = a.post_id AND a.is_main
WHERE a."end" IS NULL AND a.kind <> 'seconded'
GROUP BY a.cadre_id
"""

_EDUCATION = """
SELECT DISTINCT ON (e.cadre_id) e.cadre_id, e.id, e.level_id, e.level_text, e.degree_id, e.degree_text,
       e.school, l.level AS level_height
FROM cadres_education e {of e} LEFT JOIN cadres_code l ON l.id = e.level_id
WHERE e.mode = '{mode}'
ORDER BY e.cadre_id, e."order", l.level DESC NULLS LAST, e."end" DESC NULLS LAST, e.id
"""

_POLITICS = f"""
SELECT s.cadre_id,
       max(s.id) FILTER (WHERE NOT democratic AND nth = 1) AS id,
       max(s.status_id) FILTER (WHERE NOT democratic AND nth = 1) AS party_id,
       max(s.code) FILTER (WHERE NOT democratic AND nth = 1) AS party_code,
       max(s.short) FILTER (WHERE NOT democratic AND nth = 1) AS party_text,
       max(s.start) FILTER (WHERE NOT democratic AND nth = 1) AS party_start,
       max(s.start_precision) FILTER (WHERE NOT democratic AND nth = 1) AS party_start_precision,
       max(s.start) FILTER (WHERE s.code IN ({_MEMBERS})) AS member_start,
       max(s.start_precision) FILTER (WHERE s.code IN ({_MEMBERS})) AS member_start_precision,
       max(s.status_id) FILTER (WHERE democratic AND nth = 1) AS democratic_id,
       max(s.short) FILTER (WHERE democratic AND nth = 1) AS democratic_text
FROM (SELECT s.*, c.code, coalesce(nullif(c.short, ''), c.name) AS short, c.code IN ({_DEMOCRATIC}) AS democratic,
             row_number() OVER (PARTITION BY s.cadre_id, c.code IN ({_DEMOCRATIC}) ORDER BY c.code, s.id) AS nth
      FROM cadres_politicalstatus s {{of s}}
      JOIN cadres_code c ON c.id = s.status_id WHERE s."end" IS NULL) s
GROUP BY s.cadre_id
"""

_TITLE = """
SELECT DISTINCT ON (t.cadre_id) t.cadre_id, t.title_id, t.title_text
FROM cadres_professionaltitle t {of t}
LEFT JOIN cadres_code k ON k.id = t.title_id
WHERE t."end" IS NULL
ORDER BY t.cadre_id, k.level DESC NULLS LAST, t.start DESC NULLS LAST, t.id
"""

_RANK = """
SELECT DISTINCT ON (r.cadre_id) r.cadre_id, r.id, r.name, r.start, r.start_precision
FROM cadres_rank r {of r}
WHERE r."end" IS NULL AND r.kind = '{kind}'
ORDER BY r.cadre_id, r.start DESC NULLS LAST, r.id DESC
"""

_JOINS = f"""
FROM {{source}}
JOIN accounts_unit u ON u.id = c.unit_id
LEFT JOIN cadres_code eth ON eth.id = c.ethnicity_id
LEFT JOIN ({_POSTS}) a ON a.cadre_id = c.id
LEFT JOIN ({_EDUCATION.replace("{mode}", "full_time")}) fe ON fe.cadre_id = c.id
LEFT JOIN ({_EDUCATION.replace("{mode}", "in_service")}) se ON se.cadre_id = c.id
LEFT JOIN ({_POLITICS}) po ON po.cadre_id = c.id
LEFT JOIN ({_TITLE}) ti ON ti.cadre_id = c.id
LEFT JOIN ({_RANK.replace("{kind}", "rank")}) ra ON ra.cadre_id = c.id
LEFT JOIN ({_RANK.replace("{kind}", "level")}) le ON le.cadre_id = c.id
"""

MEMBER_CODES = _MEMBERS
_RESTRICTION = re.compile(r"\{of (\w)\}")


def joins(people: str = "", *, everybody: bool = False) -> str:
    """FROM clause over the people of a relation with `id` and `unit_id`.

    Aliases: c person, u unit, eth ethnicity, a posts, fe and se education, po politics, ti title, ra rank,
    le level. With `everybody` there is no such relation: all of the roster is read in one pass.
    """
    source = "cadres_cadre c" if everybody else "{people} p JOIN cadres_cadre c ON c.id = p.id"
    text = _RESTRICTION.sub(
        "" if everybody else r"JOIN {people} p ON p.id = \1.cadre_id", _JOINS.replace("{source}", source)
    )
    return text.replace("{owners}", "cadres_cadre" if everybody else people).replace("{people}", people)


def dotted(day: str, precision: str) -> str:
    """SQL that writes a partial date as 1976.05, as far as it is known."""
    return f"replace({iso(day, precision)}, '-', '.')"


def iso(day: str, precision: str) -> str:
    """SQL that writes a partial date as 1976-05, as far as it is known."""
    return f"left({day}::text, CASE {precision} WHEN 'month' THEN 7 WHEN 'year' THEN 4 ELSE 10 END)"
