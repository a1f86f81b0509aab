"""The API's shell: rendering, paging, one error shape, entity tags; resources register from their own apps.

Django REST framework reads its settings while its own modules load and finds the names below here, so
this file imports nothing that needs models; the resources are loaded when they are asked for.
"""

from typing import Any

from core.api.errors import exception_handler
from core.api.pagination import Pagination
from core.api.renderers import JSONRenderer

__all__ = [
    "JSONRenderer",
    "Pagination",
    "ScopedViewSet",
    "exception_handler",
    "require_match",
    "router_entries",
    "urlpatterns",
]


def __getattr__(name: str) -> Any:
    """The names that need models or views."""
    if name in ("router_entries", "urlpatterns"):
        from core.api import routes

        return getattr(routes, name)
    if name in ("ScopedViewSet", "require_match"):
        from core.api import viewsets

        return getattr(viewsets, name)
    raise AttributeError(name)
