"""Raters by the organisation chart: who is superior, peer, subordinate; accounts, kin, double posts, gaps."""

import datetime as dt

import pytest

from assessment.models import Invitation
from assessment.services.invitations import invite, invite_proposed, propose_raters
from assessment.services.rounds import add_subject, set_relations
from cadres.models import Appointment
from core.errors import NotAllowed, WrongMoment
from tests.assessment.factories import invite_raters, open_round, relation_of
from tests.assessment.test_rounds import kin_of
from tests.factories import make_user
from tests.programs.factories import make_cadre

EVERY = [
    {"kind": "self", "weight": 10, "anonymous": False},
    {"kind": "superior", "weight": 30, "anonymous": False},
    {"kind": "peer", "weight": 30, "anonymous": True},
    {"kind": "subordinate", "weight": 30, "anonymous": True},
]


@pytest.fixture
def people(tree):
    """A head, two deputies and one of the middle at the East school; heads above and beside, and an outsider."""

    def person(unit, name, title, category):
        return make_cadre(unit, name, title=title, category=category, user=make_user(name=name))

    east, beside = tree.school_east, tree.school_east_2
    return {
        "head": person(east, "校长", "校长", "head"),
        "one": person(east, "副一", "副校长", "deputy"),
        "two": person(east, "副二", "副校长", "deputy"),
        "middle": person(east, "主任", "教导主任", "middle"),
        "above": person(tree.central_east, "中心校长", "校长", "head"),
        "above_two": person(tree.central_east, "中心副校长", "副校长", "deputy"),
        "beside": person(beside, "邻校长", "校长", "head"),
        "beside_two": person(beside, "邻副校长", "副校长", "deputy"),
        "far": person(tree.school_west, "西校长", "校长", "head"),
    }


@pytest.fixture
def rounds(round, hr):
    set_relations(round=round, rows=EVERY, by=hr)
    return round


def told(round, hr, cadre):
    """Names by relation that are proposed for one person."""
    subject = add_subject(round=round, cadre=cadre, by=hr)
    found: dict[str, set[str]] = {}
    kinds = {each.pk: each.kind for each in round.relations.all()}
    for each in propose_raters(round=round, by=hr).raters:
        if each.subject_id == subject.pk:
            found.setdefault(kinds[each.relation_id], set()).add(each.name)
    return found


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("head", {"self": {"校长"}, "superior": {"中心校长"}, "peer": {"邻校长"}, "subordinate": {"副一", "副二", "主任"}}),
        ("one", {"self": {"副一"}, "superior": {"校长", "中心校长"}, "peer": {"副二"}, "subordinate": {"主任"}}),
        ("middle", {"self": {"主任"}, "superior": {"校长", "副一", "副二"}}),
    ],
)  # fmt: skip
def test_the_chart_says_who_stands_where(rounds, hr, people, who, expected):
    assert told(rounds, hr, people[who]) == expected


def test_heads_of_another_cluster_are_no_peers(rounds, hr, people, tree):
    tree.school_east_2.cluster = "西片"
    tree.school_east_2.save()
    assert "peer" not in told(rounds, hr, people["head"])
    tree.school_east.cluster = ""
    tree.school_east.save()
    assert told(rounds, hr, people["head"])["peer"] == {"邻校长"}


def test_accounts_out_of_use_and_people_without_one_are_not_proposed(rounds, hr, people, tree):
    people["two"].user.is_active = False
    people["two"].user.save()
    make_cadre(tree.school_east, "无账号")
    assert "peer" not in told(rounds, hr, people["one"])


def test_kin_whoever_recorded_it_is_not_proposed(rounds, hr, people):
    subject = add_subject(round=rounds, cadre=people["one"], by=hr)
    other = make_user(name="副三")
    kin_of(subject, other)
    other.cadre.unit = people["one"].unit
    post = people["one"].unit.posts.get(title="副校长")
    Appointment.objects.filter(cadre=other.cadre).update(post=post)
    assert told(rounds, hr, people["one"])["peer"] == {"副二"}
    assert told(rounds, hr, other.cadre)["peer"] == {"副二"}


def test_a_post_that_is_over_or_a_secondment_counts_for_nothing(rounds, hr, people, tree):
    Appointment.objects.filter(cadre=people["two"]).update(end=dt.date(2026, 11, 20))
    visitor = make_cadre(tree.school_west, "挂职", title="", user=make_user(name="挂职"))
    Appointment.objects.create(
        cadre=visitor, unit=tree.school_east, title="副校长", kind="seconded", start=dt.date(2026, 9, 1),
        post=tree.school_east.posts.get(title="副校长"),
    )  # fmt: skip
    assert "peer" not in told(rounds, hr, people["one"])


def test_who_stands_in_two_relations_is_asked_once_as_the_superior(rounds, hr, people, tree):
    Appointment.objects.create(
        cadre=people["above"], unit=tree.school_east, title="副校长", kind="concurrent",
        start=dt.date(2026, 9, 1), post=tree.school_east.posts.get(title="副校长"),
    )  # fmt: skip
    found = told(rounds, hr, people["one"])
    assert "中心校长" in found["superior"]
    assert found["peer"] == {"副二"}


def test_all_proposed_are_invited_at_once_and_only_once(rounds, hr, people):
    for who in ("head", "one"):
        add_subject(round=rounds, cadre=people[who], by=hr)
    wanted = len(propose_raters(round=rounds, by=hr).raters)
    assert invite_proposed(round=rounds, by=hr) == wanted == Invitation.objects.count()
    assert propose_raters(round=rounds, by=hr).raters == []
    assert invite_proposed(round=rounds, by=hr) == 0


def test_who_is_invited_by_hand_is_not_proposed_elsewhere(rounds, hr, people):
    subject = add_subject(round=rounds, cadre=people["one"], by=hr)
    peer = relation_of(rounds, "peer")
    invite(round=rounds, relation=peer, subject=subject, raters=[people["head"].user], by=hr)
    assert "校长" not in told(rounds, hr, people["one"])["superior"]


def test_gaps_are_named(rounds, hr, people, tree):
    subject = add_subject(round=rounds, cadre=people["middle"], by=hr)
    proposal = propose_raters(round=rounds, by=hr)
    gaps = {(subject.pk, relation_of(rounds, kind).pk) for kind in ("peer", "subordinate")}
    assert set(proposal.gaps) == gaps
    loose = add_subject(round=rounds, cadre=make_cadre(tree.school_west, title=""), by=hr)
    assert len([gap for gap in propose_raters(round=rounds, by=hr).gaps if gap[0] == loose.pk]) == 4


def test_ones_own_raters_are_a_colleagues_to_invite(rounds, hr, people, tree):
    own = add_subject(round=rounds, cadre=make_cadre(tree.school_east, title="副校长", user=hr), by=hr)
    assert not [each for each in propose_raters(round=rounds, by=hr).raters if each.subject_id == own.pk]
    invite_proposed(round=rounds, by=hr)
    assert not Invitation.objects.filter(subject=own).exists()


def test_an_open_round_takes_no_proposal_and_an_outsider_none_at_all(rounds, hr, people, party):
    subject = add_subject(round=rounds, cadre=people["one"], by=hr)
    with pytest.raises(NotAllowed):
        propose_raters(round=rounds, by=party)
    with pytest.raises(NotAllowed):
        invite_proposed(round=rounds, by=party)
    invite_raters(rounds, subject, "peer", 1, hr)
    open_round(rounds, hr)
    with pytest.raises(WrongMoment, match="逐人"):
        invite_proposed(round=rounds, by=hr)
    assert Invitation.objects.count() == 1
