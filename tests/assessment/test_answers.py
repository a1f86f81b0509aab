"""What each kind of answer counts, and what is no answer."""

from decimal import Decimal

import pytest

from assessment.answers import SCALES, UNKNOWN, from_score, options, to_score, to_text
from assessment.models import Indicator
from core.errors import Invalid


def leaf(kind):
    return Indicator(pk=7, name="政治素质", kind=kind)


@pytest.mark.parametrize(
    ("kind", "value", "score"),
    [
        ("score", "0", 0), ("score", 100, 100), ("score", " 87.5 ", "87.5"),
        ("letter", "A", 100), ("letter", "B", 80), ("letter", "C", 60), ("letter", "D", 40),
        ("five", "5", 100), ("five", 1, 20),
        ("words", "good", 100), ("words", "fair", 80), ("words", "plain", 60), ("words", "poor", 40),
        ("yes_no", "yes", 100), ("yes_no", "no", 0),
        ("score", None, None), ("letter", UNKNOWN, None),
    ],
)  # fmt: skip
def test_an_answer_counts_what_the_table_says(kind, value, score):
    assert to_score(leaf(kind), value) == (None if score is None else Decimal(score))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("score", "100.01"), ("score", "-0.5"), ("score", "87.555"), ("score", "NaN"), ("score", "Infinity"),
        ("score", "好"), ("score", True), ("score", [90]), ("letter", "E"), ("letter", "a"), ("five", "0"),
        ("five", "6"), ("five", 4.5), ("words", "好"), ("yes_no", "1"), ("text", "甲"), ("", "1"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_name(kind, value):
    with pytest.raises(Invalid, match="政治素质") as refusal:
        to_score(leaf(kind), value)
    assert list(refusal.value.errors) == ["7"]


def test_a_score_leads_back_to_the_answer_it_came_from():
    for kind in SCALES:
        for option in options(kind):
            assert from_score(kind, option.score) == option.value
    assert from_score("score", Decimal("87.50")) == "87.5"
    assert from_score("score", Decimal("100.00")) == "100"
    assert from_score("five", None) == UNKNOWN


def test_words_are_trimmed_and_not_endless():
    assert to_text(leaf("text"), " 好\x00 ") == "好"
    assert to_text(leaf("text"), None) == ""
    with pytest.raises(Invalid, match="2000"):
        to_text(leaf("text"), "字" * 2001)
