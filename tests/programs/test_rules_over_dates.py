"""Eligibility over the month of retirement: a number of months and a date, at their boundaries."""

import datetime as dt

import pytest

from cadres.services.rules import load_rules
from programs.eligibility import evaluate
from programs.models import EligibilityRule
from tests.programs.factories import make_cadre

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(call):
    """Two rules on the call's reference date: two years left, and not retired before 2029."""
    load_rules()
    make = EligibilityRule.objects.create
    left = make(call=call, name="距退休两年以上", fact="months_to_retirement", operator="at_least", value=24,
                mode="required", order=90)  # fmt: skip
    month = make(call=call, name="2029 年以后退休", fact="retirement_month", operator="at_least", value="2029-01-01",
                 mode="required", order=91)  # fmt: skip
    return left, month


@pytest.mark.parametrize(("months", "said"), [(24, "met"), (23, "failed"), (-1, "failed")])
def test_months_count_from_the_reference_date(call, asked, tree, months, said):
    reference = call.reference_date
    cadre = make_cadre(tree.school_east, birth=dt.date(1960, 1, 1), gender="1")
    born = _born_to_retire_in(cadre, reference, months)
    found = {each.name: each for each in evaluate(call, [born])[born.pk]}
    assert (found["距退休两年以上"].value, found["距退休两年以上"].verdict) == (months, said)
    assert found["距退休两年以上"].actual == f"{months} 个月"
    assert found["2029 年以后退休"].verdict == (
        "met" if found["2029 年以后退休"].value >= "2029-01-01" else "failed"
    )


def test_without_a_birth_nobody_can_tell(call, asked, tree):
    cadre = make_cadre(tree.school_east, birth=None)
    found = {each.name: each.verdict for each in evaluate(call, [cadre])[cadre.pk]}
    assert (found["距退休两年以上"], found["2029 年以后退休"]) == ("unknown", "unknown")


def _born_to_retire_in(cadre, day, months):
    """The cadre with a birth by which retirement is so many months off: found by trying, a month at a time."""
    from cadres.facts import values_of
    from cadres.models import Cadre
    from core.calendar import add_months

    birth = dt.date(1958, 1, 1)
    while birth < dt.date(1975, 1, 1):
        Cadre.objects.filter(pk=cadre.pk).update(birth=birth, retirement_limit="60")
        rows = values_of(Cadre.objects.filter(pk=cadre.pk), ["months_to_retirement"], day)
        if rows[cadre.pk]["months_to_retirement"].value == months:
            return Cadre.objects.get(pk=cadre.pk)
        birth = add_months(birth, 1)
    raise AssertionError(f"nobody retires in {months} months")
