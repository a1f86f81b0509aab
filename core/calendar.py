"""Chinese working days, calendar arithmetic, and the one clock every rule asks.

In the demo and in tests DEMO_TODAY moves the date while the time of day keeps running; production
settings leave it empty (config/settings.py), so there the clock can't be moved.
"""

import calendar as _months
import datetime as dt
from zoneinfo import ZoneInfo

import chinese_calendar
from django.conf import settings
from django.utils import timezone

ZONE = ZoneInfo("Asia/Shanghai")
SATURDAY = 5


def now() -> dt.datetime:
    """The present moment, aware, in Shanghai time; on the demo's day when the clock is moved."""
    moment = timezone.now().astimezone(ZONE)
    if settings.DEMO_TODAY:
        day = dt.date.fromisoformat(settings.DEMO_TODAY)
        moment = dt.datetime.combine(day, moment.timetz().replace(tzinfo=None), tzinfo=ZONE)
    return moment


def today() -> dt.date:
    """Today's date in Shanghai."""
    return now().date()


def end_of_day(day: dt.date) -> dt.datetime:
    """The last moment of a day, 23:59:59.999999 Shanghai time: what a deadline date means."""
    return dt.datetime.combine(day, dt.time.max, tzinfo=ZONE)


def start_of_day(day: dt.date) -> dt.datetime:
    """The first moment of a day in Shanghai."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=ZONE)


def after_minute(deadline: dt.datetime) -> dt.datetime:
    """Return the first moment that is too late: a deadline typed 23:59 counts through 23:59:59."""
    return deadline.replace(second=0, microsecond=0) + dt.timedelta(minutes=1)


def is_working_day(day: dt.date) -> bool:
    """Whether offices work on a day: the exception table first, then the library, then the weekday."""
    from core.models import CalendarDay

    exception = CalendarDay.objects.filter(date=day).values_list("is_working", flat=True).first()
    return _usually_works(day) if exception is None else exception


def _usually_works(day: dt.date) -> bool:
    """The published holidays of a year the library knows; for another year just the weekday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < SATURDAY


def add_working_days(day: dt.date, count: int) -> dt.date:
    """The `count`-th working day after `day` (before it, if negative); the day itself for 0."""
    from core.models import CalendarDay

    step = dt.timedelta(days=1 if count >= 0 else -1)
    span = dt.timedelta(days=abs(count) * 3 + 30)
    low, high = sorted((day, day + span * (1 if count >= 0 else -1)))
    exceptions = dict(CalendarDay.objects.filter(date__range=(low, high)).values_list("date", "is_working"))
    left = abs(count)
    while left:
        day += step
        left -= 1 if exceptions.get(day, _usually_works(day)) else 0
    return day


def add_months(day: dt.date, count: int) -> dt.date:
    """The same day `count` months on, or that month's last day: 31 August + 6 months is in late February."""
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    last = _months.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def completed_years(birth: dt.date, on: dt.date) -> int:
    """Whole years from `birth` to `on`; one born on 29 February completes a year on 1 March otherwise."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
