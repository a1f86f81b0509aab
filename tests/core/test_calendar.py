"""The clock, working days and calendar arithmetic at their edges."""

import datetime as dt

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from core import calendar
from core.models import CalendarDay

D = dt.date


@pytest.mark.parametrize(
    "day, works",
    [
        (D(2026, 1, 1), False),
        (D(2026, 2, 17), False),  # 春节
        (D(2026, 2, 14), True),  # a Saturday worked instead
        (D(2026, 3, 4), True),
        (D(2026, 3, 7), False),
    ],
)
@pytest.mark.django_db
def test_published_holidays_of_2026(day, works):
    assert calendar.is_working_day(day) is works


@pytest.mark.django_db
def test_a_year_without_data_goes_by_the_weekday():
    assert calendar.is_working_day(D(2031, 1, 1)) is True  # a Wednesday; its holidays aren't published
    assert calendar.is_working_day(D(2031, 1, 4)) is False


@pytest.mark.django_db
def test_the_bureau_s_own_exceptions_come_first():
    CalendarDay.objects.create(date=D(2031, 1, 1), is_working=False, name="元旦")
    CalendarDay.objects.create(date=D(2026, 3, 7), is_working=True, name="调休上班")
    assert calendar.is_working_day(D(2031, 1, 1)) is False
    assert calendar.is_working_day(D(2026, 3, 7)) is True
    assert calendar.add_working_days(D(2026, 3, 6), 1) == D(2026, 3, 7)
    assert calendar.add_working_days(D(2030, 12, 31), 1) == D(2031, 1, 2)


@pytest.mark.parametrize(
    "start, count, end",
    [
        (D(2026, 9, 30), 1, D(2026, 10, 8)),  # over the national holiday
        (D(2026, 3, 6), 1, D(2026, 3, 9)),
        (D(2026, 3, 9), -1, D(2026, 3, 6)),
        (D(2026, 3, 7), 0, D(2026, 3, 7)),
        (D(2026, 3, 2), 5, D(2026, 3, 9)),
    ],
)
@pytest.mark.django_db
def test_adding_working_days(start, count, end):
    assert calendar.add_working_days(start, count) == end


@pytest.mark.django_db
def test_adding_working_days_asks_the_database_once(django_assert_num_queries):
    with django_assert_num_queries(1):
        calendar.add_working_days(D(2026, 3, 2), 200)


@pytest.mark.parametrize(
    "start, count, end",
    [
        (D(2025, 8, 31), 6, D(2026, 2, 28)),
        (D(2027, 8, 31), 6, D(2028, 2, 29)),
        (D(2026, 1, 31), 1, D(2026, 2, 28)),
        (D(2026, 12, 15), 1, D(2027, 1, 15)),
        (D(2026, 1, 15), -1, D(2025, 12, 15)),
        (D(2026, 3, 31), -1, D(2026, 2, 28)),
        (D(2024, 2, 29), 12, D(2025, 2, 28)),
        (D(2026, 5, 5), 0, D(2026, 5, 5)),
    ],
)
def test_adding_months_stays_in_the_month(start, count, end):
    assert calendar.add_months(start, count) == end


@given(st.dates(D(1900, 1, 1), D(2100, 1, 1)), st.integers(-600, 600))
def test_adding_months_lands_in_the_right_month(day, count):
    result = calendar.add_months(day, count)
    assert (result.year * 12 + result.month) - (day.year * 12 + day.month) == count
    assert result.day <= day.day


@pytest.mark.parametrize(
    "birth, on, years",
    [
        (D(1976, 5, 3), D(2026, 5, 2), 49),
        (D(1976, 5, 3), D(2026, 5, 3), 50),
        (D(1988, 2, 29), D(2026, 2, 28), 37),
        (D(1988, 2, 29), D(2026, 3, 1), 38),
        (D(1988, 2, 29), D(2028, 2, 29), 40),
        (D(1986, 5, 4), D(2026, 5, 4), 40),  # the first day of 1986's summer time
    ],
)
def test_completed_years(birth, on, years):
    assert calendar.completed_years(birth, on) == years


def test_a_deadline_lasts_to_the_day_s_last_moment_in_shanghai():
    end = calendar.end_of_day(D(2026, 12, 31))
    assert end.isoformat() == "2026-12-31T23:59:59.999999+08:00"
    assert end.astimezone(dt.UTC).isoformat() == "2026-12-31T15:59:59.999999+00:00"
    assert calendar.start_of_day(D(2026, 12, 31)).isoformat() == "2026-12-31T00:00:00+08:00"


@pytest.mark.parametrize(
    "utc, day", [("2026-03-04T15:59:59Z", D(2026, 3, 4)), ("2026-03-04T16:00:00Z", D(2026, 3, 5))]
)
def test_today_changes_at_shanghai_s_midnight(utc, day):
    with time_machine.travel(utc, tick=False):
        assert calendar.today() == day


def test_the_clock_moves_by_day_while_the_time_runs_on(settings):
    settings.DEMO_TODAY = "2026-12-30"
    with time_machine.travel("2026-03-04T02:03:04Z", tick=False):
        assert calendar.now().isoformat() == "2026-12-30T10:03:04+08:00"
        assert calendar.today() == D(2026, 12, 30)


def test_production_settings_cannot_move_the_clock():
    """The setting is empty unless DEMO or TESTING is set, whatever the environment says."""
    import os
    import subprocess
    import sys

    required = ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "ALLOWED_HOSTS", "REDIS_URL")
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": "postgres://nobody@127.0.0.1/none",
        "DEMO_TODAY": "2030-01-01",
        **dict.fromkeys(required, "x"),
    }
    code = "from config import settings; print(repr(settings.DEMO_TODAY))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "''"
