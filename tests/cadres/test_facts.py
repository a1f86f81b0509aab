"""Facts over people, units, posts and schooling: each at its boundaries, as of days in the past too."""

import datetime as dt

import pytest

from cadres.facts import FACTS, TOPICS, values_of
from cadres.models import (
    Appointment,
    Cadre,
    Education,
    PersonnelRelation,
    PoliticalStatus,
    ProfessionalTitle,
    Rank,
)
from tests.cadres.factories import make_appointment, make_cadre, make_code, make_post
from tests.factories import make_unit

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 12, 31)


def fact(cadre, name, on=DAY):
    """A fact of one person on a day."""
    return values_of(Cadre.objects.filter(pk=cadre.pk), [name], on)[cadre.pk][name]


def value(cadre, name, on=DAY):
    """The comparable value."""
    return fact(cadre, name, on).value


@pytest.fixture
def school(db):
    return make_unit("东河镇中心小学", stage="primary", is_rural=True, cluster="东河镇")


def test_every_fact_says_what_it_counts():
    """Label, topic and one Chinese sentence; a choice has options, a level its steps, a number its unit."""
    for each in FACTS.values():
        assert each.definition.endswith("。"), each.name
        assert each.topic in TOPICS
        if each.kind == "choice":
            assert bool(each.choices) != bool(each.codes), each.name
        if each.kind == "level":
            assert bool(each.scale) != bool(each.code_list), each.name
        assert (each.kind == "number") == bool(each.unit), each.name
    assert len({each.label for each in FACTS.values()}) == len(FACTS)


def test_person_and_their_words(school):
    code = make_code("ethnicity", "26", "仡佬族")
    cadre = make_cadre(
        school, birth=dt.date(1980, 5, 1), birth_precision="month", ethnicity=code, gender="2",
        native_place="贵州道真", work_start=dt.date(2001, 1, 1), work_start_precision="year",
    )  # fmt: skip
    assert (value(cadre, "birth"), fact(cadre, "birth").text) == ("1980-05-01", "1980年5月")
    assert fact(cadre, "work_start").text == "2001年"
    assert (value(cadre, "gender"), fact(cadre, "gender").text) == ("2", "女")
    assert (value(cadre, "ethnicity"), fact(cadre, "ethnicity").text) == ("26", "仡佬族")
    assert value(cadre, "native_place") == "贵州道真"
    assert fact(make_cadre(school, birth=None), "birth").text == "未登记"


def test_the_unit_is_that_of_the_day(school):
    """After a transfer the past still shows the old unit; the last day of a relation is the day before its end."""
    town = make_unit("第二中学", stage="complete", is_weak=True)
    cadre = make_cadre(town)
    cadre.personnelrelations.update(start=dt.date(2020, 9, 1))
    PersonnelRelation.objects.create(
        cadre=cadre, unit=school, start=dt.date(2010, 9, 1), end=dt.date(2020, 9, 1), leaving="transfer"
    )
    before = dt.date(2020, 8, 31)
    assert (value(cadre, "unit_stage"), value(cadre, "unit_stage", before)) == ("complete", "primary")
    assert (value(cadre, "unit_rural"), value(cadre, "unit_rural", before)) == (False, True)
    assert (value(cadre, "unit_weak"), value(cadre, "unit_weak", before)) == (True, False)
    assert (value(cadre, "unit_cluster"), value(cadre, "unit_cluster", before)) == (None, "东河镇")
    assert fact(cadre, "unit_kind").text == "学校"
    assert (value(cadre, "years_at_unit", dt.date(2026, 8, 31)), value(cadre, "years_at_unit", before)) == (
        5,
        9,
    )
    assert value(cadre, "years_at_unit", dt.date(2026, 9, 1)) == 6
    assert value(cadre, "in_service", dt.date(2010, 8, 31)) is False
    assert value(cadre, "unit_kind", dt.date(2010, 8, 31)) is None


def test_rural_years_add_up_over_schools_and_stop_at_the_day(school):
    """2010-09-01 to 2014-09-01 and from 2020-09-01 on: 4 years, then 6 years and four months."""
    cadre = make_cadre(school)
    cadre.personnelrelations.update(start=dt.date(2020, 9, 1))
    for unit, start, end in ((school, 2010, 2014), (make_unit("城区"), 2014, 2020)):
        PersonnelRelation.objects.create(
            cadre=cadre, unit=unit, start=dt.date(start, 9, 1), end=dt.date(end, 9, 1), leaving="transfer"
        )
    assert value(cadre, "rural_years") == 10
    assert value(cadre, "rural_years", dt.date(2014, 9, 1)) == 4
    assert value(cadre, "rural_years", dt.date(2014, 8, 25)) == 3
    assert value(cadre, "rural_years", dt.date(2019, 1, 1)) == 4
    assert value(make_cadre(make_unit("城区二")), "rural_years") == 0


def test_the_present_post(school):
    post = make_post(school, "副校长", "deputy")
    cadre = make_cadre(school)
    assert (value(cadre, "post_title"), value(cadre, "post_category")) == (None, None)
    make_appointment(
        cadre, "副校长", post=post, start=dt.date(2020, 2, 29), probation_end=dt.date(2021, 2, 28),
        term_number=2, term_end=dt.date(2027, 2, 28),
    )  # fmt: skip
    assert fact(cadre, "post_category").text == "副职"
    assert value(cadre, "post_title") == "副校长"
    assert (value(cadre, "term_number"), fact(cadre, "term_end").text) == (2, "2027年2月28日")
    assert value(cadre, "on_probation", dt.date(2021, 2, 27)) is True
    assert value(cadre, "on_probation", dt.date(2021, 2, 28)) is False
    # Begun on 29 February: a year is complete on 1 March.
    assert value(cadre, "years_in_post", dt.date(2021, 2, 28)) == 0
    assert value(cadre, "years_in_post", dt.date(2021, 3, 1)) == 1
    assert value(cadre, "years_in_post", dt.date(2020, 2, 28)) is None


def test_posts_and_schools_so_far_leave_secondments_out(school):
    other = make_unit("红旗小学")
    cadre = make_cadre(school)
    make_appointment(cadre, "教导主任", unit=other, start=dt.date(2012, 9, 1), end=dt.date(2016, 9, 1))
    make_appointment(cadre, "副校长", unit=other, start=dt.date(2016, 9, 1), end=dt.date(2020, 9, 1))
    make_appointment(cadre, "校长", start=dt.date(2020, 9, 1))
    make_appointment(cadre, "工会主席", kind="concurrent", is_main=False, start=dt.date(2021, 9, 1))
    section = make_unit("人事股", kind="section")
    make_appointment(
        cadre, "副股长", unit=section, kind="seconded", is_main=False, start=dt.date(2022, 3, 1),
        end=dt.date(2022, 9, 1),
    )  # fmt: skip
    assert (value(cadre, "posts_held"), value(cadre, "schools_served")) == (4, 2)
    past = dt.date(2016, 8, 31)
    assert (value(cadre, "posts_held", past), value(cadre, "schools_served", past)) == (1, 1)
    assert value(cadre, "posts_held", dt.date(2012, 8, 31)) == 0
    days = [dt.date(2022, 2, 28), dt.date(2022, 3, 1), dt.date(2022, 8, 31), dt.date(2022, 9, 1)]
    assert [value(cadre, "seconded_now", day) for day in days] == [False, True, True, False]
    assert [value(cadre, "secondments_done", day) for day in days] == [0, 0, 0, 1]


def test_years_at_level_and_in_rank(school):
    cadre = make_cadre(school)
    Rank.objects.create(cadre=cadre, kind="level", name="乡科级副职", start=dt.date(2019, 5, 1))
    Rank.objects.create(
        cadre=cadre, kind="rank", name="八级", start=dt.date(2015, 1, 1), end=dt.date(2021, 1, 1)
    )
    Rank.objects.create(cadre=cadre, kind="rank", name="七级", start=dt.date(2021, 1, 1))
    assert value(cadre, "years_at_level", dt.date(2026, 4, 30)) == 6
    assert value(cadre, "years_at_level", dt.date(2026, 5, 1)) == 7
    assert (value(cadre, "rank"), value(cadre, "years_in_rank")) == ("七级", 5)
    assert (value(cadre, "rank", dt.date(2020, 12, 31)), value(cadre, "years_in_rank", dt.date(2020, 12, 31))) == (
        "八级", 5,
    )  # fmt: skip


def test_education_by_mode_and_degree(school):
    college, master = (
        make_code("education", "31", "大专", level=40),
        make_code("education", "14", "硕士", level=60),
    )
    degree = make_code("degree", "342", "教育硕士", level=20)
    cadre = make_cadre(school)
    Education.objects.create(cadre=cadre, mode="full_time", level=college, end=dt.date(2000, 7, 1))
    Education.objects.create(
        cadre=cadre, mode="in_service", level=master, degree=degree, end=dt.date(2024, 6, 30)
    )
    assert fact(cadre, "full_time_education").text == "大专"
    assert (fact(cadre, "in_service_education").text, fact(cadre, "degree_level").text) == (
        "硕士",
        "教育硕士",
    )
    before = dt.date(2024, 6, 29)
    assert value(cadre, "in_service_education", before) is None
    assert (value(cadre, "education_level", before), value(cadre, "degree_level", before)) == (40, None)
    assert (value(cadre, "education_level"), value(cadre, "degree_level")) == (60, 20)


def test_years_since_the_title_count_from_the_one_held_longest_of_the_highest(school):
    first, second = (
        make_code("title", "T420", "一级教师", level=30),
        make_code("title", "053", "中一", level=30),
    )
    low = make_code("title", "T434", "二级教师", level=20)
    cadre = make_cadre(school)
    for title, year in ((low, 2005), (second, 2012), (first, 2018)):
        ProfessionalTitle.objects.create(cadre=cadre, title=title, title_text="x", start=dt.date(year, 12, 1))
    assert value(cadre, "title_years") == 14
    assert (value(cadre, "title_level", dt.date(2012, 11, 30)), value(cadre, "title_years", dt.date(2012, 11, 30))) == (
        20, 6,
    )  # fmt: skip


def test_party_years_count_from_the_first_day_as_a_probationary_member(school):
    member, probationary = make_code("political", "01", "中共党员"), make_code("political", "02", "预备党员")
    cadre = make_cadre(school)
    PoliticalStatus.objects.create(
        cadre=cadre, status=probationary, start=dt.date(2009, 7, 1), end=dt.date(2010, 7, 1)
    )
    PoliticalStatus.objects.create(cadre=cadre, status=member, start=dt.date(2010, 7, 1))
    assert value(cadre, "party_years", dt.date(2026, 6, 30)) == 16
    assert value(cadre, "party_years", dt.date(2026, 7, 1)) == 17
    assert value(cadre, "party_years", dt.date(2009, 6, 30)) is None
    left = make_cadre(school)
    PoliticalStatus.objects.create(
        cadre=left, status=member, start=dt.date(2001, 7, 1), end=dt.date(2020, 1, 1)
    )
    assert value(left, "party_years") is None
    assert value(left, "party_years", dt.date(2019, 12, 31)) == 18


def test_completeness_counts_what_is_there(school):
    cadre = make_cadre(school, gender="", birth=None)
    assert value(cadre, "completeness") == 100 // 13  # the personnel relation alone
    assert value(cadre, "completeness", dt.date(2009, 1, 1)) == 0
    Appointment.objects.create(
        cadre=cadre, unit=school, title="校长", is_main=True, start=dt.date(2019, 8, 1)
    )
    Cadre.objects.filter(pk=cadre.pk).update(phone="13800000000", native_place="贵州")
    assert fact(cadre, "completeness").text == f"{400 // 13} %"
