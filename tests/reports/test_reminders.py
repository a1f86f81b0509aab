"""Reminders: the right people, at 7, 3 and 1 days, once per occasion."""

import datetime as dt

import pytest

from core.models import Message
from programs.models import Participation
from programs.services.calls import extend_call, extend_list, set_quota
from programs.services.nominations import start_nomination, take_action
from programs.services.participations import cancel_participation, follow_calendar, place_participation
from programs.todos import waiting
from reports.services import send_due_reminders
from tests.programs.factories import at_decision, confirm_all, make_base, make_cadre, moment, submitted


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


@pytest.fixture
def stay(call, tree, hr, party, principal_direct, host, mentor):
    """A stay from 21 November to 10 December 2026."""
    case = at_decision(call, make_cadre(tree.direct_school, "乙"), principal_direct, hr)
    take_action(nomination=case, action="pass", by=party, comment="同意")
    return place_participation(
        participation=Participation.objects.get(nomination=case), base=make_base(tree.bureau, host),
        acting_post="副校长", by=hr, start=dt.date(2026, 11, 21), end=dt.date(2026, 12, 10), guide=mentor,
    )  # fmt: skip


def test_a_stay_broken_off_still_has_its_appraisal_called_to_mind(stay, hr, host, clock, signed_in):
    clock("2026-12-01 08:00")
    follow_calendar()
    cancel_participation(participation=stay, by=hr, comment="工作需要")
    send_due_reminders()
    assert told(host, "鉴定须在12月8日前") == 1
    clock("2026-12-09 08:00")
    send_due_reminders()
    assert (told(host, "已逾期1天"), told(hr, "已逾期1天")) == (1, 1)
    titles = [item.title for item in waiting(host)]
    assert "撰写乙的书面鉴定" in titles
    assert "催办 1 份逾期的鉴定" in [item.title for item in waiting(hr)]
    page = signed_in(hr).get("/participations/?tab=late").content.decode()
    assert "乙" in page


def test_what_was_broken_off_before_its_start_owes_nothing(stay, hr, host, clock):
    cancel_participation(participation=stay, by=hr, comment="放弃")
    Message.objects.all().delete()
    clock("2026-12-30 08:00")
    send_due_reminders()
    assert not Message.objects.filter(title__contains="鉴定").exists()


def test_an_appraisal_months_late_stays_with_its_host_and_the_link_opens(stay, host, clock, signed_in):
    clock("2027-02-20 08:00")
    follow_calendar()
    send_due_reminders()
    last = Message.objects.filter(recipient=host, title__contains="已逾期").latest("pk")
    assert signed_in(host).get(last.url).status_code == 200
    assert "撰写乙的书面鉴定" in [item.title for item in waiting(host)]


def test_a_deadline_that_was_moved_is_called_to_mind_anew(call, clock, hr, principal_east):
    clock("2026-12-15 08:00")
    send_due_reminders()
    assert told(principal_east, "截止") == 1
    extend_call(
        call=call, by=hr, comment="延长", closes_at=moment("2026-12-20 18:00"), list_due=dt.date(2026, 12, 31)
    )
    Message.objects.all().update(title="已读")
    clock("2026-12-19 20:00")
    send_due_reminders()
    send_due_reminders()
    assert told(principal_east, "截止") == 1


def test_a_list_date_that_was_moved_is_called_to_mind_anew(
    call, tree, clock, hr, principal_east, central_east
):
    case = submitted(call, make_cadre(tree.school_east), principal_east)
    confirm_all(case, central_east)
    take_action(nomination=case, action="pass", by=central_east, comment="同意")
    clock("2026-12-30 08:00")
    send_due_reminders()
    extend_list(call=call, list_due=dt.date(2027, 1, 5), by=hr, comment="下雪")
    clock("2027-01-04 08:00")
    send_due_reminders()
    assert told(central_east, "名单须在") == 2
    assert told(central_east, "名单须在1月5日前") == 1


def test_a_school_without_a_quota_is_left_in_peace(call, tree, clock, hr, principal_east, principal_west):
    set_quota(call=call, unit=tree.school_east, quota=0, by=hr)
    clock("2026-12-14 08:00")
    send_due_reminders()
    assert (told(principal_east, "截止"), told(principal_west, "截止")) == (0, 1)


def test_a_step_past_its_day_says_so(call, tree, clock, principal_east, central_east):
    submitted(call, make_cadre(tree.school_east), principal_east)
    clock("2026-12-28 08:00")
    send_due_reminders()
    body = Message.objects.filter(recipient=central_east, title__contains="等您考察").latest("pk").body
    assert "已超过办理期限3天" in body


def test_a_clock_that_jumps_over_every_mark_reminds_once(call, tree, clock, principal_east):
    for day in ("2026-12-01", "2026-12-15", "2026-12-14", "2026-12-15"):
        clock(f"{day} 08:00")
        send_due_reminders()
        send_due_reminders()
    assert told(principal_east, "截止") == 1


def test_a_draft_of_a_closed_call_waits_for_nobody(call, tree, clock, principal_east):
    start_nomination(call=call, cadre=make_cadre(tree.school_east, "丙"), by=principal_east)
    assert "完成丙的推荐" in [item.title for item in waiting(principal_east)]
    clock("2026-12-16 00:00")
    assert not any("丙" in item.title for item in waiting(principal_east))


def test_in_its_last_minute_a_call_still_waits_for_the_school(call, tree, clock, principal_east):
    clock("2026-12-15 23:59:59")
    assert "推荐干部" in [item.title for item in waiting(principal_east)]
