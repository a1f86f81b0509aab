"""When a deadline is called to mind, and in which words: some days before it, and weekly once it has passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.calendar import today

# Days before a deadline on which people are reminded (issue: 7/3/1).
AHEAD = (7, 3, 1)
WEEK = 7


@dataclass(frozen=True)
class Moment:
    """The occasion of a reminder: told once for each mark before the deadline, once a week after it."""

    occasion: str
    due: date
    late: int

    def words(self, verb: str) -> str:
        """须在2026年12月1日前答复, or 应在2026年12月1日前答复，已逾期3天."""
        day = chinese(self.due)
        return f"应在{day}前{verb}，已逾期{self.late}天" if self.late else f"须在{day}前{verb}"


def horizon(marks: Sequence[int] = AHEAD) -> date:
    """The last deadline that may be called to mind today."""
    return today() + timedelta(days=max(marks))


def days_left(due: date) -> int:
    """Return the days from today to a due day; negative once it has passed."""
    return (due - today()).days


def mark(due: date, marks: Sequence[int] = AHEAD) -> int | None:
    """Return which of the marks (7/3/1) a deadline stands at: the nearest one reached, None before the first.

    A worker that was away on the very day still reminds at the next run, since the mark is a range.
    """
    left = days_left(due)
    if left < 0:
        return None
    reached = [ahead for ahead in marks if left <= ahead]
    return min(reached) if reached else None


def moment(due: date, marks: Sequence[int] = AHEAD) -> Moment | None:
    """Return the occasion that a deadline stands at today, None while it is far away.

    The occasion names the deadline: one that was moved is a new one and is called to mind anew.
    """
    late = -days_left(due)
    if late > 0:
        return Moment(f"late:{due:%Y%m%d}:{(late - 1) // WEEK}", due, late)
    ahead = mark(due, marks)
    return Moment(f"due:{due:%Y%m%d}:{ahead}", due, 0) if ahead is not None else None


def chinese(day: date) -> str:
    """A day in words."""
    return f"{day.year}年{day.month}月{day.day}日"
