"""Celery tasks of the mechanisms: ids in, one service call."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from core import delivery, jobs, sweeping


@shared_task(name="core.tasks.run_job")
def run_job(job_id: str) -> None:
    """Run one job, unless somebody else does already."""
    jobs.run(job_id)


@jobs.announce_by
def call_a_worker(job_id: str) -> None:
    """The wake-up call for one job; raises where the broker is away."""
    run_job.apply_async(args=[job_id], retry=False)


@shared_task(name="core.tasks.reconcile_jobs")
def reconcile_jobs() -> None:
    """Pick up jobs whose worker died or whose wake-up call was lost."""
    jobs.reconcile()


@shared_task(name="core.tasks.deliver_messages")
def deliver_messages() -> None:
    """Send what is due by e-mail and to the group robots."""
    delivery.deliver_due()


@shared_task(name="core.tasks.sweep")
def sweep() -> None:
    """Remove stored files that nothing refers to."""
    sweeping.sweep_files()


@worker_ready.connect
def look_around(**kwargs: Any) -> None:
    """A worker that has just started asks for what was left behind."""
    reconcile_jobs.delay()
