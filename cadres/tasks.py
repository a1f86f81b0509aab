"""The background jobs of the roster: preview and commit of an import, and exports."""

from __future__ import annotations

import tempfile
from math import exp
from pathlib import Path
from typing import Any

from celery import shared_task

from cadres.models import RosterImport
from cadres.services.exports import check_export, count_up_to, from_parameters, note_export
from cadres.services.imports import COMMIT, PREVIEW, drop_abandoned
from cadres.services.roster_import.committing import commit
from cadres.services.roster_import.previewing import reconsider
from cadres.sheets.exporting import export_name, write_export
from cadres.sheets.previewing import preview
from cadres.sheets.rejecting import rejected_name, rejected_workbook
from core.calendar import now
from core.files import store
from core.jobs import RunningJob, job_kind

EXPORT = "roster.export"
_READ_UNTIL, _TYPICAL_ROWS = 70, 20_000
_MOST_COUNTED = 1_000_000


@job_kind(PREVIEW, label="读取名册")
def preview_roster(job: RunningJob) -> dict[str, Any]:
    """Read the file and compare it with the roster; with `again` only compare anew."""
    roster_import = RosterImport.objects.select_related("file", "unit").get(pk=job.parameters["import"])

    def progress(rows: int) -> None:
        job.progress(5 + (_READ_UNTIL - 5) * (1 - exp(-rows / _TYPICAL_ROWS)), f"已读取 {rows:,} 行")

    if job.parameters.get("again"):
        job.progress(20, "正在与名册比较")
        reconsider(roster_import)
    else:
        job.progress(2, "正在检查文件")
        preview(roster_import, progress=progress, read=lambda: job.progress(_READ_UNTIL, "正在与名册比较"))
    return {"import": roster_import.pk, **roster_import.summary}


@job_kind(COMMIT, label="导入名册")
def commit_roster(job: RunningJob) -> dict[str, Any]:
    """Write the previewed import into the roster, or preview it anew when the roster has changed."""
    job.progress(10, "正在写入名册")
    outcome = commit(job.parameters["import"], by=job.asked_by)
    if not outcome.renewed:
        job.progress(90, "正在整理未导入的行")
        keep_rejected(RosterImport.objects.select_related("file").get(pk=job.parameters["import"]))
    return {"import": job.parameters["import"], "renewed": outcome.renewed, **outcome.summary}


def keep_rejected(roster_import: RosterImport) -> None:
    """Keep the workbook of the rows that didn't come in with the import, when there are any."""
    if roster_import.summary.get("rejected") or roster_import.summary.get("ask"):
        content = rejected_workbook(roster_import)
        file = store(
            content, name=rejected_name(roster_import), kind="any", by=roster_import.uploaded_by, limit=None
        )
        RosterImport.objects.filter(pk=roster_import.pk).update(rejected_file=file)


@job_kind(EXPORT, label="导出名册")
def export_roster(job: RunningJob) -> dict[str, Any]:
    """Write a large export as a file of the job; the asker's rights are asked afresh."""
    export = from_parameters(job.parameters)
    check_export(export, by=job.asked_by)
    total = max(1, count_up_to(export, by=job.asked_by, most=_MOST_COUNTED))

    def progress(done: int) -> None:
        job.progress(min(95, 5 + 90 * done / total), f"已写入 {done:,} 人")

    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        count = write_export(file.name, export, by=job.asked_by, progress=progress)
        job.attach(Path(file.name), export_name(now()))
    note_export(export, by=job.asked_by, count=count)
    return {"count": count}


@shared_task
def drop_abandoned_imports() -> None:
    """Give up imports that nobody confirmed for a month."""
    drop_abandoned()
