"""Two commits at once: one writes, the other sees what it wrote; a worker taken for dead writes nothing."""

import pytest
from django.db import transaction

from cadres.models import Cadre, RosterImport
from cadres.services.imports import confirm
from cadres.services.roster_import import committing
from cadres.services.roster_import.committing import commit
from core import jobs
from core.errors import WrongMoment
from core.models import Job
from tests.cadres.rosters import ZHANG, people, previewed
from tests.core.conftest import at_once

pytestmark = pytest.mark.django_db(transaction=True)

BASE = {"姓名": "张三", "单位": "示例区第二中学", "出生年月": "1976.05", "现任职务": "校长"}


def write(pk):
    """Commit in a transaction of its own."""
    with transaction.atomic():
        return commit(pk, by=None)


def test_two_commits_of_one_import_write_once(roster):
    pk = previewed(people(BASE), roster.bureau).pk
    outcomes = at_once(lambda: write(pk), lambda: write(pk))
    assert sorted(type(one).__name__ for one in outcomes) == ["Outcome", "WrongMoment"]
    assert any(isinstance(one, WrongMoment) for one in outcomes)
    assert Cadre.objects.count() == 1


def test_two_imports_of_one_file_make_one_person(roster):
    """Without a number no constraint of the database would stop the second one: the lock and the check do."""
    pks = [previewed(people(BASE), roster.bureau).pk for _ in range(2)]
    outcomes = at_once(*(lambda pk=pk: write(pk) for pk in pks))
    assert sorted(one.renewed for one in outcomes) == [False, True]
    assert Cadre.objects.count() == 1


def test_without_the_check_the_person_would_be_there_twice(roster, monkeypatch):
    """The companion: nothing else stands in the way."""
    monkeypatch.setattr(committing, "DIFFERENT", "SELECT false")
    pks = [previewed(people({**BASE, "身份证号": ""}), roster.bureau).pk for _ in range(2)]
    monkeypatch.setattr(
        committing, "evaluate", lambda values: committing.analyze("import_incoming", "ordinal")
    )
    monkeypatch.setattr(committing, "load", _load_without_comparing)
    at_once(*(lambda pk=pk: write(pk) for pk in pks))
    assert Cadre.objects.count() == 2


def _load_without_comparing(values):
    from cadres.services.roster_import.comparing import compare
    from cadres.services.roster_import.previewing import load

    load(values)
    compare(values)


def test_a_commit_run_twice_by_the_jobs_works_once(roster, hr):
    roster_import = previewed(people({**BASE, "身份证号": ZHANG}), roster.bureau, by=hr)
    job = confirm(roster_import=roster_import, by=hr)
    at_once(lambda: jobs.run(job.pk), lambda: jobs.run(job.pk))
    job.refresh_from_db()
    assert job.status == Job.Status.DONE
    assert Cadre.objects.count() == 1
    assert RosterImport.objects.get().committed_at is not None
