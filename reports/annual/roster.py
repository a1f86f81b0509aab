"""The roster list of the annual report: one streamed statement, one row a cadre."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from reports.annual.figures import Scope

_BATCH = 2000

# Columns in the order of reports.annual.workbook.ROSTER_COLUMNS; dates as precisely as they are known.
_SQL = """
SELECT u.name,
       c.name,
       CASE c.gender WHEN '1' THEN '男' WHEN '2' THEN '女' ELSE '' END,
       {birth},
       coalesce(e.name, ''),
       coalesce(p.party, ''),
       {work},
       coalesce(s.level, ''),
       coalesce(t.title, ''),
       coalesce(a.titles, ''),
       CASE a.category WHEN 1 THEN '正职' WHEN 2 THEN '副职' WHEN 3 THEN '中层' ELSE '' END,
       coalesce(a.since, '')
FROM cadres_personnelrelation r
JOIN cadres_cadre c ON c.id = r.cadre_id
JOIN accounts_unit u ON u.id = r.unit_id
LEFT JOIN cadres_code e ON e.id = c.ethnicity_id
LEFT JOIN LATERAL (
    SELECT string_agg(coalesce(nullif(k.short, ''), k.name), '、' ORDER BY h.start NULLS LAST) AS party
    FROM cadres_politicalstatus h JOIN cadres_code k ON k.id = h.status_id
    WHERE h.cadre_id = c.id AND (h."end" IS NULL OR h."end" > %(day)s)
) p ON true
LEFT JOIN LATERAL (
    SELECT k.name AS level FROM cadres_education h JOIN cadres_code k ON k.id = h.level_id
    WHERE h.cadre_id = c.id ORDER BY k.level DESC NULLS LAST, h.id LIMIT 1
) s ON true
LEFT JOIN LATERAL (
    SELECT h.title_text AS title FROM cadres_professionaltitle h LEFT JOIN cadres_code k ON k.id = h.title_id
    WHERE h.cadre_id = c.id AND (h."end" IS NULL OR h."end" > %(day)s)
    ORDER BY k.level DESC NULLS LAST, h.id LIMIT 1
) t ON true
LEFT JOIN LATERAL (
    SELECT string_agg(h.title, '、' ORDER BY h.is_main DESC, h."order", h.id) AS titles,
           min(CASE o.category WHEN 'head' THEN 1 WHEN 'deputy' THEN 2 WHEN 'middle' THEN 3 END) AS category,
           max({since}) FILTER (WHERE h.is_main) AS since
    FROM cadres_appointment h LEFT JOIN cadres_post o ON o.id = h.post_id
    WHERE h.cadre_id = c.id AND h.kind <> 'seconded'
      AND (h.start IS NULL OR h.start <= %(day)s) AND (h."end" IS NULL OR h."end" > %(day)s)
) a ON true
WHERE (r.start IS NULL OR r.start <= %(day)s) AND (r."end" IS NULL OR r."end" > %(day)s)
  AND r.unit_path LIKE %(path)s
ORDER BY r.unit_path, a.category NULLS LAST, c.name_key, c.id
"""


def _dotted(column: str) -> str:
    """SQL that writes a partial date as 1976.05, with only the parts that are known."""
    return (
        f"CASE WHEN {column} IS NULL THEN '' ELSE to_char({column}, CASE {column.strip()}_precision "
        "WHEN 'year' THEN 'YYYY' WHEN 'month' THEN 'YYYY.MM' ELSE 'YYYY.MM.DD' END) END"
    )


def roster_rows(scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Yield the roster of the report's subtree on its day, in tree order, without holding it in memory."""
    sql = _SQL.format(birth=_dotted("c.birth"), work=_dotted("c.work_start"), since=_dotted("h.start"))
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, {"day": scope.as_of, "path": f"{scope.unit.path}%"})
        while rows := cursor.fetchmany(_BATCH):
            yield from rows
