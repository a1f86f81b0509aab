"""The call board's numbers in a constant number of statements, and the story of one case for each reader."""

import datetime as dt

import pytest

from core.models import Message
from programs.models import Nomination
from programs.places import unit_quota
from programs.services.calls import set_quota
from programs.services.nominations import start_nomination, take_action
from programs.services.pipelines import call_pipeline, case_history
from tests.programs.factories import at_decision, confirm_all, make_cadre, make_call, submitted


def test_numbers_per_step_outcome_and_places(call, tree, hr, party, principal_direct, principal_east, clock):
    set_quota(call=call, unit=tree.direct_school, quota=9, by=hr)
    first, second = (
        at_decision(call, make_cadre(tree.direct_school), principal_direct, hr) for _ in range(2)
    )
    take_action(nomination=first, action="pass", by=party)
    submitted(call, make_cadre(tree.direct_school), principal_direct)
    returned = submitted(call, make_cadre(tree.direct_school), principal_direct)
    take_action(nomination=returned, action="return", by=hr, comment="补", due=dt.date(2026, 12, 1))
    submitted(call, make_cadre(tree.school_east), principal_east)
    start_nomination(call=call, cadre=make_cadre(tree.direct_school), by=principal_direct)
    line = call_pipeline([call])[call.pk]
    assert [(each.step.kind, each.count) for each in line.steps] == [
        ("recommend", 0), ("inspect", 1), ("list", 0), ("check", 1), ("decide", 1),
    ]  # fmt: skip
    assert line.outcomes == {"draft": 1, "submitted": 2, "in_review": 1, "returned": 1, "approved": 1}
    assert (line.places, line.taken, line.left, line.counted, line.filing_units) == (15, 1, 14, 5, 2)
    assert unit_quota(call, tree.direct_school).left == 5
    assert not any(each.is_late for each in line.steps)
    clock("2027-01-21 09:00")
    assert [each.step.kind for each in line.steps if each.is_late] == ["inspect", "check", "decide"]
    assert second.status == "in_review"


@pytest.mark.parametrize("years", [[2026], [2026, 2027, 2028]])
def test_many_calls_cost_as_many_statements_as_one(program, hr, years, django_assert_num_queries):
    calls = [make_call(program, hr, year=year) for year in years]
    with django_assert_num_queries(4):
        assert len(call_pipeline(calls)) == len(years)


@pytest.fixture
def told(call, tree, principal_east, central_east, cadre_user):
    """A township case that was inspected with words, returned, and waits for the school."""
    cadre = make_cadre(tree.school_east, user=cadre_user)
    nomination = submitted(call, cadre, principal_east)
    take_action(
        nomination=nomination, action="return", by=central_east, comment="请补充", due=dt.date(2026, 12, 1)
    )
    take_action(nomination=nomination, action="submit", by=principal_east)
    confirm_all(nomination, central_east)
    take_action(nomination=nomination, action="pass", by=central_east, comment="谈话情况良好", score=90)
    nomination.refresh_from_db()
    return nomination


def test_the_stepper_says_who_decided_when_with_which_words_and_who_is_next(told, central_east):
    history = case_history(told)
    assert [entry.state for entry in history.steps] == ["done", "done", "current", "upcoming", "upcoming"]
    inspection = history.steps[1]
    assert [decision.label for decision in inspection.decisions] == ["退回", "通过"]
    assert (inspection.last.actor_name, inspection.last.comment) == ("钟东", "谈话情况良好")
    assert inspection.last.data == {"score": 90}
    assert history.current.people == ["钟东"]
    assert [decision.label for decision in history.decisions] == ["提交", "退回", "重新提交", "通过"]


def test_the_nominee_follows_the_case_but_not_what_was_said(told, cadre_user, principal_east):
    """考察材料 isn't open to the person it is about; what the school must put right is."""
    history = case_history(told, cadre_user)
    words = {decision.label: decision.comment for decision in history.decisions}
    assert words == {"提交": "", "退回": "请补充", "重新提交": "", "通过": ""}
    assert history.decisions[-1].data == {}
    assert history.current.step.kind == "list"
    assert case_history(told, principal_east).decisions[-1].comment == "谈话情况良好"


def test_every_state_has_its_place_in_the_stepper(call, tree, hr, party, principal_direct):
    case = at_decision(call, make_cadre(tree.direct_school), principal_direct, hr)
    states = [entry.state for entry in case_history(case).steps]
    assert states == ["done", "skipped", "skipped", "done", "current"]
    take_action(nomination=case, action="waitlist", by=party)
    case.refresh_from_db()
    current = case_history(case).current
    assert (current.state, current.label, current.people) == ("waiting", "候补", ["党群"])
    take_action(nomination=case, action="reject", by=party, comment="不再考虑")
    case.refresh_from_db()
    assert case_history(case).steps[-1].state == "done"


def test_a_draft_waits_for_its_school_and_a_withdrawn_case_for_nobody(call, tree, principal_east):
    cadre = make_cadre(tree.school_east)
    draft = start_nomination(call=call, cadre=cadre, by=principal_east)
    assert case_history(draft).current.step.kind == "recommend"
    submitted(call, cadre, principal_east)
    draft.refresh_from_db()
    take_action(nomination=draft, action="withdraw", by=principal_east)
    draft.refresh_from_db()
    states = [entry.state for entry in case_history(draft).steps]
    assert states == ["done", "stopped", "stopped", "stopped", "stopped"]
    assert case_history(draft).current is None


def test_next_deciders_are_told_once_a_day(call, tree, hr, principal_east, central_east, clock):
    """One message a recipient and occasion, however many cases arrive."""
    set_quota(call=call, unit=tree.school_east, quota=9, by=hr)
    arrivals = Message.objects.filter(recipient=central_east, title__contains="等您考察")
    for _ in range(2):
        submitted(call, make_cadre(tree.school_east), principal_east)
    assert arrivals.count() == 1
    clock("2026-11-21 09:00")
    submitted(call, make_cadre(tree.school_east), principal_east)
    assert arrivals.count() == 2


@pytest.mark.parametrize("people", [1, 3])
def test_who_waits_for_whom_costs_no_more_with_more_cases(
    call, tree, hr, principal_east, central_east, people, django_assert_num_queries
):
    set_quota(call=call, unit=tree.school_east, quota=9, by=hr)
    for _ in range(people):
        submitted(call, make_cadre(tree.school_east), principal_east)
    central_east.__dict__.pop("_held_grants", None)
    with django_assert_num_queries(2):
        assert len(Nomination.objects.awaiting(central_east)) == people
