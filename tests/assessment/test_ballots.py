"""Ballots: drafts, submission, named ones that change until the end, anonymous ones that never do, the deadline."""

import json
import threading
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, connections, transaction

from assessment.models import Ballot, BallotDay, BallotDraft, Invitation, Round
from assessment.services.ballots import load, save_draft, submit
from assessment.services.rounds import set_relations, take_round_action
from core.errors import DomainError, Invalid, NotAllowed, NotFound, WrongMoment
from core.models import AuditEntry
from tests.assessment.factories import answers_of, invite_raters, make_raters, open_round, rate
from tests.assessment.test_rounds import kin_of
from tests.programs.test_races import at_once


@pytest.fixture
def peer(round, subject, hr):
    """An anonymous rater of an open round."""
    peer = invite_raters(round, subject, "peer", 1, hr)[0]
    invite_raters(round, subject, "superior", make_raters(1, "上级"), hr)
    open_round(round, hr)
    return peer


@pytest.fixture
def head(peer, round):
    """The named rater of the same round."""
    return Invitation.objects.get(relation__kind="superior").rater


def invitation_of(rater):
    return Invitation.objects.get(rater=rater)


def unwritten():
    return not Ballot.objects.exists() and not Invitation.objects.filter(used=True).exists()


def test_an_anonymous_ballot_holds_the_scores_and_nobody(round, peer):
    receipt = rate(round, peer, "good", "87.5", None, words="多到课堂。")
    ballot = Ballot.objects.get()
    assert ballot.answers == [Decimal(100), Decimal("87.50"), None]
    assert list(json.loads(ballot.comments).values()) == ["多到课堂。"]
    assert (ballot.invitation, ballot.submitted_at, ballot.anonymous) == (None, None, True)
    assert invitation_of(peer).used
    assert (receipt.round, receipt.subject, receipt.anonymous) == (round.title, "贝平", True)


def test_the_words_of_a_ballot_and_of_a_draft_are_encrypted(round, peer, head):
    save_draft(invitation=invitation_of(head), answers=answers_of(round, "good", 1, 2, words="草稿"), by=head)
    rate(round, peer, words="意见")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT comments FROM assessment_ballot UNION ALL SELECT content FROM assessment_ballotdraft"
        )
        stored = [row[0] for row in cursor.fetchall()]
    assert len(stored) == 2
    assert all(text.startswith("v1.") for text in stored)


def test_a_second_anonymous_submission_gets_the_same_receipt_and_writes_nothing(round, peer):
    first = rate(round, peer, "good", 90, 80)
    before = Ballot.objects.values().get()
    assert rate(round, peer, "poor", 1, 1) == first
    assert Ballot.objects.values().get() == before
    assert BallotDay.objects.count() == 1


def test_what_was_submitted_anonymously_is_shown_to_nobody_again(round, peer):
    rate(round, peer)
    for verb in (
        lambda: load(invitation=invitation_of(peer), by=peer),
        lambda: save_draft(invitation=invitation_of(peer), answers={}, by=peer),
    ):
        with pytest.raises(WrongMoment, match="不能再查看"):
            verb()
    assert not BallotDraft.objects.exists()


def test_the_database_refuses_to_change_an_anonymous_ballot(round, peer):
    rate(round, peer)
    with pytest.raises(DatabaseError, match="sealed"), transaction.atomic():
        Ballot.objects.update(answers=[1, 2, 3])


def test_the_database_refuses_an_anonymous_ballot_that_names_somebody(round, peer):
    invitation = invitation_of(peer)
    for names in (
        {"anonymous": True, "invitation": invitation},
        {"anonymous": False, "invitation": invitation},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Ballot.objects.create(
                subject=invitation.subject, relation=invitation.relation, answers=[],
                submitted_at=round.opens_at, **names,
            )  # fmt: skip


def test_a_named_ballot_changes_until_the_round_closes(round, head, hr):
    rate(round, head, "good", 90, 80, words="好")
    shown = load(invitation=invitation_of(head), by=head)
    assert shown == answers_of(round, "good", "90", "80", words="好")
    rate(round, head, "poor", None, 70)
    ballot = Ballot.objects.get()
    assert ballot.answers == [Decimal(40), None, Decimal(70)]
    assert ballot.invitation == invitation_of(head)
    assert ballot.submitted_at is not None
    take_round_action(round=round, action="close", by=hr)
    with pytest.raises(WrongMoment, match="已经截止"):
        rate(round, head)


def test_a_draft_may_be_partial_comes_back_and_goes_with_the_submission(round, peer):
    key = next(iter(answers_of(round, 1, 2, 3)))
    save_draft(invitation=invitation_of(peer), answers={key: "good"}, by=peer)
    save_draft(invitation=invitation_of(peer), answers={key: None}, by=peer)
    assert load(invitation=invitation_of(peer), by=peer) == {key: None}
    assert BallotDraft.objects.count() == 1
    rate(round, peer)
    assert not BallotDraft.objects.exists()


def test_everything_is_answered_and_what_is_wrong_is_told_together(round, peer):
    answers = answers_of(round, "", "101", 80, words="字" * 2001)
    with pytest.raises(Invalid, match="还有 3 项") as refusal:
        submit(invitation=invitation_of(peer), answers=answers, by=peer)
    keys = list(answers)
    assert set(refusal.value.errors) == {str(keys[0]), str(keys[1]), str(keys[3])}
    assert unwritten()


def test_an_answer_to_what_the_instrument_doesnt_have_is_refused(round, peer):
    for verb in (submit, save_draft):
        with pytest.raises(Invalid, match="与量表不符"):
            verb(invitation=invitation_of(peer), answers={**answers_of(round, "good", 1, 2), 0: 5}, by=peer)
    assert unwritten()
    assert not BallotDraft.objects.exists()


def test_somebody_elses_invitation_is_not_to_be_found(round, peer, head, hr):
    for person in (head, hr):
        for verb in (
            lambda person=person: load(invitation=invitation_of(peer), by=person),
            lambda person=person: save_draft(invitation=invitation_of(peer), answers={}, by=person),
            lambda person=person: submit(invitation=invitation_of(peer), answers={}, by=person),
        ):
            with pytest.raises(NotFound):
                verb()
    assert unwritten()


def test_kin_recorded_after_the_invitation_dont_rate(round, subject, peer):
    kin_of(subject, peer)
    with pytest.raises(NotAllowed, match="回避"):
        rate(round, peer)
    with pytest.raises(NotAllowed, match="回避"):
        save_draft(invitation=invitation_of(peer), answers={}, by=peer)
    assert unwritten()


def test_an_account_that_became_the_subjects_own_doesnt_rate(round, subject, peer):
    type(subject.cadre).objects.filter(pk=subject.cadre_id).update(user=peer)
    with pytest.raises(NotAllowed, match="应当回避"):
        rate(round, peer)
    assert unwritten()


def test_the_subject_rates_in_the_self_rating_alone(round, subject, hr):
    set_relations(round=round, rows=[{"kind": "self", "weight": 100, "anonymous": False}], by=hr)
    own = subject.cadre.user
    invite_raters(round, subject, "self", [own], hr)
    open_round(round, hr)
    rate(round, own)
    type(subject.cadre).objects.filter(pk=subject.cadre_id).update(user=None)
    with pytest.raises(NotAllowed, match="本人进行"):
        rate(round, own, "poor", 1, 1)
    assert Ballot.objects.get().answers[0] == 100


@pytest.mark.parametrize(
    ("moment", "taken"),
    [
        ("2026-11-10 07:59:59", False), ("2026-11-10 08:00:00", True), ("2026-11-30 23:59:59", True),
        ("2026-11-30 23:59:59.999999", True), ("2026-12-01 00:00:00", False),
    ],
)  # fmt: skip
def test_the_window_counts_to_the_second(round, peer, clock, moment, taken):
    clock(moment)
    if taken:
        rate(round, peer)
        assert Ballot.objects.count() == 1
        return
    with pytest.raises(WrongMoment):
        rate(round, peer)
    with pytest.raises(WrongMoment):
        save_draft(invitation=invitation_of(peer), answers={}, by=peer)
    assert unwritten()


def test_the_trail_names_a_named_submission_and_of_an_anonymous_one_nothing_yet(round, peer, head):
    rate(round, peer)
    assert not AuditEntry.objects.filter(action="ballot.submitted").exists()
    rate(round, head)
    entry = AuditEntry.objects.get(action="ballot.submitted")
    assert (entry.actor_id, entry.object_id) == (head.pk, str(round.pk))


@pytest.mark.django_db(transaction=True)
def test_twenty_clicks_at_once_are_one_ballot(round, peer):
    def click():
        return rate(Round.objects.get(pk=round.pk), type(peer).objects.get(pk=peer.pk))

    outcomes = at_once([click] * 20)
    assert not [each for each in outcomes if isinstance(each, DomainError)]
    assert len(set(outcomes)) == 1
    assert Ballot.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_closing_waits_for_a_ballot_under_way(round, peer, hr):
    """Somebody is submitting when the round is closed: the ballot counts, and none comes after the counting."""
    inside, go_on = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                rate(Round.objects.get(pk=round.pk), type(peer).objects.get(pk=peer.pk))
                inside.set()
                assert go_on.wait(timeout=30)
        finally:
            connections.close_all()

    rater = threading.Thread(target=slow)
    rater.start()
    assert inside.wait(timeout=30)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM assessment_round WHERE id = %s FOR UPDATE NOWAIT", [round.pk])
    go_on.set()
    rater.join()
    assert Ballot.objects.count() == 1
    take_round_action(round=round, action="close", by=hr)
    assert round.status == "closed"
