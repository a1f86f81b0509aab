"""What the audit trail is told of anonymous submissions: the day, together, in random order, and nothing of the ballot."""

import datetime as dt

import pytest

from assessment.models import BallotDay, Invitation, Round
from assessment.services.ballots import submit
from assessment.services.rounds import add_subject, take_round_action, tell_ballot_days
from assessment.tasks import tell_ballot_days as tell_ballot_days_task
from core import audit
from core.models import AuditEntry
from tests.assessment.factories import answers_of, invite_raters, make_round, open_round
from tests.assessment.searching import MANY, in_an_order
from tests.programs.factories import make_cadre

pytestmark = pytest.mark.django_db(transaction=True)


def entries():
    return AuditEntry.objects.filter(action="ballot.submitted", actor_id__gte=900000001).order_by("id")


def test_the_trail_says_that_somebody_submitted_in_the_round_and_on_which_day(closed):
    round, subject, raters, hr = closed
    assert sorted(each.actor_id for each in entries()) == [rater.pk for rater in raters]
    for each in entries():
        assert each.at == dt.datetime.fromisoformat("2026-11-20T00:00:00+08:00")
        assert (each.object_type, each.object_id) == ("assessment.round", str(round.pk))
        assert (each.ip, each.request_id, each.before, each.after, each.note) == (None, "", None, None, "")
        assert subject.cadre.name not in each.object_label + each.unit_name
    assert list(audit.verify(AuditEntry.objects.all())) == []


def test_the_trails_running_numbers_dont_tell_who_came_first(closed):
    round, subject, raters, hr = closed
    order = [rater.pk for rater in in_an_order(raters)]
    told = [each.actor_id for each in entries()]
    assert told not in (order, sorted(order), order[::-1])


def test_the_trail_is_told_of_a_day_once_it_is_over_and_only_once(submitted, clock):
    clock("2026-11-20 23:59:59")
    assert tell_ballot_days() == 0
    clock("2026-11-21 00:40:00")
    assert tell_ballot_days_task() == MANY
    assert tell_ballot_days() == 0
    assert entries().count() == MANY
    assert not BallotDay.objects.exists()


def test_several_ballots_of_a_day_are_one_entry(stage, clock):
    round, subject, raters, hr = stage
    first = Round.objects.get()
    second = make_round(
        first.unit, hr, [{"kind": "peer", "weight": 100, "anonymous": True}], instrument=first.instrument
    )
    for name in ("甲", "乙"):
        each = add_subject(round=second, cadre=make_cadre(subject.unit, name), by=hr)
        invite_raters(second, each, "peer", raters[:1], hr)
    open_round(second, hr)
    for each in Invitation.objects.filter(subject__round=second):
        submit(invitation=each, answers=answers_of(second, 90), by=raters[0])
    clock("2026-11-21 00:40:00")
    assert tell_ballot_days() == 1


def test_closing_by_hand_leaves_no_address_of_the_closer_on_others_entries(submitted):
    round, subject, raters, hr = submitted
    token = audit.facts.set(audit.RequestFacts(ip="10.1.1.1", request_id="closing-request"))
    try:
        take_round_action(round=round, action="close", by=hr)
    finally:
        audit.facts.reset(token)
    assert entries().count() == MANY
    assert not entries().exclude(ip=None, request_id="").exists()
