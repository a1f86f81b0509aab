"""Enrolments: one's own application, the school's consent, the waiting list, withdrawal, late entries."""

import pytest

from cadres.models import PersonnelRelation
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment
from core.models import AuditEntry
from core.workflow import open_to, take
from tests.factories import make_holder
from tests.programs.factories import make_cadre
from tests.training.factories import applied, make_class, person
from training import places
from training.models import Enrolment
from training.services.classes import settle_due_classes, take_class_action, update_class
from training.services.enrolments import (
    apply,
    candidates,
    enrol,
    enrol_many,
    own_refusal,
    take_enrolment_action,
)


def consent(enrolment, by):
    take_enrolment_action(enrolment=enrolment, action="approve", by=by)
    return enrolment.status


def leave(enrolment, by):
    take_enrolment_action(enrolment=enrolment, action="withdraw", by=by, comment="另有工作")


def end_service(cadre):
    PersonnelRelation.objects.filter(cadre=cadre).update(end="2026-11-01", leaving="retired")


def test_an_application_is_consented_to_by_the_school(training_class, tree, principal_east):
    enrolment = applied(training_class, tree.school_east)
    assert (enrolment.status, enrolment.unit, enrolment.reason) == (
        "applied", tree.school_east, "想提高管理能力",
    )  # fmt: skip
    assert consent(enrolment, principal_east) == "enrolled"
    assert enrolment.queued_at
    assert AuditEntry.objects.filter(action__startswith="enrolment.").count() == 2


def test_applying_again_is_the_same_enrolment(training_class, tree, principal_east):
    user = person(tree.school_east).user
    first = apply(training_class=training_class, by=user)
    assert apply(training_class=training_class, by=user) == first
    consent(first, principal_east)
    assert apply(training_class=training_class, by=user) == first
    assert Enrolment.objects.count() == 1
    assert AuditEntry.objects.filter(action="enrolment.applied").count() == 1


def test_the_window_holds_to_the_second(training_class, tree, clock):
    early, late, first = (person(tree.school_east).user for _ in range(3))
    clock("2026-11-10 07:59:59")
    with pytest.raises(WrongMoment, match="尚未开始"):
        apply(training_class=training_class, by=early)
    assert own_refusal(training_class=training_class, by=early).startswith("报名尚未开始")
    clock("2026-11-30 17:00:59")
    assert own_refusal(training_class=training_class, by=late) == ""
    assert apply(training_class=training_class, by=late).status == "applied"
    clock("2026-11-30 17:01:00")
    with pytest.raises(WrongMoment, match="截止"):
        apply(training_class=training_class, by=first)


def test_consent_comes_within_the_window(training_class, tree, clock, principal_east):
    enrolment = applied(training_class, tree.school_east)
    clock("2026-11-30 17:01:00")
    with pytest.raises(WrongMoment, match="截止"):
        consent(enrolment, principal_east)
    assert settle_due_classes() == 1
    enrolment.refresh_from_db()
    assert enrolment.status == "lapsed"


def test_who_can_not_apply(training_class, tree, hr, cadre_user, clock):
    with pytest.raises(NotFound):
        apply(training_class=training_class, by=cadre_user)
    gone = person(tree.school_east)
    end_service(gone)
    with pytest.raises(WrongMoment, match="不在职"):
        apply(training_class=training_class, by=gone.user)
    central = make_class(tree.central_east, hr)
    with pytest.raises(NotFound):
        apply(training_class=central, by=person(tree.school_west).user)
    assert apply(training_class=central, by=person(tree.school_east).user).status == "applied"
    closed = make_class(tree.bureau, hr, self_enrolment=False)
    with pytest.raises(WrongMoment, match="不接受本人报名"):
        apply(training_class=closed, by=person(tree.school_east).user)
    draft = make_class(tree.bureau, hr, is_open=False)
    with pytest.raises(NotFound):
        apply(training_class=draft, by=person(tree.school_east).user)


def test_a_reason_has_its_length(training_class, tree):
    with pytest.raises(Invalid) as refused:
        apply(training_class=training_class, by=person(tree.school_east).user, reason="长" * 201)
    assert "reason" in refused.value.errors


def test_other_schools_neither_see_nor_consent(training_class, tree, principal_west, cadre_user, party):
    enrolment = applied(training_class, tree.school_east)
    for stranger in (principal_west, cadre_user):
        with pytest.raises(NotFound):
            consent(enrolment, stranger)
    with pytest.raises(NotAllowed):
        consent(enrolment, party)


def test_nobody_consents_to_their_own_application(training_class, tree, principal_east, central_east):
    make_cadre(tree.school_east, principal_east.name, user=principal_east)
    own = apply(training_class=training_class, by=principal_east)
    with pytest.raises(NotAllowed, match="自己的报名"):
        consent(own, principal_east)
    button = next(each for each in open_to(own, principal_east) if each.name == "approve")
    assert "自己的报名" in button.refusal
    assert consent(own, central_east) == "enrolled"


def test_the_head_of_a_school_is_consented_to_from_above(training_class, tree, principal_east, hr):
    colleague = make_holder("secretary-east", "舒记", "principal", tree.school_east)
    make_cadre(tree.school_east, principal_east.name, user=principal_east)
    own = apply(training_class=training_class, by=principal_east)
    with pytest.raises(NotAllowed, match="单位负责人"):
        consent(own, colleague)
    assert consent(own, hr) == "enrolled"


def test_at_the_bureau_a_colleague_consents(training_class, tree, hr):
    make_cadre(tree.bureau, hr.name, user=hr)
    own = apply(training_class=training_class, by=hr)
    with pytest.raises(NotAllowed, match="自己的报名"):
        consent(own, hr)
    assert consent(own, make_holder("hr-2", "何二", "hr", tree.bureau)) == "enrolled"


def test_a_refusal_has_a_reason_and_ends_the_own_way(training_class, tree, principal_east):
    enrolment = applied(training_class, tree.school_east)
    with pytest.raises(Invalid):
        take_enrolment_action(enrolment=enrolment, action="refuse", by=principal_east)
    take_enrolment_action(enrolment=enrolment, action="refuse", by=principal_east, comment="期末工作忙")
    assert enrolment.status == "refused"
    with pytest.raises(WrongMoment, match="没有同意"):
        apply(training_class=training_class, by=enrolment.cadre.user)
    assert "没有同意" in own_refusal(training_class=training_class, by=enrolment.cadre.user)
    again = enrol(training_class=training_class, cadre=enrolment.cadre, by=principal_east)
    assert again.status == "enrolled"


def test_a_full_class_has_a_waiting_list_that_moves_in_order(training_class, tree, clock, principal_east):
    first, second, third, fourth = (applied(training_class, tree.school_east) for _ in range(4))
    assert [consent(each, principal_east) for each in (first, second)] == ["enrolled"] * 2
    # The queue is the order of consent, not of application.
    clock("2026-11-21 09:00")
    assert consent(fourth, principal_east) == "waiting"
    clock("2026-11-22 09:00")
    assert consent(third, principal_east) == "waiting"
    assert [places.waiting_before(each) for each in (fourth, third)] == [0, 1]
    leave(first, first.cadre.user)
    fourth.refresh_from_db()
    third.refresh_from_db()
    assert (first.status, fourth.status, third.status) == ("withdrawn", "enrolled", "waiting")
    assert fourth.decisions.last().actor_name == "系统"
    # One who waits and leaves frees no place.
    leave(third, principal_east)
    assert places.count_taken(training_class) == 2
    assert list(places.waiting(training_class)) == []


def test_who_left_service_is_passed_over(training_class, tree, clock, principal_east):
    rows = [applied(training_class, tree.school_east) for _ in range(4)]
    for hour, each in enumerate(rows):
        clock(f"2026-11-21 1{hour}:00")
        consent(each, principal_east)
    end_service(rows[2].cadre)
    leave(rows[0], principal_east)
    assert [Enrolment.objects.get(pk=each.pk).status for each in rows] == [
        "withdrawn", "enrolled", "waiting", "enrolled",
    ]  # fmt: skip


def test_who_left_meanwhile_is_not_consented_to(training_class, tree, principal_east):
    enrolment = applied(training_class, tree.school_east)
    end_service(enrolment.cadre)
    with pytest.raises(WrongMoment, match="不在职"):
        consent(enrolment, principal_east)
    take_enrolment_action(enrolment=enrolment, action="refuse", by=principal_east, comment="已退休")
    assert enrolment.status == "refused"


def test_nobody_promotes_by_hand(training_class, tree, hr, principal_east):
    rows = [applied(training_class, tree.school_east) for _ in range(3)]
    for each in rows:
        consent(each, principal_east)
    waiting = rows[2]
    with pytest.raises(NotAllowed):
        take_enrolment_action(enrolment=waiting, action="promote", by=hr)
    with pytest.raises(WrongMoment, match="已满"):
        take(waiting, "promote", by=None)
    assert "promote" not in [each.name for each in open_to(waiting, hr)]


def test_more_places_go_to_those_who_wait(training_class, tree, hr, principal_east):
    rows = [applied(training_class, tree.school_east) for _ in range(4)]
    for each in rows:
        consent(each, principal_east)
    update_class(training_class=training_class, changes={"capacity": 3}, by=hr)
    assert [Enrolment.objects.get(pk=each.pk).status for each in rows] == ["enrolled"] * 3 + ["waiting"]


def test_the_school_enrols_its_people_at_once(training_class, tree, principal_east, principal_west):
    cadre = make_cadre(tree.school_east)
    enrolment = enrol(training_class=training_class, cadre=cadre, by=principal_east)
    assert (enrolment.status, enrolment.applied_by) == ("enrolled", principal_east)
    assert enrol(training_class=training_class, cadre=cadre, by=principal_east) == enrolment
    assert enrolment.decisions.count() == 1
    with pytest.raises(NotFound):
        enrol(training_class=training_class, cadre=make_cadre(tree.school_east), by=principal_west)


def test_enrolling_somebody_who_applied_is_the_consent(training_class, tree, principal_east):
    enrolment = applied(training_class, tree.school_east)
    assert enrol(training_class=training_class, cadre=enrolment.cadre, by=principal_east) == enrolment
    enrolment.refresh_from_db()
    assert (enrolment.status, Enrolment.objects.count()) == ("enrolled", 1)


def test_nobody_enrols_themselves(training_class, tree, principal_east):
    own = make_cadre(tree.school_east, principal_east.name, user=principal_east)
    with pytest.raises(NotAllowed, match="代自己报名"):
        enrol(training_class=training_class, cadre=own, by=principal_east)
    assert not Enrolment.objects.exists()


def test_the_class_is_for_its_own_units(clock, tree, hr, principal_west):
    central = make_class(tree.central_east, hr)
    for by in (hr, principal_west):
        with pytest.raises((Invalid, NotFound)):
            enrol(training_class=central, cadre=make_cadre(tree.school_west), by=by)
    assert not Enrolment.objects.exists()


def test_after_the_window_only_those_who_hold_the_class_add_within_its_places(
    training_class, tree, clock, hr, principal_east
):
    one, two, three, four = (make_cadre(tree.school_east) for _ in range(4))
    enrol(training_class=training_class, cadre=one, by=principal_east)
    clock("2026-12-01 09:00")
    settle_due_classes()
    with pytest.raises(WrongMoment, match="截止"):
        enrol(training_class=training_class, cadre=two, by=principal_east)
    assert enrol(training_class=training_class, cadre=two, by=hr).status == "enrolled"
    with pytest.raises(WrongMoment, match="已满"):
        enrol(training_class=training_class, cadre=three, by=hr)
    leave(Enrolment.objects.get(cadre=one), principal_east)
    assert enrol(training_class=training_class, cadre=three, by=hr).status == "enrolled"
    clock("2026-12-12 09:00")
    leave(Enrolment.objects.get(cadre=two), hr)
    with pytest.raises(WrongMoment):
        enrol(training_class=training_class, cadre=four, by=hr)


def test_a_list_settled_early_takes_late_entries_too(training_class, tree, hr, principal_east):
    take_class_action(training_class=training_class, action="settle", by=hr)
    with pytest.raises(WrongMoment, match="名单已定"):
        enrol(training_class=training_class, cadre=make_cadre(tree.school_east), by=principal_east)
    assert (
        enrol(training_class=training_class, cadre=make_cadre(tree.school_east), by=hr).status == "enrolled"
    )


def test_before_the_window_nobody_enrols(training_class, tree, clock, hr):
    clock("2026-11-10 07:00")
    with pytest.raises(WrongMoment, match="尚未开始"):
        enrol(training_class=training_class, cadre=make_cadre(tree.school_east), by=hr)


def test_withdrawing_needs_a_reason_and_a_class_that_is_not_over(training_class, tree, hr, principal_east):
    enrolment = applied(training_class, tree.school_east)
    consent(enrolment, principal_east)
    with pytest.raises(Invalid):
        take_enrolment_action(enrolment=enrolment, action="withdraw", by=hr)
    take_class_action(training_class=training_class, action="cancel", by=hr, comment="报名人数不足")
    with pytest.raises(WrongMoment, match="已取消"):
        leave(enrolment, hr)
    enrolment.refresh_from_db()
    assert enrolment.status == "enrolled"


def test_who_withdrew_may_come_again(training_class, tree):
    enrolment = applied(training_class, tree.school_east)
    leave(enrolment, enrolment.cadre.user)
    again = apply(training_class=training_class, by=enrolment.cadre.user)
    assert (again.status, again == enrolment) == ("applied", False)


def test_cancelling_ends_applications_and_the_waiting_list(training_class, tree, hr, principal_east):
    rows = [applied(training_class, tree.school_east) for _ in range(4)]
    for each in rows[:3]:
        consent(each, principal_east)
    take_class_action(training_class=training_class, action="cancel", by=hr, comment="报名人数不足")
    statuses = [Enrolment.objects.get(pk=each.pk).status for each in rows]
    assert statuses == ["enrolled", "enrolled", "lapsed", "lapsed"]


def test_many_at_once_answer_each_for_itself(training_class, tree, principal_east, principal_west):
    one, two, three = (make_cadre(tree.school_east) for _ in range(3))
    own = make_cadre(tree.school_east, principal_east.name, user=principal_east)
    gone, stranger = make_cadre(tree.school_east), make_cadre(tree.school_west)
    end_service(gone)
    enrol(training_class=training_class, cadre=one, by=principal_east)
    offered = set(candidates(training_class=training_class, by=principal_east))
    assert offered == {two, three}
    people = [each.pk for each in (one, two, three, own, gone, stranger)]
    outcomes = enrol_many(training_class=training_class, cadres=[*people, two.pk], by=principal_east)
    assert [each.ok for each in outcomes] == [False, True, True, False, False, False]
    assert [each.message for each in outcomes[:3]] == ["已在名单中（已录取）。", "已录取。", "候补。"]
    assert outcomes[5].name == ""
    with pytest.raises(Invalid, match="最多"):
        enrol_many(training_class=training_class, cadres=range(201), by=principal_east)


def test_people_see_their_own_enrolments(
    training_class, tree, principal_east, principal_west, hr, cadre_user
):
    enrolment = applied(training_class, tree.school_east)
    for reader in (enrolment.cadre.user, principal_east, hr):
        assert list(Enrolment.objects.visible_to(reader)) == [enrolment]
    for reader in (principal_west, cadre_user):
        assert not Enrolment.objects.visible_to(reader).exists()
