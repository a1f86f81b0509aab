"""Background jobs: what a job kind is, how one is asked for, and how it is run exactly once.

The row is the truth and Celery only the wake-up call. A worker claims a job by a conditional update that
leaves a claim token, proves it is alive by a heartbeat on a connection of its own, and commits the job's
effects together with `done` in one transaction whose last statement asks for that token again: a worker
that was taken for dead rolls back, so a job that was run twice has worked once.
"""

import datetime as dt
import logging
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from core import inbox
from core.calendar import now
from core.errors import DomainError, WrongMoment
from core.heartbeat import Heartbeat
from core.job_kinds import job_kind as job_kind  # the decorator belongs to the jobs' face
from core.job_kinds import kinds
from core.models import Job, StoredFile
from core.redaction import redacted

logger = logging.getLogger(__name__)

CANCELLED = "已按您的要求取消，没有留下任何改动。"
GAVE_UP = (
    "处理过程中多次意外中断，任务已停止，没有留下任何改动。请稍后重新提交；若再次出现，请联系系统管理员。"
)
UNEXPECTED = "处理时出现意外错误，没有留下任何改动。请联系系统管理员，并告知任务编号。"
TOO_LONG = "处理时间过长，任务已停止，没有留下任何改动。请缩小范围后再试。"
INTERRUPTED = "处理中断，正在重新开始"


CALLS_AT_ONCE = 200  # a long queue needn't be announced whole each minute


class JobCancelled(DomainError):
    """The person who asked for the job doesn't want it any more."""

    code = "cancelled"
    status = 409
    default_message = CANCELLED


class TakenOver(Exception):
    """Another worker holds the job by now; whatever this one did is rolled back."""


class RunningJob:
    """What a job's function gets: parameters, and ways to report, attach a file and notice a cancel."""

    def __init__(self, job: Job, heartbeat: Heartbeat) -> None:
        self._job = job
        self._heartbeat = heartbeat
        self.file: StoredFile | None = None

    @property
    def id(self) -> uuid.UUID:
        """The job's id."""
        return self._job.pk

    @property
    def parameters(self) -> dict[str, Any]:
        """What the job was asked with."""
        return self._job.parameters

    @property
    def asked_by(self) -> Any:
        """The person who asked, None for the system; their rights are checked afresh by the services."""
        return self._job.asked_by

    @property
    def attempts(self) -> int:
        """Which attempt this is, from 1."""
        return self._job.attempts

    def progress(self, percent: float, message: str = "") -> None:
        """Show how far the job is, at once and outside its transaction; notices a cancel as well."""
        self._heartbeat.report(max(0, min(99, int(percent))), message)
        self.check_cancelled()

    def log(self, line: str) -> None:
        """Add a line to the job's log."""
        self._heartbeat.add_log(line)

    def attach(self, content: bytes | Path, name: str) -> StoredFile:
        """Keep a file as the job's result; the storage forgets it again if the job doesn't end well."""
        from core.files import store

        self.file = store(content, name=name, kind="any", by=self.asked_by, limit=None)
        return self.file

    def check_cancelled(self) -> None:
        """Raise JobCancelled if the asker wants it to stop, TakenOver if another worker holds the job."""
        if self._heartbeat.lost:
            raise TakenOver
        if self._heartbeat.cancelled:
            raise JobCancelled


# How a worker is told about a job: given by core.tasks, which stands above this file.
_call_a_worker: Callable[[str], None] | None = None


def announce_by(call: Callable[[str], None]) -> Callable[[str], None]:
    """Say how a worker is told about a job's id; core.tasks does so when the application starts."""
    global _call_a_worker
    _call_a_worker = call
    return call


def enqueue(kind: str, *, by: Any, parameters: dict[str, Any], unique_key: str = "") -> Job:
    """Write a job in the caller's transaction and wake a worker once that commits.

    With a `unique_key` an unfinished job of the same key and asker is returned instead of a second one.
    Raises KeyError for an unknown kind, WrongMoment if that other job ended this very moment. Who may ask is the calling service's question.
    """
    if kind not in kinds:
        raise KeyError(f"job kind {kind!r} is not registered")
    key = f"{getattr(by, 'pk', None) or 'system'}:{unique_key}"[:200] if unique_key else ""
    job = Job(kind=kind, parameters=parameters, asked_by=by, unique_key=key)
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        same = Job.objects.unfinished().filter(unique_key=key).first() if key else None
        if same is None:  # it ended just now
            raise WrongMoment("同样的任务刚刚结束，请查看结果后再决定是否重新提交。") from None
        return same
    transaction.on_commit(lambda: wake(job.pk))
    return job


def wake(job_id: uuid.UUID) -> None:
    """Tell the workers about a job; if the broker is away the reconciler tells them later."""
    if _call_a_worker is None:
        raise RuntimeError("core.tasks was never loaded")
    try:
        _call_a_worker(str(job_id))
    except Exception as error:
        logger.warning("job %s not announced (%s); the reconciler will", job_id, error)


def request_cancel(job: Job) -> None:
    """Ask a job to stop: a queued one ends at once, a running one at its next report."""
    changed = Job.objects.filter(pk=job.pk, status=Job.Status.QUEUED).update(
        status=Job.Status.FAILED, error=CANCELLED, finished_at=now(), cancel_requested=True
    )
    if not changed:
        Job.objects.filter(pk=job.pk, status=Job.Status.RUNNING).update(cancel_requested=True)
    job.refresh_from_db()


def _stale() -> Q:
    """Running, but not heard of for JOB_STALE_SECONDS, by the database's clock."""
    return Q(
        status=Job.Status.RUNNING,
        heartbeat_at__lt=Now() - dt.timedelta(seconds=settings.JOB_STALE_SECONDS),
    )


def claim(job_id: uuid.UUID | str) -> Job | None:
    """Take a queued or abandoned job; None if there is nothing to take (somebody else was faster)."""
    token = uuid.uuid4()
    taken = (
        Job.objects.filter(pk=job_id, attempts__lt=settings.JOB_MAX_ATTEMPTS)
        .filter(Q(status=Job.Status.QUEUED) | _stale())
        .update(
            status=Job.Status.RUNNING,
            claim=token,
            attempts=F("attempts") + 1,
            claimed_at=now(),
            heartbeat_at=Now(),
            progress=0,
        )
    )
    return Job.objects.select_related("asked_by").get(pk=job_id) if taken else None


def run(job_id: uuid.UUID | str, *, watched: bool = True) -> Job | None:
    """Claim and run a job to its end; None if it wasn't there to take.

    `watched=False` runs without the heartbeat thread and reports on the caller's own connection: for
    tests inside one transaction and for commands that run a job in the foreground.
    """
    job = claim(job_id)
    if job is None:
        return None
    with Heartbeat(job, threaded=watched) as heartbeat:
        running = RunningJob(job, heartbeat)
        try:
            _work(job, running)
        except TakenOver:
            logger.warning("job %s was taken over by another worker; rolled back", job.pk)
            _forget_file(running)
        except JobCancelled as error:
            _fail(job, running, error.message)
        except DomainError as error:
            _fail(job, running, error.message, details=error.errors)
        except SoftTimeLimitExceeded:
            _fail(job, running, TOO_LONG)
        except (OperationalError, InterfaceError):
            logger.exception("job %s lost the database; it stays for the reconciler", job.pk)
            _forget_file(running)
            connection.close()
        except Exception:
            logger.exception("job %s failed", job.pk)
            _fail(job, running, UNEXPECTED, log=redacted(traceback.format_exc()))
    return job


def _work(job: Job, running: RunningJob) -> None:
    """The kind's function and `done`, in one transaction guarded by the claim token."""
    kind = kinds.get(job.kind)
    if kind is None:
        raise DomainError(f"系统不认识这种任务（{job.kind}），请联系系统管理员。")
    with transaction.atomic():
        result = kind.function(running) or {}
        running.check_cancelled()
        finished = Job.objects.filter(pk=job.pk, claim=job.claim, status=Job.Status.RUNNING).update(
            status=Job.Status.DONE,
            progress=100,
            result=result,
            result_file=running.file,
            finished_at=now(),
            error="",
            **({"message": str(result["message"])[:300]} if "message" in result else {}),
        )
        if not finished:
            raise TakenOver
        _tell(job, "已完成")


def _fail(
    job: Job,
    running: RunningJob,
    sentence: str,
    *,
    details: dict[str, list[str]] | None = None,
    log: str = "",
) -> None:
    """End a job with one clear sentence; the technical log stays with the row."""
    _forget_file(running)
    if log:
        running.log(log)
    with transaction.atomic():
        failed = Job.objects.filter(pk=job.pk, claim=job.claim, status=Job.Status.RUNNING).update(
            status=Job.Status.FAILED,
            error=sentence,
            result={"errors": details} if details else None,
            finished_at=now(),
        )
        if failed:
            _tell(job, "没有完成", sentence)


def _tell(job: Job, outcome: str, body: str = "") -> None:
    """A message for the asker, who may have left the page; no e-mail, since the job is theirs."""
    if job.asked_by is not None:
        inbox.send(
            job.asked_by,
            f"job:{job.pk}:{outcome}",
            title=f"{job.label}：{outcome}",
            body=body,
            url=reverse("job", args=[job.pk]),
            quiet=True,
        )


def _forget_file(running: RunningJob) -> None:
    """The row of an attached file was rolled back; its bytes go too."""
    if running.file is not None:
        from core.files import forget

        forget(running.file)


def reconcile() -> int:
    """Take care of forgotten jobs: re-queue the abandoned, fail the hopeless, wake for all that wait.

    Safe to run anywhere at any time, twice at once too: every step is one conditional update, and a
    wake-up for a job that is taken already does nothing. Returns how many workers were called.
    """
    for job in Job.objects.filter(_stale(), attempts__gte=settings.JOB_MAX_ATTEMPTS):
        _give_up(job)
    Job.objects.filter(_stale(), attempts__lt=settings.JOB_MAX_ATTEMPTS).update(
        status=Job.Status.QUEUED, claim=None, message=INTERRUPTED
    )
    queued = Job.objects.filter(status=Job.Status.QUEUED).order_by("created_at")
    waiting = list(queued.values_list("pk", flat=True)[:CALLS_AT_ONCE])
    for job_id in waiting:
        wake(job_id)
    return len(waiting)


def _give_up(job: Job) -> None:
    """Fail a job whose every attempt died; nothing happens if it shows life or was failed already."""
    with transaction.atomic():
        failed = Job.objects.filter(_stale(), pk=job.pk, claim=job.claim).update(
            status=Job.Status.FAILED, error=GAVE_UP, finished_at=now(), claim=None
        )
        if failed:
            _tell(job, "没有完成", GAVE_UP)
