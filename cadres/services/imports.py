"""Verbs on roster imports: start, answer, confirm, give up; reading and writing are jobs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import Unit, User
from accounts.scope import paths, require
from cadres.models import Cadre, RosterImport, RosterImportRow
from cadres.services.collection_import.dates import SAME
from cadres.services.collection_import.new_units import NOT_ASKED, check_creations, is_creation, prepare
from cadres.services.collection_import.previewing import reconsider as reconsider_histories
from cadres.services.form_import.honours import ANSWER, mark_of, proposed
from cadres.services.form_import.staged import unseal
from cadres.services.roster_import.previewing import reconsider
from core import audit, jobs
from core.calendar import now
from core.errors import Invalid, NotAllowed, WrongMoment
from core.files import StoredFile
from core.models import Job

PREVIEW, COMMIT = "roster.preview", "roster.commit"
LEAVE_OUT, NEW_PERSON = "leave", "new"
# Of a row of a history that only differs in its date: the record that is kept, corrected.
SAME_RECORD = SAME
# Of a unit that a post in a workbook of histories names: a place outside the tree.
OUTSIDE = "outside"
# Above this many rows answers are worked in by a job, below it at once.
AT_ONCE = 3_000
ABANDONED_AFTER = dt.timedelta(days=30)


def importing_unit(user: User) -> Unit:
    """The unit below which a user imports: the highest one of the grant. Raises NotAllowed without one."""
    reach = paths(user, "roster.import")
    if not reach:
        raise NotAllowed("您没有导入名册的权限。")
    if reach[0] == "/":
        return Unit.objects.filter(parent=None).order_by("path")[:1].get()
    return Unit.objects.get(path=reach[0])


def start_import(
    *, by: User, unit: Unit, file: StoredFile, kind: str = RosterImport.Kind.ROSTER
) -> RosterImport:
    """Note an uploaded file and ask for its preview; `kind` says what is in it. Raises NotFound or NotAllowed outside one's scope."""
    with transaction.atomic():
        require(by, "roster.import", unit)
        roster_import = RosterImport.objects.create(kind=kind, unit=unit, file=file, uploaded_by=by)
        ask_for_preview(roster_import, by=by)
        audit.record(
            "roster.preview", by=by, obj=roster_import, unit_name=unit.name, note=file.name
        )  # fmt: skip
        return roster_import


def ask_for_preview(roster_import: RosterImport, *, by: User, again: bool = False) -> Job:
    """Enqueue the preview; `again` compares the staged rows afresh instead of reading the file."""
    job = jobs.enqueue(
        PREVIEW, by=by, parameters={"import": roster_import.pk, "again": again},
        unique_key=f"{PREVIEW}:{roster_import.pk}",
    )  # fmt: skip
    roster_import.preview_job = job
    roster_import.save(update_fields=["preview_job"])
    return job


def answer(*, roster_import: RosterImport, by: User, answers: Mapping[str, Any]) -> bool:
    """Take answers to what the preview asked and look at the rows again.

    Keys are "unit:<name in the file>" (a unit's id, None to leave the rows out, for histories "outside" or what
    new_units.prepare takes), "row:<sheet>!<row>" (a cadre's id, "new" or None), "record:<ordinal>" ("same", "new" or
    None), and of forms "honours:<number>" (marks of honours that aren't to be entered). Returns whether the rows are worked out already; with many rows a job does it. Raises Invalid for an answer that wasn't on offer, WrongMoment when the import is over.
    """
    with transaction.atomic():
        locked = _locked(roster_import, by)
        for key, value in answers.items():
            if not is_creation(value):
                _check_answer(locked, key, value)
        given = {key: _completed(locked, key, value, by) for key, value in answers.items()}
        locked.answers = {**locked.answers, **given}
        check_creations(locked, by=by)
        locked.renewed_because = ""
        locked.save(update_fields=["answers", "renewed_because"])
        if sum(locked.summary.values()) > AT_ONCE:
            ask_for_preview(locked, by=by, again=True)
            return False
        look_again(locked)
        return True


def look_again(roster_import: RosterImport) -> None:
    """Match and compare the staged rows afresh, as their kind is compared. In the caller's transaction."""
    if roster_import.kind == RosterImport.Kind.HISTORIES:
        reconsider_histories(roster_import)
    else:
        reconsider(roster_import)


def confirm(*, roster_import: RosterImport, by: User) -> Job:
    """Ask for the commit of what the preview shows; a second confirmation finds the first one's job.

    Rows that are still to be asked about are left out. Raises Invalid when there is nothing to import,
    WrongMoment when the import is over or still being read.
    """
    with transaction.atomic():
        locked = _locked(roster_import, by)
        if locked.previewed_at is None or (locked.preview_job and not locked.preview_job.is_finished):
            raise WrongMoment("文件还在读取，请等预览完成后再确认。")
        if not locked.summary.get("new") and not locked.summary.get("changed"):
            raise Invalid("没有要新增或更新的人员，不需要导入。")
        job = jobs.enqueue(
            COMMIT, by=by, parameters={"import": locked.pk}, unique_key=f"{COMMIT}:{locked.pk}"
        )
        locked.commit_job = job
        locked.confirmed_at = now()
        locked.renewed_because = ""
        locked.save(update_fields=["commit_job", "confirmed_at", "renewed_because"])
        return job


def discard(*, roster_import: RosterImport, by: User) -> None:
    """Give an import up, even while its file is being read: its staged rows go, the roster stays as it is."""
    with transaction.atomic():
        _give_up(_locked(roster_import, by), by=by)


def drop_abandoned() -> int:
    """Give up the imports that nobody confirmed for ABANDONED_AFTER, as their owners could; returns how many.

    Their staged rows hold personal data of people who never came into the roster.
    """
    waiting = RosterImport.objects.filter(
        committed_at=None, discarded_at=None, uploaded_at__lt=now() - ABANDONED_AFTER
    ).exclude(commit_job__status__in=[Job.Status.QUEUED, Job.Status.RUNNING])
    dropped = 0
    for pk in list(waiting.values_list("pk", flat=True)):
        with transaction.atomic():
            locked = waiting.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if locked is not None:
                _give_up(locked, by=None)
                dropped += 1
    return dropped


def _give_up(locked: RosterImport, by: User | None) -> None:
    if locked.preview_job is not None:
        jobs.request_cancel(locked.preview_job)
    locked.discarded_at = now()
    locked.save(update_fields=["discarded_at"])
    locked.rows.all().delete()
    locked.records.all().delete()
    audit.record("roster.discard", by=by, obj=locked, unit_name=locked.unit.name, note=locked.file.name)


def _locked(roster_import: RosterImport, by: User) -> RosterImport:
    require(by, "roster.import", roster_import)
    rows = RosterImport.objects.select_for_update(of=("self",)).select_related(
        "unit", "file", "preview_job", "commit_job"
    )
    locked = rows.get(pk=roster_import.pk)
    if not locked.is_open:
        raise WrongMoment("这次导入已经完成或放弃。")
    if locked.commit_job is not None and not locked.commit_job.is_finished:
        raise WrongMoment("正在导入，请等完成后再操作。")
    return locked


def _completed(roster_import: RosterImport, key: str, value: Any, by: User) -> Any:
    """An answer as it is kept: of a unit to be made with all it takes to make it."""
    if not is_creation(value):
        return value
    kind, _, name = key.partition(":")
    if kind != "unit" or roster_import.kind != RosterImport.Kind.HISTORIES:
        raise Invalid(NOT_ASKED)
    return prepare(roster_import, name, value, by=by)


def _check_answer(roster_import: RosterImport, key: str, value: Any) -> None:
    """An answer must have been on offer: a unit of the scope, one of the row's candidates."""
    kind, _, rest = key.partition(":")
    if kind == "unit":
        if value is None or (value == OUTSIDE and roster_import.kind == RosterImport.Kind.HISTORIES):
            return
        if isinstance(value, int) and not isinstance(value, bool):
            inside = Unit.objects.open().below(roster_import.unit_path).filter(pk=value)
            if inside.exists():
                return
        raise Invalid("请选择导入范围内的单位。")
    if kind == "record":
        asked = roster_import.records.filter(ordinal=int(rest) if rest.isdecimal() and len(rest) < 9 else 0)
        if value in (None, SAME_RECORD, NEW_PERSON) and asked.exists():
            return
    if kind == ANSWER:
        _check_declined(roster_import, rest, value)
        return
    if kind == "row":
        sheet, _, number = rest.rpartition("!")
        row = RosterImportRow.objects.filter(
            roster_import=roster_import, sheet=sheet, row=int(number) if number.isdecimal() else 0
        ).first()
        if row is not None and (value is None or value == NEW_PERSON):
            return
        known = Cadre.objects.filter(pk__in=row.candidates or ()) if row else Cadre.objects.none()
        if (
            isinstance(value, int)
            and known.filter(pk=value, unit_path__startswith=roster_import.unit_path).exists()
        ):
            return
    raise Invalid("这个答复不在可选的范围内，请刷新后重新选择。")


def _check_declined(roster_import: RosterImport, number: str, value: Any) -> None:
    """Honours that aren't to be entered: a list of those that the form of this number proposes."""
    rows = roster_import.rows.filter(row=int(number) if number.isdecimal() and len(number) < 9 else 0)
    row = rows.first() if roster_import.kind == RosterImport.Kind.FORMS else None
    text = unseal(row.form).form["JiangChengQingKuang"] if row is not None and row.form else ""
    known = {mark_of(one) for one in proposed(text, ()).honours}
    if not known or not isinstance(value, list) or not known.issuperset(map(str, value)):
        raise Invalid("这个答复不在可选的范围内，请刷新后重新选择。")
