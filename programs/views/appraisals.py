"""The host's page: write the appraisal, file it; HR's return."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django.views.generic import View

from accounts.views_base import REFUSALS_IN_FORM, add_refusal
from core.errors import DomainError, NotAllowed, NotFound, Stale
from core.versions import version_of
from core.workflow import open_to
from programs.avoidance import require_unrelated
from programs.forms import AppraisalForm
from programs.models import Appraisal
from programs.services import appraisals
from programs.views import participations


class WriteAppraisal(View):
    """Headings, texts and grade; autosaved; filed with one's name at the end."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Only its host and guide write it."""
        self.appraisal = in_view(request, kwargs["pk"])
        if not self.appraisal.allows(request.user, "appraisal.file"):
            raise NotAllowed("书面鉴定由基地负责人或指导人撰写。")
        require_unrelated(request.user, self.appraisal.participation.cadre)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form, or the filed document on its case's page."""
        if self.appraisal.status == Appraisal.Status.FILED:
            return redirect("participation-detail", pk=self.appraisal.participation_id)
        return self._page(AppraisalForm(appraisal=self.appraisal))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep, or keep and file; an autosave answers without a page."""
        autosave = request.headers.get("X-Autosave") == "1"
        form = AppraisalForm(request.POST, appraisal=self.appraisal)
        if not form.is_valid():
            return JsonResponse({"saved": False}, status=422) if autosave else self._page(form, 422)
        written = {
            "grade": form.cleaned_data["grade"],
            "sections": form.texts(),
            "version": request.POST.get("version", ""),
        }
        try:
            if "file" in request.POST and not autosave:
                appraisals.file_appraisal(appraisal=self.appraisal, by=request.user, **written)
                messages.success(request, "书面鉴定已提交，已通知局人事。")
                return redirect("participation-detail", pk=self.appraisal.participation_id)
            appraisals.save_appraisal_draft(appraisal=self.appraisal, by=request.user, **written)
        except DomainError as error:
            if autosave or error.status not in (*REFUSALS_IN_FORM, Stale.status):
                raise
            add_refusal(form, error)
            if error.status == Stale.status:
                return self._overtaken(form)
            self.appraisal.refresh_from_db()
            if self.appraisal.status != Appraisal.Status.FILED:
                appraisals.save_appraisal_draft(appraisal=self.appraisal, by=request.user, **written)
            return self._page(form, 422)
        if autosave:
            return JsonResponse({"saved": True, "version": version_of(self.appraisal)})
        messages.success(request, "草稿已保存，可以稍后继续。")
        return redirect("appraisal-write", pk=pk)

    def _overtaken(self, form: AppraisalForm) -> HttpResponse:
        """What was typed, where host or guide saved another text meanwhile; that stands until it is sent again."""
        self.appraisal.refresh_from_db()
        if self.appraisal.status == Appraisal.Status.FILED:
            form.add_error(None, "鉴定已经提交，不能再修改；您写的内容可以复制。")
        return self._page(form, Stale.status, overtaken=True)

    def _page(self, form: AppraisalForm, status: int = 200, *, overtaken: bool = False) -> HttpResponse:
        row = self.appraisal
        last = (
            row.decisions.filter(action="return").order_by("-id").first()
            if row.status == "returned"
            else None
        )
        context = {
            "appraisal": row,
            "participation": row.participation,
            "stint": row.stint,
            "form": form,
            "returned": last,
            "problems": getattr(getattr(row.participation, "secondment", None), "problems", ""),
            "version": version_of(row),
            "overtaken": overtaken,
        }
        return render(self.request, "programs/appraisal_form.html", context, status=status)


@require_POST
def return_appraisal(request: HttpRequest, pk: int) -> HttpResponse:
    """HR asks for another version."""
    row = in_view(request, pk)
    try:
        appraisals.return_appraisal(appraisal=row, by=request.user, comment=request.POST.get("comment", ""))
    except DomainError as error:
        if error.status not in REFUSALS_IN_FORM:
            raise
        button = next((each for each in open_to(row, request.user) if each.name == "return"), None)
        page = participations.in_view(request, row.participation_id)
        return participations.show_participation(
            request, page, error, button=button, take_url=reverse("appraisal-return", args=[pk])
        )
    messages.success(request, "鉴定已退回，已通知基地修改。")
    return redirect("participation-detail", pk=row.participation_id)


def in_view(request: HttpRequest, pk: int) -> Appraisal:
    """Return an appraisal the reader may see; raises NotFound for any other."""
    rows = Appraisal.objects.visible_to(request.user).select_related(
        "participation__cadre", "participation__unit", "participation__secondment", "stint__base", "stint__host",
        "stint__guide",
    )  # fmt: skip
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound("没有找到这份鉴定。")
    return row
