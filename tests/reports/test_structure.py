"""Structure analysis: who is counted on which day, the lists behind the numbers, seats, norms."""

import datetime as dt

import pytest

from accounts.services.units import rename_unit
from cadres.models import (
    Appointment,
    Norm,
    PersonnelRelation,
    PoliticalStatus,
    Post,
    ProfessionalTitle,
)
from cadres.teams import team_of
from core.errors import Invalid
from reports.structure import figures, norms, seats
from reports.structure.dimensions import DIMENSIONS
from reports.structure.measures import percentage
from reports.structure.people import listed_people
from reports.structure.population import EVERYBODY, LEADERS, TEAM, Population
from tests.programs.factories import make_cadre, make_code

TODAY = dt.date(2026, 11, 20)
pytestmark = pytest.mark.django_db


def counts(found, key):
    """The counts of one dimension by band, empty bands left out."""
    section = next(each for each in found["sections"] if each["key"] == key)
    return {row["key"]: row["count"] for row in section["rows"] if row["count"]}


def measure(found, key):
    """One measure with its verdict."""
    return next(each for each in found["measures"] if each["key"] == key)


def compute(unit, day=TODAY, group=EVERYBODY):
    """The figures of a unit."""
    return figures.compute(Population(unit, day, group))


@pytest.fixture
def roster(tree, clock):
    """Five people in the East, one in the West, with something in every dimension."""
    east, second = tree.school_east, tree.school_east_2
    people = {
        "head": make_cadre(east, "甲", gender="1", birth=dt.date(1975, 11, 20), title="校长", category="head"),
        "deputy": make_cadre(east, "乙", gender="2", birth=dt.date(1990, 11, 20), education="大专"),
        "middle": make_cadre(east, "丙", gender="2", birth=dt.date(1990, 11, 21), title="教导主任", category="middle"),
        "plain": make_cadre(second, "丁", birth=None, title="", education=""),
        "second": make_cadre(second, "戊", gender="1", birth=dt.date(1966, 1, 1), title="校长", category="head"),
        "west": make_cadre(tree.school_west, "己", gender="1"),
    }  # fmt: skip
    PoliticalStatus.objects.create(cadre=people["head"], status=make_code("political", "05", "民建"))
    PoliticalStatus.objects.create(cadre=people["head"], status=make_code("political", "01", "党员"))
    PoliticalStatus.objects.create(cadre=people["deputy"], status=make_code("political", "13", "群众"))
    senior = make_code("title", "T412", "高级教师", 40)
    ProfessionalTitle.objects.create(cadre=people["head"], title=senior, start=dt.date(2015, 1, 1))
    ProfessionalTitle.objects.create(
        cadre=people["deputy"], title=senior, start=dt.date(2010, 1, 1), end=dt.date(2020, 1, 1)
    )
    type(people["head"]).objects.filter(pk=people["head"].pk).update(
        ethnicity=make_code("ethnicity", "01", "汉族")
    )
    type(people["deputy"]).objects.filter(pk=people["deputy"].pk).update(
        ethnicity=make_code("ethnicity", "06", "苗族")
    )
    return people


def test_every_dimension_counts_the_people_of_the_day(tree, roster):
    found = compute(tree.central_east)
    assert found["total"] == 5
    # 36 on their birthday for the one, 35 still for the other, a day younger.
    assert counts(found, "age") == {"u35": 1, "36": 1, "51": 1, "56": 1, "": 1}
    assert counts(found, "gender") == {"1": 2, "2": 2, "": 1}
    assert counts(found, "ethnicity") == {"han": 1, "minority": 1, "": 3}
    assert counts(found, "education") == {"bachelor": 3, "college": 1, "": 1}
    assert counts(found, "title") == {"associate": 1, "": 4}
    assert counts(found, "party") == {"party": 1, "none": 1, "": 3}
    assert counts(found, "category") == {"head": 2, "deputy": 1, "middle": 1, "": 1}
    assert counts(found, "tenure") == {"6": 4, "": 1}
    assert counts(found, "area") == {"rural": 5}
    assert counts(found, "stage") == {"primary": 5}
    assert found["average_age"] == pytest.approx((51 + 36 + 36 + 60.9) / 4, abs=0.1)


def test_the_past_is_counted_by_its_own_histories(tree, roster):
    moved, gone = roster["deputy"], roster["second"]
    moved.personnelrelations.update(start=dt.date(2024, 9, 1))
    PersonnelRelation.objects.create(
        cadre=moved,
        unit=tree.school_west,
        start=dt.date(2019, 9, 1),
        end=dt.date(2024, 9, 1),
        leaving="transfer",
    )
    gone.personnelrelations.update(end=dt.date(2026, 3, 1), leaving="retired")
    gone.appointments.update(end=dt.date(2026, 3, 1))
    assert compute(tree.central_east)["total"] == 4
    then = compute(tree.central_east, dt.date(2024, 8, 31))
    assert (then["total"], counts(then, "category")["head"]) == (4, 2)
    assert compute(tree.school_west, dt.date(2024, 8, 31))["total"] == 2
    assert compute(tree.central_east, dt.date(2024, 9, 1))["total"] == 5
    # What was held then, not what is held now.
    assert counts(compute(tree.school_west, dt.date(2019, 12, 31)), "title") == {"associate": 1, "": 1}
    assert counts(then, "age")["56"] == 1
    assert compute(tree.central_east, dt.date(2019, 8, 31))["total"] == 0


def test_the_future_is_refused(tree, clock):
    with pytest.raises(Invalid, match="供需预测"):
        Population(tree.bureau, TODAY + dt.timedelta(days=1))


@pytest.mark.parametrize(
    "wrong", [{"group": "x"}, {"chosen": {"age": ("999",)}}, {"chosen": {"x; DROP": ("1",)}}]
)
def test_an_unknown_group_or_band_is_refused(tree, clock, wrong):
    with pytest.raises(Invalid):
        Population(tree.bureau, TODAY, **wrong)


def test_leaders_are_those_in_post_and_count_once(tree, roster):
    post = Post.objects.create(unit=tree.school_east_2, title="书记", category="head")
    Appointment.objects.create(
        cadre=roster["deputy"], unit=tree.school_east_2, title="书记", post=post, kind="concurrent",
        start=dt.date(2025, 1, 1),
    )  # fmt: skip
    Appointment.objects.create(
        cadre=roster["west"], unit=tree.school_east_2, title="书记", post=post, kind="seconded",
        start=dt.date(2025, 1, 1),
    )  # fmt: skip
    assert compute(tree.central_east, group=LEADERS)["total"] == 3
    assert compute(tree.central_east, group=TEAM)["total"] == 0
    assert compute(tree.school_east, group=TEAM)["total"] == 2
    # At the second school she is of the team as well, though she belongs to the first.
    assert compute(tree.school_east_2, group=TEAM)["total"] == 2


def test_a_team_counts_the_posts_held_in_it(tree, roster):
    # A deputy here is the head elsewhere: this team still has one head.
    post = Post.objects.create(unit=tree.direct_school, title="校长", category="head")
    Appointment.objects.create(
        cadre=roster["deputy"], unit=tree.direct_school, title="校长", post=post, kind="concurrent",
        start=dt.date(2025, 1, 1),
    )  # fmt: skip
    assert counts(compute(tree.school_east, group=TEAM), "category") == {"head": 1, "deputy": 1}
    assert counts(compute(tree.central_east, group=LEADERS), "category") == {"head": 2, "deputy": 1}
    assert counts(compute(tree.school_east), "category") == {"head": 2, "middle": 1}
    only = norm("heads", 1, population="team", direction="at_most")
    found = {each["norm"]: each for each in compute(tree.bureau)["team_norms"]}
    assert found[only.pk]["missed"] == 0


def test_lists_call_a_unit_as_it_was_called_then(tree, roster, hr):
    old = tree.school_east.name
    rename_unit(by=hr, unit=tree.school_east, name="东河第一小学", on=dt.date(2026, 9, 1))
    tree.school_east.refresh_from_db()
    for day, name in ((dt.date(2026, 8, 31), old), (dt.date(2026, 9, 1), "东河第一小学")):
        population = Population(tree.school_east, day)
        assert {unit for _, unit in listed_people(population, limit=9)[0]} == {name}
        posts, _ = seats.listed_posts(population, state="all", limit=9, offset=0)
        assert {row["unit"] for row in posts} == {name}
        assert seats.listed_units(population, "under", limit=9, offset=0)[0][0]["name"] == name
        assert figures.people_figures(population, [])["unit"]["name"] == name


def test_a_post_counts_from_when_it_was_set_up(tree, roster):
    Post.objects.create(
        unit=tree.school_east, title="书记", category="head", opened_on=dt.date(2026, 9, 1)
    )  # fmt: skip
    for day, vacant in ((dt.date(2026, 8, 31), 0), (dt.date(2026, 9, 1), 1)):
        rows = seats.seats(Population(tree.school_east, day))["by_category"]
        assert next(row for row in rows if row["category"] == "head")["vacant"] == vacant
        assert sum(seat.vacant for seat in team_of(tree.school_east, None, day).seats) == vacant


def test_the_team_page_and_the_analysis_count_places_alike(tree, roster):
    guest, twice = roster["west"], roster["head"]
    post = Post.objects.get(unit=tree.school_east, title="副校长")
    Post.objects.filter(pk=post.pk).update(headcount=2)
    again = {"unit": tree.school_east, "title": "副校长", "post": post, "start": dt.date(2026, 3, 1)}
    Appointment.objects.create(cadre=guest, kind="seconded", **again)
    for _ in range(2):
        Appointment.objects.create(cadre=twice, kind="concurrent", **again)
    row = next(
        row
        for row in seats.seats(Population(tree.school_east, TODAY))["by_category"]
        if row["category"] == "deputy"
    )
    seat = next(each for each in team_of(tree.school_east, None, TODAY).seats if each.title == "副校长")
    assert (row["held"], row["vacant"], row["over"]) == (2, 0, 0)
    assert (len(seat.held_by), seat.vacant, seat.over) == (2, 0, 0)


def test_a_share_is_rounded_as_the_database_does(tree, roster):
    assert percentage(1, 16) == 6.3
    assert percentage(49, 400) == 12.3


@pytest.mark.parametrize("group", [EVERYBODY, LEADERS])
@pytest.mark.parametrize("day", [TODAY, dt.date(2022, 6, 30)])
def test_every_number_opens_exactly_its_people(tree, roster, group, day):
    found = compute(tree.bureau, day, group)
    for section in found["sections"]:
        listed = set()
        for row in section["rows"]:
            one = Population(tree.bureau, day, group, {section["key"]: (row["key"],)})
            ids, total = listed_people(one, limit=100)
            assert len(ids) == total == row["count"], (section["key"], row["key"])
            assert not listed & set(ids)
            listed |= set(ids)
        assert len(listed) == found["total"]
    for each in found["measures"]:
        if each["unit"] == "%" and each["value"] is not None:
            one = Population(tree.bureau, day, group, {each["dimension"]: tuple(each["bands"])})
            assert round(100 * listed_people(one, limit=1)[1] / found["total"], 1) == each["value"]


def test_choices_are_taken_together(tree, roster):
    both = Population(tree.bureau, TODAY, EVERYBODY, {"gender": ("2",), "age": ("u35",)})
    assert listed_people(both, limit=10) == ([(roster["middle"].pk, tree.school_east.name)], 1)
    page = Population(tree.bureau, TODAY)
    first, total = listed_people(page, limit=4)
    rest, _ = listed_people(page, limit=4, offset=4)
    assert (len(first), len(rest), total) == (4, 2, 6)


def test_seats_show_vacancies_and_excess(tree, roster):
    Post.objects.filter(unit=tree.school_east, title="副校长").update(headcount=3)
    Post.objects.filter(unit=tree.school_east_2, title="校长").update(headcount=1)
    other = make_cadre(tree.school_east_2, "庚", title="校长")
    free = Post.objects.create(unit=tree.school_east_2, title="副校长", category="deputy")
    # Somebody on secondment holds no place.
    Appointment.objects.create(
        cadre=roster["west"],
        unit=free.unit,
        title="副校长",
        post=free,
        kind="seconded",
        start=dt.date(2026, 3, 1),
    )
    Post.objects.create(unit=tree.school_east, title="书记", category="head", closed_on=dt.date(2026, 1, 1))
    population = Population(tree.central_east, TODAY)
    rows = {row["category"]: row for row in seats.seats(population)["by_category"]}
    assert [rows["head"][name] for name in ("posts", "places", "held", "vacant", "over")] == [2, 1, 3, 0, 1]
    assert [rows["deputy"][name] for name in ("posts", "places", "held", "vacant", "over")] == [2, 3, 1, 3, 0]
    # The closed post was open, and vacant, at the end of last year.
    before = seats.seats(Population(tree.central_east, dt.date(2025, 12, 31)))["by_category"]
    assert next(row for row in before if row["category"] == "head")["vacant"] == 1
    listed, sums = seats.listed_posts(population, state="over", limit=10, offset=0)
    assert [(row["unit"], row["names"], row["over"]) for row in listed] == [
        (tree.school_east_2.name, "庚、戊", 1)
    ]
    assert sums["over"] == 1
    assert other.unit_id == tree.school_east_2.pk


def test_the_posts_behind_a_number_add_up_to_it(tree, roster):
    Post.objects.filter(title="副校长").update(headcount=2)
    population = Population(tree.bureau, TODAY)
    found = seats.seats(population)
    for row in [*found["by_category"], *found["by_stage"]]:
        for state in ("all", "vacant", "over"):
            listed, sums = seats.listed_posts(
                population, state=state, category=row["category"], stage=row["stage"], limit=50, offset=0
            )
            wanted = row["held"] if state == "all" else row[state]
            assert sums.get("held" if state == "all" else state, 0) == wanted
            assert sums.get("posts", 0) == len(listed)


def test_leaders_against_the_units_headcount(tree, roster):
    for number in range(2):
        make_cadre(tree.school_east, f"辛{number}", title="副校长")
    found = seats.balance(Population(tree.central_east, TODAY))
    # Two schools of three places: four leaders at the first, one at the second.
    assert (found["units"], found["places"], found["leaders"]) == (2, 6, 5)
    assert (found["over"], found["people_over"], found["under"], found["people_under"]) == (1, 1, 1, 2)
    units, total = seats.listed_units(Population(tree.central_east, TODAY), "over", limit=5, offset=0)
    assert ([each["name"] for each in units], total) == ([tree.school_east.name], 1)


def norm(key, limit, **fields):
    """A norm that isn't in the way of another."""
    values = {"population": "all", "direction": "at_least", "basis": "测试"} | fields
    return Norm.objects.create(measure=key, limit=limit, **values)


def test_figures_are_judged_by_the_most_exact_norm_in_force(tree, roster):
    norm("women", 50)
    assert measure(compute(tree.school_east), "women")["verdict"] == "met"  # two of three
    norm("women", 70, unit_kind="school")
    assert measure(compute(tree.school_east), "women")["verdict"] == "missed"
    assert measure(compute(tree.central_east), "women")["norm"] == "不低于 50%"
    norm("women", 66.6, stage="primary", start=dt.date(2026, 1, 1), is_unverified=False)
    found = measure(compute(tree.school_east), "women")
    assert (found["value"], found["norm"], found["verdict"], found["is_unverified"]) == (
        66.7, "不低于 66.6%", "met", False,
    )  # fmt: skip
    assert measure(compute(tree.school_east, dt.date(2025, 12, 31)), "women")["norm"] == "不低于 70%"
    assert measure(compute(tree.school_east), "bachelor")["verdict"] == ""


def test_a_team_is_held_to_the_norms_of_teams(tree, roster):
    norm("heads", 1, population="team", direction="at_most", unit_kind="school")
    norm("average_age", 40, population="team", direction="at_most")
    found = compute(tree.school_east, group=TEAM)
    assert measure(found, "heads")["verdict"] == "met"
    assert measure(found, "average_age")["verdict"] == "missed"  # 51 and 36
    assert measure(found, "average_age")["norm"] == "不高于 40 岁"
    assert found["team_norms"] == []
    assert measure(compute(tree.school_east), "heads")["norm"] == ""


def test_the_team_of_every_unit_is_judged_by_itself(tree, roster):
    general = norm("women", 50, population="team")
    schools = norm("women", 30, population="team", unit_kind="school")
    late = norm("up_to_45", 50, population="team", direction="at_least", end=dt.date(2026, 11, 20))
    found = {each["norm"]: each for each in compute(tree.bureau)["team_norms"]}
    # East has one woman of two, the other two schools one man each; nobody is judged by the general norm.
    assert set(found) == {schools.pk}
    assert (found[schools.pk]["met"], found[schools.pk]["missed"]) == (1, 2)
    assert general.pk not in found
    population = Population(tree.bureau, TODAY)
    for is_met, names in (
        (True, [tree.school_east.name]),
        (False, [tree.school_east_2.name, tree.school_west.name]),
    ):
        units, total = norms.listed_units(population, schools.pk, is_met=is_met, limit=9, offset=0)
        assert ([each["name"] for each in units], total) == (names, len(names))
    before = {each["norm"] for each in compute(tree.bureau, dt.date(2026, 11, 19))["team_norms"]}
    assert late.pk in before


def test_each_chart_has_its_sentence(tree, roster):
    found = compute(tree.central_east)
    sentences = {each["key"]: each["sentence"] for each in found["sections"]}
    assert sentences["gender"] == "女性占 40.0%。"
    assert sentences["category"] == "正职 2 人、副职 1 人、中层 1 人。"
    assert sentences["tenure"] == "任现职满 6 年的占 100.0%。"
    assert set(sentences) == set(DIMENSIONS)
    nobody = compute(tree.training)
    assert {each["sentence"] for each in nobody["sections"]} == {"没有人员。"}
