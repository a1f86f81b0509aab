"""Papers of a case: brought, fetched, taken out."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from core.errors import Invalid, NotFound
from core.files import download_response
from programs.services import nominations
from programs.views.cases import case_in_view


@require_POST
def add_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a paper to a draft or returned case."""
    case = case_in_view(request, pk)
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid("请选择要上传的文件。")
    if not upload.size:
        raise Invalid(f"“{upload.name}”是空文件，没有上传。")
    wanted = request.POST.get("attachment", "")
    attachment = case.call.attachments.filter(pk=wanted).first() if wanted.isdecimal() else None
    nominations.attach_file(
        nomination=case, content=upload, name=upload.name or "", by=request.user, attachment=attachment
    )
    messages.success(request, f"已上传“{upload.name}”。")
    return redirect("nomination-edit", pk=pk)


@require_POST
def remove_paper(request: HttpRequest, pk: int, paper: int) -> HttpResponse:
    """Take a paper out of a draft or returned case."""
    found = case_in_view(request, pk).files.filter(pk=paper).first()
    if found is None:
        raise NotFound("没有找到这份材料。")
    nominations.remove_file(paper=found, by=request.user)
    messages.success(request, "材料已删除。")
    return redirect("nomination-edit", pk=pk)


@require_GET
def paper_file(request: HttpRequest, pk: int, paper: int) -> FileResponse:
    """A paper of a case in view."""
    found = case_in_view(request, pk).files.filter(pk=paper).select_related("file").first()
    if found is None:
        raise NotFound("没有找到这份材料。")
    return download_response(found.file)
