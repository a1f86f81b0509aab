"""Retirement by the reform's schedule: known people, the edges of the reform, Python and SQL alike."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadres.models import Norm, RetirementRule
from cadres.services.retirement import category_of, retirement_month, retirement_month_sql, rules_in_use
from cadres.services.rules import load_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def rules():
    load_rules()
    return rules_in_use()


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
    assert retirement_month(dt.date.fromisoformat(birth), category, rules).isoformat() == month


def test_who_has_no_entry_follows_the_gender(rules):
    assert [category_of("1"), category_of("2"), category_of("2", "60"), category_of("")] == [
        "60", "55", "60", "",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no category"):
        retirement_month(dt.date(1970, 1, 1), "", rules)


births = st.dates(dt.date(1940, 1, 1), dt.date(2010, 12, 31))
people = st.lists(
    st.tuples(births, st.sampled_from(["", "1", "2"]), st.sampled_from(["", "50", "55", "60"])),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=people)
def test_python_and_sql_agree(rules, people):
    assert by_sql(people, rules) == by_python(people, rules)


def by_python(people, rules):
    return [
        retirement_month(birth, category_of(gender, limit), rules) if category_of(gender, limit) else None
        for birth, gender, limit in people
    ]


def by_sql(people, rules):
    expression = retirement_month_sql(rules, birth="p.b", limit="p.l", gender="p.g")
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
    rules = rules_in_use()
    before, first = dt.date(1969, 12, 1), dt.date(1970, 1, 1)
    assert retirement_month(before, "60", rules) == dt.date(2031, 3, 1)  # 2029-12 and fifteen months
    assert retirement_month(first, "60", rules) == dt.date(2030, 2, 1)
    people = [(before, "1", ""), (first, "1", ""), (first, "2", "")]
    assert by_sql(people, rules) == by_python(people, rules)


def test_without_rules_the_old_ages_hold():
    assert retirement_month(dt.date(1970, 5, 1), "60", ()) == dt.date(2030, 5, 1)
    people = [(dt.date(1970, 5, 1), "1", ""), (dt.date(1970, 5, 1), "2", "50")]
    assert by_sql(people, ()) == by_python(people, ())


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
