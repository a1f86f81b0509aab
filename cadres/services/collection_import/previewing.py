# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""The preview of a workbook of histories: rows staged, people found, records judged, everything kept and counted."""

from __future__ import annotations

from typing import Any

from django.db import connection

from accounts.models import User
from cadres.models import CollectionRow, RosterImport
from cadres.services.collection_import.evaluating import Evaluation
from cadres.services.collection_import.people import bring_back, find, gather
from cadres.services.collection_import.staged import FOUND, INCOMING, READ, STAGED
from cadres.services.roster_import import previewing as roster
from cadres.services.roster_import.columns import definition, names
from cadres.services.roster_import.staging import Spool, create_incoming

_LOAD = f"INSERT INTO {INCOMING} ({names(READ)}) SELECT {names(READ)} FROM {STAGED} WHERE roster_import_id = %(import)s"
_KEEP = f"""
INSERT INTO {STAGED} (roster_import_id, {names(READ)}, {names(FOUND)})
SELECT %(import)s, {names(READ)}, {names(FOUND)} FROM {INCOMING} ORDER BY ordinal
"""


def _create_incoming() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {INCOMING}")
        cursor.execute(f"CREATE TEMP TABLE {INCOMING} ({definition({**READ, **FOUND})}) ON COMMIT DROP")


def stage(roster_import: RosterImport, people: Spool, rows: Spool) -> None:
    """Take what was read into the preview, in place of an earlier one. In the caller's transaction."""
    create_incoming()
    people.copy_in()
    _create_incoming()
    rows.copy_in(INCOMING)
    values = roster.parameters(roster_import)
    gather(values, loaded=False)
    evaluate(roster_import, values, by=roster_import.uploaded_by)
    keep(roster_import, values)


def load(values: dict[str, Any]) -> None:
    """Put the staged rows into the incoming tables, as they were read."""
    _create_incoming()
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, values)
    gather(values, loaded=True)


def reconsider(roster_import: RosterImport) -> None:
    """Judge the staged rows afresh: after answers, or because the roster has changed."""
    values = roster.parameters(roster_import)
    load(values)
    evaluate(roster_import, values, by=roster_import.uploaded_by)
    keep(roster_import, values)


def evaluate(roster_import: RosterImport, values: dict[str, Any], *, by: User | None) -> Evaluation:
    """Find the people and judge every row; nothing is kept yet. `by` says whose sight it is, None the system's."""
    find(values)
    evaluation = Evaluation(values, by=by, unit_path=roster_import.unit_path, columns=roster_import.columns)
    evaluation.run()
    return evaluation


def keep(roster_import: RosterImport, values: dict[str, Any]) -> None:
    """Write the judged rows in place of those of an earlier preview, and count them."""
    bring_back()
    roster.keep(roster_import, values)
    CollectionRow.objects.filter(roster_import=roster_import).delete()
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values)
        cursor.execute(f"SELECT verdict, count(*) FROM {INCOMING} GROUP BY 1")
        counts = dict(cursor.fetchall())
    roster_import.summary = {verdict: counts.get(verdict, 0) for verdict in roster.VERDICTS}
    roster_import.save(update_fields=["summary"])
