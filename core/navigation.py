"""The portal's navigation: apps register entries and the search when they are ready; the shell shows them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

MAX_ENTRIES = 7  # a person sees at most seven entries on the left (docs/frontend.md)


@dataclass(frozen=True)
class Entry:
    """One entry: shown to who holds any of the capabilities, or passes `when`; to everyone without either.

    `place` "main" is the navigation on the left, "person" the menu under one's own name, "roster" the tools of
    the roster's page, "mentoring" the pages of those who have people assigned to them, "programs" and
    "assessment" the pages that the bureau finds under one entry. `covers` names further
    pages that belong to the entry although their addresses lie elsewhere.
    """

    label: str
    icon: str
    url_name: str
    capability: str | tuple[str, ...] = ()
    when: Callable[[Any], bool] | None = None
    order: int = 100
    place: str = "main"
    covers: tuple[str, ...] = ()

    def open_to(self, user: Any) -> bool:
        """Say whether the entry is shown to the user."""
        wanted = (self.capability,) if isinstance(self.capability, str) else self.capability
        if not wanted and self.when is None:
            return True
        if any(user.holds(capability) for capability in wanted):
            return True
        return self.when is not None and self.when(user)


@dataclass(frozen=True)
class ShownEntry:
    """An entry as the template needs it: with its address and whether the present page lies under it."""

    label: str
    icon: str
    url: str
    active: bool = False


@dataclass(frozen=True)
class Search:
    """Where the search in the top bar leads: `url_name` gets `?search=`."""

    url_name: str
    capability: str
    placeholder: str = "搜索姓名、拼音或简拼"


_entries: dict[tuple[str, str, str], Entry] = {}
_searches: list[Search] = []


def register(entry: Entry) -> None:
    """Add an entry; an app calls this in its `ready`. The same label, place and page again replaces the entry."""
    _entries[entry.place, entry.label, entry.url_name] = entry


def register_search(search: Search) -> None:
    """Say where the top bar's search leads for those who hold the capability."""
    if search not in _searches:
        _searches.append(search)


def entries_for(user: Any, path: str = "", place: str = "main") -> list[ShownEntry]:
    """Return the entries open to the user in their order, at most seven, the one holding `path` marked.

    An entry whose address does not exist is left out, so that an app may be taken out of the installation.
    """
    if not getattr(user, "is_authenticated", False):
        return []
    chosen = sorted((e for e in _entries.values() if e.place == place), key=lambda e: (e.order, e.label))
    found = []
    for entry in chosen:
        url = _address(entry.url_name)
        if url and entry.open_to(user):
            found.append((entry, url))
    found = found[:MAX_ENTRIES]
    shown = {url: [url, *filter(None, map(_address, entry.covers))] for entry, url in found}
    here = _closest([each for urls in shown.values() for each in urls], path)
    return [ShownEntry(entry.label, entry.icon, url, active=here in shown[url]) for entry, url in found]


def tabs_of(user: Any, path: str, place: str) -> list[dict[str, Any]]:
    """Return the entries of a place as tabs over its pages (components/_tabs.html); none where there is only one."""
    found = entries_for(user, path, place)
    if len(found) < 2:
        return []
    return [{"label": each.label, "url": each.url, "count": None, "active": each.active} for each in found]


def search_for(user: Any) -> dict[str, str] | None:
    """Return address and placeholder of the top bar's search for the user, None if there is none."""
    if not getattr(user, "is_authenticated", False):
        return None
    for search in _searches:
        url = _address(search.url_name)
        if url and user.holds(search.capability):
            return {"url": url, "placeholder": search.placeholder}
    return None


def _address(url_name: str) -> str:
    """The address behind a URL name, "" when no app serves it."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _closest(urls: list[str], path: str) -> str:
    """The longest address the path lies under; the root only counts for the root itself."""
    under = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(under, key=len, default="")
