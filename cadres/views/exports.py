"""The roster export: choose columns, get the workbook at once when it is small, else as a job."""

from __future__ import annotations

import io
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.scope import require
from accounts.views_base import CapabilityRequired, ServiceForm, add_refusal
from cadres.forms.exchange import ExportForm
from cadres.forms.lists import CadreFilterForm
from cadres.services.exports import Export, as_parameters, check_export, count_up_to, note_export
from cadres.sheets.exporting import export_name, write_export
from cadres.tasks import EXPORT
from core import jobs
from core.calendar import now
from core.errors import Invalid
from core.files import disposition
from core.filetypes import XLSX
from core.models import Job

AT_ONCE = 2_000


class CadreExport(CapabilityRequired, ServiceForm):
    """Choose columns for the people the list's filters find."""

    capability = "roster.export"
    template_name = "cadres/export/start.html"
    form_class = ExportForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows whether identity numbers may be opened."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """How many people it will be, and by which filters."""
        export = self._export(("name",))
        count = count_up_to(export, by=self.request.user, most=AT_ONCE)
        back = self.request.GET.urlencode()
        return super().get_context_data(
            count=count,
            many=count > AT_ONCE,
            at_once=AT_ONCE,
            filters=_words(self._filters()),
            back_url=reverse("cadre-list") + (f"?{back}" if back else ""),
            **kwargs,
        )

    def form_valid(self, form: ExportForm) -> HttpResponse:
        """The workbook, or the page of the job that makes it."""
        user = self.request.user
        export = self._export(
            form.chosen(),
            open_numbers=form.cleaned_data.get("open_numbers", False),
            reason=form.cleaned_data.get("reason", ""),
        )
        if export.open_numbers and "id" not in export.columns:
            export = self._export(form.chosen())
        try:
            check_export(export, by=user)
        except Invalid as error:
            add_refusal(form, error)
            return self.form_invalid(form)
        if count_up_to(export, by=user, most=AT_ONCE) > AT_ONCE:
            job = jobs.enqueue(EXPORT, by=user, parameters=as_parameters(export))
            return redirect("cadre-export-job", job.pk)
        content = io.BytesIO()
        count = write_export(content, export, by=user)
        note_export(export, by=user, count=count)
        response = HttpResponse(content.getvalue(), content_type=XLSX)
        response["Content-Disposition"] = disposition(export_name(now()))
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response

    def _filters(self) -> CadreFilterForm:
        return CadreFilterForm(self.request.GET, user=self.request.user)

    def _export(self, columns: tuple[str, ...], **options: Any) -> Export:
        criteria = self._filters().criteria(self.request.GET.get("tab", ""), "name")
        return Export(criteria, columns, **options)


@require_GET
def export_job(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The progress of one's own export: the page, or for htmx the fragment."""
    require(request.user, "roster.export")
    rows = Job.objects.asked_by(request.user).filter(kind=EXPORT).select_related("result_file")
    job = get_object_or_404(rows, pk=pk)
    context = {
        "job": job,
        "title": "导出名册",
        "poll_url": reverse("cadre-export-job", args=[pk]),
        "result_url": reverse("job-file", args=[pk]) if job.result_file_id else "",
        "result_label": "下载名册",
        "next_url": reverse("cadre-list"),
        "next_label": "回到名册",
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "components/_job_progress.html" if fragment else "cadres/export/job.html", context)


def _words(form: CadreFilterForm) -> list[str]:
    """The filters in words."""
    form.is_valid()
    found = []
    for name, value in form.cleaned_data.items():
        if value:
            choices = dict(getattr(form.fields[name], "choices", None) or {}) if name != "unit" else {}
            found.append(f"{form.fields[name].label}：{choices.get(value, value)}")
    return found
