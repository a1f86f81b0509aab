"""Jobs and messages against real workers, beats and a Redis that comes and goes."""

import time

import pytest
from django.db import connection

from core import inbox, jobs
from core.models import CalendarDay, Delivery, Job, Message
from tests.core import kinds  # noqa: F401  registers the kinds
from tests.core.conftest import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.workers]

DAY = "2031-05-05"
STALE_SECONDS = 5


@pytest.fixture
def env(tmp_path, settings):
    """What the tests' workers and beats get: their own settings, quick impatience, letters on disk."""
    settings.JOB_STALE_SECONDS = STALE_SECONDS
    letters = tmp_path / "letters"
    letters.mkdir()
    return {
        "DJANGO_SETTINGS_MODULE": "tests.core.worker_settings",
        "JOB_STALE_SECONDS": str(STALE_SECONDS),
        "LETTERS": str(letters),
    }


def reconciled(*asked):
    """Let the reconciler look around as a beat would, until all jobs are over."""

    def look():
        jobs.reconcile()
        time.sleep(0.4)
        return all(finished(job) for job in asked)

    return wait_for(look)


def finished(job):
    """Whether a job is over."""
    return Job.objects.get(pk=job.pk).is_finished


def at_work(job):
    """Whether a worker is in the middle of a job."""
    fresh = Job.objects.get(pk=job.pk)
    return fresh.status == "running" and fresh.progress > 10


def steps(someone, **parameters):
    """A job that writes early and works on for some seconds."""
    return jobs.enqueue("test.steps", by=someone, parameters={"date": DAY, **parameters})


def exactly_one_result(job, someone):
    """Done once: the effect once, one message, the result there."""
    job.refresh_from_db()
    assert (job.status, job.error) == ("done", "")
    assert CalendarDay.objects.count() == 1
    assert Message.objects.filter(recipient=someone).count() == 1


def test_a_worker_killed_in_mid_job_leaves_exactly_one_result(someone, real_worker, env):
    victim = real_worker(env=env)
    job = steps(someone, steps=15, pause=0.4)
    assert wait_for(lambda: at_work(job))
    victim.kill9()
    assert not CalendarDay.objects.exists()

    real_worker(env=env)
    assert reconciled(job)
    exactly_one_result(job, someone)
    assert job.attempts == 2


def test_a_main_process_killed_alone_leaves_exactly_one_result(someone, real_worker, env):
    victim = real_worker(env=env)
    job = steps(someone, steps=15, pause=0.4)
    assert wait_for(lambda: at_work(job))
    victim.kill9_main()

    real_worker(env=env)
    assert reconciled(job)
    time.sleep(1)
    exactly_one_result(job, someone)


def test_a_job_that_kills_its_worker_every_time_ends_with_a_clear_failure(someone, real_worker, env):
    real_worker(env=env)
    job = jobs.enqueue("test.suicide", by=someone, parameters={"date": DAY})
    assert reconciled(job)
    job.refresh_from_db()
    assert (job.status, job.error, job.attempts) == ("failed", jobs.GAVE_UP, 3)
    assert not CalendarDay.objects.exists()
    assert Message.objects.count() == 1


def test_redis_emptied_loses_nothing(someone, redis_server, real_worker, env):
    asked = [
        jobs.enqueue("test.count", by=someone, parameters={"date": f"2031-05-{day:02}"})
        for day in range(1, 7)
    ]
    redis_server.flush()
    real_worker(env=env, pool="solo")
    assert reconciled(*asked)
    assert CalendarDay.objects.count() == 6
    assert set(Job.objects.values_list("status", "attempts")) == {("done", 1)}


def test_redis_away_holds_up_nobody(someone, redis_server, real_worker, env):
    redis_server.kill()
    started = time.monotonic()
    job = steps(someone, steps=3)
    assert time.monotonic() - started < 20
    redis_server.start()
    real_worker(env=env, pool="solo")  # a worker that starts looks around by itself
    assert wait_for(lambda: finished(job))
    exactly_one_result(job, someone)


def test_redis_killed_under_a_worker_in_mid_job(someone, redis_server, real_worker, env):
    real_worker(env=env)
    job = steps(someone, steps=20, pause=0.3)
    assert wait_for(lambda: at_work(job))
    redis_server.kill()
    time.sleep(1)
    redis_server.start()
    after = jobs.enqueue("test.count", by=someone, parameters={"date": "2031-06-01"})
    assert reconciled(job, after)
    assert set(Job.objects.values_list("status", flat=True)) == {"done"}
    assert CalendarDay.objects.count() == 2


def test_a_database_connection_cut_in_mid_job(someone, real_worker, env):
    real_worker(env=env)
    job = steps(someone, steps=20, pause=0.3)
    assert wait_for(lambda: at_work(job))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert reconciled(job)
    exactly_one_result(job, someone)


def test_two_beats_and_three_workers_have_one_effect(someone, real_worker, real_beat, env, tmp_path):
    for _ in range(2):
        real_beat(env=env, wait=False)
    for _ in range(3):
        real_worker(env=env, wait=False, pool="solo")
    asked = [
        jobs.enqueue("test.count", by=someone, parameters={"date": f"2031-05-{day:02}", "seconds": 0.5})
        for day in range(1, 7)
    ]
    for number in range(20):
        inbox.send(someone, f"o{number}", title=f"No {number}")
    assert wait_for(
        lambda: all(finished(job) for job in asked) and not Delivery.objects.exclude(status="sent").exists()
    )
    assert set(Job.objects.values_list("status", "attempts")) == {("done", 1)}
    assert CalendarDay.objects.count() == 6
    subjects = [
        line
        for letter in (tmp_path / "letters").iterdir()
        for line in letter.read_text().splitlines()
        if line.startswith("Subject:")
    ]
    assert len(subjects) == len(set(subjects)) == 20
