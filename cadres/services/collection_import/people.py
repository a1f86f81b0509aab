# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Whose rows they are: every person and every unit that the rows name, matched once, as a roster's rows are.

Persons of the persons' sheet go through the whole roster import. All others are only looked up: whoever isn't
on the roster can't get a history, and whoever is unclear is asked about once, at their first row.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from cadres.services.collection_import.staged import INCOMING as ROWS
from cadres.services.roster_import import matching
from cadres.services.roster_import.columns import FOUND, INCOMING, READ, STAGED, names
from cadres.services.roster_import.comparing import compare
from cadres.services.roster_import.matching import MATCHED, finding
from cadres.services.roster_import.previewing import FORGET_ANSWERS, FORGET_UNITS
from cadres.services.roster_import.staging import analyze, create_incoming

ASIDE = "collection_aside"
WHO = "collection_who"
# Ordinals of the staged rows that ask about a unit: behind those of all persons.
PLACES_FROM = 1_000_000_000
PERSONS_SHEET = f"EXISTS (SELECT FROM {ROWS} r WHERE r.slug = 'person' AND r.ordinal = i.ordinal)"

_LOAD = f"""
INSERT INTO {INCOMING} ({names(READ)}) SELECT {names(READ)} FROM {STAGED} i
WHERE roster_import_id = %(import)s AND {PERSONS_SHEET}
"""
# The form's own key is name and number: another name beside the same number is somebody to ask about.
_KEY = (
    "coalesce({0}.id_index || '|' || {0}.name, {0}.name || '|' || coalesce(to_char({0}.birth, 'YYYYMM'), '') || '|' "
    "|| coalesce({0}.unit_id::text, {0}.unit_text, ''))"
)
_OWN = "r.slug NOT IN ('person', 'unit') AND NOT r.is_faulty"
# A row belongs to the person of the persons' sheet with the same number, else with the same words.
_OF_SHEET = f"""
UPDATE {ROWS} r SET person = p.ordinal
FROM (SELECT {_KEY.format("i")} AS key, min(ordinal) AS ordinal FROM {INCOMING} i GROUP BY 1) p
WHERE r.slug <> 'unit' AND {_KEY.format("r")} = p.key
"""
# Where neither the persons' sheet nor the row has a number, a name that stands there once is enough.
_OF_NAME = f"""
UPDATE {ROWS} r SET person = p.ordinal
FROM (SELECT name, min(ordinal) AS ordinal, bool_or(id_index IS NOT NULL) AS numbered
      FROM {INCOMING} WHERE name IS NOT NULL GROUP BY name HAVING count(*) = 1) p
WHERE r.person IS NULL AND {_OWN} AND r.id_index IS NULL AND r.birth IS NULL AND r.name = p.name AND NOT p.numbered
"""
_OTHERS = f"""
INSERT INTO {INCOMING} (ordinal, sheet, "row", is_faulty, name, id_cipher, id_index, birth, birth_precision, unit_id,
                        unit_text)
SELECT DISTINCT ON ({_KEY.format("r")}) r.ordinal, r.sheet, r."row", false, r.name, r.id_cipher, r.id_index,
       CASE WHEN r.id_index IS NULL THEN r.birth END, r.birth_precision,
       CASE WHEN r.id_index IS NULL THEN r.unit_id END, CASE WHEN r.id_index IS NULL THEN r.unit_text END
FROM {ROWS} r WHERE {_OWN} AND r.person IS NULL ORDER BY {_KEY.format("r")}, r.ordinal
"""
_LINK_OTHERS = f"""
UPDATE {ROWS} r SET person = p.ordinal
FROM (SELECT {_KEY.format("r")} AS key, min(r.ordinal) AS ordinal FROM {ROWS} r
      WHERE {_OWN} AND r.person IS NULL GROUP BY 1) p
WHERE {_OWN} AND r.person IS NULL AND {_KEY.format("r")} = p.key
"""
# Places outside the tree, by answer or because posts are entered there already, aren't asked about.
_PLACES = f"""
INSERT INTO {INCOMING} (ordinal, sheet, "row", is_faulty, unit_id, unit_text)
SELECT {PLACES_FROM} + r.ordinal, r.sheet, r."row", false, r.place_id, r.place_text FROM {ROWS} r
WHERE r.place_text IS NOT NULL AND NOT r.is_faulty
  AND NOT (r.slug <> 'unit' AND coalesce(%(answers)s::jsonb ->> ('unit:' || r.place_text), '') = 'outside')
  AND NOT (r.slug <> 'unit' AND r.place_id IS NULL
           AND r.place_text IN (SELECT unit_text FROM cadres_appointment WHERE unit_id IS NULL))
"""
_NOT_OF_SHEET = f"NOT {PERSONS_SHEET} AND i.ordinal < {PLACES_FROM}"
_NOBODY = f"""
UPDATE {INCOMING} i SET verdict = 'rejected'
WHERE i.verdict IS NULL AND i.id_index IS NOT NULL AND i.cadre_id IS NULL AND {_NOT_OF_SHEET}
"""
_OTHER_NAME = f"""
UPDATE {INCOMING} i SET verdict = 'ask', candidates = ARRAY[i.cadre_id], findings = {{other_name}}
FROM cadres_cadre c
WHERE c.id = i.cadre_id AND i.verdict IS NULL AND c.name <> i.name AND {_NOT_OF_SHEET}
  AND NOT %(answers)s::jsonb ? ('row:' || i.sheet || '!' || i."row")
"""
_NOT_THIS_ONE = f"""
UPDATE {INCOMING} i SET verdict = 'rejected', cadre_id = NULL
FROM cadres_cadre c
WHERE c.id = i.cadre_id AND i.verdict IS NULL AND c.name <> i.name AND {_NOT_OF_SHEET}
  AND %(answers)s::jsonb ->> ('row:' || i.sheet || '!' || i."row") = 'new'
"""
OTHER_NAME = "身份证号登记的是另一个姓名，请确认是不是这位干部。"
_WHO = f"""
CREATE TEMP TABLE {WHO} ON COMMIT DROP AS
SELECT i.ordinal, i.verdict, i.cadre_id, i.unit_id, i.findings, i.changes, {PERSONS_SHEET} AS of_sheet FROM {INCOMING} i
UNION ALL
SELECT i.ordinal, i.verdict, i.cadre_id, i.unit_id, i.findings, NULL, false FROM {ASIDE} i
"""


def gather(values: dict[str, Any], *, loaded: bool) -> None:
    """Put everybody the rows name into the roster's incoming table.

    The persons of the persons' sheet are there already (just read), or come from the staging (`loaded`).
    """
    with connection.cursor() as cursor:
        if loaded:
            create_incoming()
            cursor.execute(_LOAD, values)
        for statement in (_OF_SHEET, _OF_NAME, _OTHERS, _LINK_OTHERS, _PLACES, FORGET_ANSWERS, FORGET_UNITS):
            cursor.execute(statement, values)


def find(values: dict[str, Any]) -> None:
    """Match everybody; leaves the outcome in WHO and only the persons' sheet in the roster's incoming table."""
    analyze(INCOMING, "ordinal", "name", "unit_id", "id_index", "is_faulty")
    analyze(ROWS, "ordinal", "slug", "person")
    other_name = finding("name", f"'{OTHER_NAME}'", "warning")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {MATCHED}, {ASIDE}, {WHO}")
        matching.find_people(values)
        cursor.execute(_NOBODY, values)
        cursor.execute(_OTHER_NAME.replace("{other_name}", other_name), values)
        cursor.execute(_NOT_THIS_ONE, values)
        matching.judge_units(values)
        cursor.execute(
            f"CREATE TEMP TABLE {ASIDE} ON COMMIT DROP AS SELECT * FROM {INCOMING} i WHERE NOT {PERSONS_SHEET}"
        )
        cursor.execute(f"DELETE FROM {INCOMING} i WHERE NOT {PERSONS_SHEET}")
    matching.rule_out(values)
    compare(values)
    with connection.cursor() as cursor:
        cursor.execute(_WHO)
        cursor.execute(f"ALTER TABLE {WHO} ADD PRIMARY KEY (ordinal)")
    analyze(WHO, "ordinal", "cadre_id")


def bring_back() -> None:
    """Put those that were only looked up beside the persons' sheet again, so that they are staged and asked about."""
    listed = names([*READ, *FOUND])
    # Nothing is written for them: without a question they are settled.
    settled = listed.replace('"verdict"', "coalesce(verdict, 'unchanged')")
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {INCOMING} ({listed}) SELECT {settled} FROM {ASIDE}")
