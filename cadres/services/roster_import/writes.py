# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""The statements of a commit: one or two for each table, whatever the number of rows.

They run over GOING: the new and changed rows with the person's id (`cid`), beside what the roster said of
them (`k_` columns). Histories end and open again; what only corrects the same record is changed in place.
"""

from __future__ import annotations

from cadres.services.roster_import.columns import INCOMING, READ, names
from cadres.services.roster_import.comparing import CURRENT, KEEPS_MAIN, PARTY

GOING = "import_going"
NAMES = "import_names"
OPEN = "import_open_posts"
LABELS = "import_titles"
TEMPORARY = (GOING, NAMES, OPEN, LABELS)
_STAMPS = "now(), now()"

GO = f"""
CREATE TEMP TABLE {GOING} ON COMMIT DROP AS
SELECT {names([one for one in READ if one not in ("problems", "is_faulty", "unit_id")], "i.")},
       coalesce(i.verdict, 'new') AS verdict, coalesce(i.changes, '{{}}'::jsonb) AS changes, i.verdict IS NULL AS is_new,
       CASE WHEN i.verdict IS NULL THEN nextval(pg_get_serial_sequence('cadres_cadre', 'id'))
            ELSE i.cadre_id END AS cid,
       coalesce(i.unit_id, k.unit_id) AS unit_id, k.unit_id AS k_unit_id,
       k.main_id AS k_main_id, k.post_since AS k_post_since, k.post_since_precision AS k_post_since_precision,
       i.verdict IS NULL AND i.posts IS NOT NULL
           OR i.posts IS NOT NULL AND (i.changes ? 'post' OR i.changes ? 'unit') AS moves,
       i.posts IS NOT NULL AND coalesce({KEEPS_MAIN}, false) AS keeps_main,
       coalesce(i.post_since, CASE WHEN i.verdict = 'changed' THEN %(today)s END) AS since,
       CASE WHEN i.post_since IS NOT NULL THEN i.post_since_precision ELSE 'day' END AS since_precision,
       ({PARTY}) AS means_party, k.party_row_id AS k_party_row_id,
       k.full_id AS k_full_id, k.full_level_text AS k_full_level_text,
       k.service_id AS k_service_id, k.service_level_text AS k_service_level_text,
       k.service_height AS k_service_height, k.level_row_id AS k_level_row_id, k.level_since AS k_level_since
FROM {INCOMING} i LEFT JOIN {CURRENT} k ON k.id = i.cadre_id
WHERE i.verdict IS NULL OR i.verdict = 'changed'
"""

_NAME_COLUMNS = "name_key, initials, grams"
_BIRTH = "coalesce(g.birth, g.id_birth)"
INSERT_CADRES = f"""
INSERT INTO cadres_cadre (id, unit_id, unit_path, name, {_NAME_COLUMNS}, gender, birth, birth_precision, id_number,
    id_index, ethnicity_id, native_place, work_start, work_start_precision, phone, note, created_at, updated_at)
SELECT g.cid, g.unit_id, u.path, g.name, n.name_key, n.initials, n.grams,
    coalesce(g.gender, g.id_gender, ''), {_BIRTH}, coalesce(g.birth_precision, 'day'),
    CASE WHEN g.id_index IS NULL THEN '' ELSE g.id_cipher END, g.id_index, g.ethnicity_id,
    coalesce(g.native_place, ''), g.work_start, coalesce(g.work_start_precision, 'day'), coalesce(g.phone, ''),
    coalesce(g.note, ''), {_STAMPS}
FROM {GOING} g JOIN accounts_unit u ON u.id = g.unit_id JOIN {NAMES} n ON n.name = g.name
WHERE g.is_new
"""


def _if_changed(field: str, column: str, value: str = "") -> str:
    return f"{column} = CASE WHEN g.changes ? '{field}' THEN {value or 'g.' + column} ELSE c.{column} END"


_OWN = ",\n    ".join(
    (
        *(_if_changed("name", one, f"n.{one}") for one in ("name", *_NAME_COLUMNS.split(", "))),
        _if_changed("name", "surname_reading", "''"),
        _if_changed("unit", "unit_id"),
        _if_changed("unit", "unit_path", "u.path"),
        _if_changed("gender", "gender"),
        _if_changed("birth", "birth"),
        _if_changed("birth", "birth_precision"),
        _if_changed("id", "id_number", "g.id_cipher"),
        _if_changed("id", "id_index"),
        _if_changed("ethnicity", "ethnicity_id"),
        _if_changed("native_place", "native_place"),
        _if_changed("work", "work_start"),
        _if_changed("work", "work_start_precision"),
        _if_changed("phone", "phone"),
        _if_changed("note", "note"),
        "updated_at = now()",
    )
)
UPDATE_CADRES = f"""
UPDATE cadres_cadre c SET {_OWN}
FROM {GOING} g JOIN accounts_unit u ON u.id = g.unit_id LEFT JOIN {NAMES} n ON n.name = g.name
WHERE c.id = g.cid AND NOT g.is_new
"""

# A transfer happens on the day the new post begins, or today when the post says nothing later than the old.
_MOVED_ON = (
    "CASE WHEN g.moves AND g.post_since > coalesce(r.start, '-infinity') AND g.post_since <= %(today)s "
    "THEN g.post_since ELSE greatest(%(today)s, r.start) END"
)
END_RELATIONS = f"""
UPDATE cadres_personnelrelation r
SET "end" = {_MOVED_ON}, leaving = 'transfer', updated_at = now(),
    end_precision = CASE WHEN g.moves AND g.post_since > coalesce(r.start, '-infinity')
                              AND g.post_since <= %(today)s THEN g.post_since_precision ELSE 'day' END
FROM {GOING} g
WHERE r.cadre_id = g.cid AND NOT g.is_new AND g.changes ? 'unit' AND r."end" IS NULL
"""
INSERT_RELATIONS = f"""
INSERT INTO cadres_personnelrelation (cadre_id, unit_id, unit_path, start, start_precision, end_precision, leaving,
    created_at, updated_at)
SELECT g.cid, g.unit_id, u.path, NULL::date, 'day', 'day', '', {_STAMPS}
FROM {GOING} g JOIN accounts_unit u ON u.id = g.unit_id WHERE g.is_new
UNION ALL
SELECT g.cid, g.unit_id, u.path, r."end", r.end_precision, 'day', '', {_STAMPS}
FROM {GOING} g JOIN accounts_unit u ON u.id = g.unit_id
CROSS JOIN LATERAL (SELECT r."end", r.end_precision FROM cadres_personnelrelation r
                    WHERE r.cadre_id = g.cid AND r.leaving = 'transfer'
                    ORDER BY r."end" DESC, r.id DESC LIMIT 1) r
WHERE NOT g.is_new AND g.changes ? 'unit'
"""

# The open appointments of everybody whose posts change, each as the roster sheet would call it.
OPEN_POSTS = f"""
CREATE TEMP TABLE {OPEN} ON COMMIT DROP AS
SELECT a.id, a.cadre_id, a.is_main,
       a.id = g.k_main_id AND g.keeps_main AS stays_main,
       NOT a.is_main AND CASE WHEN a.unit_id = g.unit_id THEN a.title
                              ELSE coalesce(x.name, a.unit_text) || a.title END = ANY (g.posts[2:]) AS stays,
       CASE WHEN a.unit_id = g.unit_id THEN a.title ELSE coalesce(x.name, a.unit_text) || a.title END AS label
FROM {GOING} g
JOIN cadres_appointment a ON a.cadre_id = g.cid AND a."end" IS NULL AND a.kind <> 'seconded'
LEFT JOIN accounts_unit x ON x.id = a.unit_id
WHERE g.moves AND NOT g.is_new
"""
END_APPOINTMENTS = f"""
UPDATE cadres_appointment a
SET "end" = greatest(CASE WHEN g.keeps_main THEN %(today)s ELSE g.since END, a.start),
    end_precision = CASE WHEN g.keeps_main THEN 'day' ELSE g.since_precision END, updated_at = now()
FROM {OPEN} o JOIN {GOING} g ON g.cid = o.cadre_id
WHERE a.id = o.id AND NOT o.stays AND NOT o.stays_main
"""
# Titles to enter, in the order of the cell; the first is the main post.
TITLES = f"""
CREATE TEMP TABLE {LABELS} ON COMMIT DROP AS
SELECT g.cid, g.unit_id, t.title, t.nth, g.is_new, g.category, g.probation_months,
       g.since AS start, CASE WHEN g.since IS NULL THEN 'day' ELSE g.since_precision END AS start_precision
FROM {GOING} g CROSS JOIN LATERAL unnest(g.posts) WITH ORDINALITY t (title, nth)
WHERE g.moves AND NOT (t.nth = 1 AND g.keeps_main)
  AND (g.is_new OR t.nth = 1 OR NOT EXISTS (
      SELECT FROM {OPEN} o WHERE o.cadre_id = g.cid AND o.stays AND o.label = t.title))
"""
CATEGORY = "CASE WHEN t.title ~ '副|助理' THEN 'deputy' WHEN t.title ~ '(校长|园长|书记|局长|院长)$' THEN 'head' ELSE 'middle' END"
# The main appointment stays but is called otherwise; one at another unit is called by both names.
_REWORDED = f"g.moves AND g.keeps_main AND NOT EXISTS (SELECT FROM {OPEN} o WHERE o.id = g.k_main_id AND o.label = g.posts[1])"
INSERT_POSTS = f"""
INSERT INTO cadres_post (unit_id, unit_path, title, category, updated_at)
SELECT DISTINCT ON (t.unit_id, t.title) t.unit_id, u.path, t.title, coalesce(t.category, {CATEGORY}), now()
FROM (SELECT unit_id, title, CASE WHEN nth = 1 THEN category END AS category FROM {LABELS}
      UNION ALL
      SELECT a.unit_id, a.title, g.category FROM {GOING} g JOIN cadres_appointment a ON a.id = g.k_main_id
      WHERE g.changes ? 'post_category' AND a.unit_id IS NOT NULL AND (NOT g.moves OR g.keeps_main)
      UNION ALL
      SELECT g.unit_id, g.posts[1], g.category FROM {GOING} g WHERE {_REWORDED}) t
JOIN accounts_unit u ON u.id = t.unit_id
WHERE length(t.title) <= 60 AND NOT EXISTS (SELECT FROM cadres_post p WHERE p.unit_id = t.unit_id
                                            AND p.title = t.title AND p.closed_on IS NULL)
ORDER BY t.unit_id, t.title, t.category NULLS LAST
"""
_PROBATION = "({start} + make_interval(months => {months}))::date"
_WAS = "CASE WHEN g.changes ? 'post_since' THEN g.post_since ELSE a.start END"
CORRECT_MAIN = f"""
UPDATE cadres_appointment a
SET title = CASE WHEN {_REWORDED} THEN g.posts[1] ELSE a.title END,
    unit_id = CASE WHEN {_REWORDED} THEN g.unit_id ELSE a.unit_id END,
    unit_text = CASE WHEN {_REWORDED} THEN '' ELSE a.unit_text END,
    start = {_WAS},
    start_precision = CASE WHEN g.changes ? 'post_since' THEN g.post_since_precision ELSE a.start_precision END,
    probation_end = CASE WHEN g.changes ? 'probation'
        THEN {_PROBATION.format(start=f"({_WAS})", months="g.probation_months")} ELSE a.probation_end END,
    post_id = CASE WHEN {_REWORDED} OR g.changes ? 'post_category' THEN p.id ELSE a.post_id END,
    updated_at = now()
FROM {GOING} g
JOIN cadres_appointment b ON b.id = g.k_main_id
LEFT JOIN cadres_post p ON p.unit_id = CASE WHEN {_REWORDED} THEN g.unit_id ELSE b.unit_id END
    AND p.title = CASE WHEN {_REWORDED} THEN g.posts[1] ELSE b.title END AND p.closed_on IS NULL
WHERE a.id = b.id AND NOT g.is_new AND (NOT g.moves OR g.keeps_main)
  AND (g.moves OR g.changes ?| ARRAY['post_since', 'probation', 'post_category'])
"""
INSERT_APPOINTMENTS = f"""
INSERT INTO cadres_appointment (cadre_id, unit_id, unit_text, title, post_id, kind, is_main, start, start_precision,
    end_precision, document_number, removal_reason, probation_end, "order", created_at, updated_at)
SELECT t.cid, t.unit_id, '', t.title, p.id, CASE WHEN t.nth = 1 THEN 'regular' ELSE 'concurrent' END, t.nth = 1,
    t.start, t.start_precision, 'day', '', '',
    CASE WHEN t.nth = 1 THEN {_PROBATION.format(start="t.start", months="t.probation_months")} END,
    t.nth - 1, {_STAMPS}
FROM {LABELS} t
LEFT JOIN cadres_post p ON p.unit_id = t.unit_id AND p.title = t.title AND p.closed_on IS NULL
"""
ORDER_KEPT = f"""
UPDATE cadres_appointment a SET "order" = array_position(g.posts, o.label) - 1
FROM {OPEN} o JOIN {GOING} g ON g.cid = o.cadre_id
WHERE a.id = o.id AND o.stays AND a."order" <> array_position(g.posts, o.label) - 1
"""

_SCHOOLING = f"""
SELECT g.cid, g.is_new, g.changes, m.*
FROM {GOING} g CROSS JOIN LATERAL (VALUES
    ('full_time', g.k_full_id, g.full_level_id, g.full_level_text, g.full_degree_id, g.full_degree_text,
     g.full_school, false),
    ('in_service', g.k_service_id, g.service_level_id, g.service_level_text, g.service_degree_id,
     g.service_degree_text, g.service_school,
     (SELECT level FROM cadres_code WHERE id = g.service_level_id) > g.k_service_height)
) m (mode, current_id, level_id, level_text, degree_id, degree_text, school, is_higher)
WHERE coalesce(m.level_text, m.degree_text, m.school) IS NOT NULL
"""
# A higher education in service is a further record; anything else completes or corrects the one there is.
UPDATE_EDUCATION = f"""
UPDATE cadres_education e
SET level_id = CASE WHEN s.level_text IS NULL THEN e.level_id ELSE s.level_id END,
    level_text = coalesce(s.level_text, e.level_text),
    degree_id = CASE WHEN s.degree_text IS NULL THEN e.degree_id ELSE s.degree_id END,
    degree_text = coalesce(s.degree_text, e.degree_text),
    school = coalesce(s.school, e.school), updated_at = now()
FROM ({_SCHOOLING}) s
WHERE e.id = s.current_id AND s.is_higher IS NOT TRUE
  AND s.changes ?| ARRAY[s.mode || '_education', s.mode || '_degree', s.mode || '_school']
"""
INSERT_EDUCATION = f"""
INSERT INTO cadres_education (cadre_id, mode, level_id, level_text, degree_id, degree_text, school, major,
    start_precision, end_precision, "order", created_at, updated_at)
SELECT s.cid, s.mode, s.level_id, coalesce(s.level_text, ''), s.degree_id, coalesce(s.degree_text, ''),
    coalesce(s.school, ''), '', 'day', 'day', 0, {_STAMPS}
FROM ({_SCHOOLING}) s WHERE s.current_id IS NULL OR s.is_higher AND s.changes ? 'in_service_education'
"""


def _end(table: str, condition: str) -> str:
    return f"""
UPDATE {table} h SET "end" = greatest(%(today)s, h.start), end_precision = 'day', updated_at = now()
FROM {GOING} g WHERE h.cadre_id = g.cid AND NOT g.is_new AND h."end" IS NULL AND {condition}
"""


END_TITLES = _end("cadres_professionaltitle", "g.changes ? 'title'")
INSERT_TITLES = f"""
INSERT INTO cadres_professionaltitle (cadre_id, title_id, title_text, start_precision, end_precision, created_at,
    updated_at)
SELECT g.cid, g.title_id, g.title_text, 'day', 'day', {_STAMPS}
FROM {GOING} g WHERE g.title_text IS NOT NULL AND (g.is_new OR g.changes ? 'title')
"""
_DEMOCRATIC_ENDED = (
    "h.status_id IN (SELECT id FROM cadres_code WHERE list = 'political' AND code = ANY (%(democratic)s))"
)
END_POLITICS = _end(
    "cadres_politicalstatus",
    f"(g.changes ? 'party' AND NOT {_DEMOCRATIC_ENDED} OR g.changes ? 'democratic_party' AND {_DEMOCRATIC_ENDED})",
)
CORRECT_POLITICS = f"""
UPDATE cadres_politicalstatus s
SET start = g.party_join, start_precision = g.party_join_precision, updated_at = now()
FROM {GOING} g
WHERE s.id = g.k_party_row_id AND g.changes ? 'party_join' AND NOT g.changes ? 'party' AND s."end" IS NULL
"""
_OLD_START = (
    "(SELECT s.start FROM cadres_politicalstatus s JOIN cadres_code c ON c.id = s.status_id "
    "WHERE s.id = g.k_party_row_id AND c.code = ANY (%(members)s))"
)
INSERT_POLITICS = f"""
INSERT INTO cadres_politicalstatus (cadre_id, status_id, start, start_precision, end_precision, created_at, updated_at)
SELECT g.cid, g.means_party,
    CASE WHEN c.code = ANY (%(members)s) THEN coalesce(g.party_join, {_OLD_START}) END,
    coalesce(g.party_join_precision, 'day'), 'day', {_STAMPS}
FROM {GOING} g JOIN cadres_code c ON c.id = g.means_party WHERE g.is_new OR g.changes ? 'party'
UNION ALL
SELECT g.cid, g.democratic_id, NULL, 'day', 'day', {_STAMPS}
FROM {GOING} g WHERE g.democratic_id IS NOT NULL AND (g.is_new OR g.changes ? 'democratic_party')
"""

END_RANKS = _end("cadres_rank", "h.kind = 'rank' AND g.changes ? 'rank'")
# A later date of the level is a step up: the old one ends there. An earlier date corrects it.
END_LEVELS = f"""
UPDATE cadres_rank h SET "end" = g.level_since, end_precision = g.level_since_precision, updated_at = now()
FROM {GOING} g
WHERE h.id = g.k_level_row_id AND g.changes ? 'level_since' AND g.level_since > g.k_level_since
"""
CORRECT_LEVELS = f"""
UPDATE cadres_rank h SET start = g.level_since, start_precision = g.level_since_precision, updated_at = now()
FROM {GOING} g
WHERE h.id = g.k_level_row_id AND g.changes ? 'level_since'
  AND (g.k_level_since IS NULL OR g.level_since <= g.k_level_since)
"""
INSERT_RANKS = f"""
INSERT INTO cadres_rank (cadre_id, kind, name, start, start_precision, end_precision, created_at, updated_at)
SELECT g.cid, 'rank', g.rank, NULL, 'day', 'day', {_STAMPS}
FROM {GOING} g WHERE g.rank IS NOT NULL AND (g.is_new OR g.changes ? 'rank')
UNION ALL
SELECT g.cid, 'level', '', g.level_since, g.level_since_precision, 'day', {_STAMPS}
FROM {GOING} g
WHERE g.level_since IS NOT NULL AND (g.is_new OR g.changes ? 'level_since'
      AND (g.k_level_row_id IS NULL OR g.level_since > g.k_level_since))
"""

# The few appointments whose grants have to follow: ended with a grant on them, opened by someone with an account.
ENDED_WITH_GRANT = f"""
SELECT o.id FROM {OPEN} o JOIN accounts_grant r ON r.origin = 'appointment:' || o.id AND r."end" IS NULL
WHERE NOT o.stays AND NOT o.stays_main
"""
OPENED_WITH_ACCOUNT = f"""
SELECT a.id FROM {LABELS} t JOIN cadres_cadre c ON c.id = t.cid AND c.user_id IS NOT NULL
JOIN cadres_appointment a ON a.cadre_id = t.cid AND a.is_main AND a."end" IS NULL
WHERE t.nth = 1 AND NOT t.is_new
"""

# In the order they run in: what ends goes before what opens.
MERGES = (
    INSERT_CADRES, UPDATE_CADRES, END_RELATIONS, INSERT_RELATIONS, OPEN_POSTS, TITLES, INSERT_POSTS,
    END_APPOINTMENTS, CORRECT_MAIN, INSERT_APPOINTMENTS, ORDER_KEPT, UPDATE_EDUCATION, INSERT_EDUCATION,
    END_TITLES, INSERT_TITLES, END_POLITICS, CORRECT_POLITICS, INSERT_POLITICS, END_RANKS, END_LEVELS,
    CORRECT_LEVELS, INSERT_RANKS,
)  # fmt: skip
