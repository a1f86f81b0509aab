"""The shell's context processor: what base.html needs on every page, read only when it is shown."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from core import navigation
from core.calendar import now
from core.inbox import unread_count


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return `labels`, `demo` (None, or the demo's date) and the lazy `shell` of the page."""
    demo = {"date": now().date()} if settings.DEMO else None
    return {"labels": settings.LABELS, "demo": demo, "shell": Shell(request)}


class Shell:
    """Navigation, search and inbox of the present user; nothing is read before the template asks."""

    def __init__(self, request: HttpRequest) -> None:
        """Remember the request; its user may not be loaded yet."""
        self._request = request
        self.entries = SimpleLazyObject(self._entries)
        self.personal = SimpleLazyObject(self._personal)
        self.search = SimpleLazyObject(self._search)
        self.unread = SimpleLazyObject(self._unread)

    @property
    def now(self) -> Any:
        """The present moment of the project's clock."""
        return now()

    @property
    def user(self) -> Any:
        """The present user, None on a page without sessions (an error page)."""
        return getattr(self._request, "user", None)

    def _entries(self) -> Any:
        return navigation.entries_for(self.user, self._request.path)

    def _personal(self) -> Any:
        return navigation.entries_for(self.user, self._request.path, place="person")

    def _search(self) -> Any:
        return navigation.search_for(self.user) or {}

    def _unread(self) -> int:
        return unread_count(self.user) if getattr(self.user, "is_authenticated", False) else 0
