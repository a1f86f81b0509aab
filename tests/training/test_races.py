"""Races on real connections: places of a class, a double click, settling while the school consents."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from core.workflow import take
from tests.programs.factories import make_cadre
from tests.programs.test_races import at_once
from tests.training.factories import applied, make_class, person
from training import places
from training.models import Enrolment, EnrolmentDecision, TrainingClass
from training.services.classes import take_class_action
from training.services.enrolments import apply, enrol, take_enrolment_action

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, PLACES = 30, 15


@pytest.fixture
def thirty(transactional_db, tree, clock, hr, principal_east):
    """Thirty applications for fifteen places."""
    training_class = make_class(tree.bureau, hr, capacity=PLACES)
    return [applied(training_class, tree.school_east) for _ in range(PEOPLE)]


def taking(enrolment, action, by):
    """A callable that takes an action with its own objects, as a request of its own would."""

    def job():
        user = type(by).objects.get(pk=by.pk)
        mine = Enrolment.objects.get(pk=enrolment.pk)
        return take_enrolment_action(enrolment=mine, action=action, by=user, comment="另有工作")

    return job


def statuses():
    return Counter(Enrolment.objects.values_list("status", flat=True))


def test_thirty_consents_at_once_fill_exactly_fifteen_places(thirty, principal_east):
    outcomes = at_once([taking(each, "approve", principal_east) for each in thirty])
    assert {type(each).__name__ for each in outcomes} == {"EnrolmentDecision"}
    assert statuses() == {"enrolled": PLACES, "waiting": PEOPLE - PLACES}


def test_without_the_lock_the_places_are_oversold(thirty, principal_east, monkeypatch):
    """The companion: the lock taken away and everybody counting before anybody writes, it must go wrong."""
    counted = threading.Barrier(PEOPLE)
    real = places.count_taken

    def count_then_wait(training_class):
        taken = real(training_class)
        counted.wait(timeout=60)
        return taken

    monkeypatch.setattr(places, "lock_class", lambda pk: TrainingClass.objects.get(pk=pk))
    monkeypatch.setattr(places, "count_taken", count_then_wait)
    at_once([taking(each, "approve", principal_east) for each in thirty])
    assert statuses() == {"enrolled": PEOPLE}


def test_leaving_and_consenting_at_once_keep_the_class_full_and_never_over(thirty, principal_east):
    for each in thirty[:18]:
        taking(each, "approve", principal_east)()
    jobs = [taking(each, "withdraw", principal_east) for each in thirty[:5]]
    jobs += [taking(each, "approve", principal_east) for each in thirty[18:24]]
    outcomes = at_once(jobs)
    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert statuses() == {"enrolled": PLACES, "waiting": 4, "withdrawn": 5, "applied": 6}


def test_two_consents_to_one_application_are_one(thirty, principal_east, central_east):
    outcomes = at_once([taking(thirty[0], "approve", who) for who in (principal_east, central_east)])
    assert sorted(type(each).__name__ for each in outcomes) == ["EnrolmentDecision", "WrongMoment"]
    assert EnrolmentDecision.objects.filter(obj=thirty[0]).count() == 1


def test_a_double_click_applies_and_enrols_once(transactional_db, tree, clock, hr, principal_east):
    training_class = make_class(tree.bureau, hr)
    user, cadre = person(tree.school_east).user, make_cadre(tree.school_east)

    def applying():
        return apply(training_class=TrainingClass.objects.get(), by=type(user).objects.get(pk=user.pk))

    def enrolling():
        by = type(user).objects.get(pk=principal_east.pk)
        return enrol(training_class=TrainingClass.objects.get(), cadre=cadre, by=by)

    outcomes = at_once([applying, applying, applying, enrolling, enrolling])
    assert len({each.pk for each in outcomes[:3]}) == len({each.pk for each in outcomes[3:]}) == 1
    assert Enrolment.objects.filter(training_class=training_class).count() == 2


def test_settling_while_the_school_consents_leaves_nobody_between(thirty, principal_east, hr):
    """Both lock the class before an enrolment, so neither waits for the other in turn."""

    def settling():
        return take_class_action(
            training_class=TrainingClass.objects.get(), action="settle", by=type(hr).objects.get(pk=hr.pk)
        )

    jobs = [taking(each, "approve", principal_east) for each in thirty[:10]]
    outcomes = at_once([*jobs[:5], settling, *jobs[5:]])
    assert {type(each).__name__ for each in outcomes} <= {"EnrolmentDecision", "ClassDecision", "WrongMoment"}
    found = statuses()
    assert set(found) <= {"enrolled", "lapsed"}
    assert found["enrolled"] == sum(isinstance(each, EnrolmentDecision) for each in outcomes)
    assert TrainingClass.objects.get().status == "settled"


def test_whoever_decides_waits_for_the_class_before_taking_the_enrolment(thirty, principal_east):
    """The order of locks: while the class is held, nobody holds an enrolment of it and waits."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            places.lock_class(thirty[0].training_class_id)
            waiting = pool.submit(at_once, [taking(thirty[0], "approve", principal_east)])
            while not _somebody_waits():
                assert not waiting.done(), "the consent didn't wait for the class"
            # The settling of the list would come here; with the enrolment held by the other it never ended.
            Enrolment.objects.select_for_update(nowait=True).get(pk=thirty[0].pk)
        assert [type(each).__name__ for each in waiting.result()] == ["EnrolmentDecision"]


def _somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def test_two_beats_settle_once(thirty, clock):
    clock("2026-11-30 17:01")
    outcomes = at_once([lambda: take(TrainingClass.objects.get(), "settle", by=None) for _ in range(3)])
    assert sorted(type(each).__name__ for each in outcomes) == ["ClassDecision", "WrongMoment", "WrongMoment"]
    assert statuses() == {"lapsed": PEOPLE}
