"""How each kind of indicator is answered, and what an answer counts on the scale of 0 to 100: the one table."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from assessment.models import Indicator
from core.errors import Invalid

Kind = Indicator.Kind
# What a rater chooses who can't judge an indicator (不了解): an answer, but one without a score.
UNKNOWN = "unknown"
UNKNOWN_LABEL = "不了解"
HIGHEST = Decimal(100)
LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from: its value as it is sent, its words, its score."""

    value: str
    label: str
    score: Decimal


def _options(*rows: tuple[str, str, int]) -> tuple[Option, ...]:
    return tuple(Option(value, label, Decimal(score)) for value, label, score in rows)


SCALES: dict[str, tuple[Option, ...]] = {
    Kind.LETTER: _options(("A", "A", 100), ("B", "B", 80), ("C", "C", 60), ("D", "D", 40)),
    Kind.FIVE: _options(*((str(n), f"{n} 分", n * 20) for n in range(5, 0, -1))),
    Kind.WORDS: _options(
        ("good", "好", 100), ("fair", "较好", 80), ("plain", "一般", 60), ("poor", "差", 40)
    ),
    Kind.YES_NO: _options(("yes", "是", 100), ("no", "否", 0)),
}


def options(kind: str) -> tuple[Option, ...]:
    """Return the answers of a kind to choose from, the best first; none for numbers and text."""
    return SCALES.get(kind, ())


def is_missing(value: Any) -> bool:
    """Whether nothing was answered; an explicit 不了解 (None or UNKNOWN) is an answer."""
    return isinstance(value, str) and not value.strip()


def to_score(indicator: Indicator, value: Any) -> Decimal | None:
    """Return what an answer counts, None for 不了解. Raises Invalid naming the indicator for anything else.

    A number from 0 to 100 with at most two decimals stands for itself; the others are in the table above.
    """
    if value is None or value == UNKNOWN:
        return None
    text = str(value).strip()
    if indicator.kind == Kind.SCORE:
        return _number(indicator, text)
    found = next((each for each in options(indicator.kind) if each.value == text), None)
    if found is None:
        raise _refused(indicator, f"“{indicator.name}”的答案不在选项之内。")
    return found.score


def from_score(kind: str, score: Decimal | None) -> str:
    """Return the value that was sent for a stored score: a named ballot is shown again until it is closed."""
    if score is None:
        return UNKNOWN
    if kind == Kind.SCORE:
        return f"{score.normalize():f}"
    return next((each.value for each in options(kind) if each.score == score), "")


def to_text(indicator: Indicator, value: Any) -> str:
    """Return words without blanks around them; raises Invalid naming the indicator when they are too long."""
    text = "" if value is None or value == UNKNOWN else str(value).replace("\x00", "").strip()
    if len(text) > LONGEST_TEXT:
        raise _refused(indicator, f"“{indicator.name}”最多填写 {LONGEST_TEXT} 字。")
    return text


def _number(indicator: Indicator, text: str) -> Decimal:
    words = f"“{indicator.name}”请填 0 至 100 的分数，最多两位小数。"
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _refused(indicator, words) from None
    if not number.is_finite() or not 0 <= number <= HIGHEST or number != round(number, 2):
        raise _refused(indicator, words)
    return round(number, 2)


def _refused(indicator: Indicator, sentence: str) -> Invalid:
    return Invalid(sentence, errors={str(indicator.pk): [sentence]})
