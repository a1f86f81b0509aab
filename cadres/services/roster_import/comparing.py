# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Comparing staged rows with the roster, all at once: which fields differ, and what can't be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from cadres.services.roster_import.columns import INCOMING
from cadres.services.roster_import.matching import finding
from cadres.services.roster_import.staging import analyze
from cadres.services.roster_values import MEMBER_CODES, iso, joins

PEOPLE = "import_people"
CURRENT = "import_current"

_PEOPLE = f"""
CREATE TEMP TABLE {PEOPLE} ON COMMIT DROP AS
SELECT c.id, c.unit_id FROM cadres_cadre c
WHERE c.id IN (SELECT cadre_id FROM {INCOMING} WHERE verdict IS DISTINCT FROM 'rejected')
"""

_CURRENT = f"""
CREATE TEMP TABLE {CURRENT} ON COMMIT DROP AS
SELECT c.id, c.name, c.unit_id, u.name AS unit_name, c.gender, c.ethnicity_id, eth.code AS ethnicity,
       c.native_place, c.birth, c.birth_precision, c.work_start, c.work_start_precision, c.phone, c.note,
       c.id_index, a.post_text, a.main_id, a.main_unit_id, a.main_title, a.post_since, a.post_since_precision,
       a.probation_end, a.category,
       fe.id AS full_id, fe.level_id AS full_level_id, fe.level_text AS full_level_text,
       fe.level_height AS full_height, fe.degree_id AS full_degree_id, fe.degree_text AS full_degree_text,
       fe.school AS full_school,
       se.id AS service_id, se.level_id AS service_level_id, se.level_text AS service_level_text,
       se.level_height AS service_height, se.degree_id AS service_degree_id,
       se.degree_text AS service_degree_text, se.school AS service_school,
       po.id AS party_row_id, po.party_id, po.party_code, po.party_text, po.party_start AS party_join,
       po.party_start_precision AS party_join_precision, po.democratic_id, po.democratic_text,
       ti.title_id, ti.title_text, ra.name AS rank, le.id AS level_row_id, le.start AS level_since,
       le.start_precision AS level_since_precision,
       EXISTS (SELECT FROM cadres_personnelrelation r WHERE r.cadre_id = c.id AND r."end" IS NULL) AS in_service
{joins(PEOPLE)}
"""

# The party a row means: what it says, else membership where there is a date of joining and no party yet.
PARTY = (
    f"CASE WHEN i.party_id IS NOT NULL THEN i.party_id "
    f"WHEN i.party_join IS NOT NULL AND coalesce(k.party_code, '') NOT IN ({MEMBER_CODES}) THEN %(member)s END"
)
_IS_MEMBER = f"coalesce((SELECT code FROM cadres_code WHERE id = {PARTY}), k.party_code) IN ({MEMBER_CODES})"


@dataclass(frozen=True)
class _Compared:
    """A field: when it differs (SQL over i, the row, and k, the roster), and both values as shown."""

    name: str
    differs: str
    old: str
    new: str


def _plain(words: str) -> str:
    """SQL: a text without what reading a cell takes off it: blanks, line breaks, width, a leading apostrophe."""
    return (
        f"regexp_replace(ltrim(normalize({words}, NFKC), E'\\'‘’`'), "
        r"'[\s\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]+', '', 'g')"
    )


def _other_words(new: str, old: str) -> str:
    """SQL: two texts say something else; how they are spaced or spelt in width is no news.

    What was typed in a form keeps its spacing, an exported file read again doesn't.
    """
    return f"{new} IS DISTINCT FROM {old} AND {_plain(new)} IS DISTINCT FROM {_plain(old)}"


def _text(name: str, column: str, old: str = "") -> _Compared:
    kept = old or f"k.{column}"
    return _Compared(
        name, f"i.{column} IS NOT NULL AND {_other_words(f'i.{column}', kept)}", kept, f"i.{column}"
    )


def _digits(words: str) -> str:
    """SQL: a telephone number without hyphens and the country's code, as reading a cell leaves it."""
    return f"regexp_replace({_plain(words)}, '^(\\+|00)?86-?(?=1[3-9])|-', '', 'g')"


def _coded(name: str, column: str) -> _Compared:
    """Neither the same words nor another word for the same code say anything new.

    Codes may share a short name (研究生): the words are what a file can tell.
    """
    differs = (
        f"i.{column}_text IS NOT NULL AND {_other_words(f'i.{column}_text', f'k.{column}_text')} "
        f"AND (i.{column}_id <> k.{column}_id) IS NOT FALSE"
    )
    return _Compared(name, differs, f"nullif(k.{column}_text, '')", f"i.{column}_text")


def differs(column: str) -> str:
    """SQL: the row's date differs; a coarser date that agrees with the roster's says nothing new."""
    new, old, known, kept = (f"i.{column}", f"k.{column}", f"i.{column}_precision", f"k.{column}_precision")
    return (
        f"{new} IS NOT NULL AND CASE WHEN {old} IS NULL THEN true "
        f"WHEN {known} = {kept} THEN {new} <> {old} "
        f"WHEN {known} = 'year' THEN to_char({new}, 'YYYY') <> to_char({old}, 'YYYY') "
        f"WHEN {known} = 'month' AND {kept} = 'day' THEN to_char({new}, 'YYYYMM') <> to_char({old}, 'YYYYMM') "
        "ELSE true END"
    )


def _day(name: str, column: str, condition: str = "") -> _Compared:
    wanted = f"({differs(column)})" + (f" AND {condition}" if condition else "")
    old = f"CASE WHEN k.{column} IS NOT NULL THEN {iso(f'k.{column}', f'k.{column}_precision')} END"
    return _Compared(name, wanted, old, iso(f"i.{column}", f"i.{column}_precision"))


_POST = "array_to_string(i.posts, '、')"


def _titles(words: str) -> str:
    """SQL: several titles in one text with one kind of separator, as reading a cell splits them."""
    return f"btrim(regexp_replace({_plain(words)}, '[、,/;]*兼(?!职)任?[、,/;]*|[、,/;]+', '、', 'g'), '、')"


# A title may have been entered as documented („书记兼校长“): a file that says the same changes nothing.
_OTHER_POST = (
    f"{_POST} IS DISTINCT FROM k.post_text AND {_titles(_POST)} IS DISTINCT FROM {_titles('k.post_text')}"
)
_SINCE = "coalesce(i.post_since, k.post_since)"
_COMPARED = (
    _text("name", "name"),
    _Compared(
        "unit", "i.unit_id IS NOT NULL AND i.unit_id <> k.unit_id", "k.unit_name",
        "(SELECT name FROM accounts_unit WHERE id = i.unit_id)",
    ),
    _Compared(
        "gender", "i.gender IS NOT NULL AND i.gender <> k.gender",
        "CASE k.gender WHEN '1' THEN '男' WHEN '2' THEN '女' END", "CASE i.gender WHEN '1' THEN '男' ELSE '女' END",
    ),
    _day("birth", "birth"),
    # The numbers themselves stay encrypted: a star on each side, opened where they are shown.
    _Compared(
        "id", "i.id_index IS NOT NULL AND i.id_index IS DISTINCT FROM k.id_index",
        "CASE WHEN k.id_index IS NOT NULL THEN '*' END", "'*'::text",
    ),
    _Compared(
        "ethnicity", "i.ethnicity_id IS NOT NULL AND i.ethnicity_id IS DISTINCT FROM k.ethnicity_id",
        "k.ethnicity", "(SELECT code FROM cadres_code WHERE id = i.ethnicity_id)",
    ),
    _text("native_place", "native_place", "nullif(k.native_place, '')"),
    _day("work", "work_start"),
    _Compared(
        "party", f"({PARTY}) IS DISTINCT FROM k.party_id AND ({PARTY}) IS NOT NULL", "k.party_text",
        f"coalesce(i.party_text, (SELECT short FROM cadres_code WHERE id = {PARTY}))",
    ),
    _day("party_join", "party_join", _IS_MEMBER),
    _Compared(
        "democratic_party", "i.democratic_id IS NOT NULL AND i.democratic_id IS DISTINCT FROM k.democratic_id",
        "k.democratic_text", "i.democratic_text",
    ),
    _coded("full_time_education", "full_level"),
    _coded("full_time_degree", "full_degree"),
    _text("full_time_school", "full_school", "nullif(k.full_school, '')"),
    _coded("in_service_education", "service_level"),
    _coded("in_service_degree", "service_degree"),
    _text("in_service_school", "service_school", "nullif(k.service_school, '')"),
    _Compared("post", f"i.posts IS NOT NULL AND {_OTHER_POST}", "k.post_text", _POST),
    _day("post_since", "post_since", "(k.main_id IS NOT NULL OR i.posts IS NOT NULL)"),
    _Compared(
        "probation", f"i.probation_months IS NOT NULL AND k.probation_end IS NULL AND {_SINCE} IS NOT NULL",
        "NULL::boolean", "true",
    ),
    _Compared(
        "post_category",
        "i.category IS NOT NULL AND k.category IS NULL AND (k.main_id IS NOT NULL OR i.posts IS NOT NULL)",
        "NULL::text", "CASE i.category WHEN 'head' THEN '正职' WHEN 'deputy' THEN '副职' ELSE '中层' END",
    ),
    _day("level_since", "level_since"),
    _coded("title", "title"),
    _text("rank", "rank", "nullif(k.rank, '')"),
    _Compared(
        "phone", f"i.phone <> k.phone AND {_digits('i.phone')} IS DISTINCT FROM {_digits('k.phone')}",
        "nullif(k.phone, '')", "i.phone",
    ),
    _text("note", "note", "nullif(k.note, '')"),
)  # fmt: skip


def _changes() -> str:
    """SQL of the object {field: [old, new]} of the fields that differ; NULL when none does."""
    pairs = ", ".join(
        f"'{one.name}', CASE WHEN {one.differs} THEN jsonb_build_array({one.old}, {one.new}) END"
        for one in _COMPARED
    )
    # jsonb_strip_nulls drops the fields without a difference and keeps the nulls inside the pairs.
    return f"nullif(jsonb_strip_nulls(jsonb_build_object({pairs})), '{{}}'::jsonb)"


_COMPARE = f"""
UPDATE {INCOMING} i
SET changes = d.changes,
    verdict = coalesce(i.verdict, CASE WHEN d.changes IS NULL THEN 'unchanged' ELSE 'changed' END)
FROM (SELECT i.ordinal, {_changes()} AS changes FROM {INCOMING} i JOIN {CURRENT} k ON k.id = i.cadre_id
      WHERE i.verdict IS DISTINCT FROM 'rejected') d
WHERE d.ordinal = i.ordinal
"""

# The main appointment stays, perhaps corrected: same title at the same unit, or the same first day; one at
# another unit when the file names both as the roster does (its post comes first in `post_text`).
KEEPS_MAIN = (
    "(k.main_id IS NOT NULL AND ((k.main_title = i.posts[1] "
    "AND k.main_unit_id IS NOT DISTINCT FROM coalesce(i.unit_id, k.unit_id)) OR i.post_since = k.post_since "
    "OR k.main_unit_id IS DISTINCT FROM k.unit_id AND left(k.post_text, length(i.posts[1]) + 1) "
    "IN (i.posts[1], i.posts[1] || '、')))"
)
_NEW_MAIN = f"i.posts IS NOT NULL AND (i.changes ? 'post' OR i.changes ? 'unit') AND NOT {KEEPS_MAIN}"
_STARTS = f"CASE WHEN {_NEW_MAIN} THEN coalesce(i.post_since, %(today)s) ELSE i.post_since END"

# What the database would refuse, said in words before anything is written.
_REFUSED = (
    (
        "NOT k.in_service", "name",
        "'名册中这位干部的人事关系已经结束，请先在干部页面恢复人事关系，再导入。'",
    ),
    (
        f"{_NEW_MAIN} AND coalesce(i.post_since, %(today)s) < k.post_since", "post_since",
        "'任现职时间早于名册中原职务“' || k.main_title || '”的任职时间（' || to_char(k.post_since, 'YYYY.MM') || '），请核对。'",
    ),
    (
        f"(i.changes ? 'post' OR i.changes ? 'post_since' OR i.changes ? 'unit') AND {_STARTS} IS NOT NULL "
        "AND EXISTS (SELECT FROM cadres_appointment o WHERE o.cadre_id = k.id AND o.is_main "
        f"AND o.id IS DISTINCT FROM k.main_id AND o.\"end\" > {_STARTS})", "post_since",
        "'任现职时间与名册中以前的主职务重叠，请核对。'",
    ),
    (
        "coalesce(i.work_start, k.work_start) <= coalesce(CASE WHEN i.changes ? 'birth' THEN i.birth END, k.birth)",
        "work", "'参加工作时间早于出生年月（与名册中的记录相比），请核对。'",
    ),
)  # fmt: skip
_REFUSE = f"""
UPDATE {INCOMING} i
SET verdict = 'rejected', findings = coalesce(i.findings, '[]'::jsonb) || r.findings
FROM (SELECT i.ordinal, {
    " || ".join(
        f"CASE WHEN {condition} THEN {finding(column, sentence, 'error')} ELSE '[]'::jsonb END"
        for condition, column, sentence in _REFUSED
    )
} AS findings
      FROM {INCOMING} i JOIN {CURRENT} k ON k.id = i.cadre_id
      WHERE i.verdict = 'changed' OR (i.verdict = 'unchanged' AND NOT k.in_service)) r
WHERE r.ordinal = i.ordinal AND r.findings <> '[]'::jsonb
"""

_REMARKED = (
    (
        "i.changes ? 'name'", "name", "'身份证号相同，姓名与名册（' || k.name || '）不同，将按文件改名，请核对。'",
    ),
    (
        "i.changes ? 'unit' AND i.posts IS NULL", "unit",
        "'单位变了，但没有写现任职务：只改人事关系，原任职不动。'",
    ),
    (
        f"{_NEW_MAIN} AND i.post_since IS NULL", "post_since",
        "'没有写任现职时间，新职务从导入当天算起。'",
    ),
    (
        "i.category IS NOT NULL AND k.category IS NOT NULL AND i.category <> k.category "
        "AND (i.changes ? 'post') IS NOT TRUE", "category",
        "'与该岗位登记的类别不同；岗位类别请在单位的岗位中修改，这里不改。'",
    ),
)  # fmt: skip
_REMARK = f"""
UPDATE {INCOMING} i SET findings = coalesce(i.findings, '[]'::jsonb) || r.findings
FROM (SELECT i.ordinal, {
    " || ".join(
        f"CASE WHEN {condition} THEN {finding(column, sentence, 'warning')} ELSE '[]'::jsonb END"
        for condition, column, sentence in _REMARKED
    )
} AS findings
      FROM {INCOMING} i JOIN {CURRENT} k ON k.id = i.cadre_id
      WHERE i.verdict IN ('changed', 'unchanged') AND (i.changes IS NOT NULL OR i.category IS NOT NULL)) r
WHERE r.ordinal = i.ordinal AND r.findings <> '[]'::jsonb
"""


def compare(parameters: dict[str, Any]) -> None:
    """Give every incoming row its verdict and its changes.

    `parameters`: `columns` as a JSON text, `member` (id of the code 中共党员), `today`.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {PEOPLE}, {CURRENT}")
        cursor.execute(_PEOPLE)
        cursor.execute(f"ALTER TABLE {PEOPLE} ADD PRIMARY KEY (id)")
        analyze(PEOPLE, "id")
        cursor.execute(_CURRENT)
        cursor.execute(f"ALTER TABLE {CURRENT} ADD PRIMARY KEY (id)")
        analyze(CURRENT, "id")
        for statement in (_COMPARE, _REFUSE, _REMARK):
            cursor.execute(statement, parameters)
