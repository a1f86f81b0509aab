# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""The commit of a workbook of histories: one transaction, a few statements a history, refused when all has changed."""

from __future__ import annotations

from django.db import connection

from accounts.models import User
from cadres.collection.national_exporting import tell_people
from cadres.models import RosterImport
from cadres.services.collection_import import previewing
from cadres.services.collection_import.kept import settle_told
from cadres.services.collection_import.new_units import make_units
from cadres.services.collection_import.staged import INCOMING, STAGED
from cadres.services.collection_import.writing import Writes
from cadres.services.roster_import.committing import (
    CHANGED_SINCE,
    DIFFERENT,
    Outcome,
    follow_with_grants,
    lock_people,
    take_up,
    write_people,
)
from cadres.services.roster_import.previewing import parameters
from cadres.services.roster_import.writes import CATEGORY
from core import audit
from core.calendar import now

audit.register("collection.commit", "导入信息集")

_ROWS_DIFFER = f"""
SELECT EXISTS (
    SELECT FROM {INCOMING} i JOIN {STAGED} s ON s.roster_import_id = %(import)s AND s.ordinal = i.ordinal
    WHERE i.verdict <> s.verdict OR i.cadre_id IS DISTINCT FROM s.cadre_id OR i.record IS DISTINCT FROM s.record
       OR i.changes IS DISTINCT FROM s.changes)
"""
_TOUCH = f"""
UPDATE cadres_cadre SET updated_at = now()
WHERE id IN (SELECT cadre_id FROM {INCOMING} WHERE verdict IN ('new', 'changed') AND cadre_id IS NOT NULL)
"""
_COUNTED = f"SELECT slug, count(*) FROM {INCOMING} WHERE verdict IN ('new', 'changed') GROUP BY 1 ORDER BY 1"


def commit(pk: int, *, by: User | None) -> Outcome:
    """Write a previewed workbook, in the caller's transaction; as roster_import.committing.commit otherwise."""
    roster_import = take_up(pk, by=by)
    values = parameters(roster_import)
    lock_people(values)
    previewing.load(values)
    evaluation = previewing.evaluate(roster_import, values, by=by)
    with connection.cursor() as cursor:
        different = False
        for statement in (DIFFERENT, _ROWS_DIFFER):
            cursor.execute(statement, values)
            different = different or cursor.fetchone()[0]
    if different:
        previewing.keep(roster_import, values)
        RosterImport.objects.filter(pk=pk).update(confirmed_at=None, renewed_because=CHANGED_SINCE)
        return Outcome(roster_import.summary, renewed=True)
    make_units(roster_import, by=by)
    write_people(values)
    for slug, writes in evaluation.writes.items():
        if slug == "appointment":
            _write_appointments(writes)
        else:
            writes.write()
    people = evaluation.keeping.write({slug: writes.table for slug, writes in evaluation.writes.items()})
    settle_told(people, tell_people)
    with connection.cursor() as cursor:
        cursor.execute(_TOUCH)
        cursor.execute(_COUNTED)
        counted = dict(cursor.fetchall())
    RosterImport.objects.filter(pk=pk).update(committed_at=now(), renewed_because="")
    # How many rows of which history, never what they say.
    audit.record(
        "collection.commit", by=by, obj=roster_import, after={**roster_import.summary, **counted},
        unit_name=roster_import.unit.name, note=roster_import.file.name,
    )  # fmt: skip
    return Outcome(roster_import.summary)


def _write_appointments(writes: Writes) -> None:
    """Appointments with the posts they are held on; leadership grants follow what begins and what is over."""
    table = writes.table
    category = CATEGORY.replace("t.title", "w.title")
    writes.copy_in()
    with connection.cursor() as cursor:
        writes.number(cursor)
        cursor.execute(
            f"""
INSERT INTO cadres_post (unit_id, unit_path, title, category, updated_at)
SELECT DISTINCT w.unit_id, u.path, w.title, {category}, now()
FROM {table} w JOIN accounts_unit u ON u.id = w.unit_id
WHERE w.w_new AND w."end" IS NULL AND w.is_main AND length(w.title) <= 60 AND NOT EXISTS (
    SELECT FROM cadres_post p WHERE p.unit_id = w.unit_id AND p.title = w.title AND p.closed_on IS NULL)"""
        )
        cursor.execute(
            f"""
UPDATE {table} w SET post_id = p.id FROM cadres_post p
WHERE w.w_new AND w."end" IS NULL AND p.unit_id = w.unit_id AND p.title = w.title AND p.closed_on IS NULL"""
        )
        writes.insert_and_update(cursor)
        cursor.execute(
            f"""
SELECT w.id FROM {table} w JOIN accounts_grant r ON r.origin = 'appointment:' || w.id AND r."end" IS NULL
WHERE w."end" IS NOT NULL"""
        )
        ended = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            f"""
SELECT a.id FROM {table} w JOIN cadres_cadre c ON c.id = w.cadre_id AND c.user_id IS NOT NULL
JOIN cadres_appointment a ON a.cadre_id = c.id AND a.is_main AND a."end" IS NULL
WHERE w.w_new AND w.is_main AND w."end" IS NULL"""
        )
        opened = [pk for (pk,) in cursor.fetchall()]
    follow_with_grants(ended, opened)
