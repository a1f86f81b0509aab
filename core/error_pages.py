"""Refusals as pages: a full page, a fragment for htmx, or the API's JSON under /api/."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string, select_template

from core.errors import DomainError

logger = logging.getLogger(__name__)

UNAVAILABLE = "系统暂时无法访问数据库，请稍后再试。"
SERVER_ERROR = "系统出现意外错误，已经记录。请稍后再试。"
_SHELL_LESS = (500, 503, 507)


def error_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page of a refusal, with its sentence; for htmx the messages' place gets a fragment."""
    return answer(request, error.status, error.code, error.message, error.errors)


def unavailable_page(request: HttpRequest, error: BaseException) -> HttpResponse:
    """503 without touching the database again."""
    logger.error("database unavailable: %s", error)
    response = answer(request, 503, "unavailable", UNAVAILABLE)
    response["Retry-After"] = "30"
    return response


def answer(
    request: HttpRequest, status: int, code: str, message: str, errors: dict[str, list[str]] | None = None
) -> HttpResponse:
    """The refusal in the form the request can show."""
    context = {"status": status, "code": code, "message": message, "errors": errors or {}}
    if request.path.startswith("/api/"):
        return JsonResponse({"code": code, "message": message, "errors": errors or {}}, status=status)
    if request.headers.get("HX-Request") == "true":
        body = render_to_string("core/_refusal.html", context)
        headers = {"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"}
        return HttpResponse(body, status=422 if status < 500 else status, headers=headers)
    template = select_template([f"{status}.html", "500.html" if status >= 500 else "409.html"])
    with_shell = status not in _SHELL_LESS and hasattr(request, "user")
    return HttpResponse(template.render(context, request if with_shell else None), status=status)
