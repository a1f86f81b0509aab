"""Background work of the reports app: building an annual report, sending reminders."""

import tempfile
from pathlib import Path
from typing import Any

from celery import shared_task

from cadres.sheets.exporting import export_name
from core.calendar import now
from core.jobs import RunningJob, job_kind
from reports import services
from reports.forecast import exporting as forecast_exporting
from reports.quality import checking
from reports.queries import exporting
from reports.structure import exporting as structure_exporting
from reports.structure import stored


@job_kind("report.annual", label="生成年度报告")
def build_annual_report(job: RunningJob) -> dict[str, Any]:
    """Build the report named by the job's parameters and attach its workbook."""
    report, path = services.build_annual_report(job.parameters["report"], progress=job.progress)
    try:
        file = job.attach(path, services.report_name(report))
    finally:
        path.unlink(missing_ok=True)
    services.keep_workbook(report, file)
    return {"report": report.pk, "message": "工作簿已生成，主要数据也可以在网页上看。"}


@job_kind(structure_exporting.KIND, label="导出结构分析")
def build_structure_workbook(job: RunningJob) -> dict[str, Any]:
    """Build the workbook of a structure analysis; its figures are kept as the job's result."""
    return _kept(
        job, structure_exporting.build_workbook(job.parameters, by=job.asked_by, progress=job.progress)
    )


@job_kind(stored.KIND, label="统计队伍结构")
def count_structure(job: RunningJob) -> dict[str, Any]:
    """Count the structure of a large part of the tree; the figures are the job's result."""
    return stored.count_structure(job.parameters, by=job.asked_by, progress=job.progress)


@job_kind(forecast_exporting.FIGURES, label="统计岗位供需")
def count_forecast(job: RunningJob) -> dict[str, Any]:
    """Count supply and demand of a large part of the tree; the figures are the job's result."""
    return forecast_exporting.count_forecast(job.parameters, by=job.asked_by, progress=job.progress)


@job_kind(exporting.EXPORT, label="导出查询结果")
def export_query(job: RunningJob) -> dict[str, Any]:
    """Write the people of a query as a file of the job; what the asker may see is asked afresh."""
    asked = exporting.from_parameters(job.parameters)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        count = exporting.write(
            file.name, asked, by=job.asked_by, progress=lambda done: job.progress(50, f"已写入 {done:,} 人")
        )
        job.attach(Path(file.name), export_name(now()))
    return {"count": count}


@job_kind(forecast_exporting.KIND, label="导出供需预测")
def build_forecast_workbook(job: RunningJob) -> dict[str, Any]:
    """Build the workbook of a forecast; its figures are kept as the job's result."""
    return _kept(
        job, forecast_exporting.build_workbook(job.parameters, by=job.asked_by, progress=job.progress)
    )


def _kept(job: RunningJob, built: tuple[dict[str, Any], Path, str]) -> dict[str, Any]:
    """Attach a workbook that was built and keep its figures as the job's result."""
    figures, path, name = built
    try:
        job.attach(path, name)
    finally:
        path.unlink(missing_ok=True)
    return {"figures": figures, "message": "工作簿已生成。"}


@shared_task
def send_reminders() -> int:
    """Send the reminders that are due; safe to call as often as one likes."""
    return services.send_due_reminders()


@job_kind(checking.KIND, label="检查名册数据")
def check_quality(job: RunningJob) -> dict[str, Any]:
    """Check the whole roster by all rules."""
    found = checking.check_roster(progress=job.progress)
    return {"found": sum(found.values()), "message": f"检查完成，共 {sum(found.values())} 条待核对。"}


@shared_task
def check_roster_nightly() -> int:
    """Check the roster once a night."""
    return sum(checking.check_roster().values())
