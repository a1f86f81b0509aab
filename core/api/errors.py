"""One shape for every refusal of the API: `{"code", "message", "errors"}` with its HTTP status."""

import logging
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, InterfaceError, OperationalError, connections
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import DomainError
from core.unreadable import unreadable

logger = logging.getLogger(__name__)

CHECK_FIELDS = "提交的内容有误，请检查标出的各项。"
_BY_STATUS = {
    400: ("invalid", "请求的内容无法识别。"),
    401: ("unauthenticated", "请先登录。"),
    403: ("forbidden", "您没有办理此事的权限。"),
    404: ("not_found", "没有找到您要的内容。"),
    405: ("method_not_allowed", "这里不能使用这种请求方法。"),
    406: ("not_acceptable", "只能以 JSON 格式返回。"),
    409: ("conflict", "与已有的内容冲突，没有保存，请刷新后再试。"),
    413: ("too_large", "提交的内容太大。"),
    415: ("wrong_type", "不支持这种内容格式。"),
    429: ("too_many", "请求过于频繁，请稍后再试。"),
    503: ("unavailable", "系统暂时无法访问数据库，请稍后再试。"),
}
_OWN_WORDS = (exceptions.NotAuthenticated, exceptions.MethodNotAllowed, exceptions.UnsupportedMediaType)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an exception in an API view; None lets an unexpected one become a logged 500."""
    response = _answer(error)
    if response is not None:
        _roll_back()
    return response


def _answer(error: Exception) -> Response | None:
    if isinstance(error, DomainError):
        return Response(error.as_dict(), status=error.status)
    if isinstance(error, exceptions.ValidationError):
        return _invalid(flatten(error.detail))
    if isinstance(error, DjangoValidationError):
        by_field = (
            error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
        )
        return _invalid({name: [str(text) for text in texts] for name, texts in by_field.items()})
    if isinstance(error, exceptions.APIException):
        return _from_framework(error)
    status = _status_of(error)
    return None if status is None else refusal(status)


def refusal(status: int, message: str = "", headers: dict[str, str] | None = None) -> Response:
    """An answer in the one shape, by HTTP status."""
    code, words = _BY_STATUS.get(status, ("error", "请求没有完成。"))
    body = {"code": code, "message": message or words, "errors": {}}
    return Response(body, status=status, headers=headers)


def _status_of(error: Exception) -> int | None:
    """The status of an exception that isn't the framework's."""
    table: tuple[tuple[type[Exception] | tuple[type[Exception], ...], int], ...] = (
        (Http404, 404),
        (PermissionDenied, 403),
        (RequestDataTooBig, 413),
        ((SuspiciousOperation, UnreadablePostError), 400),
        (IntegrityError, 409),
        ((OperationalError, InterfaceError), 503),
    )
    status = next((status for kinds, status in table if isinstance(error, kinds)), None)
    if status is None and unreadable(error):
        return 400
    if status in (409, 503):
        logger.warning("database refused: %s", error)
    return status


def _from_framework(error: exceptions.APIException) -> Response:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    message = "" if isinstance(error, _OWN_WORDS) else str(error.detail)
    if isinstance(error, exceptions.Throttled):
        wait = int(getattr(error, "wait", 0) or 0)
        headers["Retry-After"] = str(wait)
        message = f"请求过于频繁，请 {wait} 秒后再试。" if wait else ""
    return refusal(error.status_code, message, headers)


def _invalid(errors: dict[str, list[str]]) -> Response:
    general = errors.get("non_field_errors", [])
    message = general[0] if general else CHECK_FIELDS
    return Response({"code": "invalid", "message": message, "errors": errors}, status=400)


def flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Nested validation errors as one level: `rows.0.name` → sentences."""
    if isinstance(detail, dict):
        parts = [(f"{prefix}.{key}" if prefix else str(key), value) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(each, dict | list) for each in detail):
        parts = [
            (f"{prefix}.{index}" if prefix else str(index), each) for index, each in enumerate(detail) if each
        ]
    else:
        texts = detail if isinstance(detail, list) else [detail]
        return {prefix or "non_field_errors": [str(text) for text in texts]}
    found: dict[str, list[str]] = {}
    for name, value in parts:
        for key, texts in flatten(value, name).items():
            found.setdefault(key, []).extend(texts)
    return found


def _roll_back() -> None:
    """Inside a request-wide transaction a refused request leaves nothing."""
    for connection in connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            connection.set_rollback(True)
