"""A query as SQL: one statement, the reader's own scope and levels, what is unknown, rows of histories by the day."""

import datetime as dt

import pytest
import time_machine

from accounts import roles
from cadres.models import AnnualAssessment, Appointment, Cadre, Honour, Oversight, PersonnelRelation
from core.errors import NotAllowed
from reports.queries.sql import people
from reports.queries.tree import Query, parse
from tests.cadres.factories import make_appointment, make_cadre, make_code

pytestmark = pytest.mark.django_db
NOON = "2026-11-20 12:00:00"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False):
        yield


def run(tree, user, **options):
    """The names that a query finds."""
    group, names = parse(tree)
    found = people(Query(group, codes=names, **options), user=user)
    return sorted(found.values_list("name", flat=True))


def is_(fact, value, **more):
    return {"fact": fact, "op": "is", "value": value, **more}


def test_and_or_not_over_facts(tree, hr):
    """Young on a team, or anybody who is seconded."""
    for name, birth, title in (("青", 1995, "副校长"), ("壮", 1980, "副校长"), ("教", 1996, "")):
        cadre = make_cadre(tree.school_east, name, birth=dt.date(birth, 1, 1))
        if title:
            make_appointment(cadre, title)
    make_cadre(tree.school_east, "隐", birth=None)
    young = {"fact": "age", "op": "at_most", "value": 35}
    team = is_("on_team", True)
    assert run({"items": [young, team]}, hr) == ["青"]
    assert run({"join": "or", "items": [young, team]}, hr) == ["壮", "教", "青"]
    assert run({"items": [young, {**team, "not": True}]}, hr) == ["教"]
    assert run({"join": "or", "items": [young, team], "not": True}, hr) == ["隐"]
    assert run({"join": "and", "items": [young, team], "not": True}, hr) == ["壮", "教", "隐"]


def test_what_is_unknown_meets_no_comparison_and_every_denied_one(tree, hr):
    known, unknown = (
        make_cadre(tree.school_east, "知", birth=dt.date(1980, 1, 1)),
        make_cadre(tree.school_east, "未", birth=None),
    )
    assert Cadre.objects.count() == 2
    for op, value in (("at_least", 40), ("between", [30, 60]), ("is", 46)):
        tree_ = {"fact": "age", "op": op, "value": value}
        assert run(tree_, hr) == [known.name]
        assert run({**tree_, "not": True}, hr) == [unknown.name]
    assert run({"fact": "age", "op": "unknown"}, hr) == ["未"]
    assert run({"fact": "age", "op": "unknown", "not": True}, hr) == ["知"]
    assert run({"fact": "native_place", "op": "unknown"}, hr) == ["未", "知"]


def test_rows_of_a_history_meet_all_conditions_at_once(tree, hr):
    one, two = make_cadre(tree.school_east, "一"), make_cadre(tree.school_east, "二")
    for cadre, level, year in ((one, "city", 2021), (one, "school", 2023), (two, "province", 2023)):
        Honour.objects.create(cadre=cadre, name="先进", level=level, start=dt.date(year, 9, 10))
    high = {"field": "level", "op": "at_least", "value": "city"}
    asked = {"history": "honour", "where": [high, {"field": "start", "op": "since", "value": "2022"}]}
    assert run(asked, hr) == ["二"]
    assert run({"history": "honour", "where": [high]}, hr) == ["一", "二"]
    assert run({"history": "honour", "count": 2}, hr) == ["一"]
    assert run({**asked, "not": True}, hr) == ["一"]
    assert run({"history": "honour", "where": [high]}, hr, as_of=dt.date(2021, 9, 9)) == []
    assert run({"history": "honour", "where": [high]}, hr, as_of=dt.date(2021, 9, 10)) == ["一"]


def test_ever_and_now_differ(tree, hr):
    cadre = make_cadre(tree.school_east, "曾")
    make_appointment(cadre, "教务主任", start=dt.date(2010, 9, 1), end=dt.date(2016, 9, 1))
    make_appointment(cadre, "副校长", start=dt.date(2016, 9, 1), post=None)
    office = {"history": "appointment", "where": [{"field": "title", "op": "contains", "value": "教务主任"}]}
    now = {**office, "when": "in_force"}
    assert (run(office, hr), run(now, hr)) == (["曾"], [])
    assert run(now, hr, as_of=dt.date(2016, 8, 31)) == ["曾"]
    assert run(now, hr, as_of=dt.date(2016, 9, 1)) == []
    rural = {"history": "appointment", "where": [{"field": "rural", "op": "is", "value": True}]}
    assert run(rural, hr) == ["曾"]


def test_levels_of_codes_are_compared_within_the_statement(tree, hr):
    from cadres.models import Education, ProfessionalTitle

    low, high = (
        make_code("title", "T434", "二级教师", level=20),
        make_code("title", "T420", "一级教师", level=30),
    )
    other = make_code("education", "21", "大学", level=50)
    for name, title in (("低", low), ("高", high)):
        cadre = make_cadre(tree.school_east, name)
        ProfessionalTitle.objects.create(cadre=cadre, title=title, title_text=title.name)
        Education.objects.create(cadre=cadre, mode="full_time", level=other)
    asked = {"fact": "title_level", "op": "at_least", "value": "T420"}
    assert run(asked, hr) == ["高"]
    assert run({**asked, "op": "at_most"}, hr) == ["低", "高"]
    assert run({**asked, "op": "is"}, hr) == ["高"]
    row = {"history": "title", "where": [{"field": "title", "op": "at_most", "value": "T434"}]}
    assert run(row, hr) == ["低"]
    row = {"history": "education", "where": [{"field": "level", "op": "is", "value": "21"}]}
    assert run(row, hr) == ["低", "高"]


def test_people_are_those_in_service_on_the_day_unless_all_are_asked_for(tree, hr):
    make_cadre(tree.school_east, "走", left=dt.date(2026, 1, 1))
    make_cadre(tree.school_east, "在")
    anyone = {"fact": "age", "op": "at_least", "value": 0}
    assert run(anyone, hr) == ["在"]
    assert run(anyone, hr, people="all") == ["在", "走"]
    assert run(anyone, hr, as_of=dt.date(2025, 12, 31)) == ["在", "走"]


def test_a_query_stays_within_scope_and_unit(tree, hr, central_east, principal_west):
    for unit, name in ((tree.school_east, "东"), (tree.school_west, "西"), (tree.direct_school, "直")):
        make_cadre(unit, name)
    anyone = {"fact": "age", "op": "at_least", "value": 0}
    assert run(anyone, hr) == ["东", "直", "西"]
    assert run(anyone, hr, within=tree.central_east) == ["东"]
    assert run(anyone, central_east) == ["东"]
    assert run(anyone, central_east, within=tree.bureau) == ["东"]
    assert run(anyone, central_east, within=tree.central_west) == []
    assert run(anyone, principal_west) == ["西"]


def test_a_condition_above_the_readers_level_is_refused(tree, hr, central_east):
    make_cadre(tree.school_east, "东")
    grade = {"history": "assessment", "where": [{"field": "grade", "op": "one_of", "value": ["excellent"]}]}
    for asked in (is_("restricted", True), grade, {"history": "oversight"}):
        run(asked, hr)
        with pytest.raises(NotAllowed, match="须由人事核实"):
            run({"join": "or", "items": [is_("on_team", True), {**asked, "not": True}]}, central_east)


def test_people_known_less_of_are_left_out(tree, monkeypatch, central_east):
    """A reader who sees the names of the East but the persons of one school only is told of that school alone."""
    from tests.factories import make_grant

    role = roles.ROLES["principal"]
    plain = roles.Role("central", "中心校", role.account_class, ("central",), frozenset({"cadre.view"}))
    monkeypatch.setitem(roles.ROLES, "central", plain)
    make_grant(central_east, "principal", tree.school_east_2)
    for unit, name in ((tree.school_east, "甲"), (tree.school_east_2, "乙")):
        make_cadre(unit, name)
    anyone = {"fact": "age", "op": "at_least", "value": 0}
    assert run(anyone, central_east) == ["乙"]
    assert run(is_("in_service", True), central_east) == ["乙", "甲"]


def test_nobody_asks_about_their_own_organisational_record(tree, hr):
    make_cadre(tree.bureau, "何人事", user=hr)
    make_cadre(tree.bureau, "同事")
    assert run(is_("restricted", False), hr) == ["同事"]
    assert run({"history": "oversight", "not": True}, hr) == ["同事"]
    assert run(is_("in_service", True), hr) == ["何人事", "同事"]


def test_a_query_is_one_statement(tree, hr, django_assert_num_queries):
    make_code("title", "T420", "一级教师", level=30)
    cadre = make_cadre(tree.school_east, "一")
    AnnualAssessment.objects.create(cadre=cadre, year=2025, grade="excellent")
    Oversight.objects.create(cadre=cadre, kind="reminder", start=dt.date(2026, 1, 1))
    group, names = parse(
        {
            "items": [
                {"fact": "age", "op": "at_least", "value": 30},
                {"join": "or", "items": [
                    {"fact": "title_level", "op": "at_least", "value": "T420"},
                    {"fact": "excellent_years_3", "op": "at_least", "value": 1},
                ]},
                {"history": "oversight", "where": [{"field": "kind", "op": "one_of", "value": ["reminder"]}]},
                is_("seconded_now", True, **{"not": True}),
            ],
        }
    )  # fmt: skip
    hr.holds("cadre.view")  # the reader's grants are read once a request
    with django_assert_num_queries(1):
        assert [each.name for each in people(Query(group, codes=names), user=hr)] == ["一"]


def test_the_unit_of_a_past_day(tree, hr):
    cadre = make_cadre(tree.direct_school, "调")
    cadre.personnelrelations.update(start=dt.date(2024, 9, 1))
    PersonnelRelation.objects.create(
        cadre=cadre,
        unit=tree.school_east,
        start=dt.date(2015, 9, 1),
        end=dt.date(2024, 9, 1),
        leaving="transfer",
    )
    rural = is_("unit_rural", True)
    assert (run(rural, hr), run(rural, hr, as_of=dt.date(2024, 8, 31))) == ([], ["调"])
    assert Appointment.objects.count() == 0
