"""The waiting list, places given back, 公示: who moves up when, and that everybody hears of it."""

import datetime as dt

import pytest

from cadres.services.people import end_relation
from core.errors import NotAllowed, WrongMoment
from core.models import CalendarDay, Message
from programs.models import CallStep, Nomination, Participation, PlacesAccount
from programs.places import places_left
from programs.services.calls import close_call, finish_call, set_places, set_quota
from programs.services.nominations import take_action, take_in_bulk
from programs.services.participations import cancel_participation, follow_calendar, place_participation
from tests.programs.factories import account_of, at_decision, confirm_all, make_base, make_cadre, submitted


def state(nomination):
    nomination.refresh_from_db()
    return nomination.status


@pytest.fixture
def cases(call, tree, hr, principal_direct):
    """Four cases before the party group for two places."""
    set_quota(call=call, unit=tree.direct_school, quota=9, by=hr)
    set_places(account=account_of(call), places=2, by=hr)
    return [at_decision(call, make_cadre(tree.direct_school), principal_direct, hr) for _ in range(4)]


@pytest.fixture
def full(cases, party, clock):
    """Two approved, two waiting: the third since the morning, the fourth since noon."""
    for case in cases[:2]:
        take_action(nomination=case, action="pass", by=party)
    for hour, case in ((10, cases[2]), (12, cases[3])):
        clock(f"2026-11-21 {hour}:00")
        take_action(nomination=case, action="waitlist", by=party)
    return cases


def test_no_place_left_is_said_and_writes_nothing(cases, party, call):
    for case in cases[:2]:
        take_action(nomination=case, action="pass", by=party)
    with pytest.raises(WrongMoment, match="2 个名额已用完，可以列为候补"):
        take_action(nomination=cases[2], action="pass", by=party)
    assert state(cases[2]) == "in_review"
    assert cases[2].place is None
    assert Participation.objects.count() == 2
    assert places_left(account_of(call)) == 0


def test_a_withdrawal_gives_the_place_to_the_longest_waiting(full, hr, call, party):
    take_action(nomination=full[0], action="withdraw", by=hr, comment="本人放弃")
    assert [state(case) for case in full] == ["withdrawn", "approved", "approved", "waiting"]
    assert full[0].place is None
    assert full[0].participation.status == "cancelled"
    assert full[2].place == account_of(call)
    assert full[2].participation.status == "pending"
    promoted = full[2].decisions.last()
    assert (promoted.action, promoted.actor, promoted.actor_name) == ("promote", None, "系统")
    assert Message.objects.filter(title__contains="已获批准", recipient=full[2].filed_by).count() == 3


def test_the_waiting_list_runs_over_both_calls_of_the_account(full, hr, party, call):
    assert Nomination.objects.filter(status="waiting").count() == 2
    PlacesAccount.objects.update(places=4)
    with pytest.raises(WrongMoment, match="按顺序递补"):
        take_action(nomination=full[3], action="promote", by=party)
    take_action(nomination=full[2], action="promote", by=party)
    take_action(nomination=full[3], action="promote", by=party)
    assert [state(case) for case in full] == ["approved"] * 4
    assert places_left(account_of(call)) == 0


def test_more_places_go_to_those_who_wait_at_once(full, hr, call):
    set_places(account=account_of(call), places=4, by=hr)
    assert [state(case) for case in full] == ["approved"] * 4


def test_whoever_left_service_holds_nobody_up_on_the_waiting_list(full, hr):
    end_relation(cadre=full[2].cadre, on=dt.date(2026, 11, 1), leaving="retired", by=hr)
    take_action(nomination=full[0], action="withdraw", by=hr, comment="放弃")
    assert [state(case) for case in full] == ["withdrawn", "approved", "waiting", "approved"]


def test_no_promotion_without_a_place(full, party):
    with pytest.raises(WrongMoment, match="名额"):
        take_action(nomination=full[2], action="promote", by=party)
    assert state(full[2]) == "waiting"


def test_only_the_deciding_step_makes_people_wait(call, tree, hr, principal_direct):
    nomination = submitted(call, make_cadre(tree.direct_school), principal_direct)
    with pytest.raises(WrongMoment, match="决定"):
        take_action(nomination=nomination, action="waitlist", by=hr)
    assert state(nomination) == "submitted"


def test_someone_placed_is_not_withdrawn_but_cancelled_and_the_list_moves(full, tree, hr, host):
    participation = full[0].participation
    place_participation(
        participation=participation, base=make_base(tree.bureau, host), acting_post="副校长",
        start=dt.date(2027, 3, 1), by=hr,
    )  # fmt: skip
    with pytest.raises(WrongMoment, match="已经安排"):
        take_action(nomination=full[0], action="withdraw", by=hr, comment="放弃")
    assert (state(full[0]), state(full[2])) == ("approved", "waiting")
    cancel_participation(participation=participation, by=hr, comment="本人放弃")
    assert [state(case) for case in full] == ["approved", "approved", "approved", "waiting"]
    assert full[0].place is None
    assert participation.stints.get().appointment.end == dt.date(2027, 3, 1)


def test_a_stay_that_had_begun_keeps_its_place(full, tree, hr, host, clock):
    participation = full[0].participation
    place_participation(
        participation=participation, base=make_base(tree.bureau, host), acting_post="副校长",
        start=dt.date(2027, 3, 1), by=hr,
    )  # fmt: skip
    clock("2027-04-10 09:00")
    follow_calendar()
    cancel_participation(participation=participation, by=hr, comment="工作需要调回")
    assert state(full[0]) == "approved"
    assert full[0].place is not None
    assert state(full[2]) == "waiting"
    stint = participation.stints.get()
    assert (participation.end, stint.end) == (dt.date(2027, 4, 10), dt.date(2027, 4, 10))
    assert stint.appointment.end == dt.date(2027, 4, 11)
    assert stint.appraisal.due == dt.date(2027, 4, 17)


def test_finishing_a_call_ends_its_waiting_list(full, call, hr):
    close_call(call=call, by=hr)
    finish_call(call=call, by=hr)
    assert [state(case) for case in full] == ["approved", "approved", "rejected", "rejected"]
    assert Message.objects.filter(title__contains="候补结束").count() == 2


def test_a_school_does_not_take_back_an_approval(full, principal_direct):
    with pytest.raises(NotAllowed):
        take_action(nomination=full[0], action="withdraw", by=principal_direct, comment="放弃")
    assert state(full[0]) == "approved"


def test_a_waiting_case_may_be_withdrawn_or_turned_down(full, principal_direct, party):
    take_action(nomination=full[2], action="withdraw", by=principal_direct)
    take_action(nomination=full[3], action="reject", by=party, comment="不再考虑")
    assert [state(case) for case in full[2:]] == ["withdrawn", "rejected"]


def test_many_decided_at_once_say_what_became_of_each(cases, party):
    """What can be done is done; the rest says why not; unknown ids read as not found."""
    results = take_in_bulk(
        ids=[*(case.pk for case in cases), 999999], action="pass", by=party, comment="同意"
    )
    assert [result.ok for result in results] == [True, True, False, False, False]
    assert "名额已用完" in results[2].message
    assert results[4].name == ""
    assert [state(case) for case in cases] == ["approved", "approved", "in_review", "in_review"]


@pytest.fixture
def publicised(call, tree, hr, party, principal_direct):
    """A case in 公示, decided on Friday 20 November 2026, in a call that publicises its decisions."""
    CallStep.objects.create(call=call, order=6, kind="publicise", name="公示", level="bureau")
    set_places(account=account_of(call), places=1, by=hr)
    set_quota(call=call, unit=tree.direct_school, quota=9, by=hr)
    nomination = at_decision(call, make_cadre(tree.direct_school), principal_direct, hr)
    take_action(nomination=nomination, action="pass", by=party)
    return nomination


def test_a_place_is_taken_before_the_publicity(publicised, call):
    assert state(publicised) == "publicised"
    assert publicised.place == account_of(call)
    assert not Participation.objects.exists()


def test_who_moves_up_is_publicised_too(publicised, call, tree, hr, party, principal_direct, clock):
    """Nobody slips past 公示 by way of the waiting list."""
    other = at_decision(call, make_cadre(tree.direct_school), principal_direct, hr)
    take_action(nomination=other, action="waitlist", by=party)
    take_action(nomination=publicised, action="withdraw", by=hr, comment="本人放弃")
    assert (state(publicised), publicised.place) == ("withdrawn", None)
    assert (state(other), other.place, other.step.kind) == ("publicised", account_of(call), "publicise")
    assert not Participation.objects.exists()
    clock("2026-12-01 00:00:00")
    follow_calendar()
    assert state(other) == "approved"


def test_publicity_lasts_five_working_days(publicised, hr, clock):
    CalendarDay.objects.create(date=dt.date(2026, 11, 25), is_working=False, name="测试假日")
    clock("2026-11-30 23:59:59")
    assert follow_calendar()["concluded"] == 0
    with pytest.raises(WrongMoment, match="11月30日"):
        take_action(nomination=publicised, action="conclude", by=hr)
    clock("2026-12-01 00:00:00")
    assert follow_calendar()["concluded"] == 1
    assert state(publicised) == "approved"
    assert publicised.participation.status == "pending"


def test_an_upheld_objection_gives_the_place_on(publicised, call, tree, hr, party, principal_direct):
    other = at_decision(call, make_cadre(tree.direct_school), principal_direct, hr)
    take_action(nomination=other, action="waitlist", by=party)
    take_action(nomination=publicised, action="reject", by=party, comment="反映问题属实")
    assert (state(publicised), publicised.place) == ("rejected", None)
    assert state(other) == "publicised"
    assert PlacesAccount.objects.get().holders.get() == other


def test_confirmations_are_left_when_nothing_was_declared(call, tree, hr, principal_direct):
    """A fresh alternative stays open: it is neither declared nor confirmed."""
    nomination = submitted(call, make_cadre(tree.direct_school), principal_direct)
    confirm_all(nomination, hr)
    assert nomination.attestations.filter(declared=False, confirmed=None).count() == 1
