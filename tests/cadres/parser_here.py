"""The parser of workbooks in a thread of the test's own process: the child's code and frames without its start.

Starting Python anew for each preview costs more than the preview. The child itself, its limits and its death are
tested in tests/core; in this folder tests marked `real_parser` have it, at least one for each way in.
"""

from __future__ import annotations

import os
from threading import Thread
from typing import Any

from core.errors import DomainError, Invalid
from core.sheets import parsing, reading
from core.sheets.limits import FileKind, Limits


class ParserHere(reading.ChildProcess):
    """Sends what the child would send, through a pipe as well."""

    def __init__(self, path: str, kind: FileKind, memory: int, limits: Limits) -> None:
        self._patience = float(limits.seconds)
        self._pipe, end = os.pipe()
        self._thread = Thread(target=self._work, args=(end, path, kind, limits), daemon=True)
        self._thread.start()

    def _work(self, end: int, path: str, kind: FileKind, limits: Limits) -> None:
        writer = parsing.Writer(end)
        try:
            parsing.serve(path, kind, limits, writer)
        finally:
            os.close(end)

    def _died(self) -> DomainError:
        return Invalid(reading.STOPPED)

    def __exit__(self, *raised: Any) -> None:
        os.close(self._pipe)  # who still writes is told so, and stops
        self._thread.join()
