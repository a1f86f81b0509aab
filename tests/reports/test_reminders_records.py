"""Reminders about people's records: whom, on which days, once per occasion, and never what is confidential."""

import datetime as dt

import pytest
import time_machine

from cadres.models import (
    Appointment,
    Cadre,
    Certificate,
    Correction,
    DevelopmentPlan,
    FamilyMember,
    Oversight,
    PersonnelRelation,
    Petition,
    ReserveEntry,
    RetirementRule,
)
from core import inbox
from core.calendar import now
from core.models import Message
from programs.models import Nomination
from reports.reminders import due_reminders
from reports.services import send_due_reminders
from tests.cadres.factories import make_appointment, make_cadre, make_code, own
from tests.factories import make_holder
from tests.programs.factories import make_cadre as make_nominee
from tests.programs.factories import moment, submitted

pytestmark = pytest.mark.django_db
SECRET = "绝密之语"


def told(user, about=""):
    """Titles of a person's messages, oldest first."""
    return list(
        Message.objects.filter(recipient=user, title__contains=about)
        .order_by("pk")
        .values_list("title", flat=True)
    )


def over(*days):
    """Send what is due on each of some days, twice: whatever is told is told once."""
    for day in days:
        with time_machine.travel(moment(f"{day} 08:00"), tick=False):
            send_due_reminders()
            send_due_reminders()


def kin(one, other):
    FamilyMember.objects.create(
        cadre=one, relation=make_code("relation", "1", "妻子"), name="某", kin=other, kin_confirmed_at=now()
    )


@pytest.fixture
def cadre(tree):
    return make_cadre(tree.school_east, "张三", birth=None)


def petition(cadre, due=dt.date(2026, 12, 10)):
    return Petition.objects.create(
        cadre=cadre, subject=SECRET, content=SECRET, submitted_on=dt.date(2026, 11, 1), due=due
    )


def test_petitions_before_their_date_and_weekly_after(cadre, hr, party, principal_east):
    row = petition(cadre)
    over(
        "2026-12-01",
        "2026-12-03",
        "2026-12-04",
        "2026-12-07",
        "2026-12-09",
        "2026-12-11",
        "2026-12-12",
        "2026-12-18",
    )
    titles = told(hr)
    assert titles == ["有 1 件干部诉求须在2026年12月10日前答复"] * 3 + [
        "有 1 件干部诉求应在2026年12月10日前答复，已逾期1天", "有 1 件干部诉求应在2026年12月10日前答复，已逾期8天",
    ]  # fmt: skip
    assert (told(party), told(principal_east)) == ([], [])
    words = str(list(Message.objects.values_list("title", "body")))
    assert (SECRET in words, "张三" in words) == (False, False)
    Petition.objects.filter(pk=row.pk).update(replied_on=dt.date(2026, 12, 18))
    over("2026-12-30")
    assert len(told(hr)) == 5


def test_nobody_is_reminded_of_their_own_or_kin_s(tree, cadre, hr):
    mine = own(hr, make_cadre(tree.bureau, "何人事", birth=None))
    petition(mine)
    petition(cadre)
    kin(cadre, mine)
    other = make_holder("hr2", "另一人事", "hr", tree.bureau)
    over("2026-12-09")
    assert (len(told(hr)), len(told(other))) == (0, 2)


def test_corrections_by_name_to_those_who_keep_the_record(cadre, hr, cadre_user):
    own(cadre_user, cadre)
    Correction.objects.create(
        cadre=cadre,
        kind="basic",
        wanted=SECRET,
        explanation=SECRET,
        status="submitted",
        due=dt.date(2026, 12, 10),
    )
    over("2026-12-09", "2026-12-12")
    assert told(hr) == [
        "张三的档案更正申请须在2026年12月10日前核实",
        "张三的档案更正申请应在2026年12月10日前核实，已逾期2天",
    ]
    assert told(cadre_user) == []
    assert SECRET not in str(list(Message.objects.values_list("title", "body")))


def test_oversight_names_nobody(cadre, hr, party):
    Oversight.objects.create(
        cadre=cadre, kind="admonition", start=dt.date(2026, 6, 10), end=dt.date(2026, 12, 10), due=dt.date(2026, 12, 10),
        content=SECRET,
    )  # fmt: skip
    over("2026-11-12", "2026-12-04", "2026-12-11")
    assert told(hr) == [
        "有 1 名干部的监督影响期将在2026年12月10日届满", "有 1 项监督事项须在2026年12月10日前办结",
        "有 1 名干部的监督影响期将在2026年12月10日届满", "有 1 项监督事项应在2026年12月10日前办结，已逾期1天",
    ]  # fmt: skip
    words = str(list(Message.objects.values_list("title", "body")))
    assert all(each not in words for each in (SECRET, "张三", "诫勉", "处分"))
    assert told(party) == []


def test_a_plan_s_review_is_the_mentor_s_else_the_keepers(tree, cadre, hr, mentor):
    plan = DevelopmentPlan.objects.create(
        cadre=cadre, goals="成长", mentor=mentor, start=dt.date(2026, 6, 10)
    )
    over("2026-12-01", "2026-12-04", "2026-12-12")
    assert told(mentor) == [
        "张三的培养计划须在2026年12月10日前评估", "张三的培养计划应在2026年12月10日前评估，已逾期2天",
    ]  # fmt: skip
    assert told(hr, "培养计划") == []
    kin(cadre, own(mentor, make_cadre(tree.school_west, "戴教", birth=None)))
    over("2026-12-20")
    assert (len(told(mentor)), len(told(hr, "培养计划"))) == (2, 1)
    plan.reviews.create(on=dt.date(2026, 12, 20), progress="好")
    over("2026-12-28")
    assert len(told(hr, "培养计划")) == 1


def test_the_pool_is_counted_monthly_until_it_is_reviewed(tree, cadre, hr, party):
    entry = ReserveEntry.objects.create(cadre=cadre, category="head", start=dt.date(2024, 1, 1))
    mine = own(hr, make_cadre(tree.bureau, "何人事", birth=None))
    ReserveEntry.objects.create(cadre=mine, category="head", start=dt.date(2024, 1, 1))
    over("2026-09-30", "2026-10-01", "2026-10-20", "2026-11-02", "2027-01-04", "2027-04-01")
    assert told(hr, "后备") == ["还有 1 名后备干部没有进行2026年度审核"] * 3
    assert told(party, "后备") == []
    entry.reviews.create(year=2026, status="4")
    over("2027-02-01")
    assert len(told(hr, "后备")) == 3


def test_certificates_probations_and_terms_before_they_end(cadre, hr, cadre_user):
    own(cadre_user, cadre)
    Certificate.objects.create(cadre=cadre, kind="other", name="安全培训", end=dt.date(2026, 12, 10))
    post = make_appointment(
        cadre, "副校长", probation_end=dt.date(2026, 12, 10), term_end=dt.date(2026, 12, 10)
    )
    over("2026-09-10", "2026-09-11", "2026-10-11", "2026-11-10", "2026-12-03")
    assert told(hr, "任期") == ["张三的任期将在2026年12月10日届满"] * 2
    assert told(hr, "试用期") == ["张三的试用期将在2026年12月10日届满"] * 2
    assert told(hr, "证书") == ["张三的资格证书将在2026年12月10日到期"] * 2
    assert told(cadre_user) == ["您的一项资格证书有效期到2026年12月10日为止"] * 2
    Message.objects.all().delete()
    Appointment.objects.filter(pk=post.pk).update(end=dt.date(2026, 9, 1))
    PersonnelRelation.objects.filter(cadre=cadre).update(end=dt.date(2026, 9, 1), leaving="resigned")
    over("2026-11-10", "2026-12-03")
    assert told(hr) == []


def test_what_ends_in_a_month_is_told_together(tree, hr, principal_east):
    for name, unit, day in (("李四", tree.school_west, 28), ("张三", tree.school_east, 10)):
        for title in ("副校长", "工会主席"):
            make_appointment(
                make_cadre(unit, name) if title == "副校长" else Cadre.objects.get(name=name),
                title, is_main=title == "副校长", kind="regular" if title == "副校长" else "concurrent",
                term_end=dt.date(2026, 12, day),
            )  # fmt: skip
    over("2026-09-30", "2026-10-31", "2026-11-01", "2026-12-01")
    assert told(hr) == ["2 名干部的任期将在2026年12月届满"] * 2
    body = Message.objects.filter(recipient=hr).first().body
    assert body == "张三（12月10日）、李四（12月28日）。请安排任期考核，研究续聘或调整。"
    assert told(principal_east) == []


def test_retirements_are_counted_by_month(tree, hr, principal_east):
    RetirementRule.objects.all().delete()
    for unit in (tree.school_east, tree.school_west):
        make_cadre(unit, birth=dt.date(1967, 3, 5), gender="1")
    over("2026-08-31", "2026-09-01", "2026-12-15", "2027-02-01", "2027-03-01")
    assert told(hr) == ["2 名干部将在2027年3月到龄退休"] * 3
    assert told(principal_east) == []


def test_each_source_asks_once_however_many_rows(tree, hr, django_assert_max_num_queries):
    costs = []
    for _ in range(2):
        for unit in (tree.school_east, tree.school_west):
            person = make_cadre(unit, birth=dt.date(1967, 3, 5))
            petition(person)
            DevelopmentPlan.objects.create(cadre=person, goals="x", start=dt.date(2026, 6, 10))
            ReserveEntry.objects.create(cadre=person, category="head", start=dt.date(2024, 1, 1))
            Oversight.objects.create(
                cadre=person, kind="admonition", due=dt.date(2026, 12, 10), end=dt.date(2026, 12, 10)
            )
            Certificate.objects.create(cadre=person, kind="other", name="x", end=dt.date(2026, 12, 10))
            make_appointment(person, probation_end=dt.date(2026, 12, 10), term_end=dt.date(2026, 12, 10))
        with (
            time_machine.travel(moment("2026-12-09 08:00"), tick=False),
            django_assert_max_num_queries(80) as caught,
        ):
            assert len(list(due_reminders())) > 5
        costs.append(len(caught))
    assert costs[0] == costs[1]


def test_every_message_has_a_kind_that_the_inbox_can_filter_by(cadre, hr, mentor):
    petition(cadre)
    DevelopmentPlan.objects.create(cadre=cadre, goals="x", mentor=mentor, start=dt.date(2026, 6, 10))
    over("2026-12-09")
    assert Message.objects.exists()
    assert not inbox.of_kind(Message.objects.all(), inbox.OTHER).exists()
    labels = {kind.label for kind in inbox.kinds().values()}
    assert {
        "诉求",
        "更正申请",
        "数据质量",
        "培养计划与审核",
        "能力画像",
        "管理监督",
        "任期、证书与退休",
    } <= labels


def test_cases_of_kin_are_not_counted_among_those_that_wait(tree, call, clock, principal_east, central_east):
    theirs = make_nominee(tree.school_east, "亲属")
    case = submitted(call, theirs, principal_east)
    kin(theirs, own(central_east, make_cadre(tree.central_east, "钟东")))
    other = make_holder("central-2", "钟二", "central", tree.central_east)
    clock("2026-11-26 08:00")
    send_due_reminders()
    about = "1份推荐等您考察"
    assert (told(central_east, about), told(other, about)) == ([], [about])
    assert Nomination.objects.get(pk=case.pk).status == "submitted"
