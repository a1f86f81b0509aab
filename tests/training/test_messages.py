"""Who is told what about classes and enrolments: once per occasion, those nearest first, never kin."""

import pytest

from accounts.models import User
from cadres.models import FamilyMember
from core.calendar import now
from core.errors import NotAllowed
from core.models import Message
from tests.factories import make_holder
from tests.programs.factories import make_cadre, make_code, moment
from tests.training.factories import applied, make_class, person
from training import consent
from training.models import Enrolment
from training.services.classes import settle_due_classes, take_class_action, update_class
from training.services.enrolments import apply, candidates, enrol, enrol_many, take_enrolment_action


def told(words: str) -> set[str]:
    """The names of those who have a message with these words in its title."""
    found = Message.objects.filter(title__contains=words).values_list("recipient", flat=True)
    return set(User.objects.filter(pk__in=found).values_list("username", flat=True))


def titles(user) -> list[str]:
    return list(Message.objects.filter(recipient=user).order_by("id").values_list("title", flat=True))


def kin(one, other):
    FamilyMember.objects.create(
        cadre=one, kin=other, relation=make_code("relation", "13", "妻子"), name=other.name,
        kin_confirmed_at=now(),
    )  # fmt: skip


def test_the_nearest_who_may_consent_are_asked(training_class, tree, principal_east, central_east, hr):
    enrolment = applied(training_class, tree.school_east)
    assert told("等您同意") == {"principal-east"}
    assert consent.people_asked(enrolment) == [principal_east]
    assert consent.asked_of(principal_east) == [enrolment.pk]
    assert consent.asked_of(central_east) == consent.asked_of(hr) == []
    applied(training_class, tree.school_east)
    assert Message.objects.filter(title__contains="等您同意").count() == 1


def test_without_a_principal_the_central_school_is_asked(training_class, tree, central_east, hr):
    enrolment = applied(training_class, tree.school_east)
    assert told("等您同意") == {"central-east"}
    assert (consent.asked_of(central_east), consent.asked_of(hr)) == ([enrolment.pk], [])


def test_for_a_head_the_next_ones_up_are_asked(training_class, tree, principal_east, central_east, hr):
    make_holder("secretary-east", "舒记", "principal", tree.school_east)
    make_cadre(tree.school_east, principal_east.name, user=principal_east)
    enrolment = apply(training_class=training_class, by=principal_east)
    assert told("等您同意") == {"central-east"}
    assert (consent.asked_of(principal_east), consent.asked_of(central_east)) == ([], [enrolment.pk])


def test_at_the_bureau_colleagues_are_asked(training_class, tree, hr):
    make_holder("hr-2", "何二", "hr", tree.bureau)
    make_cadre(tree.bureau, hr.name, user=hr)
    apply(training_class=training_class, by=hr)
    assert told("等您同意") == {"hr-2"}


def test_kin_neither_consent_nor_are_asked_nor_enrol(training_class, tree, principal_east, central_east):
    cadre = person(tree.school_east)
    kin(make_cadre(tree.school_east, principal_east.name, user=principal_east), cadre)
    enrolment = apply(training_class=training_class, by=cadre.user)
    assert told("等您同意") == {"central-east"}
    for action in ("approve", "refuse", "withdraw"):
        with pytest.raises(NotAllowed, match="回避"):
            take_enrolment_action(enrolment=enrolment, action=action, by=principal_east, comment="不合适")
    with pytest.raises(NotAllowed, match="回避"):
        enrol(training_class=training_class, cadre=cadre, by=principal_east)
    assert not candidates(training_class=training_class, by=principal_east)
    [outcome] = enrol_many(training_class=training_class, cadres=[cadre.pk], by=principal_east)
    assert not outcome.ok
    take_enrolment_action(enrolment=enrolment, action="approve", by=central_east)
    assert enrolment.status == "enrolled"


def test_a_consent_given_leaves_the_list_of_what_waits(training_class, tree, principal_east):
    enrolment = applied(training_class, tree.school_east)
    take_enrolment_action(enrolment=enrolment, action="approve", by=principal_east)
    assert consent.asked_of(principal_east) == []


def test_asking_takes_as_many_statements_for_many(
    training_class, tree, principal_east, django_assert_num_queries
):
    counts = []
    for _ in range(2):
        applied(training_class, tree.school_east)
        with django_assert_num_queries(7) as used:
            counts.append(consent.asked_of(User.objects.get(pk=principal_east.pk)))
    assert [len(each) for each in counts] == [1, 2]
    assert used


def test_the_person_hears_what_became_of_it(training_class, tree, clock, principal_east):
    rows = [applied(training_class, tree.school_east) for _ in range(5)]
    for each in rows[:3]:
        take_enrolment_action(enrolment=each, action="approve", by=principal_east)
    take_enrolment_action(enrolment=rows[3], action="refuse", by=principal_east, comment="期末工作忙")
    take_enrolment_action(enrolment=rows[0], action="withdraw", by=principal_east, comment="另有任务")
    clock("2026-11-30 17:01")
    settle_due_classes()
    name = training_class.title
    assert [titles(each.cadre.user) for each in rows] == [
        [f"您已被“{name}”录取", f"您已退出“{name}”"],
        [f"您已被“{name}”录取"],
        [f"您已列入“{name}”的候补", f"您已被“{name}”录取"],
        [f"您在“{name}”的报名有了新的进展"],
        [f"您在“{name}”的报名已结束"],
    ]
    # What leaves the house by e-mail doesn't carry the words of a refusal.
    assert not Message.objects.filter(body__contains="期末").exists()


def test_the_own_withdrawal_is_told_to_the_school_and_after_settling_to_the_holders(
    training_class, tree, hr, principal_east
):
    one, other = applied(training_class, tree.school_east), applied(training_class, tree.school_east)
    for each in (one, other):
        take_enrolment_action(enrolment=each, action="approve", by=principal_east)
    take_enrolment_action(enrolment=one, action="withdraw", by=one.cadre.user, comment="家中有事")
    assert told("有一人退出") == {"principal-east"}
    take_class_action(training_class=training_class, action="settle", by=hr)
    take_enrolment_action(enrolment=other, action="withdraw", by=other.cadre.user, comment="家中有事")
    assert told("有一人退出") == {"principal-east", "hr"}
    assert titles(one.cadre.user) == [f"您已被“{training_class.title}”录取"]


def test_a_cancellation_is_told_once_to_everybody_concerned(training_class, tree, hr, principal_east):
    rows = [applied(training_class, tree.school_east) for _ in range(4)]
    for each in rows[:3]:
        take_enrolment_action(enrolment=each, action="approve", by=principal_east)
    stranger = person(tree.school_west)
    take_class_action(training_class=training_class, action="cancel", by=hr, comment="人数不足")
    for each in rows:
        assert [title for title in titles(each.cadre.user) if "取消" in title or "结束" in title] == [
            f"“{training_class.title}”已取消"
        ]
    assert titles(stranger.user) == []
    assert "principal-east" in told("已取消")


def test_a_draft_that_is_dropped_was_nobodys_news(drafted, hr, principal_east):
    take_class_action(training_class=drafted, action="cancel", by=hr, comment="不办了")
    assert not Message.objects.filter(title__contains="已取消").exists()


def test_a_window_that_lies_ahead_is_told_with_its_beginning(tree, hr, clock, principal_east):
    make_class(tree.bureau, hr, enrol_from=moment("2026-11-25 08:00"))
    body = Message.objects.get(recipient=principal_east, title__contains="开始报名").body
    assert "报名从2026年11月25日 08:00开始，请在2026年11月30日 17:00前报名。" in body


def test_another_venue_is_told_to_the_enrolled(training_class, tree, hr, principal_east):
    one, other = applied(training_class, tree.school_east), applied(training_class, tree.school_east)
    take_enrolment_action(enrolment=one, action="approve", by=principal_east)
    update_class(training_class=training_class, changes={"venue": "二中报告厅"}, by=hr)
    update_class(training_class=training_class, changes={"venue": "二中报告厅"}, by=hr)
    assert Message.objects.filter(title__contains="地点有调整").count() == 1
    assert "地点有调整" in titles(one.cadre.user)[-1]
    assert Enrolment.objects.get(pk=other.pk).status == "applied"


def test_an_extension_is_told_anew(training_class, tree, hr, principal_east, clock):
    for until in ("2026-12-01 17:00", "2026-12-02 17:00"):
        take_class_action(
            training_class=training_class, action="extend", by=hr, comment="名额未满",
            enrol_until=moment(until),
        )  # fmt: skip
    assert titles(principal_east) == [f"“{training_class.title}”延长了报名时间"] * 2
