"""The system administrator's view of background jobs: what runs, waits or failed, never what it was about."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.filters import JobFilter
from accounts.scope import require
from accounts.tables import JobTable
from accounts.views_base import ListPage
from core.models import Job


class JobList(ListPage):
    """All jobs, newest first; parameters, results and files stay their askers' own."""

    queryset = Job.objects.all()
    capability = "job.view_all"
    table_class = JobTable
    filterset_class = JobFilter
    template_name = "accounts/job_list.html"
    export_name = "后台任务"
    unit_word = "个"

    def get_queryset(self) -> QuerySet[Job]:
        """Every job, with nothing of its content read."""
        require(self.request.user, "job.view_all")
        shown = ("kind", "status", "progress", "attempts", "error", "created_at", "finished_at", "asked_by")
        return Job.objects.select_related("asked_by").only(*shown, "asked_by__name", "asked_by__username")
