"""What waits for a person: each app registers a source, the home page shows the items by deadline."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.calendar import end_of_day, now


@dataclass(frozen=True)
class TodoItem:
    """One thing to do: `verb` opens `url`, the very form; a due date means the end of that day."""

    title: str
    verb: str
    url: str
    due: dt.datetime | dt.date | None = None
    count: int = 1
    detail: str = ""
    tone: str = ""

    @property
    def due_moment(self) -> dt.datetime | None:
        """The deadline as a moment."""
        return as_moment(self.due)


Source = Callable[[Any], list[TodoItem]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Add a source; an app calls this in its `ready` (usable as a decorator). Twice registers once."""
    if source not in _sources:
        _sources.append(source)
    return source


def todos_for(user: Any) -> list[TodoItem]:
    """Collect what waits for the user: by deadline, overdue first, those without one last."""
    if not getattr(user, "is_authenticated", False):
        return []
    items = [item for source in _sources for item in source(user)]
    far = dt.datetime.max.replace(tzinfo=dt.UTC)
    return sorted(items, key=lambda item: (item.due_moment or far, item.title))


def as_moment(due: dt.datetime | dt.date | None) -> dt.datetime | None:
    """Turn a deadline into a moment: a date means its last moment in Shanghai."""
    if due is None or isinstance(due, dt.datetime):
        return due
    return end_of_day(due)


@dataclass(frozen=True)
class Remaining:
    """How much time is left, in words, with a tone for the badge: over, urgent, soon, calm."""

    text: str
    tone: str

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return self.tone == "over"


_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def remaining(due: dt.datetime | dt.date, at: dt.datetime | None = None) -> Remaining:
    """Say how long there is until `due` ("还剩 2 天 3 小时"), or by how much it has passed ("已逾期 3 天")."""
    seconds = int((as_moment(due) - (at or now())).total_seconds())  # type: ignore[operator]
    if seconds < 0:
        return Remaining(f"已逾期 {_span(-seconds, fine=False)}", "over")
    tone = "urgent" if seconds < _DAY else "soon" if seconds < 3 * _DAY else "calm"
    return Remaining(f"还剩 {_span(seconds, fine=True)}", tone)


def _span(seconds: int, *, fine: bool) -> str:
    """A length of time in its one or two largest useful parts."""
    days, rest = divmod(seconds, _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes = max(rest // _MINUTE, 1)
    if days >= 10 or (days and not (fine and hours)):
        return f"{days} 天"
    if days:
        return f"{days} 天 {hours} 小时"
    if hours and fine and rest // _MINUTE:
        return f"{hours} 小时 {minutes} 分钟"
    return f"{hours} 小时" if hours else f"{minutes} 分钟"
