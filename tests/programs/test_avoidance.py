"""回避 of kin: whoever HR has confirmed to be a nominee's kin acts on nothing of the case, nor is asked to."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import User
from cadres.models import Cadre, FamilyMember
from core.calendar import now
from core.errors import Invalid, NotAllowed
from core.models import Message
from core.todo import todos_for
from core.workflow import open_to
from programs.admin import AppraisalAdmin, NominationAdmin
from programs.avoidance import OF_KIN, avoided_by, without_avoiding
from programs.models import Appraisal, Nomination, Participation
from programs.services.appraisals import file_appraisal, may_read
from programs.services.lists import cases_for_list, file_list
from programs.services.nominations import confirm_attestation, save_draft, start_nomination, take_action
from programs.services.participations import cancel_participation, place_participation
from programs.services.pipelines import case_history
from tests.factories import make_holder
from tests.programs.factories import at_decision, confirm_all, make_base, make_cadre, make_code, submitted

pytestmark = pytest.mark.django_db
START = dt.date(2027, 3, 1)


def record_of(user: User, unit) -> Cadre:
    """The user's own record on the roster."""
    found = Cadre.objects.filter(user=user).first()
    return found or make_cadre(unit, user.name, user=user)


def make_kin(one: Cadre, other: Cadre, *, confirmed: bool = True, relation: str = "妻子") -> FamilyMember:
    """A family-member row of one cadre that links to another."""
    code = make_code("relation", {"妻子": "13", "表妹": "75"}[relation], relation)
    return FamilyMember.objects.create(
        cadre=one, kin=other, relation=code, name=other.name, kin_confirmed_at=now() if confirmed else None
    )


def kin_of(user: User, unit, nominee: Cadre, **about) -> None:
    """Link the user's record to a nominee."""
    make_kin(record_of(user, unit), nominee, **about)


def refused(act, *args, **kwargs) -> None:
    with pytest.raises(NotAllowed) as caught:
        act(*args, **kwargs)
    assert caught.value.message == OF_KIN


@pytest.fixture
def nominee(tree):
    """Somebody of the East school."""
    return make_cadre(tree.school_east, "李青")


@pytest.fixture
def case(call, nominee, principal_east):
    """The nominee's case at inspection."""
    return submitted(call, nominee, principal_east)


@pytest.fixture
def pending(call, tree, principal_direct, hr, party):
    """An approved case that waits to be placed."""
    case = at_decision(call, make_cadre(tree.direct_school, "文静"), principal_direct, hr)
    take_action(nomination=case, action="pass", by=party)
    return Participation.objects.get(nomination=case)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("relation", ["妻子", "表妹"])
def test_a_confirmed_link_counts_whichever_of_the_two_recorded_it(
    tree, nominee, central_east, turned, relation
):
    pair = [record_of(central_east, tree.central_east), nominee]
    make_kin(*(pair[::-1] if turned else pair), relation=relation)
    assert set(avoided_by(central_east)) == set(pair)
    assert central_east not in without_avoiding(User.objects.all(), nominee)


def test_a_link_that_nobody_confirmed_changes_nothing(tree, case, nominee, central_east):
    kin_of(central_east, tree.central_east, nominee, confirmed=False)
    confirm_all(case, central_east)
    take_action(nomination=case, action="pass", by=central_east, comment="同意")
    assert case.decisions.filter(action="pass").exists()


def test_kin_neither_nominate_nor_write(call, tree, nominee, principal_east, signed_in):
    draft = start_nomination(call=call, cadre=nominee, by=principal_east)
    kin_of(principal_east, tree.school_east, nominee)
    refused(save_draft, nomination=draft, by=principal_east, changes={"statement": "改"})
    refused(take_action, nomination=draft, action="submit", by=principal_east)
    other = make_cadre(tree.school_east, "李红")
    kin_of(principal_east, tree.school_east, other)
    refused(start_nomination, call=call, cadre=other, by=principal_east)
    options = signed_in(principal_east).get(reverse("nominee-picker"), {"q": "李"}).content.decode()
    assert "李红" not in options


def test_kin_neither_inspect_nor_are_asked_to(call, tree, nominee, principal_east, central_east, signed_in):
    kin_of(central_east, tree.central_east, nominee)
    case = submitted(call, nominee, principal_east)
    rule = case.attestations.filter(declared=True).first().rule_id
    refused(confirm_attestation, nomination=case, rule=rule, confirmed=True, by=central_east)
    for action in ("pass", "return", "reject"):
        refused(take_action, nomination=case, action=action, by=central_east, comment="意见",
                due=dt.date(2026, 12, 1))  # fmt: skip
    refusals = {each.name: each.refusal for each in open_to(case, central_east)}
    assert refusals["pass"] == refusals["reject"] == OF_KIN
    assert not Nomination.objects.awaiting(central_east).exists()
    assert todos_for(central_east) == []
    assert not Message.objects.filter(recipient=central_east, occasion__startswith="step:").exists()
    listed = signed_in(central_east).get(reverse("nomination-list") + "?tab=mine").content.decode()
    assert "李青" not in listed
    colleague = make_holder("central-east-2", "钟二", "central", tree.central_east)
    assert [each.title for each in todos_for(colleague)] == ["考察 1 份推荐"]
    assert case_history(case).current.people == ["钟二"]


def test_kin_are_not_listed_by_kin(call, tree, case, nominee, central_east, principal_east, hr, signed_in):
    colleague = make_holder("central-east-2", "钟二", "central", tree.central_east)
    confirm_all(case, colleague)
    take_action(nomination=case, action="pass", by=colleague, comment="同意")
    kin_of(central_east, tree.central_east, nominee)
    refused(file_list, call=call, unit=tree.central_east, ids=[case.pk], by=central_east)
    assert list(cases_for_list(call, tree.central_east, by=central_east)) == []
    page = signed_in(central_east).get(reverse("call-file-list", args=[call.pk]))
    assert "李青" not in page.content.decode()
    file_list(call=call, unit=tree.central_east, ids=[case.pk], by=colleague)
    case.refresh_from_db()
    assert case.step.kind == "check"


def test_kin_neither_check_nor_decide(call, tree, principal_direct, hr, party, signed_in):
    nominee = make_cadre(tree.direct_school, "文静")
    case = submitted(call, nominee, principal_direct)
    kin_of(hr, tree.section, nominee)
    refused(take_action, nomination=case, action="pass", by=hr, comment="齐全")
    second = make_holder("hr-2", "何二", "hr", tree.bureau)
    confirm_all(case, second)
    take_action(nomination=case, action="pass", by=second, comment="齐全")
    kin_of(party, tree.section, nominee)
    for action in ("pass", "reject", "waitlist"):
        refused(take_action, nomination=case, action=action, by=party, comment="意见")
    assert signed_in(party).get(reverse("agenda")).context["groups"] == []
    assert [each.comment for each in case_history(case, party).decisions if each.action == "pass"] == [""]


def test_kin_of_the_approved_place_and_end_nothing(tree, pending, hr, signed_in):
    nominee = pending.cadre
    kin_of(hr, tree.section, nominee)
    base = make_base(tree.bureau, lead=make_holder("lead", "老李", "hr", tree.bureau))
    refused(place_participation, participation=pending, base=base, acting_post="副校长", start=START, by=hr)
    refused(cancel_participation, participation=pending, by=hr, comment="取消")
    refused(take_action, nomination=pending.nomination, action="withdraw", by=hr, comment="撤回")
    assert not [each for each in todos_for(hr) if "安排" in each.title]
    client = signed_in(hr)
    assert client.get(reverse("participation-place", args=[pending.pk])).status_code == 403
    page = client.get(reverse("participation-detail", args=[pending.pk]))
    assert not page.context["may_place"]


def test_kin_are_neither_host_nor_guide_and_sign_no_appraisal(tree, pending, hr, host, clock):
    base = make_base(tree.bureau, lead=host)
    other = make_holder("lead", "老李", "hr", tree.bureau)
    link = make_kin(record_of(host, tree.section), pending.cadre)
    arranged = {"participation": pending, "base": base, "acting_post": "副校长", "start": START, "by": hr}
    for people in ({}, {"host": other, "guide": host}):
        with pytest.raises(Invalid) as caught:
            place_participation(**arranged, **people)
        assert caught.value.errors == {"host": [OF_KIN]}
    link.delete()
    place_participation(**arranged)
    make_kin(pending.cadre, record_of(host, tree.section))
    clock("2027-08-31 10:00")
    paper = Appraisal.objects.get()
    refused(file_appraisal, appraisal=paper, by=host, grade="good", sections={1: "好"})
    assert not may_read(paper, host)
    assert todos_for(host) == []


def test_the_admin_closes_cases_of_kin(tree, case, nominee, hr, rf):
    from django.contrib import admin

    kin_of(hr, tree.section, nominee)
    for model, page in ((Nomination, NominationAdmin), (Appraisal, AppraisalAdmin)):
        view = page(model, admin.site)
        assert not view.visible_rows(hr, view.view_capability).exists()


def test_lists_cost_the_same_with_and_without_kin(call, tree, case, nominee, central_east, signed_in):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = signed_in(central_east), []
    own = record_of(central_east, tree.central_east)
    client.get("/")
    todos_for(central_east)
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("nomination-list") + "?tab=mine")
            todos_for(central_east)
        counts.append(len(seen))
        for number in range(3):
            make_kin(own, make_cadre(tree.school_east, f"亲{number}"))
    assert counts[0] == counts[1]
