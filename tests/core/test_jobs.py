"""Jobs: a row first, claimed once, worked once, never hanging and never half done."""

import uuid

import pytest
from django.db import connection, transaction

from core import job_kinds, jobs
from core.heartbeat import Heartbeat
from core.models import CalendarDay, Job, Message, StoredFile
from tests.core import kinds  # noqa: F401  registers the kinds
from tests.core.conftest import at_once, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
DAY = "2031-05-05"


@pytest.fixture(autouse=True)
def calls(monkeypatch):
    """The wake-up calls that would go to the broker."""
    made = []
    monkeypatch.setattr("core.tasks.run_job.apply_async", lambda args, retry: made.append(args[0]))
    return made


def abandon(job, seconds=3600):
    """Make a running job look as if its worker had died a while ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_job SET status = 'running', claim = %s, attempts = greatest(attempts, 1),"
            " heartbeat_at = now() - make_interval(secs => %s) WHERE id = %s",
            [uuid.uuid4(), seconds, job.pk],
        )


def ask(someone, kind="test.count", **parameters):
    """A job of a test kind."""
    return jobs.enqueue(kind, by=someone, parameters={"date": DAY, **parameters})


def test_a_job_runs_and_tells_its_asker(someone, calls):
    job = ask(someone)
    assert calls == [str(job.pk)]

    jobs.run(job.pk)

    job.refresh_from_db()
    assert (job.status, job.progress, job.result, job.attempts) == ("done", 100, {"counted": 1}, 1)
    assert job.message == "即将完成"
    assert CalendarDay.objects.count() == 1
    message = Message.objects.get(recipient=someone)
    assert (message.title, message.url) == ("计数：已完成", f"/jobs/{job.pk}/")
    assert not message.deliveries.exists()


def test_the_row_and_the_call_wait_for_the_commit(someone, calls):
    with transaction.atomic():
        ask(someone)
        assert calls == []
    assert len(calls) == 1
    with transaction.atomic():
        ask(someone)
        transaction.set_rollback(True)
    assert len(calls) == 1
    assert Job.objects.count() == 1


def test_a_broker_that_is_away_loses_nothing(someone, monkeypatch):
    def away(**kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr("core.tasks.run_job.apply_async", away)
    job = ask(someone)
    assert Job.objects.get().status == "queued"
    made = []
    monkeypatch.setattr("core.tasks.run_job.apply_async", lambda args, retry: made.append(args[0]))
    assert jobs.reconcile() == 1
    assert made == [str(job.pk)]


def test_a_unique_key_gives_one_unfinished_job(someone, other):
    first, again = [jobs.enqueue("test.report", by=someone, parameters={}, unique_key="k") for _ in range(2)]
    assert again.pk == first.pk
    assert jobs.enqueue("test.report", by=other, parameters={}, unique_key="k").pk != first.pk
    jobs.run(first.pk, watched=False)
    assert jobs.enqueue("test.report", by=someone, parameters={}, unique_key="k").pk != first.pk


def test_a_unique_key_holds_at_once(someone):
    outcomes = at_once(
        *[lambda: jobs.enqueue("test.report", by=someone, parameters={}, unique_key="k").pk] * 4
    )
    assert len(set(outcomes)) == 1
    assert Job.objects.count() == 1


def test_five_workers_called_at_once_do_the_work_once(someone):
    job = ask(someone, seconds=0.3)
    outcomes = at_once(*[lambda: jobs.run(job.pk)] * 5)
    assert sum(outcome is not None for outcome in outcomes) == 1
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("done", 1)
    assert CalendarDay.objects.count() == 1


def test_a_finished_job_is_not_run_again(someone):
    job = ask(someone)
    assert jobs.run(job.pk) is not None
    assert jobs.run(job.pk) is None
    assert CalendarDay.objects.count() == 1


def test_an_unknown_kind_is_refused_at_once_and_fails_later(someone):
    with pytest.raises(KeyError):
        jobs.enqueue("no.such", by=someone, parameters={})
    job = Job.objects.create(kind="no.such", asked_by=someone)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.status == "failed"
    assert "不认识" in job.error
    with pytest.raises(ValueError, match="twice"):
        jobs.job_kind("test.count", label="计数")(lambda job: None)


def test_a_refusal_fails_with_its_sentence_and_leaves_no_file(someone, media):
    job = ask(someone, "test.report", refuse=True)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.error) == ("failed", "年份不对。")
    assert job.result == {"errors": {"year": ["没有这一年。"]}}
    assert not StoredFile.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert Message.objects.get().title == "测试报表：没有完成"


def test_an_unforeseen_fault_fails_clearly_and_takes_everything_back(someone):
    job = ask(someone, "test.break")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.error) == ("failed", jobs.UNEXPECTED)
    assert "secret detail" in job.log
    assert "secret detail" not in job.error + job.message
    assert not CalendarDay.objects.exists()


def test_a_result_file_is_kept(someone, media):
    job = ask(someone, "test.report")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result_file.name == "报表.pdf"
    assert job.result_file.content_type == "application/pdf"
    assert job.result_file.file.read() == b"%PDF-1.4 report"
    assert job.log == "写文件\n"


def test_progress_is_seen_while_the_job_s_transaction_is_open(someone):
    job = ask(someone, "test.steps", steps=1000, pause=0.05)
    seen = []

    def three_steps_seen():
        fresh = Job.objects.get(pk=job.pk)
        seen.append((fresh.status, fresh.progress, CalendarDay.objects.count()))
        return len({progress for status, progress, effects in seen if progress > 0}) >= 3

    def watch():
        assert wait_for(three_steps_seen)
        jobs.request_cancel(Job.objects.get(pk=job.pk))

    assert at_once(lambda: jobs.run(job.pk), watch)[1] is None
    assert {status for status, progress, effects in seen if progress > 0} == {"running"}
    assert {effects for status, progress, effects in seen} == {0}


def test_a_worker_taken_for_dead_rolls_back(someone):
    """Its heartbeat stopped (the machine slept), another finished the work; its own effects must vanish."""
    job = ask(someone, "test.count")

    def slow(running):
        CalendarDay.objects.create(date="2031-06-06", is_working=True)
        thief_job = None

        def thief():
            nonlocal thief_job
            abandon(job)
            thief_job = jobs.run(job.pk)

        at_once(thief)
        assert thief_job is not None
        return {"counted": 99}

    original = job_kinds.kinds["test.count"]
    slow_once = iter([slow])
    function = lambda running: next(slow_once, original.function)(running)  # noqa: E731
    job_kinds.kinds["test.count"] = job_kinds.JobKind("test.count", "计数", function)
    try:
        jobs.run(job.pk)
    finally:
        job_kinds.kinds["test.count"] = original
    job.refresh_from_db()
    assert (job.status, job.result, job.attempts) == ("done", {"counted": 1}, 2)
    assert [str(day.date) for day in CalendarDay.objects.all()] == [DAY]


def test_an_abandoned_job_is_taken_up_again(someone, settings, calls):
    settings.JOB_STALE_SECONDS = 60
    job = ask(someone)
    abandon(job, seconds=30)
    assert jobs.reconcile() == 0
    assert jobs.run(job.pk) is None
    abandon(job, seconds=61)
    assert jobs.reconcile() == 1
    job.refresh_from_db()
    assert (job.status, job.message) == ("queued", jobs.INTERRUPTED)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("done", 2)


def test_a_job_that_always_kills_its_worker_ends_with_a_clear_failure(someone, settings):
    job = ask(someone)
    for _ in range(settings.JOB_MAX_ATTEMPTS):
        assert jobs.claim(job.pk) is not None
        abandon(job)
        jobs.reconcile()
    job.refresh_from_db()
    assert (job.status, job.error) == ("failed", jobs.GAVE_UP)
    assert jobs.claim(job.pk) is None
    assert Message.objects.get().body == jobs.GAVE_UP


def test_the_last_attempt_is_the_last_even_before_the_reconciler_comes(someone, settings):
    job = ask(someone)
    Job.objects.update(attempts=settings.JOB_MAX_ATTEMPTS)
    abandon(job)
    assert jobs.claim(job.pk) is None


def test_two_reconcilers_requeue_once(someone):
    job = ask(someone)
    Job.objects.update(attempts=3)
    abandon(job)
    at_once(jobs.reconcile, jobs.reconcile)
    assert Message.objects.count() == 1


def test_a_lost_database_leaves_the_job_to_the_reconciler(someone, settings):
    job = ask(someone, "test.disconnect")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.status == "running"
    assert not CalendarDay.objects.exists()
    abandon(job)
    jobs.reconcile()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("done", 2)
    assert CalendarDay.objects.count() == 1


def test_a_queued_job_is_cancelled_at_once(someone):
    job = ask(someone)
    jobs.request_cancel(job)
    assert (job.status, job.error) == ("failed", jobs.CANCELLED)
    assert jobs.run(job.pk) is None


def test_a_running_job_is_cancelled_at_its_next_report(someone):
    job = ask(someone, "test.steps", steps=1000, pause=0.05)

    def cancel():
        assert wait_for(lambda: Job.objects.get(pk=job.pk).progress > 0)
        jobs.request_cancel(Job.objects.get(pk=job.pk))

    at_once(lambda: jobs.run(job.pk), cancel)
    job.refresh_from_db()
    assert job.progress < 100
    assert (job.status, job.error) == ("failed", jobs.CANCELLED)
    assert not CalendarDay.objects.exists()


def test_the_heartbeat_beats_while_the_function_is_busy(someone, settings):
    settings.JOB_STALE_SECONDS = 3
    job = ask(someone)
    job = jobs.claim(job.pk)
    with Heartbeat(job):
        first = Job.objects.get(pk=job.pk).heartbeat_at
        assert wait_for(lambda: Job.objects.get(pk=job.pk).heartbeat_at > first)


def test_unwatched_runs_report_on_the_caller_s_connection(someone):
    job = ask(someone)
    with transaction.atomic():
        jobs.run(job.pk, watched=False)
        assert Job.objects.get(pk=job.pk).status == "done"
        transaction.set_rollback(True)
    assert Job.objects.get(pk=job.pk).status == "queued"


def test_jobs_are_seen_by_their_asker_alone(someone, other):
    job = ask(someone)
    assert list(Job.objects.asked_by(someone)) == [job]
    assert not Job.objects.asked_by(other).exists()
    assert not Job.objects.asked_by(None).exists()
