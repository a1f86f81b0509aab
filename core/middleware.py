"""Middleware of the mechanisms: facts of the request for the audit, domain errors as pages."""

import logging
import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from core import audit
from core.addresses import client_address
from core.error_pages import error_page, unavailable_page
from core.errors import DomainError, Invalid, TooLarge, WrongMoment
from core.files import MEGABYTE
from core.unreadable import unreadable

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]
FORM_BYTES = MEGABYTE  # what else of a form comes with the file
CONFLICT = "与已有的内容冲突，没有保存，请刷新后再试。"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestFactsMiddleware:
    """Notes address and request id of each request, for audit entries and for the answer's header."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Facts are set for this request alone, and gone after it."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        token = audit.facts.set(audit.RequestFacts(ip=client_address(request), request_id=request_id))
        try:
            response = self.get_response(request)
        finally:
            audit.facts.reset(token)
        response["X-Request-ID"] = request_id
        return response


class BodyLimitMiddleware:
    """Refuses a body that is larger than any upload may be, before a byte of it is read (413)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """By the length that is announced; servers read no more than that."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.UPLOAD_MAX_BYTES + FORM_BYTES:
            return error_page(
                request, TooLarge(f"提交的内容太大：最多 {settings.UPLOAD_MAX_BYTES // MEGABYTE} MB。")
            )
        return self.get_response(request)


class DomainErrorMiddleware:
    """A rule's refusal raised in a page becomes the page of its status; a lost database becomes 503."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing but passing on; see process_exception."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer to an exception of a view, None for one that isn't ours."""
        if isinstance(exception, DomainError):
            return error_page(request, exception)
        if isinstance(exception, OperationalError | InterfaceError):
            return unavailable_page(request, exception)
        if isinstance(exception, IntegrityError):
            logger.warning("constraint refused: %s", exception)
            return error_page(request, WrongMoment(CONFLICT))
        if unreadable(exception):
            return error_page(request, Invalid("请求的内容无法识别。"))
        return None
