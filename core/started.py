"""What a person started and where it stands: each app registers a source, the home page shows the lines."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """One line of the home page."""

    title: str
    url: str
    status: str = ""
    tone: str = "muted"
    detail: str = ""
    due: dt.datetime | dt.date | None = None


Source = Callable[[Any], list[Line]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Add a source; an app calls this in its `ready`. Twice registers once."""
    if source not in _sources:
        _sources.append(source)
    return source


def started_by(user: Any) -> list[Line]:
    """Return what the registered sources tell of a person, in the order of registering."""
    return [line for source in _sources for line in source(user)]
