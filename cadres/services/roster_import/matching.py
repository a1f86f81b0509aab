# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Finding the person behind each staged row, for all rows at once; what is unclear is asked, never guessed."""

from __future__ import annotations

from typing import Any

from django.db import connection

from cadres.services.roster_import.columns import INCOMING
from cadres.services.roster_import.staging import analyze
from cadres.services.roster_values import dotted

MATCHED = "import_matched"
MOST_CANDIDATES = 20

# Answers: {"unit:名称": unit id, {"id": id of a unit to be made, …} or null, "row:表!12": cadre id, "new" or null}; null leaves the rows out.
_APPLY_UNITS = f"""
UPDATE {INCOMING} i SET unit_id = CASE jsonb_typeof(a.value) WHEN 'object' THEN (a.value ->> 'id')::bigint
                                       ELSE (a.value #>> '{{}}')::bigint END
FROM jsonb_each(%(answers)s) a
WHERE i.unit_id IS NULL AND a.key = 'unit:' || coalesce(i.unit_text, '')
  AND jsonb_typeof(a.value) IN ('number', 'object')
"""

# A row without a number, or whose number nobody has, is looked for by name, month of birth and unit.
# `sure`: all three agree and no second number speaks against it (a form need not name a unit of the roster). `near`: worth asking about. `vague`: neither
# side knows the month, and what both say is the same; that is enough when nobody else comes into question.
_MATCH = f"""
CREATE TEMP TABLE {MATCHED} ON COMMIT DROP AS
WITH answered AS (
    SELECT substr(key, 5) AS place, value FROM jsonb_each(%(answers)s) WHERE key LIKE 'row:%%'
), by_number AS (
    SELECT i.ordinal, c.id AS cadre_id, c.unit_path LIKE %(path)s AS inside
    FROM {INCOMING} i JOIN cadres_cadre c ON c.id_index = i.id_index WHERE NOT i.is_faulty
), found AS (
    SELECT i.ordinal, c.id,
           c.unit_id = i.unit_id OR i.names_no_unit AS same_unit,
           i.id_index IS NOT NULL AND c.id_index IS NOT NULL AS other_number,
           CASE WHEN c.birth IS NULL OR c.birth_precision = 'year' OR i.month IS NULL THEN NULL
                ELSE to_char(c.birth, 'YYYYMM') = i.month END AS same_birth,
           i.month IS NULL AND c.birth IS NOT DISTINCT FROM i.birth
               AND (c.birth IS NULL OR c.birth_precision = 'year') AS same_year
    FROM (SELECT i.ordinal, i.name, i.unit_id, i.id_index, i.birth,
                 i.form IS NOT NULL AND i.unit_id IS NULL AS names_no_unit,
                 to_char(CASE WHEN i.birth_precision <> 'year' THEN i.birth ELSE i.id_birth END, 'YYYYMM') AS month
          FROM {INCOMING} i
          WHERE NOT i.is_faulty AND NOT EXISTS (SELECT FROM by_number n WHERE n.ordinal = i.ordinal)) i
    JOIN cadres_cadre c ON c.name = i.name AND c.unit_path LIKE %(path)s
), judged AS (
    SELECT ordinal, id,
           same_unit AND same_birth AND NOT other_number AS sure,
           same_unit AND same_year AND NOT other_number AS vague,
           (same_birth AND (same_unit OR NOT other_number))
               OR (same_birth IS NULL AND same_unit AND NOT other_number) AS near
    FROM found
), counted AS (
    SELECT ordinal,
           CASE WHEN count(*) FILTER (WHERE near) = 1 AND bool_or(vague) THEN 1
                ELSE count(*) FILTER (WHERE sure) END AS sure_ones,
           coalesce(max(id) FILTER (WHERE sure), max(id) FILTER (WHERE vague)) AS sure_id,
           (array_agg(id ORDER BY sure DESC NULLS LAST, id) FILTER (WHERE near))[1:{MOST_CANDIDATES}] AS near_ids
    FROM judged GROUP BY ordinal
)
SELECT i.ordinal,
       n.inside,
       coalesce(n.cadre_id, CASE WHEN w.value IS NOT NULL AND jsonb_typeof(w.value) = 'number'
                                 THEN (w.value #>> '{{}}')::bigint
                                 WHEN w.value IS NULL AND k.sure_ones = 1 THEN k.sure_id END) AS cadre_id,
       CASE WHEN n.cadre_id IS NULL AND coalesce(k.sure_ones, 0) <> 1 THEN k.near_ids END AS candidates,
       w.value IS NOT NULL AND jsonb_typeof(w.value) = 'null' AS left_out,
       w.value IS NOT NULL AS answered
FROM {INCOMING} i
LEFT JOIN by_number n ON n.ordinal = i.ordinal
LEFT JOIN counted k ON k.ordinal = i.ordinal
LEFT JOIN answered w ON w.place = i.sheet || '!' || i.row
WHERE NOT i.is_faulty AND (n.cadre_id IS NOT NULL OR k.ordinal IS NOT NULL OR w.value IS NOT NULL)
"""

_VERDICTS = f"""
UPDATE {INCOMING} i
SET cadre_id = m.cadre_id, candidates = m.candidates,
    verdict = CASE WHEN m.inside IS FALSE OR m.left_out THEN 'rejected'
                   WHEN m.candidates IS NOT NULL AND NOT m.answered THEN 'ask' END,
    findings = CASE WHEN m.inside IS FALSE THEN {{outside}}
                    WHEN m.left_out THEN {{left_out}}
                    WHEN m.candidates IS NOT NULL AND NOT m.answered THEN {{ambiguous}} END
FROM {MATCHED} m WHERE m.ordinal = i.ordinal
"""

_UNITS = f"""
UPDATE {INCOMING} i
SET verdict = CASE WHEN a.value IS NULL THEN 'ask' ELSE 'rejected' END,
    findings = coalesce(i.findings, '[]'::jsonb)
        || CASE WHEN a.value IS NOT NULL THEN {{unit_left_out}}
                WHEN i.unit_text IS NULL THEN {{no_unit}} ELSE {{unknown_unit}} END
FROM {INCOMING} j
LEFT JOIN jsonb_each(%(answers)s) a
    ON a.key = 'unit:' || coalesce(j.unit_text, '') AND jsonb_typeof(a.value) = 'null'
WHERE j.ordinal = i.ordinal AND i.unit_id IS NULL AND NOT i.is_faulty AND i.verdict IS DISTINCT FROM 'rejected'
  AND (i.unit_text IS NOT NULL AND i.form IS NULL OR i.cadre_id IS NULL)
"""

_FAULTY = f"UPDATE {INCOMING} SET verdict = 'rejected' WHERE is_faulty"

# The second of two rows for one person is rejected; which one is first goes by the order of the file.
_TWICE = f"""
UPDATE {INCOMING} i SET verdict = 'rejected', findings = coalesce(i.findings, '[]'::jsonb) || {{twice}}
FROM (
    SELECT ordinal, first_value(sheet) OVER w AS sheet, first_value("row") OVER w AS "row",
           row_number() OVER w AS nth
    FROM (SELECT ordinal, sheet, "row", coalesce('p' || cadre_id, id_index) AS person FROM {INCOMING}
          WHERE verdict IS DISTINCT FROM 'rejected') p
    WHERE person IS NOT NULL WINDOW w AS (PARTITION BY person ORDER BY ordinal)
    UNION ALL
    SELECT s.ordinal, f.sheet, f."row", 2
    FROM (SELECT *, first_value(ordinal) OVER w AS first, count(*) OVER w2 AS many, count(id_index) OVER w2 AS numbers
          FROM {INCOMING} WHERE cadre_id IS NULL AND verdict IS NULL AND birth IS NOT NULL
          WINDOW w AS (PARTITION BY unit_id, name, to_char(birth, 'YYYYMM') ORDER BY ordinal),
                 w2 AS (PARTITION BY unit_id, name, to_char(birth, 'YYYYMM'))) s
    JOIN {INCOMING} f ON f.ordinal = s.first
    WHERE s.many > 1 AND s.many > s.numbers AND s.ordinal > s.first
      AND (s.id_index IS NULL OR f.id_index IS NULL)
) d
WHERE d.ordinal = i.ordinal AND d.nth > 1
"""

_UNIDENTIFIABLE = f"""
UPDATE {INCOMING} i SET verdict = 'rejected', findings = coalesce(i.findings, '[]'::jsonb) || {{unidentifiable}}
WHERE i.verdict IS NULL AND i.cadre_id IS NULL AND i.birth IS NULL AND i.id_index IS NULL
"""

_OUTSIDE = "这个身份证号登记在您管理范围以外的单位，不能由您导入；请与上级人事部门联系。"
_SENTENCES = {
    "outside": ("id", f"'{_OUTSIDE}'", "error"),
    "left_out": ("name", "'按您的答复，这一行不导入。'", "error"),
    "ambiguous": ("name", "'名册中有可能是同一个人的干部，请确认是哪一位，或是新增。'", "warning"),
    "unit_left_out": ("unit", "'按您的答复，这个单位的行不导入。'", "error"),
    "no_unit": ("unit", "'没有写单位，请确认属于哪个单位。'", "warning"),
    "unknown_unit": ("unit", "'没有找到单位“' || i.unit_text || '”，请确认是哪个单位。'", "warning"),
    "twice": ("name", "CASE WHEN i.form IS NULL THEN '与工作表“' || btrim(d.sheet) || '”第 ' || d.\"row\" || ' 行是同一个人，只导入前面那一行。' "
              "ELSE '与文件“' || btrim(d.sheet) || '”是同一个人，只导入前面那一份。' END", "error"),
    "unidentifiable": ("birth", "'新增的干部须有出生年月或身份证号。'", "error"),
}  # fmt: skip


# What the cell said, for the remark: as read, since the raw cells aren't staged. Numbers stay encrypted here.
_VALUES = {
    "name": "i.name",
    "unit": "i.unit_text",
    "birth": dotted("i.birth", "i.birth_precision"),
    "work": dotted("i.work_start", "i.work_start_precision"),
    "post_since": dotted("i.post_since", "i.post_since_precision"),
    "category": "CASE i.category WHEN 'head' THEN '正职' WHEN 'deputy' THEN '副职' WHEN 'middle' THEN '中层' END",
}


def finding(column: str, sentence: str, severity: str) -> str:
    """SQL of a list with one remark on row `i` found by comparison, in the shape of a problem."""
    value = f"coalesce({_VALUES.get(column, 'NULL')}, '')"
    heading = (
        f"coalesce(%(columns)s::jsonb -> i.sheet -> '{column}', %(columns)s::jsonb -> '*' -> '{column}', "
        "'[\"\", -1]'::jsonb)"
    )
    return (
        f"jsonb_build_array(jsonb_build_object('column', {heading} ->> 0, 'value', {value}, 'message', {sentence}, "
        f"'severity', '{severity}', 'at', ({heading} ->> 1)::int))"
    )


def _worded(statement: str) -> str:
    for name, (column, sentence, severity) in _SENTENCES.items():
        statement = statement.replace(f"{{{name}}}", finding(column, sentence, severity))
    return statement


def match(parameters: dict[str, Any]) -> None:
    """Fill person, candidates and the verdicts that need no comparison into the incoming rows.

    `parameters`: `path` (LIKE pattern of the scope), `answers` and `columns` as JSON texts.
    """
    find_people(parameters)
    judge_units(parameters)
    rule_out(parameters)


def find_people(parameters: dict[str, Any]) -> None:
    """The person behind every row, or those it may be."""
    with connection.cursor() as cursor:
        cursor.execute(_APPLY_UNITS, parameters)
        cursor.execute(f"DROP TABLE IF EXISTS {MATCHED}")
        cursor.execute(_MATCH, parameters)
        analyze(MATCHED, "ordinal", "cadre_id")
        cursor.execute(_worded(_VERDICTS), parameters)


def judge_units(parameters: dict[str, Any]) -> None:
    """What becomes of rows whose unit isn't known, and of faulty ones."""
    with connection.cursor() as cursor:
        cursor.execute(_worded(_UNITS), parameters)
        cursor.execute(_FAULTY)


def rule_out(parameters: dict[str, Any]) -> None:
    """New people must be identifiable, and nobody stands in the file twice."""
    with connection.cursor() as cursor:
        for statement in (_UNIDENTIFIABLE, _TWICE):
            cursor.execute(_worded(statement), parameters)
