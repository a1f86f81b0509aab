"""The roster import: upload, preview with questions, confirmation, progress, result."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.scope import require
from accounts.views_base import CapabilityRequired, ServiceForm
from cadres.forms.exchange import UploadForm
from cadres.models import RosterImport
from cadres.services import imports
from cadres.services.collection_import.new_units import CREATE, UNDER
from cadres.services.form_import.honours import key_of
from cadres.sheets.exporting import template
from cadres.sheets.rejecting import rejected_content
from cadres.sheets.roster_reading import check_head
from cadres.tasks import COMMIT
from cadres.views.import_pages import is_working, preview_page, result_page, state_of, wording_of
from core.errors import DomainError, NotFound
from core.files import disposition, download_response, store
from core.filetypes import BINARY, XLSX

LOOKED_INTO_BYTES = 8 * 1024 * 1024
_PAGE = 20


class ImportStart(CapabilityRequired, ServiceForm):
    """Choose a file; below it the earlier imports."""

    capability = "roster.import"
    template_name = "cadres/import/start.html"
    form_class = UploadForm
    kind = RosterImport.Kind.ROSTER

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows whose units to offer."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The earlier imports in scope, with how far each got."""
        rows = (
            RosterImport.objects.visible_to(self.request.user)
            .filter(discarded_at=None, kind=self.kind)
            .select_related("file", "uploaded_by", "unit", "preview_job", "commit_job")[:_PAGE]
        )
        earlier = [{"import": one, "state": state_of(one)} for one in rows]
        none = f"还没有导入过{self.kind.label}"
        return super().get_context_data(earlier=earlier, none_title=none, **kwargs)

    def form_valid(self, form: UploadForm) -> HttpResponse:
        """A refused file comes back with its sentence and its status; nothing is kept of it."""
        try:
            with transaction.atomic():
                target = self.perform(form)
        except DomainError as error:
            form.add_error("file", error.message)
            response = self.form_invalid(form)
            response.status_code = error.status if error.status in (413, 415, 507) else 422
            return response
        return redirect(target)

    def perform(self, form: UploadForm) -> str:
        """Check, keep, and ask for the preview."""
        user: User = self.request.user
        uploaded: UploadedFile = form.cleaned_data["file"]
        unit = form.cleaned_data["unit"] or imports.importing_unit(user)
        if (uploaded.size or 0) <= LOOKED_INTO_BYTES:
            check_head(uploaded.file)
        file = store(uploaded, name=uploaded.name or "名册", kind="sheet", by=user)
        roster_import = imports.start_import(by=user, unit=unit, file=file)
        return reverse("cadre-import-detail", args=[roster_import.pk])


@require_GET
def import_template(request: HttpRequest) -> HttpResponse:
    """The empty workbook with the system's headings."""
    require(request.user, "roster.import")
    response = HttpResponse(template(), content_type=XLSX)
    response["Content-Disposition"] = disposition("干部名册模板.xlsx")
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One import where it stands: being read, to be looked through, being written, done, given up, or failed."""
    roster_import = _visible(request, pk)
    if is_working(roster_import) and not roster_import.discarded_at:
        return render(request, "cadres/import/working.html", _working(roster_import, request.user))
    if roster_import.discarded_at:
        return render(request, "cadres/import/discarded.html", wording_of(roster_import))
    if roster_import.committed_at:
        context = result_page(roster_import, request)
        return render(request, "cadres/import/result.html", context)
    if roster_import.previewed_at is None:
        return render(request, "cadres/import/failed.html", wording_of(roster_import))
    return render(request, "cadres/import/preview.html", preview_page(roster_import, request))


@require_GET
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of reading or writing; once it is over the browser goes on to the page."""
    roster_import = _visible(request, pk)
    if is_working(roster_import):
        return render(request, "components/_job_progress.html", _working(roster_import, request.user))
    response = HttpResponse()
    response["HX-Redirect"] = reverse("cadre-import-detail", args=[pk])
    return response


@require_POST
def import_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the answers of the form; what was left open stays open."""
    roster_import = _visible(request, pk)
    answers = _answers(request)
    if not answers:
        messages.warning(request, "没有选择任何答复。")
    else:
        imports.answer(roster_import=roster_import, by=request.user, answers=answers)
        messages.success(request, f"已记下 {len(answers)} 个答复，相关的行已重新核对。")
    return redirect(f"{reverse('cadre-import-detail', args=[pk])}?show={request.POST.get('show', '')[:10]}")


@require_POST
def import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the commit; a double click finds the same job."""
    imports.confirm(roster_import=_visible(request, pk), by=request.user)
    return redirect("cadre-import-detail", pk)


@require_POST
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the import up."""
    roster_import = _visible(request, pk)
    imports.discard(roster_import=roster_import, by=request.user)
    messages.success(request, "已放弃这次导入，名册没有改动。")
    return redirect(wording_of(roster_import)["start_url"])


@require_GET
def import_rejected(request: HttpRequest, pk: int) -> FileResponse | HttpResponse:
    """The workbook of the rows that don't come in, marked and commented."""
    roster_import = _visible(request, pk)
    if roster_import.discarded_at:
        raise NotFound("这次导入已经放弃，没有保留读取的内容。")
    if roster_import.rejected_file is not None:
        return download_response(roster_import.rejected_file)
    if not roster_import.summary.get("rejected") and not roster_import.summary.get("ask"):
        raise NotFound("这次导入没有被退回的行。")
    content, name = rejected_content(roster_import)
    response = HttpResponse(content, content_type=XLSX if name.endswith(".xlsx") else BINARY)
    response["Content-Disposition"] = disposition(name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _visible(request: HttpRequest, pk: int) -> RosterImport:
    """An import in the user's scope; NotAllowed without the right to import at all, else NotFound."""
    require(request.user, "roster.import")
    rows = RosterImport.objects.visible_to(request.user).select_related(
        "file", "unit", "uploaded_by", "preview_job", "commit_job", "rejected_file"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound("没有找到这次导入。")
    return found


def _working(roster_import: RosterImport, user: User) -> dict[str, Any]:
    commit_job = roster_import.commit_job
    job = commit_job if commit_job and not commit_job.is_finished else roster_import.preview_job
    writing = job is not None and job.kind == COMMIT
    words = wording_of(roster_import)
    return words | {
        "back_label": words["title"],
        "job": job,
        "title": f"正在{words['title']}" if writing else f"正在读取{words['what']}，并与现有名册比较",
        "poll_url": reverse("cadre-import-progress", args=[roster_import.pk]),
        "writing": writing,
        "may_stop": writing and job.asked_by_id == user.pk,
    }


def _answers(request: HttpRequest) -> dict[str, Any]:
    """The answers of the form: `question-N` holds the key, `answer-N` the choice, `other-N` a picked unit."""
    found: dict[str, Any] = {}
    for name, key in request.POST.items():
        if not name.startswith("question-"):
            continue
        number = name.removeprefix("question-")
        choice = request.POST.get(f"answer-{number}", "")
        if choice == CREATE:
            found[key] = _new_unit(request, number)
            continue
        if choice == "other":
            choice = request.POST.get(f"other-{number}", "")
        if choice == imports.LEAVE_OUT:
            found[key] = None
        elif choice in (imports.NEW_PERSON, imports.OUTSIDE, imports.SAME_RECORD):
            found[key] = choice
        elif choice.isdecimal() and len(choice) < 19:
            found[key] = int(choice)
    return found | _declined(request)


def _declined(request: HttpRequest) -> dict[str, Any]:
    """The honours of forms that aren't to be entered: `offered-N` holds what was offered, `honour-N` what was left ticked."""
    return {
        key_of(int(number)): sorted(
            set(request.POST.getlist(name)) - set(request.POST.getlist(f"honour-{number}"))
        )
        for name in request.POST
        if (number := name.removeprefix("offered-")) != name and number.isdecimal() and len(number) < 9
    }


def _new_unit(request: HttpRequest, number: str) -> dict[str, Any]:
    """A unit to be made: `parent-N` the unit above, or `under-N` another new one; `kind-N`, `stage-N` what it is."""
    parent = request.POST.get(f"parent-{number}", "")
    found: dict[str, Any] = {CREATE: int(parent) if parent.isdecimal() and len(parent) < 19 else 0}
    given = {UNDER: "under", "kind": "kind", "stage": "stage"}
    return found | {
        name: request.POST[f"{field}-{number}"]
        for name, field in given.items()
        if f"{field}-{number}" in request.POST
    }
