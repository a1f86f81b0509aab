"""Reminders about classes: the day before, consent that is waited for, targets that nobody enrolled."""

import datetime as dt

import pytest

from cadres.models import Cadre, PersonnelRelation
from core.models import Message
from reports.services import send_due_reminders
from tests.programs.factories import make_cadre
from tests.training.factories import applied, person
from training.services.classes import settle_due_classes, take_class_action
from training.services.enrolments import enrol, take_enrolment_action
from training.services.targets import set_class_targets
from training.services.timetable import add_session


def told(user, about):
    """How many messages about something a person has."""
    return Message.objects.filter(recipient=user, title__contains=about).count()


def test_the_enrolled_hear_of_it_the_day_before_once(training_class, tree, hr, clock, principal_east):
    one, other, gone = (person(tree.school_east) for _ in range(3))
    enrol(training_class=training_class, cadre=one, by=principal_east)
    left = enrol(training_class=training_class, cadre=gone, by=principal_east)
    take_enrolment_action(enrolment=left, action="withdraw", by=principal_east, comment="另有任务")
    add_session(
        training_class=training_class, by=hr, day=dt.date(2026, 12, 7), begins=dt.time(8, 30),
        ends=dt.time(11), topic="开班",
    )  # fmt: skip
    clock("2026-12-01 08:00")
    settle_due_classes()
    clock("2026-12-05 23:00")
    send_due_reminders()
    assert told(one.user, "明天开班") == 0
    clock("2026-12-06 08:00")
    send_due_reminders()
    send_due_reminders()
    assert [told(each.user, "明天开班") for each in (one, other, gone)] == [1, 0, 0]
    message = Message.objects.get(recipient=one.user, title__contains="明天开班")
    assert message.body == "2026年12月7日 08:30 开始。"
    clock("2026-12-07 08:00")
    send_due_reminders()
    assert told(one.user, "明天开班") == 1


def test_nobody_hears_of_a_cancelled_class(training_class, tree, hr, clock, principal_east):
    one = person(tree.school_east)
    enrol(training_class=training_class, cadre=one, by=principal_east)
    take_class_action(training_class=training_class, action="cancel", by=hr, comment="人数不足")
    clock("2026-12-06 08:00")
    send_due_reminders()
    assert told(one.user, "明天开班") == 0


def test_those_asked_hear_three_days_and_one_day_before(
    training_class, tree, hr, clock, principal_east, central_east
):
    for _ in range(2):
        applied(training_class, tree.school_east)
    done = applied(training_class, tree.school_east)
    take_enrolment_action(enrolment=done, action="approve", by=principal_east)
    seen = []
    for day in ("2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30"):
        clock(f"{day} 08:00")
        send_due_reminders()
        send_due_reminders()
        seen.append(told(principal_east, "2 人报名等您同意"))
    assert seen == [0, 1, 1, 2, 2]
    assert told(central_east, "等您同意") == told(hr, "等您同意") == 0
    clock("2026-11-30 17:01")
    send_due_reminders()
    assert told(principal_east, "2 人报名等您同意") == 2


def test_nobody_is_asked_to_hurry_once_the_window_is_over(training_class, tree, clock, principal_east):
    applied(training_class, tree.school_east)
    clock("2026-11-30 17:30")
    send_due_reminders()
    assert told(principal_east, "人报名等您同意") == 0


@pytest.fixture
def limited(drafted, tree, hr):
    """An open class for two people of the East school, one of the West, and one who has left."""
    people = [make_cadre(unit) for unit in (tree.school_east, tree.school_east, tree.school_west)]
    retired = make_cadre(tree.direct_school)
    PersonnelRelation.objects.filter(cadre=retired).update(end="2026-11-01", leaving="retired")
    found = Cadre.objects.filter(pk__in=[each.pk for each in (*people, retired)])
    set_class_targets(training_class=drafted, people=found, words="校级后备", by=hr)
    take_class_action(training_class=drafted, action="open", by=hr)
    return people


def test_schools_hear_how_many_of_their_people_are_missing(
    drafted, limited, hr, clock, principal_east, principal_west, principal_direct
):
    enrol(training_class=drafted, cadre=limited[0], by=principal_east)
    enrol(training_class=drafted, cadre=limited[2], by=principal_west)
    clock("2026-11-29 08:00")
    send_due_reminders()
    send_due_reminders()
    assert [told(each, "即将截止") for each in (principal_east, principal_west, principal_direct, hr)] == [
        1, 0, 0, 0,
    ]  # fmt: skip
    assert "有 1 人还没有报名" in Message.objects.get(title__contains="即将截止").body


def test_a_class_for_everybody_misses_nobody(training_class, clock, principal_east):
    clock("2026-11-29 08:00")
    send_due_reminders()
    assert told(principal_east, "即将截止") == 0
