"""An instrument as a rater meets it: sections with questions, each with its choices and what was answered so far.

A question's field is `q` and the indicator's number; an explicit 不了解 travels as UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assessment.answers import LONGEST_TEXT, UNKNOWN, UNKNOWN_LABEL, options
from assessment.leaves import leaves
from assessment.models import Indicator, Instrument

# What a thumb reaches for where a score between 0 and 100 is asked.
USUAL_SCORES = ("100", "95", "90", "85", "80", "75", "70", "60")
Answers = Mapping[int, Any]


@dataclass(frozen=True)
class Choice:
    """One of a question's buttons."""

    id: str
    value: str
    label: str
    is_chosen: bool

    @property
    def is_unknown(self) -> bool:
        """Whether it is 不了解."""
        return self.value == UNKNOWN


@dataclass(frozen=True)
class Question:
    """A leaf with its choices; `value` is the raw answer, UNKNOWN, or empty while there is none."""

    indicator: Indicator
    number: int
    weight: Decimal
    below: str
    value: str = ""
    errors: tuple[str, ...] = ()

    longest = LONGEST_TEXT

    @property
    def name(self) -> str:
        """The field's name."""
        return field_of(self.indicator)

    @property
    def kind(self) -> str:
        """How it is answered."""
        return self.indicator.kind

    @property
    def is_required(self) -> bool:
        """Whether it has to be answered, be it by 不了解; words never."""
        return self.kind != Indicator.Kind.TEXT

    @property
    def is_unknown(self) -> bool:
        """Whether the rater said 不了解."""
        return self.value == UNKNOWN

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer, be it 不了解."""
        return self.value != ""

    @property
    def choices(self) -> list[Choice]:
        """The buttons of a question that is answered by choosing."""
        offered = [*((each.value, each.label) for each in options(self.kind)), (UNKNOWN, UNKNOWN_LABEL)]
        return [
            Choice(f"{self.name}_{index}", value, label, value == self.value)
            for index, (value, label) in enumerate(offered)
        ]


@dataclass
class Section:
    """The questions below one heading of the first level; without a title where there are no headings."""

    title: str = ""
    hint: str = ""
    questions: list[Question] = field(default_factory=list)


def field_of(indicator: Indicator) -> str:
    """Return the name of an indicator's field."""
    return f"q{indicator.pk}"


def sections_of(
    instrument: Instrument, answers: Answers, errors: Mapping[str, list[str]] | None = None
) -> list[Section]:
    """Return an instrument's questions with the answers so far and, by indicator, what has to be put right."""
    hints = dict(instrument.indicators.filter(parent=None, kind="").values_list("name", "hint"))
    found: list[Section] = []
    for number, leaf in enumerate(leaves(instrument), start=1):
        title = leaf.headings[0] if leaf.headings else ""
        if not found or found[-1].title != title:
            found.append(Section(title, hints.get(title, "")))
        key = leaf.indicator.pk
        found[-1].questions.append(
            Question(
                indicator=leaf.indicator,
                number=number,
                weight=leaf.weight,
                below=" · ".join(leaf.headings[1:]),
                value=_shown(answers, key),
                errors=tuple((errors or {}).get(str(key), ())),
            )
        )
    return found


def answers_in(instrument: Instrument, data: Mapping[str, str]) -> dict[int, Any]:
    """Read what a form says: only what was answered, 不了解 as None."""
    found: dict[int, Any] = {}
    for leaf in leaves(instrument):
        name = field_of(leaf.indicator)
        text = str(data.get(name, "")).strip()
        if text == UNKNOWN or (not text and data.get(f"{name}_unknown")):
            found[leaf.indicator.pk] = None
        elif text:
            found[leaf.indicator.pk] = text
    return found


def _shown(answers: Answers, key: int) -> str:
    """An answer as the form writes it."""
    if key not in answers:
        return ""
    return UNKNOWN if answers[key] is None else str(answers[key])
