"""Pages of the mechanisms: error pages, liveness and readiness, the inbox, one's own jobs."""

import sys
import uuid

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import InterfaceError, OperationalError, connection
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from core import inbox, jobs
from core.error_pages import SERVER_ERROR, answer, unavailable_page
from core.errors import NotFound
from core.files import download_response
from core.forms import InboxFilter
from core.models import Job, Message

MESSAGES_PER_PAGE = 30


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent makes no sense."""
    return answer(request, 400, "invalid", "请求的内容无法识别。")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: inside the scope, but not permitted."""
    return answer(request, 403, "forbidden", "您没有办理此事的权限。")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, or outside the person's scope."""
    return answer(request, 404, "not_found", "没有找到您要的内容。")


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when the cause is the database (also when it was lost outside a view)."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        return unavailable_page(request, error)
    return answer(request, 500, "error", SERVER_ERROR)


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness: the process answers; asks nobody else."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Readiness: the database answers and is migrated (Redis may be away: pages work without it)."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM core_job LIMIT 1")
    except Exception:
        connection.close()
        return JsonResponse({"database": "unavailable"}, status=503)
    return JsonResponse({"database": "ok"})


@require_safe
def inbox_page(request: HttpRequest) -> HttpResponse:
    """One's own messages, newest first: searched, by kind and period; `?unread=1` those not opened yet."""
    form = InboxFilter(request.GET)
    messages = form.narrow(Message.objects.of(request.user))
    only_unread = request.GET.get("unread") == "1"
    unread = inbox.unread_count(request.user)
    paginator = Paginator(messages.unread() if only_unread else messages, MESSAGES_PER_PAGE)
    tabs = [
        {"label": "全部", "url": _inbox_address(request, ""), "count": None, "active": not only_unread},
        {"label": "未读", "url": _inbox_address(request, "1"), "count": unread, "active": only_unread},
    ]
    context = {
        "page_obj": paginator.get_page(request.GET.get("page")),
        "only_unread": only_unread,
        "unread": unread,
        "tabs": tabs,
        "filter_form": form,
        "narrowed": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "core/inbox.html", context)


def _inbox_address(request: HttpRequest, unread: str) -> str:
    """The address of a tab, with what is searched for kept."""
    chosen = request.GET.copy()
    for name in ("page", "unread"):
        chosen.pop(name, None)
    if unread:
        chosen["unread"] = unread
    return f"{reverse('inbox')}?{chosen.urlencode()}" if chosen else reverse("inbox")


@require_POST
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a message as read and go where it leads."""
    message = get_object_or_404(Message.objects.of(request.user), pk=pk)
    inbox.mark_read(request.user, [message.pk])
    safe = url_has_allowed_host_and_scheme(message.url, allowed_hosts=None)
    return redirect(message.url if message.url and safe else "inbox")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    inbox.mark_read(request.user)
    return redirect("inbox")


@require_safe
def job_progress(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The progress of one's own job: a fragment for htmx, else a page around it.

    A kind's result may say where to go on: `{"next": "/address/", "next_label": "查看…"}`.
    """
    job = get_object_or_404(Job.objects.asked_by(request.user), pk=pk)
    result = job.result or {}
    context = {
        "job": job,
        "title": job.label,
        "poll_url": reverse("job", args=[job.pk]),
        "result_url": reverse("job-file", args=[job.pk]) if job.result_file_id else "",
        "next_url": result.get("next", ""),
        "next_label": result.get("next_label", ""),
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "components/_job_progress.html" if fragment else "core/job.html", context)


@require_GET
def job_file(request: HttpRequest, pk: uuid.UUID) -> FileResponse:
    """The result file of one's own job."""
    job = get_object_or_404(Job.objects.asked_by(request.user).select_related("result_file"), pk=pk)
    if job.result_file is None:
        raise NotFound("这个任务没有结果文件。")
    return download_response(job.result_file)


@require_POST
def job_cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask one's own job to stop."""
    job = get_object_or_404(Job.objects.asked_by(request.user), pk=pk)
    jobs.request_cancel(job)
    return redirect("job", job.pk)
