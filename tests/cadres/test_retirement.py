"""Retirement by the reform's schedule: known people, the edges of the reform, and the facts made of it."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadres.facts import values_of
from cadres.facts.retirement import retirement_month_sql
from cadres.models import Cadre, Norm, RetirementRule
from cadres.services.rules import load_rules
from tests.cadres.factories import make_cadre
from tests.cadres.test_facts import fact, value
from tests.factories import make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def rules():
    load_rules()
    return list(RetirementRule.objects.order_by("-start"))


def retirement_month(birth, category, rules):
    """The schedule once more, in Python: what the SQL is compared with."""
    if not category:
        return None
    month = number(birth) + int(category) * 12
    rule = next((each for each in rules if each.category == category and month >= number(each.start)), None)
    if rule is not None:
        month += min(rule.most_months, (month - number(rule.start)) // rule.step_months + 1)
    return dt.date(month // 12, month % 12 + 1, 1)


def number(day):
    return day.year * 12 + day.month - 1


@pytest.mark.parametrize(
    ("birth", "category", "month"),
    [
        ("1965-01-31", "60", "2025-02-01"), ("1982-09-01", "55", "2040-09-01"),
        # The month before the reform, its first months, the last one that still adds one.
        ("1964-12-31", "60", "2024-12-01"), ("1965-04-10", "60", "2025-05-01"), ("1965-05-10", "60", "2025-07-01"),
        ("1976-08-01", "60", "2039-07-01"), ("1976-09-01", "60", "2039-09-01"), ("1990-01-01", "60", "2053-01-01"),
        ("1969-12-01", "55", "2024-12-01"), ("1970-01-01", "55", "2025-02-01"), ("1981-09-01", "55", "2039-09-01"),
        ("1974-12-01", "50", "2024-12-01"), ("1975-01-01", "50", "2025-02-01"), ("1975-02-01", "50", "2025-03-01"),
        ("1975-03-01", "50", "2025-05-01"), ("1984-11-01", "50", "2039-11-01"), ("2000-02-29", "50", "2055-02-01"),
    ],
)  # fmt: skip
def test_the_month_is_that_of_the_schedule(rules, birth, category, month):
    day = dt.date.fromisoformat(birth)
    assert by_sql([(day, "", category)]) == [dt.date.fromisoformat(month)]
    assert retirement_month(day, category, rules) == dt.date.fromisoformat(month)


def test_who_has_no_entry_follows_the_gender(rules):
    day = dt.date(1970, 1, 31)
    people = [(day, "1", ""), (day, "2", ""), (day, "2", "60"), (day, "", ""), (day, "", "x")]
    found = by_sql(people)
    assert [each and (each.year, each.month) for each in found] == [
        (2031, 5),
        (2025, 2),
        (2031, 5),
        None,
        None,
    ]


births = st.dates(dt.date(1940, 1, 1), dt.date(2010, 12, 31))
people = st.lists(
    st.tuples(births, st.sampled_from(["", "1", "2"]), st.sampled_from(["", "50", "55", "60"])),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=people)
def test_python_and_sql_agree(rules, people):
    assert by_sql(people) == by_python(people, rules)


def by_python(people, rules):
    usual = {"1": "60", "2": "55"}
    return [retirement_month(birth, limit or usual.get(gender, ""), rules) for birth, gender, limit in people]


def by_sql(people):
    expression = retirement_month_sql(birth="p.b", limit="p.l", gender="p.g")
    births, genders, limits = zip(*people, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {expression} FROM unnest(%s::date[], %s::text[], %s::text[]) "
            "WITH ORDINALITY p (b, g, l, n) ORDER BY n",
            [list(births), list(genders), list(limits)],
        )
        return [row[0] for row in cursor.fetchall()]


def test_a_later_rule_takes_over_from_its_month_on(rules):
    RetirementRule.objects.create(
        category="60", start=dt.date(2030, 1, 1), step_months=1, most_months=12, basis="假设的修订"
    )
    rules = list(RetirementRule.objects.order_by("-start"))
    before, first = dt.date(1969, 12, 1), dt.date(1970, 1, 1)
    assert retirement_month(before, "60", rules) == dt.date(2031, 3, 1)  # 2029-12 and fifteen months
    assert retirement_month(first, "60", rules) == dt.date(2030, 2, 1)
    people = [(before, "1", ""), (first, "1", ""), (first, "2", "")]
    assert by_sql(people) == by_python(people, rules)


def test_without_rules_the_old_ages_hold():
    assert by_sql([(dt.date(1970, 5, 1), "1", "")]) == [dt.date(2030, 5, 1)]
    people = [(dt.date(1970, 5, 1), "1", ""), (dt.date(1970, 5, 1), "2", "50")]
    assert by_sql(people) == by_python(people, ())


def test_loading_adds_what_is_missing_and_keeps_what_was_edited(rules, capsys):
    RetirementRule.objects.filter(category="50").update(most_months=48, basis="本地文件", is_unverified=False)
    Norm.objects.filter(measure="women", population="all").update(limit=35)
    before = (RetirementRule.objects.count(), Norm.objects.count())
    call_command("load_codes")
    assert "retirement 3" in capsys.readouterr().out
    assert (RetirementRule.objects.count(), Norm.objects.count()) == before
    assert RetirementRule.objects.get(category="50").most_months == 48
    assert Norm.objects.get(measure="women", population="all").limit == 35


def test_what_was_not_checked_against_its_text_says_so(rules):
    assert set(RetirementRule.objects.values_list("is_unverified", flat=True)) == {True}
    assert all(RetirementRule.objects.values_list("basis", flat=True))
    assert not Norm.objects.filter(basis__contains="起始值", is_unverified=False).exists()


@pytest.mark.parametrize("changes", [{"start": dt.date(2025, 1, 2)}, {"step_months": 0}])
def test_the_database_refuses_a_rule_that_makes_no_sense(changes):
    row = {"category": "60", "start": dt.date(2030, 1, 1), "step_months": 4, "most_months": 36, "basis": "x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        RetirementRule.objects.create(**row | changes)
    assert not RetirementRule.objects.exists()


def test_the_fact_says_the_month_and_how_far_it_is(rules):
    """Born on 31 August 1966: 2026-08 in the old schedule, twenty months in, five more."""
    unit = make_unit("某小学")
    cadre = make_cadre(unit, birth=dt.date(1966, 8, 31), gender="1")
    assert (value(cadre, "retirement_month"), fact(cadre, "retirement_month").text) == (
        "2027-01-01",
        "2027年1月",
    )
    days = (dt.date(2026, 12, 31), dt.date(2027, 1, 1), dt.date(2027, 1, 31), dt.date(2027, 2, 1))
    assert [value(cadre, "months_to_retirement", day) for day in days] == [1, 0, 0, -1]
    leap = make_cadre(unit, birth=dt.date(1972, 2, 29), gender="2", retirement_limit="55")
    assert value(leap, "retirement_month") == "2027-09-01"
    assert fact(leap, "months_to_retirement", dt.date(2026, 9, 30)).text == "12 个月"


def test_the_fact_knows_no_more_than_the_birth(rules):
    unit = make_unit("某小学")
    by_year = make_cadre(unit, birth=dt.date(1970, 1, 1), birth_precision="year", gender="1")
    by_month = make_cadre(unit, birth=dt.date(1970, 1, 1), birth_precision="month", gender="1")
    assert (fact(by_year, "retirement_month").text, fact(by_month, "retirement_month").text) == (
        "2031年",
        "2031年5月",
    )
    assert value(by_year, "retirement_month") == value(by_month, "retirement_month") == "2031-05-01"
    for unknown in (make_cadre(unit, birth=None, gender="1"), make_cadre(unit, gender="")):
        assert fact(unknown, "retirement_month").text == "未登记"
        assert value(unknown, "months_to_retirement") is None


def test_the_fact_follows_an_edited_rule_at_once(rules):
    """One statement for the rules and the people: nothing is kept beside them."""
    cadre = make_cadre(make_unit("某小学"), birth=dt.date(1975, 5, 1), gender="1")
    before = value(cadre, "retirement_month")
    RetirementRule.objects.filter(category="60").update(most_months=0)
    assert (before, value(cadre, "retirement_month")) == ("2038-01-01", "2035-05-01")


def test_the_schedule_costs_no_statement_of_its_own(rules, django_assert_num_queries):
    for _ in range(3):
        make_cadre(make_unit("某小学"), birth=dt.date(1975, 5, 1), gender="1")
    with django_assert_num_queries(1):
        found = values_of(
            Cadre.objects.all(), ["retirement_month", "months_to_retirement"], dt.date(2026, 1, 1)
        )
    assert len(found) == 3
