# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""The preview of an import: incoming rows matched, compared and kept; answers and renewals do the same again."""

from __future__ import annotations

from typing import Any

import orjson
from django.db import connection

from cadres.codes import PARTY_MEMBER
from cadres.models import Code, RosterImport, RosterImportRow
from cadres.services.form_import.comparing import compare_forms, stay_where_they_are
from cadres.services.photos import match_photos
from cadres.services.roster_import.columns import FOUND, INCOMING, READ, STAGED, names
from cadres.services.roster_import.comparing import compare
from cadres.services.roster_import.matching import match
from cadres.services.roster_import.staging import Spool, analyze, create_incoming
from core.calendar import now, today
from core.errors import WrongMoment

VERDICTS = ("new", "changed", "unchanged", "rejected", "ask")

_KEEP = f"""
INSERT INTO {STAGED} (roster_import_id, {names(READ)}, {names(FOUND)})
SELECT %(import)s, {names(READ)}, coalesce(verdict, 'new'), {names([one for one in FOUND if one != "verdict"])}
FROM {INCOMING} ORDER BY ordinal
"""
_LOAD = f"INSERT INTO {INCOMING} ({names(READ)}) SELECT {names(READ)} FROM {STAGED} WHERE roster_import_id = %(import)s"
# A unit that was given by an answer is looked up again, in case the answer changed.
FORGET_ANSWERS = f"""
UPDATE {INCOMING} i SET unit_id = NULL
WHERE EXISTS (SELECT FROM jsonb_object_keys(%(answers)s) k WHERE k = 'unit:' || coalesce(i.unit_text, ''))
"""
# Units that were closed or moved out of the scope since are asked about again.
FORGET_UNITS = f"""
UPDATE {INCOMING} SET unit_id = NULL
WHERE unit_id IS NOT NULL AND unit_id NOT IN (
    SELECT id FROM accounts_unit WHERE path LIKE %(path)s AND (valid_to IS NULL OR valid_to > %(today)s))
"""


def parameters(roster_import: RosterImport) -> dict[str, Any]:
    """What the statements of an import are run with."""
    return {
        "import": roster_import.pk,
        "kind": roster_import.kind,
        "path": f"{roster_import.unit_path}%",
        "answers": orjson.dumps(roster_import.answers).decode(),
        "columns": orjson.dumps(roster_import.columns).decode(),
        "member": Code.objects.values_list("pk", flat=True).get(list=Code.List.POLITICAL, code=PARTY_MEMBER),
        "today": today(),
    }


def evaluate(values: dict[str, Any]) -> None:
    """Match and compare the incoming rows; nothing is kept yet."""
    analyze(INCOMING, "ordinal", "name", "unit_id", "id_index", "is_faulty")
    if values["kind"] == RosterImport.Kind.PHOTOS:
        match_photos(values)
        return
    match(values)
    if values["kind"] == RosterImport.Kind.FORMS:
        stay_where_they_are()
    compare(values)
    if values["kind"] == RosterImport.Kind.FORMS:
        compare_forms(orjson.loads(values["answers"]))


def stage(roster_import: RosterImport, spool: Spool) -> None:
    """Take rows that were read into the preview, in place of an earlier one. In the caller's transaction."""
    create_incoming()
    spool.copy_in()
    values = parameters(roster_import)
    evaluate(values)
    keep(roster_import, values)


def load(values: dict[str, Any]) -> None:
    """Put an import's staged rows into the incoming table, as they were read."""
    create_incoming()
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, values)
        cursor.execute(FORGET_ANSWERS, values)
        cursor.execute(FORGET_UNITS, values)


def reconsider(roster_import: RosterImport) -> None:
    """Match and compare the staged rows afresh: after answers, or because the roster has changed."""
    values = parameters(roster_import)
    load(values)
    evaluate(values)
    keep(roster_import, values)


def keep(roster_import: RosterImport, values: dict[str, Any]) -> None:
    """Write the evaluated rows in place of those of an earlier preview, and count them.

    Raises WrongMoment when the import was given up meanwhile: nothing of it may be kept.
    """
    if not RosterImport.objects.select_for_update().filter(pk=roster_import.pk, discarded_at=None).exists():
        raise WrongMoment("这次导入已经放弃，没有保留读取的内容。")
    RosterImportRow.objects.filter(roster_import=roster_import).delete()
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values)
        cursor.execute(
            f"SELECT verdict, count(*) FROM {INCOMING} GROUP BY 1"  # every verdict is written by now but „new“
        )
        counts = {verdict or "new": count for verdict, count in cursor.fetchall()}
    summary = dict.fromkeys(("new", "changed", "unchanged", "rejected", "ask"), 0)
    for verdict, count in counts.items():
        summary[verdict] += count
    roster_import.summary = summary
    roster_import.previewed_at = now()
    roster_import.save(update_fields=["summary", "previewed_at", "answers", "columns", "notes"])
