"""Facts as SQL: each with its boundary cases, and one statement for all facts of many people."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadres.facts import FACTS, register, values_of
from cadres.models import AnnualAssessment, Appointment, Cadre, Education, PoliticalStatus, ProfessionalTitle
from core.calendar import completed_years
from tests.factories import make_unit
from tests.programs.factories import make_cadre, make_code


@pytest.fixture
def school(db):
    return make_unit("某小学")


def fact(cadre, name, on=dt.date(2026, 12, 31)):
    return values_of(Cadre.objects.filter(pk=cadre.pk), [name], on)[cadre.pk][name]


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        (dt.date(1991, 12, 31), dt.date(2026, 12, 30), 34),
        (dt.date(1991, 12, 31), dt.date(2026, 12, 31), 35),
        (dt.date(1991, 12, 31), dt.date(2027, 1, 1), 35),
        (dt.date(2000, 2, 29), dt.date(2026, 2, 28), 25),
        (dt.date(2000, 2, 29), dt.date(2026, 3, 1), 26),
        (dt.date(2000, 2, 29), dt.date(2028, 2, 28), 27),
        (dt.date(2000, 2, 29), dt.date(2028, 2, 29), 28),
        (dt.date(1986, 5, 4), dt.date(2026, 5, 4), 40),
        (dt.date(1988, 7, 1), dt.date(2026, 6, 30), 37),
    ],
)
def test_age_counts_completed_years(school, birth, on, years):
    """The birthday itself, 29 February, days in the summer time of 1986–91."""
    found = fact(make_cadre(school, birth=birth), "age", on)
    assert (found.value, found.text) == (years, f"{years} 岁")


@given(
    birth=st.dates(dt.date(1940, 1, 1), dt.date(2010, 12, 31)),
    on=st.dates(dt.date(2011, 1, 1), dt.date(2060, 12, 31)),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_age_in_sql_is_the_calendars_age(school, birth, on):
    """SQL and Python agree on every pair of days."""
    assert fact(make_cadre(school, birth=birth), "age", on).value == completed_years(birth, on)


def test_a_birth_known_to_the_month_counts_from_its_first_day(school):
    """任免审批表: the month of birth itself completes the year."""
    cadre = make_cadre(school, birth=dt.date(1991, 12, 1), birth_precision="month")
    assert fact(cadre, "age", dt.date(2026, 11, 30)).value == 34
    assert fact(cadre, "age", dt.date(2026, 12, 1)).value == 35


def test_an_unknown_birth_is_unknown(school):
    found = fact(make_cadre(school, birth=None), "age")
    assert (found.value, found.text) == (None, "未登记")


def test_education_is_the_highest_completed(school):
    cadre = make_cadre(school, education="大专")
    degree = make_code("education", "21", "大学", 50)
    Education.objects.create(cadre=cadre, mode="in_service", level=degree, end=dt.date(2027, 7, 1))
    assert fact(cadre, "education_level").text == "大专"
    assert fact(cadre, "education_level", dt.date(2027, 7, 1)).text == "大学"
    assert fact(make_cadre(school, education=""), "education_level").value is None


@pytest.mark.parametrize(
    ("title", "category", "team", "middle"),
    [
        ("校长", "head", True, False),
        ("副校长", "deputy", True, False),
        ("教导主任", "middle", False, True),
        ("", "", False, False),
    ],
)
def test_team_and_middle_follow_the_posts_category(school, title, category, team, middle):
    cadre = make_cadre(school, title=title, category=category)
    assert (fact(cadre, "on_team").value, fact(cadre, "is_middle").value) == (team, middle)


@pytest.mark.parametrize(
    ("title", "team"), [("副校长", True), ("党支部书记", True), ("校长助理", False), ("教师", False)]
)
def test_a_title_without_a_post_tells_by_its_words(school, title, team):
    cadre = make_cadre(school, title="")
    Appointment.objects.create(cadre=cadre, unit=school, title=title, is_main=True, start=dt.date(2020, 1, 1))
    assert fact(cadre, "on_team").value is team


def test_an_acting_post_makes_nobody_a_team_member(school):
    cadre = make_cadre(school, title="")
    Appointment.objects.create(
        cadre=cadre, unit=school, title="副校长", kind="seconded", start=dt.date(2020, 1, 1)
    )
    assert fact(cadre, "on_team").value is False


def test_an_appointment_counts_from_its_first_day_to_the_day_before_its_end(school):
    cadre = make_cadre(school, title="副校长")
    Appointment.objects.filter(cadre=cadre).update(start=dt.date(2020, 9, 1), end=dt.date(2026, 12, 31))
    days = [dt.date(2020, 8, 31), dt.date(2020, 9, 1), dt.date(2026, 12, 30), dt.date(2026, 12, 31)]
    assert [fact(cadre, "on_team", day).value for day in days] == [False, True, True, False]


def test_years_in_post_and_of_work(school):
    cadre = make_cadre(school, work_start=dt.date(2017, 8, 1))
    assert fact(cadre, "years_in_post", dt.date(2026, 8, 31)).value == 6
    assert fact(cadre, "years_in_post", dt.date(2026, 9, 1)).text == "7 年"
    assert fact(cadre, "years_of_work", dt.date(2026, 7, 31)).value == 8


def test_political_status_and_party_membership(school):
    cadre = make_cadre(school)
    assert fact(cadre, "party_member").value is False
    assert fact(cadre, "political").value is None
    member = make_code("political", "01", "中共党员")
    PoliticalStatus.objects.create(cadre=cadre, status=member, start=dt.date(2015, 7, 1))
    assert fact(cadre, "party_member").text == "是"
    assert fact(cadre, "political").text == "中共党员"
    assert fact(cadre, "party_member", dt.date(2015, 6, 30)).value is False


def test_grades_are_those_of_years_that_are_over(school):
    cadre = make_cadre(school)
    for year, grade in ((2022, "excellent"), (2023, "excellent"), (2025, "qualified"), (2026, "excellent")):
        AnnualAssessment.objects.create(cadre=cadre, year=year, grade=grade)
    assert fact(cadre, "last_annual_grade").text == "合格（称职）"
    assert fact(cadre, "excellent_years_3").value == 1
    assert fact(cadre, "excellent_years_3", dt.date(2027, 1, 1)).value == 1
    assert fact(cadre, "last_annual_grade", dt.date(2027, 1, 1)).value == "excellent"


def test_the_highest_title_counts(school):
    cadre = make_cadre(school)
    for code, name, level in (("T2", "二级教师", 20), ("T3", "一级教师", 30)):
        title = make_code("title", code, name, level)
        ProfessionalTitle.objects.create(cadre=cadre, title=title, title_text=name)
    assert fact(cadre, "title_level").text == "一级教师"


@pytest.mark.parametrize("people", [1, 3])
def test_all_facts_of_many_people_are_one_statement(school, people, django_assert_num_queries):
    for _ in range(people):
        make_cadre(school)
    with django_assert_num_queries(1):
        found = values_of(Cadre.objects.all(), FACTS, dt.date(2026, 12, 31))
    assert len(found) == people
    assert all(set(values) == set(FACTS) for values in found.values())


def test_a_name_stands_for_one_fact():
    with pytest.raises(ValueError, match="exists"):
        register(FACTS["age"])


def test_every_fact_has_words_and_a_level():
    for fact_ in FACTS.values():
        assert fact_.label
        assert fact_.level in {"C1", "C2", "C3"}
        assert fact_.display(None) == "未登记"
