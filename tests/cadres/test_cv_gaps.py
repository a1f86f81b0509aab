"""Gaps of a CV: the page's hints and the fact are one rule, in Python and in SQL."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadres.cv import CareerEntry, check_career, gaps_of
from cadres.facts import FACTS
from cadres.models import Cadre, CareerLine
from core.partial_dates import PartialDate
from tests.cadres.factories import make_cadre

pytestmark = pytest.mark.django_db
TODAY = dt.date(2030, 1, 1)


def known(text):
    """`2005`, `2005-08` or `2005-08-20` as a date; nothing for nothing."""
    if text is None:
        return None
    precision = {4: "year", 7: "month", 10: "day"}[len(text)]
    return PartialDate.of(dt.date.fromisoformat(f"{text}-01-01"[:10] if len(text) < 10 else text), precision)


def lines(*periods):
    """Lines of a CV in the order of the text."""
    return [CareerEntry(known(start), known(end), "某校教师") for start, end in periods]


def longest(entries):
    """What the fact says, by the rule in Python."""
    return max((gap.months for gap in gaps_of(entries)), default=0)


def stored(cadre, entries):
    """Write lines as the roster keeps them and return the fact."""
    CareerLine.objects.filter(cadre=cadre).delete()
    for entry in entries:
        line = CareerLine(cadre=cadre, text=entry.text)
        line.start, line.start_precision = entry.start.date, entry.start.precision
        if entry.end is not None:
            line.end, line.end_precision = entry.end.date, entry.end.precision
        line.save(force_insert=True)
    rows = Cadre.objects.annotate(gap=FACTS["career_gap"].expression(TODAY))
    return rows.values_list("gap", flat=True).get(pk=cadre.pk)


@pytest.fixture
def cadre(tree):
    return make_cadre(tree.school_east, "甲")


@pytest.mark.parametrize(
    ("periods", "gap"),
    [
        ([("1998-07", "2005-08"), ("2005-09", None)], 0),
        ([("1998-07", "2005-08"), ("2005-10", None)], 2),
        # Both dated to the day: months count all the same.
        ([("1998-07-01", "2005-08-31"), ("2005-09-30", None)], 0),
        ([("1998-07-01", "2005-08-31"), ("2005-10-01", None)], 2),
        ([("1998-07-01", "2005-08-01"), ("2006-08-20", None)], 12),
        ([("1998-07-01", "2005-08-01"), ("2005-10", None)], 2),
        # A year alone: nobody knows more than that it was over by its December.
        ([("1998-07", "2005"), ("2006-01", None)], 0),
        ([("1998-07", "2005"), ("2006-02", None)], 2),
        ([("1998-07", "2005"), ("2005-03", None)], 0),
        ([("1998-07", "2004-01"), ("2005", None)], 0),
        ([("1998", "2004"), ("2005", None)], 0),
        ([("1998-07", "2004-01"), ("2005", "2005"), ("2006-02", None)], 2),
        # What covers a gap needn't stand right above it, nor in the order of time.
        ([("1998-07", "2010-08"), ("1999-01", "2000-01"), ("2010-09", None)], 0),
        ([("2010-09", None), ("1998-07", "2010-08")], 0),
        ([("1998-07", None), ("2010-09", None)], 0),
    ],
)
def test_hints_and_fact_agree_on_every_boundary(cadre, periods, gap):
    entries = lines(*periods)
    assert (longest(entries), stored(cadre, entries)) == (gap, gap)
    said = [sentence for sentence in check_career(entries) if "空缺" in sentence]
    assert bool(said) == bool(gap)
    if gap:
        assert f"空缺 {gap} 个月" in said[0]


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        ([("1998-07-01", "2005-08-20"), ("2005-06-01", None)], "重叠"),
        ([("1998-07", "2005-08"), ("2005-08-01", None)], ""),
        ([("1998-07", "2005"), ("2005-03", None)], ""),
        ([("1998-07", "2005"), ("2004-12", None)], "重叠"),
        ([("1998-07", "2005-03"), ("2005", None)], ""),
        ([("1998-07", "2005-03"), ("2004", None)], "重叠"),
        ([("2005-03", "2005-12"), ("2005", "2007-01")], ""),
        ([("2005-03", "2006-01"), ("2005", "2007-01")], "重叠"),
        ([("2005-03", "2006-01"), ("2004", None)], "排在更晚的一段之后"),
        ([("2005-03-20", "2006-01-01"), ("2005-01-20", None)], "排在更晚的一段之后"),
    ],
)
def test_overlap_and_order_are_told_where_they_are_certain(periods, words):
    said = "".join(sentence for sentence in check_career(lines(*periods)) if "没有写到现在" not in sentence)
    assert words in said
    assert bool(words) or "重叠" not in said and "排在" not in said


@pytest.mark.parametrize(
    ("first", "is_late"), [("1998", False), ("1999", True), ("1998-07-31", False), ("1998-08-01", True)]
)
def test_a_first_line_is_late_where_that_is_certain(first, is_late):
    said = check_career(lines((first, None)), work_start=dt.date(1998, 7, 1))
    assert any("晚于参加工作时间" in sentence for sentence in said) is is_late


@st.composite
def a_date(draw):
    day = draw(st.dates(dt.date(2000, 1, 1), dt.date(2009, 12, 31)))
    return PartialDate.of(day, draw(st.sampled_from(["day", "day", "month", "month", "year"])))


@st.composite
def a_line(draw):
    start, end = sorted((draw(a_date()), draw(a_date())), key=lambda each: each.date)
    return CareerEntry(start, draw(st.sampled_from([end, end, end, None])), "某校教师")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(a_line(), min_size=1, max_size=6))
def test_hints_and_fact_agree_over_any_lines(cadre, entries):
    assert stored(cadre, entries) == longest(entries)
