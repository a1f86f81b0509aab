# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""The commit of an import: one transaction, set-based, refused when the roster has changed since the preview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.models import User
from accounts.scope import require
from cadres.codes import DEMOCRATIC_PARTIES, PARTY_MEMBERS
from cadres.models import Appointment, RosterImport
from cadres.names import name_columns
from cadres.services.form_import.writing import write_forms
from cadres.services.leadership import end_leadership_grants, propose_leadership_grant
from cadres.services.photos import write_photos
from cadres.services.roster_import import writes
from cadres.services.roster_import.columns import INCOMING, STAGED, as_array
from cadres.services.roster_import.previewing import evaluate, keep, load, parameters
from cadres.services.roster_import.staging import Spool, analyze
from core import audit
from core.calendar import now
from core.errors import WrongMoment

audit.register("roster.preview", "预览名册导入")
audit.register("roster.commit", "导入名册")
audit.register("roster.discard", "放弃名册导入")

# One commit at a time: a second one waits, and then sees what the first has written.
_COMMIT_LOCK = 5_340_917
CHANGED_SINCE = "预览之后名册有了变化，没有导入任何内容；已按现在的名册重新预览，请核对后再确认。"

_LOCK_PEOPLE = f"""
SELECT count(*) FROM (
    SELECT c.id FROM cadres_cadre c
    WHERE c.id IN (SELECT cadre_id FROM {STAGED} WHERE roster_import_id = %(import)s)
    ORDER BY c.id FOR UPDATE) locked
"""
DIFFERENT = f"""
SELECT EXISTS (
    SELECT FROM {INCOMING} i JOIN {STAGED} s ON s.roster_import_id = %(import)s AND s.ordinal = i.ordinal
    WHERE coalesce(i.verdict, 'new') <> s.verdict OR i.cadre_id IS DISTINCT FROM s.cadre_id
       OR i.unit_id IS DISTINCT FROM s.unit_id OR i.changes IS DISTINCT FROM s.changes)
"""


@dataclass(frozen=True)
class Outcome:
    """How a commit ended: done, or previewed anew because the roster had changed."""

    summary: dict[str, int]
    renewed: bool = False


def commit(pk: int, *, by: User | None) -> Outcome:
    """Write a previewed import into the roster, in the caller's transaction.

    `by` None is the system. When the roster has changed so that the preview would look different, nothing
    is written and the preview is renewed. Raises WrongMoment when it was committed or given up already,
    NotFound or NotAllowed when it isn't the user's to import.
    """
    roster_import = take_up(pk, by=by)
    values = parameters(roster_import)
    lock_people(values)
    load(values)
    evaluate(values)
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENT, values)
        different = cursor.fetchone()[0]
    if different:
        keep(roster_import, values)
        RosterImport.objects.filter(pk=pk).update(confirmed_at=None, renewed_because=CHANGED_SINCE)
        return Outcome(roster_import.summary, renewed=True)
    if roster_import.kind == RosterImport.Kind.PHOTOS:
        write_photos(roster_import)
    else:
        write_people(values)
    if roster_import.kind == RosterImport.Kind.FORMS:
        write_forms(roster_import)
    RosterImport.objects.filter(pk=pk).update(committed_at=now(), renewed_because="")
    audit.record(
        "roster.commit", by=by, obj=roster_import, after=roster_import.summary,
        unit_name=roster_import.unit.name, note=roster_import.file.name,
    )  # fmt: skip
    return Outcome(roster_import.summary)


def take_up(pk: int, *, by: User | None) -> RosterImport:
    """Return an import to be committed, locked: one commit at a time. Raises as `commit` does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_COMMIT_LOCK])
    roster_import = RosterImport.objects.select_for_update(of=("self",)).get(pk=pk)
    if by is not None:
        require(by, "roster.import", roster_import)
    if not roster_import.is_open or roster_import.previewed_at is None:
        raise WrongMoment("这次导入已经完成或放弃，没有再次导入。")
    return roster_import


def lock_people(values: dict[str, Any]) -> None:
    """Lock the people an import is about, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_PEOPLE, values)


def write_people(values: dict[str, Any]) -> None:
    """Run the merges, then let leadership grants follow the appointments."""
    values = {**values, "democratic": list(DEMOCRATIC_PARTIES), "members": list(PARTY_MEMBERS)}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(writes.TEMPORARY)}")
        cursor.execute(writes.GO, values)
        analyze(writes.GOING, "cid", "is_new", "unit_id", "moves")
        _copy_names()
        for statement in writes.MERGES:
            cursor.execute(statement, values)
            if statement is writes.TITLES:
                analyze(writes.LABELS, "cid", "unit_id", "title", "nth", "is_new")
        cursor.execute(writes.ENDED_WITH_GRANT)
        ended = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(writes.OPENED_WITH_ACCOUNT)
        opened = [pk for (pk,) in cursor.fetchall()]
    follow_with_grants(ended, opened)


def _copy_names() -> None:
    """Search columns of the names that are new: made here, since pinyin isn't known to the database."""
    spool = Spool(("name", "name_key", "initials", "grams"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE {writes.NAMES} (name text, name_key text, initials text, "
            "grams varchar(2)[]) ON COMMIT DROP"
        )
        cursor.execute(
            f"SELECT DISTINCT name FROM {writes.GOING} WHERE is_new OR changes ? 'name' ORDER BY 1"
        )
        for (name,) in cursor:
            found = name_columns(name)
            spool.add([name, found["name_key"], found["initials"], as_array(found["grams"])])
    spool.copy_in(writes.NAMES)
    analyze(writes.NAMES, "name")


def follow_with_grants(ended: list[int], opened: list[int]) -> None:
    """End the grants that hang on ended posts; propose those of new heads who have an account."""
    for appointment in Appointment.objects.filter(pk__in=ended) if ended else ():
        end_leadership_grants(appointment)
    chosen = Appointment.objects.filter(pk__in=opened).select_related("cadre__user", "unit", "post")
    for appointment in chosen if opened else ():
        propose_leadership_grant(appointment)
