"""Nominating: the window to the second, quotas, one case a person and year, once however often clicked."""

import datetime as dt

import pytest

from cadres.models import PersonnelRelation
from core.errors import Invalid, NotAllowed, NotFound, Stale, WrongMoment
from core.models import AuditEntry, Message
from core.versions import version_of
from core.workflow import open_to
from programs.models import Attestation, CallAttachment, Nomination, NominationDecision
from programs.services.calls import close_call, open_call, set_quota
from programs.services.nominations import (
    Declaration,
    attach_file,
    declare_attestation,
    remove_file,
    save_draft,
    start_nomination,
    submit_nomination,
    take_action,
)
from tests.factories import make_grant
from tests.programs.factories import (
    TEXTS,
    at_decision,
    confirm_all,
    declarations,
    make_cadre,
    make_call,
    submitted,
)


def state(nomination):
    nomination.refresh_from_db()
    return nomination.status


@pytest.fixture
def draft(call, tree, principal_east):
    """A complete draft of the East school's."""
    nomination = start_nomination(call=call, cadre=make_cadre(tree.school_east), by=principal_east)
    return save_draft(
        nomination=nomination, by=principal_east, changes=TEXTS, declarations=declarations(call)
    )


def refused(nomination, by, error, match, action="submit", **data):
    """The refusal, and that it wrote nothing: no status, no decision, no audit entry, no message."""
    before = (state(nomination), AuditEntry.objects.count(), Message.objects.count())
    decisions = NominationDecision.objects.count()
    with pytest.raises(error, match=match):
        take_action(nomination=nomination, action=action, by=by, **data)
    assert (state(nomination), AuditEntry.objects.count(), Message.objects.count()) == before
    assert NominationDecision.objects.count() == decisions


# --- the window ------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["2026-12-15 23:59:00", "2026-12-15 23:59:59.999999"])
def test_a_deadline_typed_23_59_counts_through_23_59_59(draft, principal_east, clock, at):
    clock(at)
    take_action(nomination=draft, action="submit", by=principal_east)
    assert state(draft) == "submitted"


def test_the_next_second_is_too_late(draft, principal_east, clock):
    clock("2026-12-16 00:00:00")
    refused(draft, principal_east, WrongMoment, "12月15日 23:59截止")


def test_before_the_window_nothing_is_taken(draft, principal_east, clock):
    clock("2026-11-01 07:59:59")
    refused(draft, principal_east, WrongMoment, "尚未开始")
    clock("2026-11-01 08:00:00")
    take_action(nomination=draft, action="submit", by=principal_east)


def test_a_closed_call_takes_nothing_new(call, draft, principal_east, tree, hr):
    close_call(call=call, by=hr)
    refused(draft, principal_east, WrongMoment, "截止")
    with pytest.raises(WrongMoment, match="受理时间"):
        start_nomination(call=call, cadre=make_cadre(tree.school_east), by=principal_east)
    assert Nomination.objects.count() == 1


# --- who may nominate whom -------------------------------------------------------------------------


def test_only_ones_own_people(call, tree, principal_west):
    with pytest.raises(NotFound):
        start_nomination(call=call, cadre=make_cadre(tree.school_east), by=principal_west)
    assert not Nomination.objects.exists()


def test_nobody_nominates_themselves(call, tree, principal_east):
    with pytest.raises(NotAllowed, match="本人"):
        start_nomination(
            call=call, cadre=make_cadre(tree.school_east, user=principal_east), by=principal_east
        )
    assert not Nomination.objects.exists()


def test_nobody_submits_their_own_case(draft, principal_east):
    draft.cadre.user = principal_east
    draft.cadre.save()
    refused(draft, principal_east, NotAllowed, "回避")


def test_people_who_have_left_are_not_nominated(call, tree, principal_east):
    cadre = make_cadre(tree.school_east)
    PersonnelRelation.objects.filter(cadre=cadre).update(end=dt.date(2026, 11, 20), leaving="retired")
    with pytest.raises(Invalid, match="不在职"):
        start_nomination(call=call, cadre=cadre, by=principal_east)


def test_hr_sees_no_drafts(draft, hr, central_east, principal_east):
    assert not Nomination.objects.visible_to(hr).exists()
    assert Nomination.objects.visible_to(principal_east).count() == 1
    with pytest.raises(NotFound):
        take_action(nomination=draft, action="submit", by=hr)


# --- complete --------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["statement", "problems"])
def test_texts_are_asked_for(draft, principal_east, field):
    save_draft(nomination=draft, by=principal_east, changes={field: " "})
    with pytest.raises(Invalid) as caught:
        take_action(nomination=draft, action="submit", by=principal_east)
    assert list(caught.value.errors) == [field]
    assert state(draft) == "draft"


def test_required_papers_are_asked_for(draft, call, principal_east):
    paper = CallAttachment.objects.filter(call=call).first()
    paper.required = True
    paper.save()
    refused(draft, principal_east, Invalid, "推荐表")
    added = attach_file(nomination=draft, content="表".encode(), name="表.txt", by=principal_east,
                        attachment=paper)  # fmt: skip
    remove_file(paper=added, by=principal_east)
    refused(draft, principal_east, Invalid, "推荐表")
    attach_file(nomination=draft, content="表".encode(), name="表.txt", by=principal_east, attachment=paper)
    take_action(nomination=draft, action="submit", by=principal_east)


def test_declarations_are_asked_for(draft, call, principal_east):
    declaration = declarations(call)[0]
    declare_attestation(
        nomination=draft, declaration=Declaration(declaration.rule, False, ""), by=principal_east
    )
    refused(draft, principal_east, Invalid, "政治素质")


def test_exceeding_an_advisory_rule_needs_a_reason(call, tree, principal_east):
    cadre = make_cadre(tree.school_east, birth=dt.date(1985, 1, 1))
    with pytest.raises(Invalid) as caught:
        submitted(call, cadre, principal_east)
    assert list(caught.value.errors) == ["advisory_reason"]
    nomination = submitted(call, cadre, principal_east, advisory_reason="连续三年优秀")
    assert state(nomination) == "submitted"
    assert nomination.advisory_reason == "连续三年优秀"


def test_a_draft_may_be_incomplete_and_a_stale_form_writes_nothing(draft, principal_east):
    seen = version_of(draft)
    save_draft(nomination=draft, by=principal_east, changes={"statement": "新"}, version=seen)
    with pytest.raises(Stale):
        save_draft(nomination=draft, by=principal_east, changes={"statement": "旧"}, version="1-0.0")
    draft.refresh_from_db()
    assert draft.statement == "新"


def test_a_submitted_case_is_not_edited(draft, principal_east):
    take_action(nomination=draft, action="submit", by=principal_east)
    with pytest.raises(WrongMoment, match="不能修改"):
        save_draft(nomination=draft, by=principal_east, changes={"statement": "改"})


def test_a_draft_takes_only_its_texts(draft, principal_east):
    with pytest.raises(Invalid, match="不能修改"):
        save_draft(nomination=draft, by=principal_east, changes={"status": "approved"})
    assert state(draft) == "draft"


# --- quotas and the year's one case ----------------------------------------------------------------


def test_the_units_quota_is_used_on_submission(call, tree, principal_east):
    first, second = (make_cadre(tree.school_east) for _ in range(2))
    draft = start_nomination(call=call, cadre=second, by=principal_east)
    save_draft(nomination=draft, by=principal_east, changes=TEXTS, declarations=declarations(call))
    nomination = submitted(call, first, principal_east)
    refused(draft, principal_east, WrongMoment, "推荐名额（1 人）已用完")
    take_action(nomination=nomination, action="withdraw", by=principal_east)
    take_action(nomination=draft, action="submit", by=principal_east)
    assert state(draft) == "submitted"


def test_a_quota_of_its_own_goes_before_the_general_one(call, tree, hr, principal_east):
    set_quota(call=call, unit=tree.school_east, quota=2, by=hr)
    for _ in range(2):
        submitted(call, make_cadre(tree.school_east), principal_east)
    with pytest.raises(WrongMoment, match="2 人"):
        submitted(call, make_cadre(tree.school_east), principal_east)
    set_quota(call=call, unit=tree.school_east, quota=None, by=hr)
    set_quota(call=call, unit=tree.school_east, quota=0, by=hr)
    with pytest.raises(WrongMoment, match="0 人"):
        submitted(call, make_cadre(tree.school_east), principal_east)


def test_a_groups_quota_bounds_its_units_together(call, tree, hr, principal_east, central_east):
    set_quota(call=call, unit=tree.central_east, quota=1, by=hr)
    submitted(call, make_cadre(tree.school_east), principal_east)
    with pytest.raises(WrongMoment, match="所辖单位的推荐名额（1 人）"):
        submitted(call, make_cadre(tree.school_east_2), central_east)


def test_a_person_stands_in_one_call_of_a_year(program, call, tree, hr, principal_east, clock):
    cadre = make_cadre(tree.school_east)
    nomination = submitted(call, cadre, principal_east)
    other = make_call(program, hr, season="春季批", is_open=False)
    type(other).objects.filter(pk=other.pk).update(
        opens_at=call.opens_at, closes_at=call.closes_at, list_due=call.list_due
    )
    other.refresh_from_db()
    open_call(call=other, by=hr)
    with pytest.raises(WrongMoment, match="同一年度不能重复推荐"):
        submitted(other, cadre, principal_east)
    take_action(nomination=nomination, action="withdraw", by=principal_east)
    assert state(submitted(other, cadre, principal_east)) == "submitted"


# --- once ------------------------------------------------------------------------------------------


def test_a_double_click_submits_once(call, tree, principal_east):
    cadre = make_cadre(tree.school_east)
    first = submitted(call, cadre, principal_east)
    told = Message.objects.count()
    again = submitted(call, cadre, principal_east)
    assert again.pk == first.pk
    assert Nomination.objects.count() == 1
    assert NominationDecision.objects.filter(action="submit").count() == 1
    assert Message.objects.count() == told


def test_starting_twice_is_one_draft(call, tree, principal_east):
    cadre = make_cadre(tree.school_east)
    pks = {start_nomination(call=call, cadre=cadre, by=principal_east).pk for _ in range(2)}
    assert len(pks) == 1
    assert Attestation.objects.count() == 3


def test_a_colleagues_submission_is_told_not_repeated(call, tree, principal_east, central_east):
    cadre = make_cadre(tree.school_east)
    submitted(call, cadre, principal_east)
    with pytest.raises(WrongMoment, match="东方明"):
        submit_nomination(call=call, cadre=cadre, by=central_east)


# --- returned --------------------------------------------------------------------------------------


@pytest.fixture
def returned(call, draft, principal_east, central_east, hr, clock):
    """A case returned by the central school on the window's last day, to be put right by 20 December."""
    take_action(nomination=draft, action="submit", by=principal_east)
    clock("2026-12-15 15:00")
    take_action(
        nomination=draft, action="return", by=central_east, comment="请补充材料", due=dt.date(2026, 12, 20)
    )
    return draft


def test_a_returned_case_comes_back_after_the_window_to_the_step_that_returned_it(
    call, returned, principal_east, hr, clock
):
    close_call(call=call, by=hr)
    clock("2026-12-20 23:59:59")
    save_draft(nomination=returned, by=principal_east, changes={"statement": "补充"})
    take_action(nomination=returned, action="submit", by=principal_east)
    assert state(returned) == "in_review"
    assert (returned.step.kind, returned.return_due) == ("inspect", None)


def test_after_its_due_date_it_needs_an_extension(returned, principal_east, central_east, clock):
    clock("2026-12-21 00:00:00")
    refused(returned, principal_east, WrongMoment, "补正期限")
    take_action(
        nomination=returned, action="extend", by=central_east, comment="延期", due=dt.date(2026, 12, 22)
    )
    take_action(nomination=returned, action="submit", by=principal_east)
    assert state(returned) == "in_review"


def test_a_return_names_a_day_and_a_reason(draft, principal_east, central_east):
    take_action(nomination=draft, action="submit", by=principal_east)
    refused(draft, central_east, Invalid, "补正期限", action="return", comment="退")
    refused(
        draft, central_east, Invalid, "补正期限", action="return", comment="退", due=dt.date(2026, 11, 19)
    )
    refused(draft, central_east, Invalid, "意见", action="return", due=dt.date(2026, 12, 1))


def test_a_changed_declaration_is_confirmed_anew(call, returned, principal_east, central_east, hr):
    take_action(nomination=returned, action="submit", by=principal_east)
    confirm_all(returned, central_east)
    take_action(nomination=returned, action="return", by=central_east, comment="再改",
                due=dt.date(2026, 12, 20))  # fmt: skip
    rule = declarations(call)[0].rule
    declare_attestation(nomination=returned, declaration=Declaration(rule, True, "另一份证明"),
                        by=principal_east)  # fmt: skip
    take_action(nomination=returned, action="submit", by=principal_east)
    refused(returned, central_east, Invalid, "尚未经考察确认", action="pass")


# --- deciding --------------------------------------------------------------------------------------


def test_a_direct_school_skips_the_central_school_and_it_is_recorded(
    call, tree, principal_direct, hr, central_east
):
    nomination = submitted(call, make_cadre(tree.direct_school), principal_direct)
    assert nomination.step.kind == "check"
    rows = NominationDecision.objects.order_by("id").values_list("action", "step__kind", "actor_name")
    assert list(rows) == [
        ("submit", "recommend", "郅直"),
        ("skip", "inspect", "系统"),
        ("skip", "list", "系统"),
    ]
    assert not Nomination.objects.awaiting(central_east).exists()
    assert Nomination.objects.awaiting(hr).count() == 1


def test_another_townships_central_school_sees_nothing(draft, principal_east, central_west):
    take_action(nomination=draft, action="submit", by=principal_east)
    refused(draft, central_west, NotFound, "没有找到", action="pass")


@pytest.mark.parametrize("action", ["pass", "return", "reject"])
def test_a_step_is_acted_on_only_by_its_level(draft, principal_east, hr, party, action):
    take_action(nomination=draft, action="submit", by=principal_east)
    for person in (hr, party, principal_east):
        refused(draft, person, NotAllowed, "权限", action=action, comment="意见", due=dt.date(2026, 12, 1))


def test_inspection_confirms_what_was_declared(draft, principal_east, central_east):
    take_action(nomination=draft, action="submit", by=principal_east)
    refused(draft, central_east, Invalid, "尚未经考察确认", action="pass")
    rules = {row.rule_id: True for row in draft.attestations.filter(declared=True)}
    take_action(nomination=draft, action="pass", by=central_east, comment="同意", confirmations=rules)
    assert state(draft) == "in_review"
    assert set(draft.attestations.filter(declared=True).values_list("confirmed_by", flat=True)) == {
        central_east.pk
    }


def test_a_declaration_found_untrue_stops_the_case(draft, principal_east, central_east):
    take_action(nomination=draft, action="submit", by=principal_east)
    rules = {row.rule_id: False for row in draft.attestations.filter(declared=True)}
    refused(draft, central_east, Invalid, "尚未经考察确认", action="pass", confirmations=rules)
    assert not draft.attestations.exclude(confirmed=None).exists()


def test_nobody_acts_at_two_steps(call, tree, central_east, principal_east):
    """The central school's clerk who filed a case for a school doesn't inspect it."""
    nomination = submitted(call, make_cadre(tree.school_east), central_east)
    refused(nomination, central_east, NotAllowed, "推荐", action="pass")


def test_who_checked_does_not_decide(call, tree, principal_direct, hr):
    nomination = at_decision(call, make_cadre(tree.direct_school), principal_direct, hr)
    make_grant(hr, "party", tree.bureau)
    refused(nomination, hr, NotAllowed, "核查", action="pass")


def test_nobody_decides_their_own_case(call, tree, principal_direct, hr, party):
    cadre = make_cadre(tree.direct_school, user=party)
    nomination = at_decision(call, cadre, principal_direct, hr)
    for action in ("pass", "reject", "waitlist"):
        refused(nomination, party, NotAllowed, "回避", action=action, comment="意见")
    refusals = {button.name: button.refusal for button in open_to(nomination, party)}
    assert "回避" in refusals["pass"]


def test_a_rejected_case_gives_the_quota_back(call, draft, tree, principal_east, central_east):
    take_action(nomination=draft, action="submit", by=principal_east)
    take_action(nomination=draft, action="reject", by=central_east, comment="不宜")
    assert state(draft) == "rejected"
    assert state(submitted(call, make_cadre(tree.school_east), principal_east)) == "submitted"


def test_who_was_faster_is_said(call, tree, principal_direct, hr, party):
    nomination = at_decision(call, make_cadre(tree.direct_school), principal_direct, hr)
    take_action(nomination=nomination, action="pass", by=party)
    with pytest.raises(WrongMoment, match="党群"):
        take_action(nomination=nomination, action="return", by=party, comment="退", due=dt.date(2026, 12, 1))


# --- 破格 -------------------------------------------------------------------------------------------


@pytest.fixture
def exception(call, tree, principal_direct, hr):
    """A case of a teacher without the declared experience: 破格 is asked for."""
    cadre = make_cadre(tree.direct_school, title="")
    nomination = submitted(call, cadre, principal_direct, override_reason="急需紧缺学科")
    assert nomination.is_override
    confirm_all(nomination, hr)
    take_action(nomination=nomination, action="pass", by=hr)
    return nomination


def test_an_exception_is_granted_with_words_and_marked(exception, party):
    refused(exception, party, Invalid, "破格", action="pass")
    decision = take_action(nomination=exception, action="pass", by=party, comment="同意破格")
    assert decision.data["override"] is True
    assert state(exception) == "approved"


def test_an_exception_needs_the_right_to_grant_it(exception, party, monkeypatch):
    from programs.workflow import nominations

    monkeypatch.setattr(nominations, "may_on", lambda user, capability, obj: False)
    refused(exception, party, NotAllowed, "破格", action="pass", comment="同意")


# --- the nominee -----------------------------------------------------------------------------------


def test_the_nominee_sees_the_case_once_it_is_submitted(call, tree, principal_east, cadre_user):
    cadre = make_cadre(tree.school_east, user=cadre_user)
    start_nomination(call=call, cadre=cadre, by=principal_east)
    assert not Nomination.objects.visible_to(cadre_user).exists()
    submitted(call, cadre, principal_east)
    assert Nomination.objects.visible_to(cadre_user).count() == 1
    assert Message.objects.filter(recipient=cadre_user, title__contains="推荐您").count() == 1
