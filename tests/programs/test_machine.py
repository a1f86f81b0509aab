"""Property test: whatever people do in whatever order, places, quotas and the record stay right."""

import contextlib
import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from core.workflow import workflows
from programs.models import CallStep, Nomination, NominationDecision, Participation, PlacesAccount
from programs.services import nominations, participations
from programs.services.calls import set_places, set_quota
from programs.workflow import APPRAISAL_FLOW, CALL_FLOW, NOMINATION_FLOW, PARTICIPATION_FLOW
from tests.programs.factories import TEXTS, at_decision, confirm_all, declarations, make_base, make_cadre

PLACES, QUOTA, PEOPLE = 1, 3, 4
FLOWS = [CALL_FLOW, NOMINATION_FLOW, PARTICIPATION_FLOW, APPRAISAL_FLOW]
ACTIONS = sorted(
    {action.name for action in NOMINATION_FLOW.actions if action.capability} | {"place", "cancel"}
)
moves = st.lists(
    st.tuples(
        st.sampled_from([*ACTIONS, *["forward"] * len(ACTIONS)]),
        st.integers(0, PEOPLE - 1),
        st.sampled_from([*["right"] * 6, "school", "hr", "party"]),
    ),
    min_size=4,
    max_size=20,
)


@pytest.fixture(params=[False, True], ids=["plain", "publicised"])
def stage(request, call, tree, hr, party, principal_direct, host):
    """Four people of a school with a quota of three, for one place: two before the party group, two drafts."""
    set_quota(call=call, unit=tree.direct_school, quota=QUOTA, by=hr)
    set_places(account=call.places_account, places=PLACES, by=hr)
    if request.param:
        CallStep.objects.create(call=call, order=6, kind="publicise", name="公示", level="bureau")
    cases = [at_decision(call, make_cadre(tree.direct_school), principal_direct, hr) for _ in range(2)]
    for _ in range(2):
        draft = nominations.start_nomination(
            call=call, cadre=make_cadre(tree.direct_school), by=principal_direct
        )
        nominations.save_draft(
            nomination=draft, by=principal_direct, changes=TEXTS, declarations=declarations(call)
        )
        cases.append(draft)
    people = {"school": principal_direct, "hr": hr, "party": party}
    return cases, people, make_base(tree.bureau, host, capacity=9)


def right_person(case, action):
    """Who would take the action in an orderly world."""
    if action in ("place", "cancel", "conclude") or case.status == "approved":
        return "hr"
    if action == "submit" or (action == "withdraw" and case.status != "approved"):
        return "school"
    return "hr" if case.step and case.step.kind == "check" else "party"


def act(case, action, who, people, base):
    """One attempt, with everything the action could ask for at hand; „forward“ is what usually comes next."""
    case = Nomination.objects.get(pk=case.pk)
    if action == "forward":
        action = "submit" if case.status in ("draft", "returned") else "pass"
    by = people[right_person(case, action) if who == "right" else who]
    participation = Participation.objects.filter(nomination=case).first()
    if action == "cancel" and participation:
        participations.cancel_participation(participation=participation, by=by, comment="取消")
    elif action == "place" and participation:
        participations.place_participation(
            participation=participation, base=base, acting_post="副校长", start=dt.date(2027, 3, 1), by=by
        )
    elif action not in ("place", "cancel"):
        if action == "pass" and case.step and case.step.kind == "check":
            confirm_all(case, by)
        nominations.take_action(
            nomination=case, action=action, by=by, comment="意见", due=dt.date(2026, 12, 1)
        )


def check_invariants():
    """What must hold after every step, refused or not."""
    account = PlacesAccount.objects.get()
    assert account.holders.count() <= PLACES
    assert Nomination.objects.counted().count() <= QUOTA
    undertakings = dict(Participation.objects.values_list("nomination_id", "status"))
    for case in Nomination.objects.all():
        last = NominationDecision.objects.filter(obj=case).order_by("-id").first()
        assert case.status == ("draft" if last is None else last.to_status)
        under_way = undertakings.get(case.pk, "cancelled") != "cancelled"
        assert under_way == (case.status == "approved" and case.place_id is not None)
        assert case.status != "publicised" or case.place_id is not None


@given(script=moves)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_order_of_actions_breaks_the_books(stage, script):
    """Places and quota hold, every state has its decision row, every holder of a place its undertaking."""
    cases, people, base = stage
    with transaction.atomic():
        for action, index, who in script:
            with contextlib.suppress(DomainError), transaction.atomic():
                act(cases[index], action, who, people, base)
            check_invariants()
        transaction.set_rollback(True)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_state_is_reachable_and_labelled(flow):
    first = flow.states.values[0]
    reached, growing = {first}, True
    while growing:
        more = {
            target for action in flow.actions if reached & set(action.sources) for target in action.reaches()
        }
        growing = not more <= reached
        reached |= more
    assert reached == set(flow.states.values)
    assert all(flow.label_of(state) != state for state in flow.states.values)
    assert all(action.label for action in flow.actions)


def test_every_action_is_a_persons_or_the_systems():
    for flow in FLOWS:
        assert flow in workflows().values()
        for action in flow.actions:
            assert action.capability or action.automatic
