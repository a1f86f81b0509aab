"""Races on real connections: places over two calls of a year, quotas, double submission, one list."""

import contextlib
import datetime as dt
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from core.errors import DomainError, WrongMoment
from programs import places
from programs.models import CentralList, Nomination, NominationDecision, Participation
from programs.services import nominations
from programs.services.calls import open_call, set_quota
from programs.services.lists import file_list
from programs.services.nominations import save_draft, start_nomination, submit_nomination, take_action
from programs.services.participations import place_participation
from programs.workflow import participations as flow
from tests.conftest import Tree
from tests.factories import make_holder
from tests.programs.factories import (
    TEXTS,
    account_of,
    at_decision,
    confirm_all,
    declarations,
    load_county_scheme,
    make_base,
    make_cadre,
    make_call,
    submitted,
)

pytestmark = pytest.mark.django_db(transaction=True)
CASES = 30


def at_once(jobs):
    """Run callables on connections of their own, started together; what each returned or was refused with."""
    gate = threading.Barrier(len(jobs))

    def run(job):
        try:
            gate.wait(timeout=30)
            return job()
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.fixture
def thirty(transactional_db, tree: Tree, clock, hr, party, principal_direct):
    """Thirty cases before the party group, fifteen in each of two open calls of one year's account."""
    program = load_county_scheme(tree.bureau)
    autumn = make_call(program, hr)
    spring = make_call(program, hr, season="春季批", is_open=False)
    window = {"opens_at": autumn.opens_at, "closes_at": autumn.closes_at, "list_due": autumn.list_due}
    type(spring).objects.filter(pk=spring.pk).update(**window)
    spring.refresh_from_db()
    open_call(call=spring, by=hr)
    assert account_of(autumn) == account_of(spring)
    cases = []
    for call in (autumn, spring):
        set_quota(call=call, unit=tree.direct_school, quota=CASES, by=hr)
        cases += [
            at_decision(call, make_cadre(tree.direct_school), principal_direct, hr) for _ in range(CASES // 2)
        ]
    return cases


def passing(case, by):
    """A callable that passes a case with its own objects, as a request of its own would."""

    def job():
        user = type(by).objects.get(pk=by.pk)
        return take_action(nomination=Nomination.objects.get(pk=case.pk), action="pass", by=user)

    return job


def test_thirty_approvals_at_once_fill_exactly_fifteen_places(thirty, party):
    """The year's account holds, over two calls; the others are refused and nothing of theirs is written."""
    outcomes = at_once([passing(case, party) for case in thirty])
    kinds = Counter(type(each).__name__ for each in outcomes)
    assert kinds == {"NominationDecision": 15, "WrongMoment": 15}
    account = account_of(thirty[0].call)
    assert places.count_taken(account) == account.places == 15
    assert Counter(Nomination.objects.values_list("status", flat=True)) == {"approved": 15, "in_review": 15}
    assert Participation.objects.count() == 15
    assert NominationDecision.objects.filter(to_status="approved").count() == 15


def test_without_the_lock_the_places_are_oversold(thirty, party, monkeypatch):
    """The companion: the lock taken away and everybody counting before anybody writes, it must go wrong."""
    counted = threading.Barrier(CASES)
    real = places.count_taken

    def count_then_wait(account):
        taken = real(account)
        counted.wait(timeout=60)
        return taken

    monkeypatch.setattr(places, "lock_account", lambda pk: places.PlacesAccount.objects.get(pk=pk))
    monkeypatch.setattr(places, "count_taken", count_then_wait)
    at_once([passing(case, party) for case in thirty])
    assert real(account_of(thirty[0].call)) == CASES


def test_withdrawal_and_approval_at_once_never_exceed(thirty, party, hr):
    """While approvals run against full places, withdrawals free some: never more than fifteen are held."""
    for case in thirty[:15]:
        passing(case, party)()
    waiting = thirty[15:18]
    for case in waiting:
        take_action(nomination=case, action="waitlist", by=party)

    def withdrawing(case):
        return lambda: take_action(
            nomination=Nomination.objects.get(pk=case.pk), action="withdraw", by=hr, comment="本人放弃"
        )

    jobs = [withdrawing(case) for case in thirty[:3]] + [passing(case, party) for case in thirty[18:24]]
    outcomes = at_once(jobs)
    assert not [each for each in outcomes[:3] if isinstance(each, Exception)]
    account = account_of(thirty[0].call)
    assert places.count_taken(account) == 15
    assert Nomination.objects.filter(status="approved").count() == 15


@pytest.fixture
def drafts(transactional_db, tree: Tree, clock, hr, principal_direct):
    """Eight complete drafts of one school with a quota of three."""
    call = make_call(load_county_scheme(tree.bureau), hr)
    set_quota(call=call, unit=tree.direct_school, quota=3, by=hr)
    found = []
    for _ in range(8):
        draft = start_nomination(call=call, cadre=make_cadre(tree.direct_school), by=principal_direct)
        save_draft(nomination=draft, by=principal_direct, changes=TEXTS, declarations=declarations(call))
        found.append(draft)
    return found


def submitting(draft, by):
    return lambda: submit_nomination(nomination=Nomination.objects.get(pk=draft.pk), by=by)


def test_submissions_at_once_stay_within_the_quota(drafts, principal_direct):
    outcomes = at_once([submitting(draft, principal_direct) for draft in drafts])
    assert sum(isinstance(each, WrongMoment) for each in outcomes) == 5
    assert Nomination.objects.counted().count() == 3


def test_without_the_calls_lock_the_quota_is_exceeded(drafts, principal_direct, monkeypatch):
    counted = threading.Barrier(len(drafts))
    real = places.unit_quota

    def count_then_wait(call, unit):
        used = real(call, unit)
        counted.wait(timeout=60)
        return used

    monkeypatch.setattr(places, "lock_call", lambda pk: places.Call.objects.get(pk=pk))
    monkeypatch.setattr(places, "unit_quota", count_then_wait)
    at_once([submitting(draft, principal_direct) for draft in drafts])
    assert Nomination.objects.counted().count() == len(drafts)


def test_eight_clicks_at_once_are_one_case(transactional_db, tree, clock, hr, principal_direct):
    """The same form sent eight times: one row, one submission, the same receipt for all."""
    call = make_call(load_county_scheme(tree.bureau), hr)
    cadre = make_cadre(tree.direct_school)
    outcomes = at_once([lambda: submitted(call, cadre, principal_direct)] * 8)
    assert {each.pk for each in outcomes} == {Nomination.objects.get().pk}
    assert NominationDecision.objects.filter(action="submit").count() == 1
    assert Nomination.objects.get().status == "submitted"


def test_a_click_that_finds_its_twin_submitted_is_that_case(
    transactional_db, tree, clock, hr, principal_direct, monkeypatch
):
    """Between looking for a case and beginning one, the first click's case was begun and submitted."""
    call = make_call(load_county_scheme(tree.bureau), hr)
    cadre = make_cadre(tree.direct_school)
    real, looks = nominations._open_case, []

    def too_early(*args):
        looks.append(args)
        if len(looks) > 1:
            return real(*args)
        monkeypatch.setattr(nominations, "_open_case", real)
        submitted(call, cadre, principal_direct)
        monkeypatch.setattr(nominations, "_open_case", too_early)
        return None

    monkeypatch.setattr(nominations, "_open_case", too_early)
    assert submitted(call, cadre, principal_direct).pk == Nomination.objects.get().pk
    assert NominationDecision.objects.filter(action="submit").count() == 1


def test_a_person_is_not_placed_twice_at_once(transactional_db, tree, clock, hr, host, monkeypatch):
    """Two years' undertakings of one person, arranged by two clerks over the same weeks at two bases."""
    program = load_county_scheme(tree.bureau)
    cadre = make_cadre(tree.direct_school)
    rows = [
        Participation.objects.create(unit=cadre.unit, cadre=cadre, program=program, year=year)
        for year in (2026, 2027)
    ]
    bases = [make_base(tree.bureau, host) for _ in rows]
    both, real = threading.Barrier(2), flow._require_room

    def wait_for_the_other(*args, **kwargs):
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=3)  # under the lock nobody else comes this far
        return real(*args, **kwargs)

    monkeypatch.setattr(flow, "_require_room", wait_for_the_other)
    jobs = [
        lambda row=row, base=base: place_participation(
            participation=row, base=base, acting_post="副校长", start=dt.date(2027, 3, 1), by=hr
        )
        for row, base in zip(rows, bases, strict=True)
    ]
    outcomes = at_once(jobs)
    assert Counter(type(each).__name__ for each in outcomes) == {"Participation": 1, "WrongMoment": 1}
    assert Participation.objects.filter(status="placed").count() == 1


def test_two_lists_at_once_are_one(transactional_db, tree, clock, hr, principal_east, central_east):
    call = make_call(load_county_scheme(tree.bureau), hr)
    nomination = submitted(call, make_cadre(tree.school_east), principal_east)
    confirm_all(nomination, central_east)
    take_action(nomination=nomination, action="pass", by=central_east, comment="同意")
    colleague = make_holder("central-east-2", "钟二", "central", tree.central_east)
    jobs = [
        lambda by=by: file_list(call=call, unit=tree.central_east, ids=[nomination.pk], by=by)
        for by in (central_east, colleague)
    ]
    outcomes = at_once(jobs)
    assert Counter(type(each).__name__ for each in outcomes) == {"CentralList": 1, "WrongMoment": 1}
    assert CentralList.objects.count() == 1
    assert NominationDecision.objects.filter(step__kind="list").count() == 1
