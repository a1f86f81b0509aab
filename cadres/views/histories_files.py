"""Workbooks of histories: the upload, the template, and the export that a job makes."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.scope import require
from accounts.views_base import CapabilityRequired, ServiceForm
from cadres.collection.exporting import chosen_sheets, fillable_sheets, histories_template
from cadres.collection.national import national_sheets
from cadres.collection.reading import check_head
from cadres.collection.selecting import Selection, as_parameters, check_selection, people_of
from cadres.forms.histories_files import HistoriesExportForm, HistoriesUploadForm
from cadres.forms.lists import CadreFilterForm
from cadres.models import RosterImport
from cadres.services import imports
from cadres.tasks import HISTORIES_EXPORT
from cadres.views.imports import LOOKED_INTO_BYTES, ImportStart
from core import jobs
from core.errors import Invalid, NotFound
from core.files import disposition, store
from core.filetypes import XLSX
from core.models import Job

MOST_COUNTED = 10_000


class HistoriesStart(ImportStart):
    """Choose a workbook; from the preview on its import goes the way of a roster's."""

    template_name = "cadres/import/start_histories.html"
    form_class = HistoriesUploadForm
    kind = RosterImport.Kind.HISTORIES

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The one sheet that was asked for, where one was (`?sheet=`)."""
        code = self.request.GET.get("sheet", "")
        sheet = next(iter(fillable_sheets(self.request.user, code)), None) if code else None
        return super().get_context_data(sheet=sheet, **kwargs)

    def perform(self, form: HistoriesUploadForm) -> str:
        """Check, keep, and ask for the preview."""
        user = self.request.user
        uploaded: UploadedFile = form.cleaned_data["file"]
        unit = form.cleaned_data["unit"] or imports.importing_unit(user)
        if (uploaded.size or 0) <= LOOKED_INTO_BYTES:
            check_head(uploaded.file)
        file = store(uploaded, name=uploaded.name or "信息集", kind="sheet", by=user)
        started = imports.start_import(by=user, unit=unit, file=file, kind=self.kind)
        return reverse("cadre-import-detail", args=[started.pk])


@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The empty workbook with a sheet for every history the reader may fill in, or for one (`?sheet=`)."""
    require(request.user, "roster.import")
    code = request.GET.get("sheet", "")
    sheets = fillable_sheets(request.user, code)
    if not sheets:
        raise NotFound("没有这个工作表，或您不能填写它。")
    response = HttpResponse(histories_template(request.user, code), content_type=XLSX)
    name = f"{sheets[0].name}模板.xlsx" if code else "履历工作簿模板.xlsx"
    response["Content-Disposition"] = disposition(name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


class HistoriesExport(CapabilityRequired, ServiceForm):
    """The histories of the people the list's filters find."""

    capability = "roster.export"
    template_name = "cadres/export/histories.html"
    form_class = HistoriesExportForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows which sheets may be taken along."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """How many people it will be."""
        back = self.request.GET.urlencode()
        count = people_of(self._selection(), by=self.request.user)[: MOST_COUNTED + 1].count()
        return super().get_context_data(
            count=min(count, MOST_COUNTED), many=count > MOST_COUNTED,
            back_url=reverse("cadre-list") + (f"?{back}" if back else ""), **kwargs,
        )  # fmt: skip

    def perform(self, form: HistoriesExportForm) -> str:
        """Ask for the workbook."""
        user = self.request.user
        selection = self._selection(
            sheets=tuple(form.cleaned_data["sheets"]), national=form.national,
            open_numbers=form.national or form.cleaned_data.get("open_numbers", False),
            reason=form.cleaned_data.get("reason", ""),
        )  # fmt: skip
        specs = national_sheets() if form.national else chosen_sheets(selection, by=user)
        check_selection(selection, specs, by=user)
        if not people_of(selection, by=user).exists():
            raise Invalid("没有符合条件的干部，请减少条件后再导出。")
        job = jobs.enqueue(HISTORIES_EXPORT, by=user, parameters=as_parameters(selection))
        return reverse("cadre-histories-job", args=[job.pk])

    def _selection(self, **options: Any) -> Selection:
        filters = CadreFilterForm(self.request.GET, user=self.request.user)
        return Selection(filters.criteria(self.request.GET.get("tab", ""), "name"), **options)


@require_GET
def histories_job(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The progress of one's own export: the page, or for htmx the fragment."""
    require(request.user, "roster.export")
    rows = Job.objects.asked_by(request.user).filter(kind=HISTORIES_EXPORT).select_related("result_file")
    job = get_object_or_404(rows, pk=pk)
    context = {
        "job": job,
        "title": "导出信息集",
        "poll_url": reverse("cadre-histories-job", args=[pk]),
        "result_url": reverse("job-file", args=[pk]) if job.result_file_id else "",
        "result_label": "下载工作簿",
        "next_url": reverse("cadre-list"),
        "next_label": "回到名册",
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "components/_job_progress.html" if fragment else "cadres/export/job.html", context)
