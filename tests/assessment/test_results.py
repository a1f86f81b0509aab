"""Results by hand: means, weights, missing answers, what is held back, ranks, comments, confirming."""

from decimal import Decimal

import pytest

from assessment.models import (
    Ballot,
    BallotDraft,
    IndicatorResult,
    Invitation,
    RelationResult,
    ResultComment,
    SubjectResult,
)
from assessment.scoring import held_back
from assessment.services.ballots import save_draft, submit
from assessment.services.results import confirm
from assessment.services.rounds import add_subject, close_due_rounds, set_relations, take_round_action
from core.errors import NotAllowed, NotFound, WrongMoment
from core.models import AuditEntry, Message
from core.workflow import take
from tests.assessment.factories import (
    answers_of,
    invite_raters,
    make_instrument,
    make_raters,
    make_round,
    open_round,
    rate,
    relation_of,
)
from tests.assessment.test_rounds import kin_of
from tests.programs.factories import make_cadre


def close(round, hr):
    take_round_action(round=round, action="close", by=hr)


def result_of(subject):
    return SubjectResult.objects.get(subject=subject)


def score_of(subject, kind):
    return RelationResult.objects.get(subject=subject, relation__kind=kind).score


@pytest.fixture
def rated(round, subject, hr):
    """One superior; six peers of whom five rate; five subordinates of whom four do. By hand:

    superior 100·0.4+90·0.3+80·0.3 = 91; peers 好/好/好/较好/一般 = 88, 90, 70 → 83.2; subordinates held back.
    """
    heads = invite_raters(round, subject, "superior", 1, hr)
    peers = invite_raters(round, subject, "peer", 6, hr)
    below = invite_raters(round, subject, "subordinate", 5, hr)
    open_round(round, hr)
    rate(round, heads[0], "good", 90, 80)
    for rater, mark in zip(peers, ("good", "good", "good", "fair", "plain"), strict=False):
        rate(round, rater, mark, 90, 70, words=f"意见{mark}")
    for rater in below[:4]:
        rate(round, rater, "poor", 10, 10, words="不该出现")
    save_draft(
        invitation=Invitation.objects.get(rater=below[4]),
        answers=answers_of(round, "good", 1, 1),
        by=below[4],
    )
    return subject


def test_the_figures_are_those_reckoned_by_hand(rated, round, hr):
    close(round, hr)
    assert score_of(rated, "superior") == Decimal("91.00")
    assert score_of(rated, "peer") == Decimal("83.20")
    result = result_of(rated)
    assert result.total == Decimal("87.66")  # (91·40 + 83.2·30) / 70
    assert (result.coverage, result.rank) == (Decimal(70), 1)
    counts = RelationResult.objects.order_by("relation").values_list("invited", "received")
    assert list(counts) == [(1, 1), (6, 5), (5, 4)]
    means = IndicatorResult.objects.filter(relation=relation_of(round, "peer"))
    assert list(means.order_by("indicator__order").values_list("score", flat=True)) == [88, 90, 70]
    overall = IndicatorResult.objects.filter(relation=None).order_by("indicator__order")
    assert list(overall.values_list("score", flat=True)) == [Decimal("94.86"), Decimal(90), Decimal("75.71")]


def test_nothing_of_a_relation_held_back_is_stored_and_its_ballots_are_erased(rated, round, hr):
    assert held_back(round) == 1
    close(round, hr)
    below = relation_of(round, "subordinate")
    assert score_of(rated, "subordinate") is None
    assert not IndicatorResult.objects.filter(relation=below).exists()
    assert not ResultComment.objects.filter(relation=below).exists()
    assert not Ballot.objects.filter(relation=below).exists()
    assert Ballot.objects.count() == 6
    assert not BallotDraft.objects.exists()


def test_a_relation_held_back_changes_no_figure(rated, round, hr, tree):
    """Whatever the four wrote, everything stored is the same as if they had written something else."""
    twin = make_round(tree.bureau, hr, title="另一次", instrument=round.instrument)
    subject = add_subject(round=twin, cadre=rated.cadre, by=hr)
    for kind in ("superior", "peer", "subordinate"):
        raters = [
            each.rater for each in Invitation.objects.filter(relation=relation_of(round, kind)).order_by("pk")
        ]
        invite_raters(twin, subject, kind, raters, hr)
    open_round(twin, hr)
    for rater, mark in zip(
        [each.rater for each in Invitation.objects.filter(relation=relation_of(twin, "peer")).order_by("pk")],
        ("good", "good", "good", "fair", "plain"),
        strict=False,
    ):
        rate(twin, rater, mark, 90, 70)
    rate(twin, Invitation.objects.get(relation=relation_of(twin, "superior")).rater, "good", 90, 80)
    for each in Invitation.objects.filter(relation=relation_of(twin, "subordinate")).order_by("pk")[:4]:
        rate(twin, each.rater, "good", 100, 100)
    close(round, hr)
    close(twin, hr)

    def figures(of, who):
        yield from (
            RelationResult.objects.filter(subject=who).order_by("relation").values_list("received", "score")
        )
        rows = IndicatorResult.objects.filter(subject=who).order_by("relation", "indicator")
        yield from rows.values_list("relation__kind", "indicator", "score")
        yield result_of(who).total, result_of(who).coverage

    assert list(figures(round, rated)) == list(figures(twin, subject))


def test_five_ballots_show_and_four_dont(round, subject, hr):
    peers = invite_raters(round, subject, "peer", 5, hr)
    open_round(round, hr)
    for rater in peers:
        rate(round, rater)
    assert held_back(round) == 0
    close(round, hr)
    assert result_of(subject).total == Decimal(91)
    assert result_of(subject).coverage == Decimal(30)


def test_an_indicator_few_could_judge_is_left_out_of_every_figure(round, subject, hr):
    """Five peers, two of whom judge the first indicator: shown, it would be the mean of two."""
    peers = invite_raters(round, subject, "peer", 5, hr)
    open_round(round, hr)
    for rater, mark in zip(peers, ("poor", "poor", None, None, None), strict=True):
        rate(round, rater, mark, 90, 70)
    close(round, hr)
    shown = IndicatorResult.objects.filter(subject=subject).values_list("indicator__name", flat=True)
    assert set(shown) == {"教学管理", "队伍建设"}
    assert score_of(subject, "peer") == Decimal(80)  # the two poor marks show nowhere
    assert result_of(subject).total == Decimal(80)


def test_missing_answers_are_reweighted(round, subject, hr):
    heads = invite_raters(round, subject, "superior", 2, hr)
    open_round(round, hr)
    rate(round, heads[0], "good", None, 60)
    rate(round, heads[1], "plain", None, 80)
    close(round, hr)
    assert score_of(subject, "superior") == Decimal("75.71")  # (80·40 + 70·30) / 70


def test_a_named_relation_shows_from_one_ballot_on(round, subject, hr):
    heads = invite_raters(round, subject, "superior", 3, hr)
    open_round(round, hr)
    rate(round, heads[0])
    close(round, hr)
    assert score_of(subject, "superior") == Decimal(91)


def test_nothing_received_is_no_total_no_rank_and_no_error(round, subject, hr):
    invite_raters(round, subject, "peer", 5, hr)
    open_round(round, hr)
    close(round, hr)
    result = result_of(subject)
    assert (result.total, result.coverage, result.rank) == (None, Decimal(0), None)


def test_all_who_know_nothing_count_as_received_and_show_nothing(round, subject, hr):
    peers = invite_raters(round, subject, "peer", 5, hr)
    open_round(round, hr)
    for rater in peers:
        rate(round, rater, None, None, None)
    close(round, hr)
    assert score_of(subject, "peer") is None
    assert RelationResult.objects.get().received == 5


def test_ranks_go_by_total_and_equal_totals_share_one(tree, hr, round, subject):
    others = [add_subject(round=round, cadre=make_cadre(tree.school_east), by=hr) for _ in range(3)]
    heads = make_raters(1, "上级")
    for each in [subject, *others]:
        invite_raters(round, each, "superior", heads, hr)
    open_round(round, hr)
    for each, marks in zip([subject, *others], ((80, 80), (90, 90), (80, 80), None), strict=True):
        if marks:
            invitation = Invitation.objects.get(subject=each)
            submit(invitation=invitation, answers=answers_of(round, "fair", *marks), by=heads[0])
    close(round, hr)
    assert [result_of(each).rank for each in [subject, *others]] == [2, 1, 2, None]


def test_comments_are_kept_for_what_is_shown(rated, round, hr):
    close(round, hr)
    texts = list(ResultComment.objects.all())
    assert {each.relation.kind for each in texts} == {"peer"}
    assert sorted(str(each.text) for each in texts) == sorted(
        ["意见good", "意见good", "意见good", "意见fair", "意见plain"]
    )


def test_closing_costs_the_same_statements_for_many(rated, round, hr, tree, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        close(round, hr)


def test_a_closed_round_opens_no_more(rated, round, hr):
    """A second result over other ballots could be subtracted from the first."""
    close(round, hr)
    for action in ("open", "extend", "close", "cancel"):
        with pytest.raises(WrongMoment):
            take_round_action(round=round, action=action, by=hr, comment="再来", closes_at=round.closes_at)
    assert SubjectResult.objects.count() == 1


def test_the_clock_closes_what_is_over_and_nothing_else(rated, round, hr, clock):
    clock("2026-11-30 23:59:59")
    assert close_due_rounds() == 0
    clock("2026-12-01 00:00:00")
    assert close_due_rounds() == 1
    assert close_due_rounds() == 0
    round.refresh_from_db()
    assert round.status == "closed"
    assert round.decisions.get(action="close").actor is None
    assert SubjectResult.objects.count() == 1


def test_the_system_closes_nothing_before_its_time(rated, round):
    with pytest.raises(WrongMoment, match="尚未到截止"):
        take(round, "close", by=None)
    round.refresh_from_db()
    assert round.status == "open"


def test_a_cancelled_round_keeps_neither_ballot_nor_draft(rated, round, hr):
    take_round_action(round=round, action="cancel", by=hr, comment="重来")
    assert not Ballot.objects.exists()
    assert not BallotDraft.objects.exists()
    assert not SubjectResult.objects.exists()
    assert AuditEntry.objects.filter(action="ballot.submitted").exclude(ip=None).count() == 0


@pytest.fixture
def published(rated, round, hr):
    close(round, hr)
    take_round_action(round=round, action="publish", by=hr)
    return result_of(rated)


def test_the_person_confirms_once_published_and_once_for_all(published, rated, clock):
    own = rated.cadre.user
    first = confirm(result=published, by=own).confirmed_at
    clock("2026-11-21 10:00")
    assert confirm(result=published, by=own).confirmed_at == first
    assert published.confirmed_by == own
    assert AuditEntry.objects.filter(action="result.confirmed").count() == 1
    assert Message.objects.filter(recipient=own, title__contains="已公布").count() == 1


def test_nobody_else_confirms(published, hr, principal_west):
    with pytest.raises(NotAllowed):
        confirm(result=published, by=hr)
    with pytest.raises(NotFound):
        confirm(result=published, by=principal_west)
    published.refresh_from_db()
    assert published.confirmed_at is None


def test_before_publishing_the_person_sees_nothing(rated, round, hr):
    close(round, hr)
    with pytest.raises(NotFound):
        confirm(result=result_of(rated), by=rated.cadre.user)


def test_a_weightless_indicator_is_shown_and_counts_nothing(tree, hr, clock):
    rows = [
        {"level": 1, "name": "甲", "kind": "five", "weight": 100},
        {"level": 1, "name": "乙", "kind": "yes_no", "weight": 0},
    ]
    round = make_round(tree.bureau, hr, instrument=make_instrument(tree.bureau, hr, rows))
    set_relations(round=round, rows=[{"kind": "superior", "weight": 100, "anonymous": False}], by=hr)
    subject = add_subject(round=round, cadre=make_cadre(tree.school_east), by=hr)
    rater = invite_raters(round, subject, "superior", 1, hr)[0]
    open_round(round, hr)
    rate(round, rater, 4, "no")
    close(round, hr)
    assert result_of(subject).total == Decimal(80)
    overall = IndicatorResult.objects.filter(relation=None).order_by("indicator__order")
    assert list(overall.values_list("score", flat=True)) == [80, 0]


def test_the_bureau_sees_results_but_neither_kins_nor_before_publishing_the_own(
    rated, round, hr, party, principal_west
):
    close(round, hr)
    result = result_of(rated)
    seen = SubjectResult.objects.visible_to
    assert seen(hr).get() == result
    assert seen(party).get() == result
    assert not seen(principal_west).exists()
    kin_of(rated, hr)
    assert not seen(hr).exists()
    type(rated.cadre).objects.filter(pk=rated.cadre_id).update(user=party)
    assert not seen(party).exists()
    take_round_action(round=round, action="publish", by=hr)
    assert seen(party).get() == result
    assert not seen(hr).exists()


def test_an_instrument_of_words_alone_has_words_and_no_figure(tree, hr, clock):
    rows = [{"level": 1, "name": "意见", "kind": "text"}]
    round = make_round(tree.bureau, hr, instrument=make_instrument(tree.bureau, hr, rows))
    set_relations(round=round, rows=[{"kind": "peer", "weight": 100, "anonymous": True}], by=hr)
    subject = add_subject(round=round, cadre=make_cadre(tree.school_east), by=hr)
    peers = invite_raters(round, subject, "peer", 5, hr)
    open_round(round, hr)
    for number, rater in enumerate(peers):
        invitation = Invitation.objects.get(rater=rater)
        submit(invitation=invitation, answers=answers_of(round, words=f"第{number}条"), by=rater)
    close(round, hr)
    assert (result_of(subject).total, result_of(subject).coverage) == (None, Decimal(0))
    assert ResultComment.objects.count() == 5
