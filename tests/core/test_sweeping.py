"""The storage keeps nothing that nobody refers to: killed workers' bytes, papers taken out, replaced photos."""

import datetime as dt
import os
import time

import pytest

from core.calendar import now
from core.files import open_stored, store
from core.models import Job, StoredFile
from core.sweeping import sweep_files
from core.tasks import sweep

pytestmark = pytest.mark.django_db
LONG_AGO = dt.timedelta(days=2)


@pytest.fixture(autouse=True)
def storage(media):
    """The test's own storage."""
    return media


def kept(storage):
    """The files in the storage."""
    return sorted(str(path.relative_to(storage)) for path in storage.rglob("*") if path.is_file())


def make(by, *, old=True, used=False):
    """A stored file, perhaps old, perhaps a job's result."""
    stored = store(b"%PDF-1.7 x", name="a.pdf", kind="any", by=by)
    if used:
        Job.objects.create(kind="test.done", asked_by=by, result_file=stored)
    if old:
        StoredFile.objects.filter(pk=stored.pk).update(created_at=now() - LONG_AGO)
        age(stored)
    return stored


def age(stored):
    """Make the bytes two days old."""
    moment = time.time() - LONG_AGO.total_seconds()
    os.utime(stored.file.path, (moment, moment))


def test_what_nothing_refers_to_goes_with_its_bytes(storage, someone):
    gone, used, young = make(someone), make(someone, used=True), make(someone, old=False)
    assert sweep_files() == (1, 0)
    assert set(StoredFile.objects.values_list("pk", flat=True)) == {used.pk, young.pk}
    assert kept(storage) == sorted([used.file.name, young.file.name])
    assert gone.file.name not in kept(storage)
    assert open_stored(used).read() == b"%PDF-1.7 x"


def test_bytes_that_never_got_a_row_go_after_a_day(storage, someone):
    stray, fresh, used = make(someone), make(someone, old=False), make(someone, used=True)
    StoredFile.objects.filter(pk__in=[stray.pk, fresh.pk]).delete()  # as a rollback leaves them
    assert sweep_files() == (0, 1)
    assert kept(storage) == sorted([fresh.file.name, used.file.name])
    assert sweep_files() == (0, 0)


def test_an_empty_storage_is_swept_too(storage):
    assert sweep_files() == (0, 0)


def test_the_sweep_runs_every_night(settings):
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert sweep.name in planned
