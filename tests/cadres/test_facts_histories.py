"""Facts of every history that HR asks for, each on the days at which it turns."""

import datetime as dt

import pytest

from cadres.models import (
    AnnualAssessment,
    Appointment,
    BureauEvaluation,
    CareerLine,
    Certificate,
    CompetenceProfile,
    DevelopmentPlan,
    FamilyMember,
    Honour,
    Oversight,
    PersonnelRelation,
    Petition,
    PlanReview,
    PoliticalStatus,
    Rank,
    ReserveEntry,
    ReserveReview,
    TalentEntry,
)
from core.calendar import add_months, now
from tests.cadres.factories import make_appointment, make_cadre, make_code
from tests.cadres.test_facts import fact, value
from tests.factories import make_unit

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 12, 31)


def day(text):
    return dt.date.fromisoformat(text)


@pytest.fixture
def school(db):
    return make_unit("某小学")


@pytest.fixture
def cadre(school):
    return make_cadre(school)


def test_since_when_a_post_a_level_and_a_rank_are_held(cadre):
    make_appointment(cadre, "校长", start=day("2020-02-29"), probation_end=day("2021-02-28"))
    Rank.objects.create(
        cadre=cadre, kind="level", name="正科级", start=day("2019-09-01"), start_precision="month"
    )
    Rank.objects.create(
        cadre=cadre, kind="rank", name="一级校长", start=day("2018-01-01"), start_precision="year"
    )
    assert (value(cadre, "post_since"), fact(cadre, "post_since").text) == ("2020-02-29", "2020年2月29日")
    assert fact(cadre, "post_since", day("2020-02-28")).text == "未登记"
    assert value(cadre, "probation_end") == "2021-02-28"
    assert (value(cadre, "level_name"), fact(cadre, "level_since").text) == ("正科级", "2019年9月")
    assert (value(cadre, "rank"), fact(cadre, "rank_since").text) == ("一级校长", "2018年")
    assert value(cadre, "concurrent_posts") == 0
    Appointment.objects.create(
        cadre=cadre,
        unit=cadre.unit,
        title="书记",
        kind="concurrent",
        start=day("2024-01-01"),
        end=day("2026-12-31"),
    )
    assert (value(cadre, "concurrent_posts", day("2026-12-30")), value(cadre, "concurrent_posts")) == (1, 0)


def test_who_left_says_why_until_they_are_back(cadre, school):
    assert (value(cadre, "left_because"), value(cadre, "unit_name")) == (None, "某小学")
    cadre.personnelrelations.update(start=day("2010-09-01"), end=day("2024-08-31"), leaving="moved_out")
    assert value(cadre, "left_because", day("2024-08-30")) is None
    gone = day("2024-08-31")
    assert (fact(cadre, "left_because", gone).text, value(cadre, "left_on", gone)) == ("调出", "2024-08-31")
    PersonnelRelation.objects.create(
        cadre=cadre, unit=school, start=day("2025-09-01"), start_precision="month"
    )
    assert (value(cadre, "left_because"), value(cadre, "left_on")) == (None, None)
    assert fact(cadre, "unit_since").text == "2025年9月"
    assert value(cadre, "left_because", day("2025-08-31")) == "moved_out"


def test_the_first_membership_of_who_is_a_member_now(cadre):
    member, probation = make_code("political", "01", "中共党员"), make_code("political", "02", "中共预备党员")
    PoliticalStatus.objects.create(
        cadre=cadre, status=probation, start=day("2014-07-01"), end=day("2015-07-01")
    )
    PoliticalStatus.objects.create(cadre=cadre, status=member, start=day("2015-07-01"), end=day("2026-01-01"))
    assert value(cadre, "party_since", day("2025-12-31")) == "2014-07-01"
    assert value(cadre, "party_since", day("2026-01-01")) is None


def test_certificates_by_kind_and_their_ends(cadre):
    def certificate(kind, start, end=None):
        Certificate.objects.create(cadre=cadre, kind=kind, name="证", start=start, end=end)

    certificate("qualification", day("2020-02-29"), day("2025-02-28"))
    certificate("language", day("2010-01-01"))
    certificate("advancement", day("2024-01-01"), day("2026-12-31"))
    before, after = day("2025-02-27"), day("2025-02-28")
    assert [value(cadre, "qualification_expired", on) for on in (before, after)] == [False, True]
    assert [value(cadre, "certificates_expired", on) for on in (before, after, DAY)] == [0, 1, 2]
    assert [value(cadre, "advancement_valid", on) for on in (day("2026-12-30"), DAY)] == [True, False]
    assert value(cadre, "language_certified") is True
    assert [value(cadre, "certificate_expires", on) for on in (before, after, DAY)] == [
        "2025-02-28", "2026-12-31", None,
    ]  # fmt: skip
    certificate("qualification", day("2025-02-28"))
    assert value(cadre, "qualification_expired", after) is False


def test_honours_of_each_level(cadre):
    for level, start in (("national", "2020-01-01"), ("city", "2021-12-31"), ("city", "2022-02-28")):
        Honour.objects.create(cadre=cadre, name="奖", level=level, start=day(start))
    names = ("national", "province", "city", "county", "school")
    assert [value(cadre, f"honours_of_{name}") for name in names] == [1, 0, 2, 0, 0]
    assert value(cadre, "honours_of_city", day("2022-02-27")) == 1


def test_the_grades_of_the_last_three_years(cadre):
    for year, grade in ((2022, "unqualified"), (2023, "basic"), (2025, "excellent"), (2026, "qualified")):
        AnnualAssessment.objects.create(cadre=cadre, year=year, grade=grade)
    assert [fact(cadre, f"annual_grade_{back}").text for back in (1, 2, 3)] == [
        "优秀",
        "未登记",
        "基本合格（基本称职）",
    ]
    later = day("2027-01-01")
    assert [value(cadre, f"annual_grade_{back}", later) for back in (1, 2, 3)] == [
        "qualified",
        "excellent",
        None,
    ]
    assert (value(cadre, "good_years_3"), value(cadre, "good_years_3", later)) == (1, 2)
    assert [value(cadre, "poor_years_3", on) for on in (day("2025-06-01"), DAY, later)] == [2, 1, 0]


def test_the_latest_evaluations(cadre):
    for end, grade in (("2024-07-01", "good"), ("2026-12-31", "excellent")):
        BureauEvaluation.objects.create(cadre=cadre, place="某校副校长", grade=grade, end=day(end))
    assert [fact(cadre, "last_evaluation", on).text for on in (day("2024-06-30"), day("2026-12-30"), DAY)] == [
        "未登记", "良好", "优秀",
    ]  # fmt: skip
    CompetenceProfile.objects.create(
        cadre=cadre, on=day("2026-02-28"), source="expert", scores=[1, 2, 3, 4, 5, 6]
    )
    CompetenceProfile.objects.create(cadre=cadre, on=DAY, source="self", scores=[1, 2, 3, 4, 5, 6])
    assert fact(cadre, "competence_on").text == "2026年2月28日"
    assert value(cadre, "competence_on", day("2026-02-27")) is None


def test_how_long_in_the_reserve_and_when_it_was_last_reviewed(cadre):
    entry = ReserveEntry.objects.create(cadre=cadre, category="head", start=day("2020-02-29"))
    ReserveEntry.objects.create(cadre=cadre, category="deputy", start=day("2023-01-01"))
    over = ReserveEntry.objects.create(
        cadre=cadre, category="middle", start=day("2010-01-01"), end=day("2020-01-01")
    )
    ReserveReview.objects.create(entry=over, year=2019, status="1")
    assert [value(cadre, "reserve_years", day(on)) for on in ("2026-02-28", "2026-03-01")] == [5, 6]
    assert value(cadre, "reserve_reviewed") is None
    for year in (2024, 2026):
        ReserveReview.objects.create(entry=entry, year=year, status="1")
    assert (value(cadre, "reserve_reviewed"), fact(cadre, "reserve_reviewed", day("2025-12-31")).text) == (
        2026, "2024 年度",
    )  # fmt: skip
    TalentEntry.objects.create(cadre=cadre, tier="leading", start=day("2024-12-31"))
    assert [value(cadre, "talent_years", on) for on in (day("2026-12-30"), DAY)] == [1, 2]


@pytest.mark.parametrize("since", ["2024-02-29", "2025-08-31", "2025-08-30", "2026-01-31", "2026-02-28"])
def test_a_plan_waits_for_its_review_by_the_month(cadre, since):
    """Whole months as the calendar adds them: 31 August and six months is the last of February."""
    DevelopmentPlan.objects.create(cadre=cadre, goals="x", start=day(since), start_precision="day")
    for months in range(1, 15):
        due = add_months(day(since), months)
        assert value(cadre, "plan_unreviewed_months", due) == months
        assert value(cadre, "plan_unreviewed_months", due - dt.timedelta(days=1)) == months - 1


def test_a_review_starts_the_months_anew(cadre):
    assert value(cadre, "plan_unreviewed_months") is None
    plan = DevelopmentPlan.objects.create(
        cadre=cadre, goals="x", start=day("2026-01-01"), end=day("2028-01-01")
    )
    PlanReview.objects.create(plan=plan, on=day("2026-08-31"), progress="x")
    assert [value(cadre, "plan_unreviewed_months", day(on)) for on in ("2026-08-30", "2026-08-31", "2026-09-30")] == [
        7, 0, 1,
    ]  # fmt: skip
    assert (value(cadre, "plan_mentored"), value(cadre, "plan_end")) == (False, "2028-01-01")
    DevelopmentPlan.objects.update(mentor_text="王老师")
    assert value(cadre, "plan_mentored") is True
    assert value(cadre, "plan_unreviewed_months", day("2028-01-01")) is None


def test_what_oversight_asks_for_and_what_is_overdue(cadre):
    def act(kind, start, **more):
        return Oversight.objects.create(cadre=cadre, kind=kind, start=day(start), **more)

    act("admonition", "2026-02-28", due=day("2026-08-28"))
    act("reminder", "2023-12-31")
    act("integrity_talk", "2025-01-01")
    assert [value(cadre, "oversight_overdue", day(on)) for on in ("2026-08-28", "2026-08-29")] == [0, 1]
    assert [value(cadre, "warnings_recent", on) for on in (day("2026-12-30"), DAY)] == [2, 1]
    assert [value(cadre, "integrity_talks", day(on)) for on in ("2024-12-31", "2025-01-01")] == [0, 1]
    assert value(cadre, "sanctioned") is False
    act("sanction", "2026-01-01", sanction="admin_demerit", end=day("2027-01-01"))
    act("sanction", "2026-01-01", sanction="party_warning", end=DAY)
    assert [value(cadre, "sanctioned", day(on)) for on in ("2025-12-31", "2026-12-31", "2027-01-01")] == [
        False, True, False,
    ]  # fmt: skip
    assert [value(cadre, "sanction_end", day(on)) for on in ("2026-12-31", "2027-01-01")] == [
        "2027-01-01",
        None,
    ]
    Oversight.objects.filter(sanction="party_warning").update(end=None)
    assert (value(cadre, "sanctioned", day("2030-01-01")), value(cadre, "sanction_end")) == (True, None)
    Oversight.objects.filter(kind="admonition").update(done_on=day("2026-09-01"))
    assert [value(cadre, "oversight_overdue", day(on)) for on in ("2026-08-31", "2026-09-01")] == [1, 0]


def test_requests_wait_until_they_are_answered(cadre):
    asked = Petition.objects.create(
        cadre=cadre, subject="x", content="x", submitted_on=day("2026-03-01"), due=day("2026-03-20")
    )
    days = [day(on) for on in ("2026-02-28", "2026-03-01", "2026-03-20", "2026-03-21")]
    assert [value(cadre, "petitions_open", on) for on in days] == [0, 1, 1, 1]
    assert [value(cadre, "petitions_overdue", on) for on in days] == [0, 0, 0, 1]
    Petition.objects.filter(pk=asked.pk).update(replied_on=day("2026-03-21"))
    assert [value(cadre, "petitions_open", on) for on in days] == [0, 1, 1, 0]
    assert value(cadre, "petitions_overdue", days[3]) == 0


def test_only_confirmed_kin_count_from_both_sides_and_once(cadre, school):
    wife, cousin = make_cadre(school), make_cadre(make_unit("另一小学"))
    relation = make_code("relation", "11", "夫妻")

    def link(one, other, at=None):
        return FamilyMember.objects.create(
            cadre=one, relation=relation, name="x", kin=other, kin_confirmed_at=at
        )

    link(cadre, wife)
    names = ("family_members", "kin", "kin_at_unit")
    assert [value(cadre, name) for name in names] == [1, 0, 0]
    FamilyMember.objects.update(kin_confirmed_at=now())
    link(wife, cadre, now())
    link(cousin, cadre, now())
    assert [value(cadre, name) for name in names] == [1, 2, 1]
    assert [value(cousin, name) for name in names] == [1, 1, 0]
    wife.personnelrelations.update(end=DAY, leaving="transfer")
    assert [value(cadre, "kin_at_unit", on) for on in (DAY - dt.timedelta(days=1), DAY)] == [1, 0]


@pytest.mark.parametrize(
    ("lines", "gap"),
    [
        ([("1998-07", "2005-08"), ("2005-08", None)], 0),
        ([("1998-07", "2005-08"), ("2005-09", None)], 0),
        ([("1998-07", "2005-08"), ("2005-10", None)], 2),
        # A year alone lasts until its end, and nothing is told of when in it a line began.
        ([("1998-07", "2005"), ("2006-02", None)], 2),
        ([("1998-07", "2004-01"), ("2005", None)], 0),
        # A long line covers what stands between two short ones.
        ([("1998-07", "2010-08"), ("1999-01", "2000-01"), ("2009-01", "2009-05"), ("2010-09", None)], 0),
        ([("1998-07", "1999-08"), ("2000-08", "2001-08"), ("2003-08", None)], 24),
    ],
)
def test_the_longest_time_that_no_line_of_a_cv_tells_of(cadre, lines, gap):
    assert value(cadre, "career_gap") is None

    def known(text):
        if text is None:
            return None, "day"
        return day(f"{text}-01-01"[:10] if len(text) == 4 else f"{text}-01"), "year" if len(
            text
        ) == 4 else "month"

    for start, end in lines:
        (first, first_known), (last, last_known) = known(start), known(end)
        CareerLine.objects.create(
            cadre=cadre,
            text="x",
            start=first,
            start_precision=first_known,
            end=last,
            end_precision=last_known,
        )
    assert (value(cadre, "career_gap"), value(cadre, "career_lines")) == (gap, len(lines))


def test_what_stands_within_a_line_is_none_of_its_own(cadre):
    above = CareerLine.objects.create(cadre=cadre, text="x", start=day("2000-01-01"))
    CareerLine.objects.create(
        cadre=cadre, text="y", start=day("2001-01-01"), end=day("2002-01-01"), within=above
    )
    assert (value(cadre, "career_lines"), value(cadre, "career_gap")) == (1, 0)
    assert value(cadre, "career_gap", day("1999-12-31")) is None
