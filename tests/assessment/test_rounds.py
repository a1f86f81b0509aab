"""Rounds: what may be changed when, subjects, relations, invitations and avoidance, opening, extending, cancelling."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AccountClass
from assessment.models import Invitation, Relation, Round, RoundSubject
from assessment.services.instruments import create_instrument, take_instrument_action
from assessment.services.invitations import invite, thin_relations, uninvite
from assessment.services.rounds import (
    add_subject,
    clear_subjects,
    create_round,
    remove_subject,
    set_relations,
    set_subjects,
    take_round_action,
    update_round,
)
from cadres.models import Cadre, FamilyMember
from core.calendar import now
from core.errors import Invalid, NotAllowed, NotFound, Stale, WrongMoment
from core.models import AuditEntry, Message
from core.versions import version_of
from tests.assessment.factories import (
    PERIOD,
    RELATIONS,
    WINDOW,
    invite_raters,
    make_instrument,
    make_raters,
    open_round,
    relation_of,
)
from tests.factories import make_user
from tests.programs.factories import make_cadre, make_code, moment


def fields(instrument, **changes):
    return {"title": "甲", "purpose": "appraisal", "instrument": instrument, **WINDOW, **PERIOD, **changes}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"purpose": "fun"}, "purpose"),
        ({"closes_at": WINDOW["opens_at"]}, "closes_at"),
        ({"period_to": dt.date(2025, 1, 1)}, "period_to"),
        ({"minimum": 2}, "minimum"),
    ],
)
def test_a_round_that_makes_no_sense_is_refused_at_its_field(tree, hr, clock, changes, field):
    instrument = make_instrument(tree.bureau, hr)
    with pytest.raises(Invalid) as refusal:
        create_round(unit=tree.bureau, by=hr, **fields(instrument, **changes))
    assert list(refusal.value.errors) == [field]
    assert not Round.objects.exists()


def test_the_minimum_is_five_and_may_be_three_but_the_database_holds_it_there(tree, hr, clock):
    instrument = make_instrument(tree.bureau, hr)
    assert create_round(unit=tree.bureau, by=hr, **fields(instrument)).minimum == 5
    round = create_round(unit=tree.bureau, by=hr, **fields(instrument, minimum=3))
    assert round.minimum == 3
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=round.pk).update(minimum=2)


def test_only_who_manages_rounds_there_makes_one(tree, hr, party, principal_east, clock):
    instrument = make_instrument(tree.bureau, hr)
    with pytest.raises(NotAllowed):
        create_round(unit=tree.bureau, by=party, **fields(instrument))
    with pytest.raises((NotAllowed, NotFound)):
        create_round(unit=tree.school_east, by=principal_east, **fields(instrument))
    assert not Round.objects.exists()


def test_a_retired_instrument_takes_no_new_round(tree, hr, clock):
    instrument = make_instrument(tree.bureau, hr)
    take_instrument_action(instrument=instrument, action="retire", by=hr)
    with pytest.raises(Invalid, match="在用的量表"):
        create_round(unit=tree.bureau, by=hr, **fields(instrument))


def test_a_drafted_round_changes_and_an_older_version_is_stale(round, hr, clock):
    seen = version_of(round)
    clock("2026-11-20 09:00:01")
    update_round(round=round, changes={"title": "乙"}, by=hr, version=seen)
    with pytest.raises(Stale):
        update_round(round=round, changes={"title": "丙"}, by=hr, version=seen)
    assert round.title == "乙"


def test_subjects_are_frozen_as_found_and_stay_within_the_unit(tree, hr, round):
    make_cadre(tree.school_east)
    make_cadre(tree.school_west)
    assert set_subjects(round=round, people=Cadre.objects.all(), words="全部", by=hr) == 2
    east = Round.objects.get(pk=round.pk)
    Round.objects.filter(pk=east.pk).update(unit=tree.central_east, unit_path=tree.central_east.path)
    east.refresh_from_db()
    assert set_subjects(round=east, people=Cadre.objects.all(), words="东河镇", by=hr) == 1
    assert RoundSubject.objects.get().unit == tree.school_east
    assert RoundSubject.objects.get().unit_path == tree.school_east.path
    assert east.words == "东河镇"


@pytest.mark.parametrize("nobody", [Cadre.objects.filter(name="无"), Cadre.objects.none()])
def test_nobody_found_leaves_the_subjects_as_they_were(round, subject, hr, nobody):
    with pytest.raises(Invalid, match="没有符合条件"):
        set_subjects(round=round, people=nobody, words="无", by=hr)
    assert round.subjects.get() == subject


def test_people_are_added_once_and_taken_out(round, subject, tree, hr):
    assert add_subject(round=round, cadre=subject.cadre, by=hr) == subject
    other = add_subject(round=round, cadre=make_cadre(tree.school_west), by=hr)
    remove_subject(subject=other, by=hr)
    assert round.subjects.get() == subject
    clear_subjects(round=round, by=hr)
    assert not round.subjects.exists()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "合计须为 100%"),
        ([{"kind": "peer", "weight": 99, "anonymous": True}], "合计须为 100%"),
        ([{"kind": "peer", "weight": 50}, {"kind": "peer", "weight": 50}], "只能设一次"),
        ([{"kind": "self", "weight": 100, "anonymous": True}], "自评只能是实名"),
        ([{"kind": "friend", "weight": 100}], "请选择评价关系"),
        ([{"kind": "peer", "weight": "很多"}], "权重须大于 0"),
        ([{"kind": "peer", "weight": 100}, {"kind": "self", "weight": 0}], "权重须大于 0"),
    ],
)
def test_relations_that_make_no_sense_are_refused(round, hr, rows, words):
    with pytest.raises(Invalid, match=words):
        set_relations(round=round, rows=rows, by=hr)
    assert round.relations.count() == len(RELATIONS)


def test_a_relation_that_stays_keeps_its_raters(round, subject, hr):
    invite_raters(round, subject, "peer", 2, hr)
    invite_raters(round, subject, "superior", 1, hr)
    rows = [
        {"kind": "peer", "weight": 60, "anonymous": True},
        {"kind": "self", "weight": 40, "anonymous": False},
    ]
    set_relations(round=round, rows=rows, by=hr)
    assert Invitation.objects.count() == 2
    assert set(round.relations.values_list("kind", flat=True)) == {"peer", "self"}


def test_a_rater_is_invited_once_a_subject(round, subject, hr):
    raters = invite_raters(round, subject, "peer", 2, hr)
    peer, superior = relation_of(round, "peer"), relation_of(round, "superior")
    assert invite(round=round, relation=peer, subject=subject, raters=raters, by=hr) == 0
    with pytest.raises(Invalid, match="另一种关系"):
        invite(round=round, relation=superior, subject=subject, raters=raters[:1], by=hr)
    assert Invitation.objects.count() == 2


def kin_of(subject, user):
    kin = make_cadre(subject.unit, user=user)
    FamilyMember.objects.create(
        cadre=subject.cadre, relation=make_code("relation", "01", "夫妻"), name=kin.name, kin=kin,
        kin_confirmed_at=now(),
    )  # fmt: skip


def test_neither_the_subject_nor_kin_nor_an_account_out_of_use_rates(round, subject, tree, hr):
    kin = make_user("kin", "贝亲")
    kin_of(subject, kin)
    asleep = make_user("asleep", "宿人", is_active=False)
    clerk = make_user("sys2", "系统", account_class=AccountClass.SYSTEM)
    peer = relation_of(round, "peer")
    for person, words in ((subject.cadre.user, "回避"), (kin, "回避"), (asleep, "账号"), (clerk, "账号")):
        with pytest.raises(Invalid, match=words):
            invite(round=round, relation=peer, subject=subject, raters=[person], by=hr)
    assert not Invitation.objects.exists()


def test_a_self_rating_is_the_subjects_alone(round, subject, hr):
    set_relations(round=round, rows=[{"kind": "self", "weight": 100, "anonymous": False}], by=hr)
    own = Relation.objects.get(round=round)
    with pytest.raises(Invalid, match="本人进行"):
        invite(round=round, relation=own, subject=subject, raters=make_raters(1), by=hr)
    assert invite(round=round, relation=own, subject=subject, raters=[subject.cadre.user], by=hr) == 1


def test_who_is_rated_or_kin_doesnt_choose_the_raters(round, tree, hr):
    own = add_subject(round=round, cadre=make_cadre(tree.section, user=hr), by=hr)
    with pytest.raises(NotAllowed, match="回避"):
        invite(round=round, relation=relation_of(round, "peer"), subject=own, raters=make_raters(1), by=hr)
    assert not Invitation.objects.exists()


def test_relation_and_subject_belong_to_the_round(round, subject, tree, hr):
    from tests.assessment.factories import make_round

    other = make_round(tree.bureau, hr)
    with pytest.raises(NotFound):
        invite(
            round=round, relation=relation_of(other, "peer"), subject=subject, raters=make_raters(1), by=hr
        )
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda round: round.subjects.all().delete(), "还没有评价对象"),
        (lambda round: Invitation.objects.all().delete(), "1 人（贝平）还没有评价人"),
        (lambda round: round.relations.filter(kind="subordinate").delete(), "合计须为 100%"),
        (lambda round: Round.objects.update(closes_at=moment("2026-11-20 08:59")), "已经过去"),
    ],
)
def test_a_round_that_isnt_ready_doesnt_open(round, subject, hr, spoil, words):
    invite_raters(round, subject, "peer", 1, hr)
    spoil(round)
    round.refresh_from_db()
    with pytest.raises(Invalid, match=words):
        open_round(round, hr)
    round.refresh_from_db()
    assert round.status == "draft"
    assert not Message.objects.exists()


def test_a_round_with_a_drafted_instrument_doesnt_open(round, subject, tree, hr):
    draft = create_instrument(unit=tree.bureau, by=hr, name="草稿")
    update_round(round=round, changes={"instrument": draft}, by=hr)
    invite_raters(round, subject, "peer", 1, hr)
    with pytest.raises(Invalid, match="没有定稿"):
        open_round(round, hr)


def test_opening_tells_every_rater_once(round, subject, tree, hr):
    second = add_subject(round=round, cadre=make_cadre(tree.school_east), by=hr)
    raters = invite_raters(round, subject, "peer", 3, hr)
    invite_raters(round, second, "peer", raters, hr)
    open_round(round, hr)
    assert Message.objects.count() == 3
    assert AuditEntry.objects.filter(action="round.open").count() == 1


def test_an_open_round_is_changed_no_more(round, subject, tree, hr):
    invite_raters(round, subject, "peer", 1, hr)
    open_round(round, hr)
    cadre = make_cadre(tree.school_east)
    for verb in (
        lambda: update_round(round=round, changes={"minimum": 3}, by=hr),
        lambda: set_relations(round=round, rows=RELATIONS, by=hr),
        lambda: add_subject(round=round, cadre=cadre, by=hr),
        lambda: remove_subject(subject=subject, by=hr),
        lambda: clear_subjects(round=round, by=hr),
        lambda: set_subjects(round=round, people=Cadre.objects.all(), words="全部", by=hr),
    ):
        with pytest.raises(WrongMoment, match="已经开始"):
            verb()
    assert round.subjects.get() == subject


def test_raters_can_be_added_to_an_open_round_and_are_told(round, subject, hr):
    invite_raters(round, subject, "peer", 1, hr)
    open_round(round, hr)
    late = invite_raters(round, subject, "peer", 1, hr)
    assert Message.objects.filter(recipient=late[0]).count() == 1


def test_from_an_open_round_only_a_named_rater_who_hasnt_submitted_is_taken_out(round, subject, hr):
    peers = invite_raters(round, subject, "peer", 2, hr)
    heads = invite_raters(round, subject, "superior", 2, hr)
    uninvite(invitation=Invitation.objects.get(rater=peers[0]), by=hr)
    open_round(round, hr)
    Invitation.objects.filter(rater=heads[0]).update(used=True)
    uninvite(invitation=Invitation.objects.get(rater=heads[1]), by=hr)
    for person, words in ((peers[1], "匿名"), (heads[0], "已经提交")):
        with pytest.raises(WrongMoment, match=words):
            uninvite(invitation=Invitation.objects.get(rater=person), by=hr)
    assert set(Invitation.objects.values_list("rater", flat=True)) == {peers[1].pk, heads[0].pk}


def test_relations_with_too_few_raters_are_named(round, subject, hr):
    invite_raters(round, subject, "peer", 4, hr)
    invite_raters(round, subject, "subordinate", 5, hr)
    invite_raters(round, subject, "superior", 1, hr)
    assert thin_relations(round) == [(subject.pk, relation_of(round, "peer").pk, 4)]


def test_more_time_means_later_and_everybody_is_told_again(round, subject, hr):
    invite_raters(round, subject, "peer", 1, hr)
    open_round(round, hr)
    for closes_at in (None, moment("2026-11-20 08:00"), round.closes_at):
        with pytest.raises(Invalid, match="晚于"):
            take_round_action(round=round, action="extend", by=hr, comment="等一等", closes_at=closes_at)
    with pytest.raises(Invalid, match="意见"):
        take_round_action(round=round, action="extend", by=hr, closes_at=moment("2026-12-10 18:00"))
    take_round_action(round=round, action="extend", by=hr, comment="等", closes_at=moment("2026-12-10 18:00"))
    assert (round.status, round.closes_at) == ("open", moment("2026-12-10 18:00"))
    assert Message.objects.count() == 2


def test_a_cancelled_round_tells_the_raters_only_if_it_was_open(round, subject, hr):
    invite_raters(round, subject, "peer", 1, hr)
    take_round_action(round=round, action="cancel", by=hr, comment="不办了")
    assert not Message.objects.exists()
    with pytest.raises(WrongMoment):
        open_round(round, hr)


def test_who_only_views_rounds_takes_no_action(round, subject, party, principal_east, hr):
    invite_raters(round, subject, "peer", 1, hr)
    with pytest.raises(NotAllowed):
        take_round_action(round=round, action="open", by=party)
    with pytest.raises((NotAllowed, NotFound)):
        take_round_action(round=round, action="open", by=principal_east)
    round.refresh_from_db()
    assert round.status == "draft"
