"""任免审批表 handed out: one person's from the person's page, many as a zip that a job makes."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.scope import may_on, require
from accounts.views_base import CapabilityRequired, ServiceForm, add_refusal
from cadres.forms.form_files import FormFileForm
from cadres.forms.lists import CadreFilterForm
from cadres.listing import Criteria
from cadres.models import Cadre
from cadres.services.exports import Export, as_parameters, count_up_to
from cadres.services.form_import.exporting import WRITERS, FormExport, check_form_export, export_form
from cadres.tasks import FORMS_EXPORT, MOST_FORMS
from cadres.views.detail import detail_url, visible_cadre
from core import jobs
from core.errors import Invalid, NotAllowed
from core.files import disposition
from core.filetypes import BINARY, DOCX
from core.models import Job

_TYPES = {"docx": DOCX, "lrmx": BINARY}


class CadreFormFile(ServiceForm):
    """One person's form: choose how, get the file."""

    template_name = "cadres/forms/one.html"
    form_class = FormFileForm
    cadre: Cadre

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Out of view 404, in view without the right 403."""
        self.cadre = visible_cadre(request.user, kwargs["pk"])
        if not may_on(request.user, "roster.export", self.cadre):
            raise NotAllowed("您可以查看，但没有导出任免审批表的权限。")
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows whether sensitive words may leave."""
        opens = may_on(self.request.user, "cadre.view_sensitive", self.cadre)
        return {**super().get_form_kwargs(), "user": self.request.user, "may_open": opens}

    def get_initial(self) -> dict[str, Any]:
        """The format named in the address."""
        asked = self.request.GET.get("format", "")
        return {**super().get_initial(), **({"format": asked} if asked in WRITERS else {})}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whose form it is."""
        return super().get_context_data(cadre=self.cadre, back_url=detail_url(self.cadre), **kwargs)

    def form_valid(self, form: FormFileForm) -> HttpResponse:
        """The file itself; a missing reason comes back into the form."""
        try:
            found = export_form(self.cadre, form.export(), by=self.request.user)
        except Invalid as error:
            add_refusal(form, error)
            return self.form_invalid(form)
        ending = form.cleaned_data["format"]
        response = HttpResponse(WRITERS[ending](found), content_type=_TYPES[ending])
        response["Content-Disposition"] = disposition(f"{self.cadre.name} 任免审批表.{ending}")
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response


class CadreForms(CapabilityRequired, ServiceForm):
    """The forms of the people the list's filters find, as a zip."""

    capability = "roster.export"
    template_name = "cadres/forms/many.html"
    form_class = FormFileForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows whose rights count."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """How many people it will be."""
        back = self.request.GET.urlencode()
        return super().get_context_data(
            count=self._count(), most=MOST_FORMS, back_url=reverse("cadre-list") + (f"?{back}" if back else ""),
            **kwargs,
        )  # fmt: skip

    def perform(self, form: FormFileForm) -> str:
        """Ask for the zip."""
        export: FormExport = form.export()
        check_form_export(export, by=self.request.user)
        count = self._count()
        if not count:
            raise Invalid("没有符合条件的干部，请减少条件后再导出。")
        if count > MOST_FORMS:
            raise Invalid(f"一次最多导出 {MOST_FORMS} 份，请用条件缩小范围。")
        parameters = as_parameters(Export(self._criteria(), ("name",), export.open_sensitive, export.reason))
        parameters["format"] = form.cleaned_data["format"]
        job = jobs.enqueue(FORMS_EXPORT, by=self.request.user, parameters=parameters)
        return reverse("cadre-forms-job", args=[job.pk])

    def _criteria(self) -> Criteria:
        filters = CadreFilterForm(self.request.GET, user=self.request.user)
        return filters.criteria(self.request.GET.get("tab", ""), "name")

    def _count(self) -> int:
        return count_up_to(Export(self._criteria(), ("name",)), by=self.request.user, most=MOST_FORMS)


@require_GET
def forms_job(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The progress of one's own zip: the page, or for htmx the fragment."""
    require(request.user, "roster.export")
    rows = Job.objects.asked_by(request.user).filter(kind=FORMS_EXPORT).select_related("result_file")
    job = get_object_or_404(rows, pk=pk)
    context = {
        "job": job,
        "title": "导出任免审批表",
        "poll_url": reverse("cadre-forms-job", args=[pk]),
        "result_url": reverse("job-file", args=[pk]) if job.result_file_id else "",
        "result_label": "下载压缩包",
        "next_url": reverse("cadre-list"),
        "next_label": "回到名册",
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "components/_job_progress.html" if fragment else "cadres/export/job.html", context)
