"""Background work of the reports app: building an annual report, sending reminders."""

from typing import Any

from celery import shared_task

from core.jobs import RunningJob, job_kind
from reports import services


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


@shared_task
def send_reminders() -> int:
    """Send the reminders that are due; safe to call as often as one likes."""
    return services.send_due_reminders()
