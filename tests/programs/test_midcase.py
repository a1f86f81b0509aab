"""People and units that change while a case runs: leavers, transfers, moved schools, ended grants, own cases."""

import datetime as dt

import pytest

from accounts.models import Grant
from accounts.scope import forget
from accounts.services.units import close_unit, move_unit, rename_unit
from cadres.services.people import end_relation, transfer_cadre
from core.errors import NotAllowed, WrongMoment
from core.models import Message
from programs.models import Participation
from programs.presenting import stepper
from programs.services.nominations import save_draft, start_nomination, submit_nomination, take_action
from programs.services.participations import (
    cancel_participation,
    follow_calendar,
    place_participation,
    rearrange_participation,
)
from programs.services.pipelines import case_history
from tests.factories import make_holder
from tests.programs.factories import (
    TEXTS,
    at_decision,
    confirm_all,
    declarations,
    make_base,
    make_cadre,
    submitted,
)

pytestmark = pytest.mark.django_db
YESTERDAY = dt.date(2026, 11, 19)


def state(case):
    case.refresh_from_db()
    return case.status, case.step.kind if case.step else None


@pytest.fixture
def draft(call, tree, principal_east):
    """A complete draft of the East school's."""
    case = start_nomination(call=call, cadre=make_cadre(tree.school_east, "李青"), by=principal_east)
    return save_draft(
        nomination=case, by=principal_east, changes=TEXTS, declarations=declarations(call)
    )  # fmt: skip


def retire(cadre, by):
    end_relation(cadre=cadre, on=YESTERDAY, leaving="retired", by=by)


def test_a_leaver_is_not_submitted(draft, principal_east, hr):
    retire(draft.cadre, hr)
    with pytest.raises(WrongMoment, match="不在职"):
        submit_nomination(nomination=draft, by=principal_east)
    assert state(draft)[0] == "draft"


def test_whoever_moved_before_submission_is_the_new_schools_to_nominate(draft, tree, principal_east, hr):
    transfer_cadre(cadre=draft.cadre, to_unit=tree.school_east_2, on=YESTERDAY, by=hr)
    with pytest.raises(WrongMoment, match="现单位"):
        submit_nomination(nomination=draft, by=principal_east)
    assert state(draft)[0] == "draft"


def test_a_transfer_leaves_a_running_case_where_it_was_filed(draft, tree, principal_east, central_east, hr):
    submit_nomination(nomination=draft, by=principal_east)
    transfer_cadre(cadre=draft.cadre, to_unit=tree.school_west, on=YESTERDAY, by=hr)
    confirm_all(draft, central_east)
    take_action(nomination=draft, action="pass", by=central_east, comment="同意")
    assert state(draft) == ("in_review", "list")
    assert draft.unit == tree.school_east


def test_a_leaver_is_neither_checked_nor_approved_nor_placed(call, tree, principal_direct, hr, party, host):
    first = submitted(call, make_cadre(tree.direct_school), principal_direct)
    confirm_all(first, hr)
    retire(first.cadre, hr)
    with pytest.raises(WrongMoment, match="不在职"):
        take_action(nomination=first, action="pass", by=hr)
    take_action(nomination=first, action="reject", by=hr, comment="已退休")
    second = at_decision(call, make_cadre(tree.direct_school), principal_direct, hr)
    take_action(nomination=second, action="pass", by=party)
    retire(second.cadre, hr)
    with pytest.raises(WrongMoment, match="不在职"):
        place_participation(
            participation=second.participation, base=make_base(tree.bureau, host), acting_post="副校长",
            start=dt.date(2027, 3, 1), by=hr,
        )  # fmt: skip
    second.participation.refresh_from_db()
    assert second.participation.status == "pending"


def test_the_party_group_approves_no_leaver(call, tree, principal_direct, hr, party):
    case = at_decision(call, make_cadre(tree.direct_school), principal_direct, hr)
    retire(case.cadre, hr)
    for action in ("pass", "waitlist"):
        with pytest.raises(WrongMoment, match="不在职"):
            take_action(nomination=case, action=action, by=party)
    assert state(case) == ("in_review", "decide")
    assert not Participation.objects.exists()


def test_a_renamed_school_goes_on_with_its_case(draft, tree, principal_east, central_east, hr):
    submit_nomination(nomination=draft, by=principal_east)
    rename_unit(by=hr, unit=tree.school_east, name="东河镇第一小学", on=dt.date(2026, 11, 20))
    confirm_all(draft, central_east)
    take_action(nomination=draft, action="pass", by=central_east, comment="同意")
    assert state(draft) == ("in_review", "list")


def test_a_school_closed_meanwhile_has_its_case_dealt_with(draft, tree, principal_east, central_east, hr):
    submit_nomination(nomination=draft, by=principal_east)
    transfer_cadre(cadre=draft.cadre, to_unit=tree.school_east_2, on=YESTERDAY, by=hr)
    close_unit(by=hr, unit=tree.school_east, on=dt.date(2026, 11, 20), successors=[tree.school_east_2])
    draft.refresh_from_db()
    take_action(nomination=draft, action="return", by=central_east, comment="补", due=dt.date(2026, 12, 1))
    colleague = make_holder("central-east-2", "钟二", "central", tree.central_east)
    submit_nomination(nomination=draft, by=principal_east)
    confirm_all(draft, colleague)
    take_action(nomination=draft, action="pass", by=colleague, comment="同意")
    assert state(draft) == ("in_review", "list")


def test_a_school_moved_to_another_township_is_inspected_there(
    draft, tree, principal_east, central_east, central_west, hr
):
    submit_nomination(nomination=draft, by=principal_east)
    move_unit(by=hr, unit=tree.school_east, parent=tree.central_west)
    draft.refresh_from_db()
    confirm_all(draft, central_west)
    take_action(nomination=draft, action="pass", by=central_west, comment="同意")
    assert state(draft) == ("in_review", "list")


def test_a_school_that_came_under_the_bureau_waits_for_no_central_school(draft, tree, principal_east, hr):
    submit_nomination(nomination=draft, by=principal_east)
    move_unit(by=hr, unit=tree.school_east, parent=tree.bureau)
    for _ in range(2):
        follow_calendar()
    assert state(draft) == ("in_review", "check")
    assert [each.action for each in draft.decisions.order_by("id")] == ["submit", "reroute", "skip"]
    assert [row["state"] for row in stepper(case_history(draft))] == [
        "done", "skipped", "skipped", "current", "todo",
    ]  # fmt: skip
    assert Message.objects.filter(recipient=hr, title__contains="等您核查").exists()


def test_a_case_of_a_central_school_is_never_rerouted(draft, principal_east):
    submit_nomination(nomination=draft, by=principal_east)
    follow_calendar()
    assert state(draft) == ("submitted", "inspect")


def test_what_was_skipped_stays_skipped_when_the_school_comes_under_a_central_school(
    call, tree, principal_direct, hr
):
    case = at_decision(call, make_cadre(tree.direct_school), principal_direct, hr)
    move_unit(by=hr, unit=tree.direct_school, parent=tree.central_west)
    case.refresh_from_db()
    states = [entry.state for entry in case_history(case).steps]
    assert states == ["done", "skipped", "skipped", "done", "current"]


def test_skipping_is_recorded_once_however_often_a_case_comes_back(call, tree, principal_direct, hr):
    case = submitted(call, make_cadre(tree.direct_school), principal_direct)
    for _ in range(2):
        take_action(nomination=case, action="return", by=hr, comment="补", due=dt.date(2026, 12, 1))
        case.refresh_from_db()
        take_action(nomination=case, action="submit", by=principal_direct)
    assert case.decisions.filter(action="skip").count() == 2


def test_who_left_office_is_told_nothing_more_and_the_successor_takes_over(
    draft, tree, principal_east, central_east
):
    submit_nomination(nomination=draft, by=principal_east)
    Grant.objects.filter(user=principal_east).update(end=YESTERDAY)
    forget(principal_east)
    successor = make_holder("principal-new", "新校长", "principal", tree.school_east)
    take_action(nomination=draft, action="return", by=central_east, comment="补", due=dt.date(2026, 12, 1))
    about = Message.objects.filter(title__contains="被退回补正")
    assert about.filter(recipient=successor).count() == 1
    assert not about.filter(recipient=principal_east).exists()
    draft.refresh_from_db()
    assert case_history(draft).current.people == ["新校长", "钟东"]
    submit_nomination(nomination=draft, by=successor)
    assert state(draft) == ("in_review", "inspect")


def test_an_official_reads_nothing_said_about_their_own_case(call, tree, principal_east, central_east, hr):
    """A deputy head with the school's grant is nominated often: the deciders' words stay closed."""
    deputy = make_holder("deputy", "副校长", "principal", tree.school_east)
    case = submitted(call, make_cadre(tree.school_east, user=deputy), principal_east)
    confirm_all(case, central_east)
    take_action(nomination=case, action="pass", by=central_east, comment="能力一般", score=61)
    case.refresh_from_db()
    last = case_history(case, deputy).decisions[-1]
    assert (last.comment, last.data) == ("", {})
    assert case_history(case, principal_east).decisions[-1].comment == "能力一般"


def test_the_nominee_does_not_see_what_inspection_found(call, tree, signed_in, principal_east, central_east):
    deputy = make_holder("deputy", "副校长", "principal", tree.school_east)
    case = submitted(call, make_cadre(tree.school_east, user=deputy), principal_east)
    confirm_all(case, central_east)
    address = f"/nominations/{case.pk}/"
    assert "考察属实" not in signed_in(deputy).get(address).content.decode()
    assert "考察属实" in signed_in(principal_east).get(address).content.decode()


def test_nobodys_own_case_waits_for_them(call, tree, signed_in, principal_direct, hr, party):
    colleague = make_holder("party2", "党群二", "party", tree.bureau)
    cadre = make_cadre(tree.direct_school, user=party)
    case = at_decision(call, cadre, principal_direct, hr)
    assert cadre.name not in signed_in(party).get("/nominations/agenda/").content.decode()
    assert cadre.name in signed_in(colleague).get("/nominations/agenda/").content.decode()
    with pytest.raises(NotAllowed, match="回避"):
        take_action(nomination=case, action="pass", by=party)


def test_hr_does_not_arrange_or_end_their_own_undertaking(call, tree, principal_direct, hr, party, host):
    clerk = make_holder("hr2", "人事二", "hr", tree.bureau)
    case = at_decision(call, make_cadre(tree.direct_school, user=hr), principal_direct, clerk)
    take_action(nomination=case, action="pass", by=party)
    own = Participation.objects.get(nomination=case)
    where = {"base": make_base(tree.bureau, host), "acting_post": "副校长", "start": dt.date(2027, 3, 1)}
    with pytest.raises(NotAllowed, match="回避"):
        take_action(nomination=case, action="withdraw", by=hr, comment="不去了")
    with pytest.raises(NotAllowed, match="回避"):
        place_participation(participation=own, by=hr, **where)
    place_participation(participation=own, by=clerk, **where)
    with pytest.raises(NotAllowed, match="回避"):
        rearrange_participation(participation=own, by=hr, comment="改", end=dt.date(2027, 4, 1), **where)
    with pytest.raises(NotAllowed, match="回避"):
        cancel_participation(participation=own, by=hr, comment="不去了")
    own.refresh_from_db()
    assert own.status == "placed"


@pytest.mark.parametrize("action", ["return", "reject"])
def test_no_message_that_leaves_by_mail_says_whom_a_verdict_concerns_or_why(
    draft, principal_east, central_east, cadre_user, action
):
    type(draft.cadre).objects.filter(pk=draft.cadre_id).update(user=cadre_user)
    submit_nomination(nomination=draft, by=principal_east)
    before = set(Message.objects.values_list("pk", flat=True))
    take_action(
        nomination=draft, action=action, by=central_east, comment="曾受处分", due=dt.date(2026, 12, 1)
    )
    sent = Message.objects.exclude(pk__in=before)
    assert sent.filter(recipient=principal_east).count() == 1
    assert sent.filter(recipient=cadre_user).count() == (1 if action == "reject" else 0)
    for message in sent:
        assert "曾受处分" not in message.title + message.body
        assert "李青" not in message.title + message.body


def test_the_nominee_hears_of_a_withdrawal(draft, principal_east, cadre_user):
    type(draft.cadre).objects.filter(pk=draft.cadre_id).update(user=cadre_user)
    submit_nomination(nomination=draft, by=principal_east)
    take_action(nomination=draft, action="withdraw", by=principal_east)
    assert Message.objects.filter(recipient=cadre_user, title__contains="新的进展").count() == 1
