"""Verbs of the reports app: ask for an annual report, build it, send the reminders that are due."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import Unit, User
from accounts.scope import require
from core import audit
from core.calendar import today
from core.errors import Invalid
from core.inbox import send_many
from core.jobs import enqueue
from core.models import Job, StoredFile
from reports.annual import figures as annual_figures
from reports.annual.roster import roster_rows
from reports.annual.workbook import render
from reports.models import AnnualReport
from reports.reminders import due_reminders

FIRST_YEAR = 2000


def check_year(year: int) -> None:
    """Refuse a year that no report can be about.

    Raises Invalid.
    """
    if not FIRST_YEAR <= year <= today().year:
        sentence = f"年度须在{FIRST_YEAR}年到{today().year}年之间，您填的是{year}。"
        raise Invalid(sentence, errors={"year": [sentence]})


def request_annual_report(*, unit: Unit, year: int, by: User) -> tuple[AnnualReport, Job]:
    """Ask for the annual report of a unit's subtree; a job builds it.

    Raises Invalid for an impossible year, NotFound or NotAllowed when the unit is not the requester's to
    report on. Asking again while the same report is being built returns the one under way.
    """
    check_year(year)
    require(by, "report.annual", unit)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        running = AnnualReport.objects.filter(
            requested_by=by, unit=unit, year=year, job__status__in=[Job.Status.QUEUED, Job.Status.RUNNING]
        ).first()
        if running is not None and running.job is not None:
            return running, running.job
        report = AnnualReport.objects.create(
            unit=unit, year=year, requested_by=by, as_of=annual_figures.as_of(year)
        )
        job = enqueue("report.annual", by=by, parameters={"report": report.pk})
        report.job = job
        report.save(update_fields=["job"])
        audit.record("report.requested", by=by, obj=report, unit_name=unit.name, note=f"{year}年度")
    return report, job


def build_annual_report(report_id: int, *, progress: Any) -> tuple[AnnualReport, Path]:
    """Compute and store a report's figures and render its workbook; return it with the file's path.

    progress(percent, message) is told how far it is. The requester's rights are asked again: they may have
    ended since. The caller removes the file.
    """
    report = AnnualReport.objects.select_related("unit", "requested_by").get(pk=report_id)
    if report.requested_by is not None:
        require(report.requested_by, "report.annual", report.unit)
    scope = annual_figures.Scope(report.unit, report.year, report.as_of, report.requested_by)
    progress(5, "正在统计")
    report.figures = annual_figures.compute(scope)
    report.save(update_fields=["figures"])
    progress(40, "正在生成工作簿")
    path = write_workbook(scope, report.figures)
    progress(95, "正在保存")
    return report, path


def write_workbook(scope: annual_figures.Scope, figures: dict[str, Any]) -> Path:
    """Render a report into a temporary workbook and return its path."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx", delete=False) as target:
        path = Path(target.name)
    try:
        render(figures, roster_rows(scope), path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def keep_workbook(report: AnnualReport, file: StoredFile) -> None:
    """Tie the stored workbook to its report and note the export in the audit trail."""
    report.file = file
    report.save(update_fields=["file"])
    audit.record(
        "report.built",
        by=report.requested_by,
        obj=report,
        unit_name=report.unit.name,
        note=f"{report.year}年度",
    )


def report_name(report: AnnualReport) -> str:
    """Return the workbook's file name."""
    return f"{report.unit.name}{report.year}年度干部培养工作报告.xlsx"


def send_due_reminders() -> int:
    """Send every reminder that is due now and return how many were new.

    Each recipient hears of each occasion once, however many schedulers call this.
    """
    return len(send_many(_distinct(due_reminders())))


def _distinct(messages: Iterator[Any]) -> list[Any]:
    found = {(each.recipient.pk, each.occasion): each for each in messages}
    return list(found.values())
