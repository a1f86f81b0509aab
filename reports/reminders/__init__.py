"""Which reminders are due today: each is one query over everybody concerned, told once per occasion."""

from __future__ import annotations

from collections.abc import Iterator

from core.inbox import NewMessage
from reports.reminders import development, oversight, programs, requests, rounds, tenure, training


def due_reminders() -> Iterator[NewMessage]:
    """Yield every reminder that is due now; `core.inbox.send_many` keeps each to one per occasion."""
    for source in (programs, training, rounds, requests, oversight, development, tenure):
        yield from source.due()


__all__ = ["due_reminders"]
