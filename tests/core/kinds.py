"""Job kinds made for the tests; workers started by the tests import them too."""

import os
import signal
import time

from django.db import connection

from core.errors import Invalid
from core.jobs import RunningJob, job_kind
from core.models import CalendarDay


@job_kind("test.count", label="计数")
def count(job: RunningJob):
    """One effect in the database: a row per run, which a unique day would refuse twice."""
    job.progress(10, "开始")
    time.sleep(job.parameters.get("seconds", 0))
    CalendarDay.objects.create(date=job.parameters["date"], is_working=True, name=str(job.id))
    job.progress(90, "即将完成")
    return {"counted": 1}


@job_kind("test.steps", label="分步处理")
def steps(job: RunningJob):
    """Writes an effect early, then works on for a while in small steps."""
    CalendarDay.objects.create(date=job.parameters["date"], is_working=True)
    total = job.parameters.get("steps", 20)
    for step in range(total):
        job.progress(100 * step / total, f"第 {step + 1} 步")
        time.sleep(job.parameters.get("pause", 0.1))
    return {"steps": total}


@job_kind("test.report", label="测试报表")
def report(job: RunningJob):
    """A result with a file; may fail afterwards."""
    job.log("写文件")
    job.attach(b"%PDF-1.4 report", "报表.pdf")
    if job.parameters.get("refuse"):
        raise Invalid("年份不对。", errors={"year": ["没有这一年。"]})
    return {"rows": 3}


@job_kind("test.break", label="出错的任务")
def break_down(job: RunningJob):
    """Fails in a way nobody foresaw, after having written something."""
    CalendarDay.objects.create(date=job.parameters["date"], is_working=True)
    raise ZeroDivisionError("secret detail")


@job_kind("test.disconnect", label="断线的任务")
def disconnect(job: RunningJob):
    """Loses its database connection half-way on the first attempt."""
    CalendarDay.objects.create(date=job.parameters["date"], is_working=True)
    if job.attempts == 1:
        connection.connection.close()
    CalendarDay.objects.count()


@job_kind("test.suicide", label="致命的任务")
def suicide(job: RunningJob):
    """Kills the very process that runs it."""
    CalendarDay.objects.create(date=job.parameters["date"], is_working=True)
    os.kill(os.getpid(), signal.SIGKILL)
