"""Reminders: the right people, at 7, 3 and 1 days, once per occasion."""

import datetime as dt

from core.models import Message
from programs.models import Participation
from programs.services.nominations import take_action
from programs.services.participations import follow_calendar, place_participation
from reports.services import send_due_reminders
from tests.programs.factories import at_decision, confirm_all, make_base, make_cadre, submitted


def told(user, about):
    """How many messages about something a person has."""
    return Message.objects.filter(recipient=user, title__contains=about).count()


def test_schools_hear_of_the_deadline_at_seven_three_and_one_day(call, tree, clock, principal_east):
    clock("2026-12-01 08:00")
    send_due_reminders()
    assert told(principal_east, "截止") == 0
    seen = []
    for day in ("2026-12-08", "2026-12-09", "2026-12-12", "2026-12-14", "2026-12-15"):
        clock(f"{day} 08:00")
        send_due_reminders()
        send_due_reminders()
        seen.append(told(principal_east, "截止"))
    assert seen == [1, 1, 2, 3, 3]


def test_a_worker_that_was_away_on_the_day_still_reminds(call, clock, principal_east):
    clock("2026-12-11 08:00")
    send_due_reminders()
    assert told(principal_east, "截止") == 1


def test_a_school_that_has_nominated_is_left_in_peace(call, tree, clock, principal_east, principal_west):
    submitted(call, make_cadre(tree.school_east), principal_east)
    clock("2026-12-14 08:00")
    send_due_reminders()
    assert (told(principal_east, "截止"), told(principal_west, "截止")) == (0, 1)


def test_a_central_school_with_cases_hears_of_its_list(
    call, tree, clock, principal_east, central_east, central_west
):
    case = submitted(call, make_cadre(tree.school_east), principal_east)
    confirm_all(case, central_east)
    take_action(nomination=case, action="pass", by=central_east, comment="同意")
    clock("2026-12-30 08:00")
    send_due_reminders()
    assert told(central_east, "名单须在") == 1
    assert told(central_west, "名单须在") == 0


def test_whoever_must_act_is_told_weekly_when_a_case_just_stands(
    call, tree, clock, principal_east, central_east
):
    submitted(call, make_cadre(tree.school_east), principal_east)
    about = "份推荐等您考察"
    clock("2026-11-21 08:00")
    send_due_reminders()
    assert told(central_east, about) == 0
    clock("2026-11-24 10:00")
    send_due_reminders()
    send_due_reminders()
    assert told(central_east, about) == 1
    clock("2026-12-02 08:00")
    send_due_reminders()
    assert told(central_east, about) == 2


def test_appraisals_due_and_late(call, tree, clock, hr, party, principal_direct, host, mentor):
    case = at_decision(call, make_cadre(tree.direct_school, "乙"), principal_direct, hr)
    take_action(nomination=case, action="pass", by=party, comment="同意")
    place_participation(
        participation=Participation.objects.get(nomination=case), base=make_base(tree.bureau, host),
        acting_post="副校长", by=hr, start=dt.date(2026, 11, 21), end=dt.date(2026, 12, 10), guide=mentor,
    )  # fmt: skip
    Message.objects.all().delete()
    clock("2026-12-11 08:00")
    follow_calendar()
    send_due_reminders()
    assert (told(host, "鉴定须在"), told(mentor, "鉴定须在"), told(hr, "逾期")) == (1, 1, 0)
    clock("2026-12-18 08:00")
    send_due_reminders()
    send_due_reminders()
    assert (told(host, "已逾期1天"), told(hr, "已逾期1天")) == (1, 1)
    clock("2026-12-25 08:00")
    send_due_reminders()
    assert told(host, "已逾期") == 2
