"""Stays: placed within a base's capacity, rearranged, followed by the calendar, appraised by the host."""

import datetime as dt

import pytest
from django.db import connection

from cadres.models import Appointment, PersonnelRelation
from core.errors import DomainError, Invalid, NotAllowed, NotFound, WrongMoment
from core.models import Message
from programs.effects.participations import last_day_of_stay
from programs.models import Appraisal, Participation, ParticipationDecision, Stint
from programs.services.appraisals import file_appraisal, may_read, return_appraisal, save_appraisal_draft
from programs.services.calls import set_quota
from programs.services.nominations import take_action
from programs.services.participations import (
    cancel_participation,
    complete_participation,
    follow_calendar,
    place_participation,
    rearrange_participation,
)
from tests.programs.factories import at_decision, make_base, make_cadre

MARCH, AUGUST = dt.date(2027, 3, 1), dt.date(2027, 8, 31)
TEXTS = dict.fromkeys(range(1, 6), "认真负责，进步明显")


@pytest.mark.parametrize(
    ("start", "last"),
    [
        (dt.date(2027, 3, 1), dt.date(2027, 8, 31)),
        (dt.date(2026, 9, 1), dt.date(2027, 2, 28)),
        (dt.date(2027, 9, 1), dt.date(2028, 2, 29)),
        (dt.date(2026, 8, 31), dt.date(2027, 2, 28)),
        (dt.date(2027, 8, 31), dt.date(2028, 2, 29)),
        (dt.date(2026, 8, 29), dt.date(2027, 2, 28)),
        (dt.date(2026, 8, 28), dt.date(2027, 2, 27)),
        (dt.date(2027, 3, 15), dt.date(2027, 9, 14)),
    ],
)
def test_six_months_from_any_day(start, last):
    """31 August + 6 months ends with February, in a leap year on the 29th."""
    assert last_day_of_stay(start, 6) == last


@pytest.fixture
def people(call, tree, hr, party, principal_direct):
    """Three people who wait to be placed."""
    set_quota(call=call, unit=tree.direct_school, quota=9, by=hr)
    for _ in range(3):
        case = at_decision(call, make_cadre(tree.direct_school), principal_direct, hr)
        take_action(nomination=case, action="pass", by=party)
    return list(Participation.objects.order_by("pk"))


@pytest.fixture
def base(tree, host):
    """A base that takes two at a time."""
    return make_base(tree.bureau, host, host_unit=tree.section)


def place(participation, base, by, start=MARCH, **extra):
    return place_participation(
        participation=participation, base=base, acting_post="副股长", start=start, by=by, **extra
    )


def refused(attempt, error, match):
    """The refusal, and that no stay, appointment or decision was written."""
    before = (Stint.objects.count(), Appointment.objects.count(), ParticipationDecision.objects.count())
    with pytest.raises(error, match=match):
        attempt()
    after = (Stint.objects.count(), Appointment.objects.count(), ParticipationDecision.objects.count())
    assert after == before


def test_a_base_takes_no_more_than_its_capacity_on_any_day(people, base, hr):
    """Two overlap in the middle of a third's stay although neither does at its edges."""
    place(people[0], base, hr, start=dt.date(2027, 4, 1), end=dt.date(2027, 5, 31))
    place(people[1], base, hr, start=dt.date(2027, 5, 1), end=dt.date(2027, 6, 30))
    refused(lambda: place(people[2], base, hr), WrongMoment, "同期最多接收 2 人")
    place(people[2], base, hr, start=dt.date(2027, 6, 1))
    assert Stint.objects.count() == 3


def test_a_cancelled_stay_leaves_room(people, base, hr):
    for participation in people[:2]:
        place(participation, base, hr)
    refused(lambda: place(people[2], base, hr), WrongMoment, "2 人")
    cancel_participation(participation=people[0], by=hr, comment="本人放弃")
    place(people[2], base, hr)
    assert people[2].status == "placed"
    assert not Appraisal.objects.filter(participation=people[0]).exists()


def test_an_arrangement_is_whole(people, base, tree, hr, cadre_user):
    person = people[0]
    refused(lambda: place(person, make_base(tree.bureau), hr), Invalid, "基地负责人或指导人")
    refused(lambda: place(person, base, hr, end=dt.date(2027, 2, 28)), Invalid, "起止")
    own = make_base(tree.bureau, cadre_user, host_unit=tree.direct_school)
    refused(lambda: place(person, own, hr), Invalid, "本人所在单位")
    base.is_active = False
    base.save()
    refused(lambda: place(person, base, hr), Invalid, "在用的基地")
    base.is_active = True
    base.save()
    refused(
        lambda: place_participation(participation=person, base=base, acting_post=" ", start=MARCH, by=hr),
        Invalid, "拟挂职务",
    )  # fmt: skip
    person.cadre.user = base.lead
    person.cadre.save()
    refused(lambda: place(person, base, hr), Invalid, "本人不能担任")


def test_only_hr_places(people, base, party, principal_direct, principal_west, host):
    for person in (party, principal_direct):
        refused(lambda person=person: place(people[0], base, person), NotAllowed, "权限")
    for person in (principal_west, host):
        refused(lambda person=person: place(people[0], base, person), NotFound, "没有找到")


def test_an_external_base_is_named_by_text(people, tree, host, hr):
    place(people[0], make_base(tree.bureau, host, name="市第一小学"), hr)
    acting = Appointment.objects.get(kind="seconded")
    assert (acting.unit, acting.unit_text) == (None, "市第一小学")


def test_a_person_is_not_in_two_places(people, base, tree, host, hr):
    first = people[0]
    place(first, base, hr)
    other = Participation.objects.create(unit=first.unit, cadre=first.cadre, program=first.program, year=2026)
    refused(lambda: place(other, base, hr, start=AUGUST), WrongMoment, "已有安排")
    place(other, base, hr, start=dt.date(2027, 9, 1))


def test_the_host_sees_the_person_and_thirty_days_after(people, base, hr, host, clock):
    assert not Participation.objects.visible_to(host).exists()
    place(people[0], base, hr)
    assert Participation.objects.visible_to(host).count() == 1
    clock("2027-09-30 12:00")
    assert Participation.objects.visible_to(host).count() == 1
    clock("2027-10-01 12:00")
    assert not Participation.objects.visible_to(host).exists()
    assert Appraisal.objects.visible_to(host).count() == 1


def test_a_change_midway_ends_one_stay_and_opens_another(people, base, tree, hr, host, mentor, clock):
    participation = place(people[0], base, hr)
    clock("2027-05-20 09:00")
    follow_calendar()
    other = make_base(tree.bureau, mentor, name="第一小学", host_unit=tree.direct_primary)
    rearrange_participation(
        participation=participation, base=other, acting_post="副校长", start=dt.date(2027, 6, 1),
        end=AUGUST, by=hr, comment="轮岗",
    )  # fmt: skip
    first, second = participation.stints.order_by("start")
    assert (first.end, second.start, second.end) == (dt.date(2027, 5, 31), dt.date(2027, 6, 1), AUGUST)
    assert (first.appointment.end, second.appointment.end) == (dt.date(2027, 6, 1), dt.date(2027, 9, 1))
    assert (first.appraisal.due, second.appraisal.due) == (dt.date(2027, 6, 7), dt.date(2027, 9, 7))
    assert (participation.status, participation.start, participation.end) == ("active", MARCH, AUGUST)
    assert PersonnelRelation.objects.get(cadre=participation.cadre).end is None


def test_a_correction_before_the_start_changes_the_same_stay(people, base, tree, hr, host, mentor):
    participation = place(people[0], base, hr)
    other = make_base(tree.bureau, mentor, name="市第一小学")
    rearrange_participation(
        participation=participation, base=other, acting_post="副校长", start=dt.date(2027, 2, 22),
        end=dt.date(2027, 8, 21), by=hr, comment="更正",
    )  # fmt: skip
    stint = participation.stints.get()
    appointment = stint.appointment
    appointment.refresh_from_db()
    assert (stint.base, stint.host, appointment.title) == (other, mentor, "副校长")
    assert (appointment.unit, appointment.unit_text, appointment.end) == (
        None,
        "市第一小学",
        dt.date(2027, 8, 22),
    )
    assert stint.appraisal.due == dt.date(2027, 8, 28)
    assert participation.start == dt.date(2027, 2, 22)


def test_a_stay_that_has_begun_is_not_moved_forward(people, base, hr, clock):
    participation = place(people[0], base, hr)
    clock("2027-03-05 09:00")
    follow_calendar()
    refused(
        lambda: rearrange_participation(
            participation=participation, base=base, acting_post="副股长", start=dt.date(2027, 2, 1),
            end=AUGUST, by=hr, comment="更正",
        ),
        Invalid, "不能提前",
    )  # fmt: skip


def test_the_calendar_starts_and_ends_once(people, base, hr, clock):
    place(people[0], base, hr)
    clock("2027-02-28 23:59")
    assert follow_calendar()["started"] == 0
    clock("2027-03-01 00:00")
    assert [follow_calendar()["started"] for _ in range(2)] == [1, 0]
    clock("2027-08-31 23:59:59")
    assert follow_calendar()["ended"] == 0
    clock("2027-09-01 00:00")
    assert [follow_calendar()["ended"] for _ in range(2)] == [1, 0]
    people[0].refresh_from_db()
    assert people[0].status == "ended"
    assert Message.objects.filter(title__startswith="请为").count() == 1


def test_a_beat_that_slept_through_everything_catches_up(people, base, hr, clock):
    place(people[0], base, hr)
    clock("2027-12-01 00:00")
    assert follow_calendar() == {"started": 1, "ended": 1, "concluded": 0}


@pytest.fixture
def ended(people, base, hr, mentor, clock):
    """A stay that has ended yesterday; its appraisal is outstanding."""
    place(people[0], base, hr, guide=mentor)
    clock("2027-09-01 08:00")
    follow_calendar()
    people[0].refresh_from_db()
    return people[0]


@pytest.fixture
def appraisal(ended):
    """The appraisal that host and guide owe."""
    return ended.appraisals.get()


def test_host_or_guide_writes_and_files(ended, appraisal, host, mentor, hr):
    save_appraisal_draft(appraisal=appraisal, by=host, sections={1: "政治坚定"})
    assert not may_read(appraisal, hr)
    with pytest.raises(Invalid) as caught:
        file_appraisal(appraisal=appraisal, by=host)
    assert set(caught.value.errors) == {"grade", "sections"}
    file_appraisal(appraisal=appraisal, by=mentor, grade="good", sections=TEXTS)
    assert (appraisal.status, appraisal.author, appraisal.grade) == ("filed", mentor, "good")
    assert may_read(appraisal, hr)
    assert Message.objects.filter(recipient=hr, title__contains="书面鉴定已提交").count() == 1
    again = file_appraisal(appraisal=appraisal, by=mentor, grade="good", sections=TEXTS)
    assert again.decisions.count() == 1
    with pytest.raises(WrongMoment, match="已经提交"):
        file_appraisal(appraisal=appraisal, by=host, grade="good", sections=TEXTS)


def test_nobody_else_writes_it(appraisal, hr, party, principal_direct, principal_west, cadre_user):
    for person in (hr, party, principal_direct, principal_west, cadre_user):
        with pytest.raises((NotAllowed, NotFound)):
            file_appraisal(appraisal=appraisal, by=person, grade="good", sections=TEXTS)
        with pytest.raises((NotAllowed, NotFound)):
            save_appraisal_draft(appraisal=appraisal, by=person, grade="good", sections=TEXTS)
    appraisal.refresh_from_db()
    assert (appraisal.status, appraisal.grade) == ("draft", "")
    assert not any(section.text for section in appraisal.sections.all())


def test_an_appraisal_is_not_filed_before_the_last_week(people, base, hr, host, clock):
    place(people[0], base, hr)
    appraisal = people[0].appraisals.get()
    clock("2027-08-23 23:59")
    with pytest.raises(WrongMoment, match="8月24日"):
        file_appraisal(appraisal=appraisal, by=host, grade="good", sections=TEXTS)
    clock("2027-08-24 00:00")
    file_appraisal(appraisal=appraisal, by=host, grade="good", sections=TEXTS)


def test_an_overdue_appraisal_shows_and_can_still_be_filed(appraisal, host, clock):
    clock("2027-09-07 23:59")
    assert not Appraisal.objects.overdue().exists()
    clock("2027-09-08 00:00")
    assert list(Appraisal.objects.overdue()) == [appraisal]
    clock("2027-12-01 00:00")
    file_appraisal(appraisal=appraisal, by=host, grade="good", sections=TEXTS)
    assert not Appraisal.objects.overdue().exists()


def test_hr_asks_for_another_version_until_it_is_completed(ended, appraisal, host, hr, principal_direct):
    with pytest.raises(WrongMoment, match="1 份"):
        complete_participation(participation=ended, by=hr)
    file_appraisal(appraisal=appraisal, by=host, grade="good", sections=TEXTS)
    with pytest.raises(DomainError):
        return_appraisal(appraisal=appraisal, by=principal_direct, comment="改")
    return_appraisal(appraisal=appraisal, by=hr, comment="请写具体")
    assert appraisal.status == "returned"
    file_appraisal(appraisal=appraisal, by=host, sections={1: "具体"})
    complete_participation(participation=ended, by=hr)
    with pytest.raises(WrongMoment, match="已办结"):
        return_appraisal(appraisal=appraisal, by=hr, comment="再改")
    assert appraisal.decisions.count() == 3


def test_the_text_is_encrypted_at_rest(appraisal, host):
    save_appraisal_draft(appraisal=appraisal, by=host, sections={1: "政治坚定"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM programs_appraisalsection WHERE text <> ''")
        assert "政治" not in cursor.fetchone()[0]
