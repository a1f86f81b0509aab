"""An import whose worker is killed with kill -9: nothing half, and one result in the end."""

import contextlib
import time

import psycopg2
import pytest
from django.db import connection, transaction

from cadres.models import Appointment, Cadre, PersonnelRelation, RosterImport, RosterImportRow
from cadres.services.imports import confirm, start_import
from core import jobs
from core.files import store
from core.models import AuditEntry, Job, StoredFile
from tests.cadres.rosters import people, previewed
from tests.core.conftest import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.workers]

STALE_SECONDS = 5
# The last table that each part of the import writes: whoever waits for it has written all the others.
LAST_OF_PREVIEW, LAST_OF_COMMIT = "cadres_rosterimportrow", "cadres_rank"
FILE = people(
    *({"姓名": name, "单位": "示例区第二中学", "出生年月": "1976.05", "现任职务": "教师", "职级": "九级"}
      for name in ("张三", "李四", "王五")),
    {"姓名": "赵六", "单位": "示例区第二中学", "出生年月": "1976.13"},
)  # fmt: skip


@pytest.fixture
def env(roster, settings):
    """What the workers get: this test's storage, and quick impatience."""
    settings.JOB_STALE_SECONDS = STALE_SECONDS
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "JOB_STALE_SECONDS": str(STALE_SECONDS),
    }


@contextlib.contextmanager
def held(table):
    """Keep a table from being written by anybody else, and tell when somebody waits for it."""
    with contextlib.closing(psycopg2.connect(**_address())) as other, other.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")

        def is_waited_for():
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = %s::regclass)", [table]
            )
            return cursor.fetchone()[0]

        yield is_waited_for
        other.rollback()


def _address():
    database = connection.settings_dict
    return {
        "dbname": database["NAME"], "user": database["USER"], "password": database["PASSWORD"],
        "host": database["HOST"], "port": database["PORT"] or None,
    }  # fmt: skip


def killed_while_writing(table, real_worker, env, ask):
    """Let a worker write until it comes to `table`, and kill it there; returns the job."""
    with held(table) as is_waited_for:
        job = ask()
        victim = real_worker(env=env)
        assert wait_for(is_waited_for), victim.output()
        victim.kill9()
    return job


def finished_by_another(job, real_worker, env):
    """Let another worker take the job up, as the reconciler sees to."""
    real_worker(env=env)

    def look():
        jobs.reconcile()
        time.sleep(0.4)
        return Job.objects.get(pk=job.pk).is_finished

    assert wait_for(look)
    job.refresh_from_db()
    assert (job.status, job.error, job.attempts) == ("done", "", 2)


def test_a_worker_killed_in_mid_commit_leaves_nothing_and_the_next_one_writes_once(
    roster, hr, real_worker, env
):
    roster_import = previewed(FILE, roster.bureau, by=hr)
    job = killed_while_writing(
        LAST_OF_COMMIT, real_worker, env, lambda: confirm(roster_import=roster_import, by=hr)
    )
    assert not Cadre.objects.exists()
    assert not PersonnelRelation.objects.exists()
    assert RosterImport.objects.get().committed_at is None

    finished_by_another(job, real_worker, env)
    done = RosterImport.objects.get()
    assert done.committed_at is not None
    assert sorted(Cadre.objects.values_list("name", flat=True)) == ["张三", "李四", "王五"]
    assert Appointment.objects.count() == PersonnelRelation.objects.count() == 3
    assert AuditEntry.objects.filter(action="roster.commit").count() == 1
    assert StoredFile.objects.filter(pk=done.rejected_file_id).count() == 1


def test_a_worker_killed_in_mid_preview_leaves_nothing_and_the_next_one_reads_it_whole(
    roster, hr, real_worker, env
):
    def ask():
        with transaction.atomic():
            file = store(FILE, name="名册.xlsx", kind="sheet", by=hr)
            return start_import(by=hr, unit=roster.bureau, file=file).preview_job

    job = killed_while_writing(LAST_OF_PREVIEW, real_worker, env, ask)
    assert not RosterImportRow.objects.exists()

    finished_by_another(job, real_worker, env)
    assert RosterImportRow.objects.count() == 4
    assert RosterImport.objects.get().summary == {
        "new": 3, "changed": 0, "unchanged": 0, "rejected": 1, "ask": 0,
    }  # fmt: skip
