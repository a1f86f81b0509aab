"""Every address of the project, flat: for tests that walk over all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """One address: its name (with namespace; the pattern where it has none), its pattern, its view."""

    name: str
    pattern: str
    callback: Any

    @property
    def view(self) -> str:
        """The dotted name of the view."""
        found = getattr(self.callback, "view_class", None) or getattr(self.callback, "cls", None)
        named = found or self.callback
        return f"{named.__module__}.{getattr(named, '__qualname__', type(named).__name__)}"


def all_routes(resolver: URLResolver | None = None, prefix: str = "", space: str = "") -> Iterator[Route]:
    """Yield each address once; of two with the same name the first, which is the one that answers."""
    seen = set()
    for route in _walk(resolver or get_resolver(), prefix, space):
        if route.name not in seen:
            seen.add(route.name)
            yield route


def _walk(resolver: URLResolver, prefix: str, space: str) -> Iterator[Route]:
    for each in resolver.url_patterns:
        pattern = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from _walk(each, pattern, inner)
        elif isinstance(each, URLPattern):
            yield Route(f"{space}{each.name}" if each.name else pattern, pattern, each.callback)
