"""Which of the scheme's windows the demo's day falls into, and which came before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from programs.models import Call

# How the present call is laid out when the demo's day lies between two windows.
_OPENED_BEFORE, _CLOSES_AFTER, _LIST_AFTER, _START_AFTER = 18, 21, 30, 90
# A window needs to have been open this long, and to stay open this long, to show cases under way.
_MARGIN_BEFORE, _MARGIN_AFTER = 3, 4


@dataclass(frozen=True)
class Window:
    """One window of a template in a plan year, or one laid around the demo's day."""

    template: Call
    year: int
    opens: date
    closes: date
    list_due: date
    start: date
    natural: bool = True


def present_and_past(templates: list[Call], today: date) -> tuple[Window, list[Window]]:
    """Return the window that is open today and the two before it, the latest first."""
    windows = sorted(
        (
            _shifted(template, year)
            for template in templates
            for year in range(today.year - 3, today.year + 2)
        ),
        key=lambda each: each.opens,
    )
    open_now = [
        each
        for each in windows
        if each.opens + timedelta(days=_MARGIN_BEFORE) <= today <= each.closes - timedelta(days=_MARGIN_AFTER)
    ]
    present = open_now[-1] if open_now else _around(windows, today)
    past = [each for each in windows if each.start <= today and each.opens < present.opens]
    return present, past[::-1][:2]


def _shifted(template: Call, year: int) -> Window:
    """A template's window in a plan year."""
    offset = year - template.year

    def move(day: date) -> date:
        return day.replace(year=day.year + offset)

    assert template.list_due is not None
    assert template.planned_start is not None
    return Window(
        template, year, move(template.opens_at.date()), move(template.closes_at.date()),
        move(template.list_due), move(template.planned_start),
    )  # fmt: skip


def _around(windows: list[Window], today: date) -> Window:
    """The next window of the scheme, opened early, so that there is something to do on any day."""
    coming = next(each for each in windows if each.closes - timedelta(days=_MARGIN_AFTER) > today)
    return Window(
        coming.template, coming.year, today - timedelta(days=_OPENED_BEFORE),
        today + timedelta(days=_CLOSES_AFTER), today + timedelta(days=_LIST_AFTER),
        today + timedelta(days=_START_AFTER), natural=False,
    )  # fmt: skip
