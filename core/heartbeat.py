"""A job's sign of life: one thread with a database connection of its own, outside the job's transaction."""

import logging
import threading
import time
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F, Value
from django.db.models.functions import Concat, Now

from core.models import Job

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.3


def _pause() -> float:
    """Seconds between two signs of life: several fit into the time after which a job counts as abandoned."""
    return min(5.0, settings.JOB_STALE_SECONDS / 6)


class Heartbeat:
    """Writes heartbeat, progress and log while a job runs, and hears of a cancel or a take-over.

    Unthreaded, it writes at each report on the caller's connection instead.
    """

    def __init__(self, job: Job, *, threaded: bool = True) -> None:
        self.cancelled = False
        self.lost = False
        self._job = job
        self._lock = threading.Lock()
        self._news: dict[str, Any] = {}
        self._lines: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True) if threaded else None

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()
        else:
            self._write()

    def report(self, percent: int, message: str) -> None:
        """Note how far the job is; it is on the row within a third of a second."""
        with self._lock:
            self._news = {"progress": percent, **({"message": message[:300]} if message else {})}
        if not self._thread:
            self._write()

    def add_log(self, line: str) -> None:
        """Note a line of the log."""
        with self._lock:
            self._lines.append(line.rstrip() + "\n")

    def _loop(self) -> None:
        last = time.monotonic()
        try:
            while not self._stop.wait(TICK_SECONDS):
                due = time.monotonic() - last >= _pause()
                if due or self._news or self._lines:
                    self._attempt()
                    last = time.monotonic()
            self._attempt()
        finally:
            connection.close()

    def _attempt(self) -> None:
        """One write; a lost connection is closed so that the next one starts afresh."""
        try:
            self._write()
        except DatabaseError as error:
            logger.warning("no heartbeat for job %s: %s", self._job.pk, error)
            connection.close()

    def _write(self) -> None:
        with self._lock:
            values, self._news = self._news, {}
            lines, self._lines = self._lines, []
        if lines:
            values["log"] = Concat(F("log"), Value("".join(lines)))
        mine = Job.objects.filter(pk=self._job.pk, claim=self._job.claim)
        if mine.filter(status=Job.Status.RUNNING).update(heartbeat_at=Now(), **values):
            self.cancelled = bool(mine.values_list("cancel_requested", flat=True).first())
            return
        values.pop("progress", None)
        still_mine = mine.update(**values) if values else mine.exists()
        self.lost = self.lost or not still_mine
