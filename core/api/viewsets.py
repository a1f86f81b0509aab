"""The base of every resource: closed by default, scoped rows, entity tags."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from core.versions import require_version, version_of


def etag(obj: Any) -> str:
    """The entity tag of a record."""
    return f'"{version_of(obj)}"'


def require_match(request: Request, obj: Any) -> None:
    """Raise Stale (412) if the request's If-Match names another version of the record.

    Call it on a locked row. A request without If-Match, or with `*`, doesn't ask for the check.
    """
    wanted = request.headers.get("If-Match", "").strip()
    if not wanted or wanted == "*":
        return
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in wanted.split(",")]
    if version_of(obj) not in tags:
        require_version(obj, "")


class ScopedViewSet(viewsets.GenericViewSet):
    """Rows through the manager's `visible_to(user, capability)`; anything outside answers 404.

    A child names `view_capability` for reading and, per action or for all writing, `edit_capability` or
    `capabilities = {"action name": "capability"}`. An action without a capability is closed.
    """

    view_capability = ""
    edit_capability = ""
    capabilities: dict[str, str] = {}

    def capability(self) -> str:
        """The capability that this request needs."""
        if self.action in self.capabilities:
            return self.capabilities[self.action]
        return self.view_capability if self.request.method in SAFE_METHODS else self.edit_capability

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After authentication: whoever holds the capability nowhere gets 403, on a row out of sight 404."""
        super().initial(request, *args, **kwargs)
        if self.action is None:
            return
        capability = self.capability()
        if not capability or not self.may_use(request.user, capability):
            key = self.kwargs.get(self.lookup_url_kwarg or self.lookup_field)
            if key is not None:
                get_object_or_404(self.get_queryset(), **{self.lookup_field: key})
            raise PermissionDenied("您没有办理此事的权限。")

    def may_use(self, user: Any, capability: str) -> bool:
        """Whether the person may use the resource at all; a child with assignment rows widens it."""
        return bool(user.holds(capability))

    def get_queryset(self) -> QuerySet[Any]:
        """The rows the person sees; one seen but not theirs to change is refused later, with 403."""
        rows: Any = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.visible_to(self.request.user, self.view_capability)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Put the entity tag on the answer with a single record (a view sets `self.tagged`)."""
        tagged = getattr(self, "tagged", None)
        if tagged is not None and response.status_code < 400:
            response["ETag"] = etag(tagged)
        return super().finalize_response(request, response, *args, **kwargs)

    def get_object(self) -> Any:
        """The record of the address, remembered for its entity tag."""
        self.tagged = super().get_object()
        return self.tagged
