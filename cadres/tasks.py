"""The background jobs of the roster: preview and commit of an import, and exports."""

from __future__ import annotations

import tempfile
import zipfile
from math import exp
from pathlib import Path
from typing import Any

from celery import shared_task

from accounts.models import User
from cadres.collection.exporting import chosen_sheets, histories_name, write_histories
from cadres.collection.national import national_sheets
from cadres.collection.national_exporting import national_name, write_national
from cadres.collection.previewing import preview as preview_histories
from cadres.collection.selecting import check_selection, note_selection
from cadres.collection.selecting import from_parameters as selection_of
from cadres.listing import select
from cadres.models import RosterImport
from cadres.services.collection_import.committing import commit as commit_histories
from cadres.services.exports import check_export, count_up_to, from_parameters, note_export
from cadres.services.form_import.asking import FORMS_EXPORT, MOST_FORMS
from cadres.services.form_import.exporting import (
    WRITERS,
    FormExport,
    check_form_export,
    file_names,
    forms_for,
    note_form_export,
)
from cadres.services.form_import.previewing import preview_forms, preview_photos
from cadres.services.imports import COMMIT, PREVIEW, drop_abandoned, look_again
from cadres.services.roster_import.committing import commit
from cadres.sheets.exporting import export_name, write_export
from cadres.sheets.previewing import preview
from cadres.sheets.rejecting import rejected_content
from core.calendar import now
from core.errors import NotAllowed
from core.files import store
from core.jobs import RunningJob, job_kind

EXPORT = "roster.export"
_PREVIEWS = {
    RosterImport.Kind.ROSTER: preview,
    RosterImport.Kind.FORMS: preview_forms,
    RosterImport.Kind.PHOTOS: preview_photos,
    RosterImport.Kind.HISTORIES: preview_histories,
}
_IN_ROWS = (RosterImport.Kind.ROSTER, RosterImport.Kind.HISTORIES)
HISTORIES_EXPORT = "roster.export_histories"
_READ_UNTIL, _TYPICAL_ROWS = 70, 20_000
_MOST_COUNTED = 1_000_000


@job_kind(PREVIEW, label="读取名册")
def preview_roster(job: RunningJob) -> dict[str, Any]:
    """Read the file and compare it with the roster; with `again` only compare anew."""
    roster_import = RosterImport.objects.select_related("file", "unit").get(pk=job.parameters["import"])

    measure = "行" if roster_import.kind in _IN_ROWS else "个文件"

    def progress(rows: int) -> None:
        job.progress(5 + (_READ_UNTIL - 5) * (1 - exp(-rows / _TYPICAL_ROWS)), f"已读取 {rows:,} {measure}")

    if job.parameters.get("again"):
        job.progress(20, "正在与名册比较")
        look_again(roster_import)
    else:
        job.progress(2, "正在检查文件")
        _PREVIEWS[RosterImport.Kind(roster_import.kind)](
            roster_import, progress=progress, read=lambda: job.progress(_READ_UNTIL, "正在与名册比较")
        )
    return {"import": roster_import.pk, **roster_import.summary}


@job_kind(COMMIT, label="导入名册")
def commit_roster(job: RunningJob) -> dict[str, Any]:
    """Write the previewed import into the roster, or preview it anew when the roster has changed."""
    job.progress(10, "正在写入名册")
    kind = RosterImport.objects.values_list("kind", flat=True).get(pk=job.parameters["import"])
    write = commit_histories if kind == RosterImport.Kind.HISTORIES else commit
    outcome = write(job.parameters["import"], by=job.asked_by)
    if not outcome.renewed:
        job.progress(90, "正在整理未导入的行")
        keep_rejected(RosterImport.objects.select_related("file").get(pk=job.parameters["import"]))
    return {"import": job.parameters["import"], "renewed": outcome.renewed, **outcome.summary}


def keep_rejected(roster_import: RosterImport) -> None:
    """Keep the workbook of the rows that didn't come in with the import, when there are any."""
    if roster_import.summary.get("rejected") or roster_import.summary.get("ask"):
        content, name = rejected_content(roster_import)
        file = store(content, name=name, kind="any", by=roster_import.uploaded_by, limit=None)
        RosterImport.objects.filter(pk=roster_import.pk).update(rejected_file=file)


def _asker(job: RunningJob) -> User:
    """Who asked for an export: without a person there are no rights to ask for. Raises NotAllowed."""
    if job.asked_by is None:
        raise NotAllowed("没有申请人的导出不予办理。")
    return job.asked_by


@job_kind(EXPORT, label="导出名册")
def export_roster(job: RunningJob) -> dict[str, Any]:
    """Write a large export as a file of the job; the asker's rights are asked afresh."""
    asker = _asker(job)
    export = from_parameters(job.parameters)
    check_export(export, by=asker)
    total = max(1, count_up_to(export, by=asker, most=_MOST_COUNTED))

    def progress(done: int) -> None:
        job.progress(min(95, 5 + 90 * done / total), f"已写入 {done:,} 人")

    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        count = write_export(file.name, export, by=asker, progress=progress)
        job.attach(Path(file.name), export_name(now()))
    note_export(export, by=asker, count=count)
    return {"count": count}


@job_kind(FORMS_EXPORT, label="导出任免审批表")
def export_forms(job: RunningJob) -> dict[str, Any]:
    """Write the forms of many people into a zip; the asker's rights are asked afresh."""
    asker = _asker(job)
    export = FormExport(job.parameters["open_numbers"], job.parameters["reason"])
    check_form_export(export, by=asker)
    ids = job.parameters.get("ids") or _found(job, asker)
    ending = job.parameters["format"]
    name_of, count = file_names(f".{ending}"), 0

    def progress(done: int) -> None:
        job.progress(min(95, 5 + 90 * done / max(1, len(ids))), f"已生成 {done:,} 份")

    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for cadre, form in forms_for(ids, export, by=asker, progress=progress):
                archive.writestr(name_of(cadre), WRITERS[ending](form))
                count += 1
        file.flush()
        job.attach(Path(file.name), f"任免审批表 {now():%Y-%m-%d}.zip")
    note_form_export(export, by=asker, count=count)
    return {"count": count}


def _found(job: RunningJob, asker: User) -> list[int]:
    """The keys of the people whom the job's filters find now."""
    criteria = from_parameters(job.parameters).criteria
    people = select(asker, criteria, capability="roster.export").order_by("unit_path", "name_key", "id")
    return list(people.values_list("pk", flat=True)[:MOST_FORMS])


@job_kind(HISTORIES_EXPORT, label="导出信息集")
def export_histories(job: RunningJob) -> dict[str, Any]:
    """Write a workbook of histories; the asker's rights are asked afresh."""
    asker = _asker(job)
    selection = selection_of(job.parameters)
    specs = national_sheets() if selection.national else chosen_sheets(selection, by=asker)
    check_selection(selection, specs, by=asker)
    write, name = (write_national, national_name) if selection.national else (write_histories, histories_name)

    def progress(rows: int) -> None:
        job.progress(5 + 90 * (1 - exp(-rows / _TYPICAL_ROWS)), f"已写入 {rows:,} 行")

    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        count = write(file.name, selection, by=asker, progress=progress)
        job.attach(Path(file.name), name(now()))
    note_selection(selection, specs, by=asker, count=count)
    return {"count": count}


@shared_task
def drop_abandoned_imports() -> None:
    """Give up imports that nobody confirmed for a month."""
    drop_abandoned()
