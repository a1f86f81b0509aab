"""What the process writes about itself names nobody: logs, error reports and a job's technical log.

An exception's text quotes the row it failed on: PostgreSQL adds `DETAIL: Failing row contains (…)` with every
column, `Key (name)=(…)`, and the piece of the statement where it stopped. These go, and so do identity and
mobile numbers wherever they stand.
"""

import logging
import re
from typing import Any

GONE = "（已略去）"
_DETAIL = re.compile(
    r"(DETAIL|CONTEXT|QUERY|LINE \d+):.*?"
    r"(?=\n(?:HINT|DETAIL|CONTEXT|QUERY|LINE \d+):|\n\n|\n(?:Traceback|  File )|\Z)",
    re.DOTALL,
)
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")


def redacted(text: str) -> str:
    """The text without the rows an error quotes, identity numbers and mobile numbers."""
    text = _DETAIL.sub(rf"\1: {GONE}", text)
    return _MOBILE.sub(GONE, _IDENTITY.sub(GONE, text))


class RedactingFormatter(logging.Formatter):
    """Formats a record, its exception included, as another formatter does, and takes out what is about people."""

    def __init__(self, inner: logging.Formatter | None = None) -> None:
        super().__init__()
        self._inner = inner or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        """One record as text."""
        return redacted(self._inner.format(record))


def redact_event(event: Any, hint: Any = None) -> Any:
    """An error report (sentry's `before_send`) with every string in it redacted."""
    if isinstance(event, str):
        return redacted(event)
    if isinstance(event, dict):
        return {key: redact_event(value) for key, value in event.items()}
    if isinstance(event, list | tuple):
        return [redact_event(value) for value in event]
    return event
