"""Facts over certificates, honours, assessments, development and oversight, at their boundaries."""

import datetime as dt

import pytest

from cadres.facts import FACTS
from cadres.fields import LEVELS
from cadres.models import (
    AnnualAssessment,
    Certificate,
    CompetenceProfile,
    DevelopmentPlan,
    Honour,
    Oversight,
    ReserveEntry,
    TalentEntry,
)
from tests.cadres.factories import make_cadre
from tests.cadres.test_facts import fact, value
from tests.factories import make_unit

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 12, 31)


@pytest.fixture
def cadre(db):
    return make_cadre(make_unit("某小学"))


def test_certificates_hold_until_the_day_before_their_end(cadre):
    Certificate.objects.create(
        cadre=cadre,
        kind="qualification",
        name="合格证书",
        start=dt.date(2020, 2, 29),
        end=dt.date(2025, 2, 28),
    )
    assert value(cadre, "qualified_for_post", dt.date(2025, 2, 27)) is True
    assert value(cadre, "qualified_for_post", dt.date(2025, 2, 28)) is False
    assert value(cadre, "qualified_for_post", dt.date(2020, 2, 28)) is False
    # Issued on 29 February: five years are over on 1 March.
    assert value(cadre, "qualification_years", dt.date(2025, 2, 28)) == 4
    assert value(cadre, "qualification_years", dt.date(2025, 3, 1)) == 5
    assert value(cadre, "advancement_years") is None
    Certificate.objects.create(cadre=cadre, kind="teacher", name="教师资格")
    assert value(cadre, "teacher_certified") is True
    assert (value(cadre, "certificates_valid"), value(cadre, "certificates_valid", dt.date(2024, 1, 1))) == (
        1,
        2,
    )


def test_the_newest_training_counts(cadre):
    for year in (2010, 2021):
        Certificate.objects.create(cadre=cadre, kind="advancement", name="提高", start=dt.date(year, 6, 1))
    assert value(cadre, "advancement_years") == 5
    assert value(cadre, "advancement_years", dt.date(2020, 6, 1)) == 10


def test_honours_by_level_and_age(cadre):
    assert (value(cadre, "highest_honour"), value(cadre, "honours")) == (None, 0)
    days = {"county": dt.date(2010, 9, 10), "city": dt.date(2021, 12, 31), "school": dt.date(2022, 1, 1)}
    for level, day in days.items():
        Honour.objects.create(cadre=cadre, name=level, level=level, start=day)
    Honour.objects.create(
        cadre=cadre, name="撤销的", level="national", start=dt.date(2015, 1, 1), end=dt.date(2018, 1, 1)
    )
    assert (fact(cadre, "highest_honour").text, value(cadre, "honours")) == ("市级", 3)
    assert (value(cadre, "honours_city"), value(cadre, "honours_recent")) == (1, 1)
    assert value(cadre, "honours_recent", dt.date(2026, 12, 30)) == 2
    assert fact(cadre, "highest_honour", dt.date(2017, 12, 31)).text == "国家级"
    assert fact(cadre, "highest_honour", dt.date(2018, 1, 1)).text == "县（区）级"


def test_two_good_years_running(cadre):
    for year, grade in ((2023, "basic"), (2024, "qualified"), (2025, "excellent")):
        AnnualAssessment.objects.create(cadre=cadre, year=year, grade=grade)
    assert value(cadre, "good_years_running") is True
    assert value(cadre, "good_years_running", dt.date(2025, 12, 31)) is False
    assert value(cadre, "good_years_running", dt.date(2027, 1, 1)) is False  # 2026 isn't there
    assert (value(cadre, "excellent_years_5"), value(cadre, "excellent_years_5", dt.date(2025, 6, 1))) == (
        1,
        0,
    )
    AnnualAssessment.objects.filter(year=2025).update(year=2020)
    assert value(cadre, "excellent_years_5", dt.date(2025, 1, 1)) == 1
    assert value(cadre, "excellent_years_5", dt.date(2026, 1, 1)) == 0


def test_competence_is_the_newest_that_others_gave(cadre):
    def profile(day, source, *scores):
        CompetenceProfile.objects.create(cadre=cadre, on=day, source=source, scores=list(scores))

    profile(dt.date(2025, 6, 1), "superior", 80, 70, None, 60, 50, 41)
    profile(dt.date(2026, 6, 1), "self", 100, 100, 100, 100, 100, 100)
    profile(dt.date(2027, 6, 1), "expert", 1, 1, 1, 1, 1, 1)
    assert value(cadre, "competence_curriculum") == 80
    assert value(cadre, "competence_culture") is None
    assert value(cadre, "competence_information") == 41
    assert value(cadre, "competence_mean") == 60  # 301 over five
    assert value(cadre, "competence_curriculum", dt.date(2025, 5, 31)) is None
    assert value(cadre, "competence_curriculum", dt.date(2027, 6, 1)) == 1


def test_development(cadre):
    TalentEntry.objects.create(
        cadre=cadre, tier="leading", start=dt.date(2024, 1, 1), end=dt.date(2026, 1, 1)
    )
    assert fact(cadre, "talent_tier", dt.date(2025, 12, 31)).text == "领军校长"
    assert value(cadre, "talent_tier") is None
    ReserveEntry.objects.create(cadre=cadre, category="middle", status="1", start=dt.date(2020, 1, 1))
    ReserveEntry.objects.create(cadre=cadre, category="head", status="4", start=dt.date(2025, 1, 1))
    assert (fact(cadre, "reserve_category").text, fact(cadre, "reserve_status").text) == ("正职", "继续后备")
    past = dt.date(2024, 12, 31)
    assert (value(cadre, "reserve_category", past), value(cadre, "in_reserve", past)) == ("middle", True)
    assert value(cadre, "in_reserve", dt.date(2019, 12, 31)) is False
    DevelopmentPlan.objects.create(cadre=cadre, goals="x", start=dt.date(2026, 1, 1), end=dt.date(2027, 1, 1))
    days = [dt.date(2025, 12, 31), dt.date(2026, 1, 1), DAY, dt.date(2027, 1, 1)]
    assert [value(cadre, "has_plan", day) for day in days] == [False, True, True, False]


def test_a_sanction_restricts_until_its_period_is_over(cadre):
    Oversight.objects.create(
        cadre=cadre,
        kind="sanction",
        sanction="admin_demerit",
        start=dt.date(2025, 1, 15),
        end=dt.date(2026, 1, 15),
    )
    days = [dt.date(2025, 1, 14), dt.date(2025, 1, 15), dt.date(2026, 1, 14), dt.date(2026, 1, 15)]
    assert [value(cadre, "restricted", day) for day in days] == [False, True, True, False]
    Oversight.objects.update(end=None)
    assert value(cadre, "restricted", dt.date(2040, 1, 1)) is True


@pytest.mark.parametrize(
    ("start", "last"),
    [
        (dt.date(2025, 8, 31), dt.date(2026, 2, 27)),
        (dt.date(2026, 2, 28), dt.date(2026, 8, 27)),
        (dt.date(2027, 8, 30), dt.date(2028, 2, 28)),
    ],
)
def test_an_admonition_restricts_for_half_a_year(cadre, start, last):
    """31 August and six months is the end of February, in a leap year the 29th."""
    Oversight.objects.create(cadre=cadre, kind="admonition", start=start)
    assert value(cadre, "restricted", start) is True
    assert value(cadre, "restricted", last) is True
    assert value(cadre, "restricted", last + dt.timedelta(days=1)) is False


def test_a_reminder_restricts_nobody_and_open_items_are_counted(cadre):
    Oversight.objects.create(cadre=cadre, kind="reminder", start=dt.date(2026, 3, 1), due=dt.date(2026, 4, 1))
    Oversight.objects.create(cadre=cadre, kind="integrity_talk", start=dt.date(2026, 3, 1))
    assert (value(cadre, "restricted"), value(cadre, "oversight_open")) == (False, 1)
    Oversight.objects.filter(kind="reminder").update(done_on=dt.date(2026, 5, 1))
    assert value(cadre, "oversight_open", dt.date(2026, 4, 30)) == 1
    assert value(cadre, "oversight_open", dt.date(2026, 5, 1)) == 0
    assert value(cadre, "oversight_open", dt.date(2026, 2, 28)) == 0


# What a fact reads, by the names of cadres.fields: a fact is at least as confidential as what it tells.
READS = {
    "age": "age", "birth": "birth", "ethnicity": "ethnicity", "native_place": "native_place",
    "years_of_work": "work", "work_start": "work", "gender": "gender", "political": "party",
    "party_member": "party", "party_years": "party_join", "title_level": "title", "title_years": "title",
    "rank": "rank", "years_in_rank": "rank", "years_at_level": "level_since", "talent_tier": "talent",
    "has_plan": "development", "restricted": "oversight", "oversight_open": "oversight",
    "last_annual_grade": "annual_assessments", "good_years_running": "annual_assessments",
    "excellent_years_3": "annual_assessments", "excellent_years_5": "annual_assessments",
    **dict.fromkeys(("education_level", "full_time_education", "in_service_education", "degree_level"), "education"),
    **dict.fromkeys(("in_reserve", "reserve_category", "reserve_status"), "reserve"),
    **dict.fromkeys((name for name in FACTS if name.startswith("competence_")), "competences"),
    **dict.fromkeys(("highest_honour", "honours", "honours_city", "honours_recent"), "honours"),
    **dict.fromkeys(
        ("qualified_for_post", "qualification_years", "advancement_years", "certificates_valid", "teacher_certified"),
        "certificates",
    ),
    **dict.fromkeys((each.name for each in FACTS.values() if each.topic in ("unit", "post")), "post"),
    **dict.fromkeys(("career_lines", "career_gap"), "career"),
    **dict.fromkeys(("in_service", "completeness", "left_because", "left_on"), "status"),
    **dict.fromkeys(("retirement_month", "months_to_retirement"), "retirement_limit"),
    **dict.fromkeys(("birthplace", "speciality"), "birthplace"),
    **dict.fromkeys(("family_members", "kin", "kin_at_unit"), "family"),
    **dict.fromkeys(("sanctioned", "sanction_end", "oversight_overdue", "warnings_recent", "integrity_talks"), "oversight"),
    **dict.fromkeys(("petitions_open", "petitions_overdue"), "petitions"),
    **dict.fromkeys(("plan_end", "plan_mentored", "plan_unreviewed_months"), "development"),
    **dict.fromkeys(("reserve_years", "reserve_reviewed"), "reserve"),
    **dict.fromkeys(("annual_grade_1", "annual_grade_2", "annual_grade_3", "good_years_3", "poor_years_3"), "annual_assessments"),
    **dict.fromkeys((name for name in FACTS if name.startswith("honours_of_")), "honours"),
    **dict.fromkeys(
        ("advancement_valid", "language_certified", "qualification_expired", "certificates_expired", "certificate_expires"),
        "certificates",
    ),
    "title_since": "title", "rank_since": "rank", "party_since": "party_join", "talent_years": "talent",
    "last_evaluation": "evaluations",
}  # fmt: skip


def test_no_fact_tells_more_than_its_level_allows():
    assert set(READS) == set(FACTS)
    for name, field in READS.items():
        assert int(FACTS[name].level[1]) >= LEVELS[field], name
