"""Calls, nominations and appraisals: deadlines that come near, cases that stand, papers that are late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from core.calendar import end_of_day, now, today
from core.inbox import NewMessage
from programs.avoidance import avoiding_pairs
from programs.models import Appraisal, Call, CallStep, Nomination
from reports.reminders.deadlines import AHEAD, WEEK, days_left, mark
from reports.reminders.recipients import holders

# A case that has stood at a step this long without a deadline of its own is called to mind, weekly.
WAITING_DAYS = 3


def due() -> Iterator[NewMessage]:
    """Yield the reminders of this module."""
    yield from nomination_deadlines()
    yield from lists_due()
    yield from steps_waiting()
    yield from appraisals()


def nomination_deadlines() -> Iterator[NewMessage]:
    """Schools that have a quota and nominated nobody are told 7, 3 and 1 days before the window closes.

    The occasion names the deadline: one that was moved is a new one and is called to mind anew.
    """
    horizon = end_of_day(today() + timedelta(days=max(AHEAD)))
    calls = Call.objects.real().filter(status="open", closes_at__gt=now(), closes_at__lte=horizon)
    for call in calls.select_related("unit"):
        closes = call.closes_at.astimezone(ZoneInfo(settings.TIME_ZONE))
        ahead = mark(closes.date())
        if ahead is None:
            continue
        filed = set(Nomination.objects.counted().filter(call=call).values_list("unit_id", flat=True))
        own = dict(call.quotas.values_list("unit_id", "quota"))
        for user, _, unit_id, unit_name in holders("nomination.file", call):
            if unit_id in filed or not own.get(unit_id, call.quota_per_unit):
                continue
            yield NewMessage(
                user,
                f"call:{call.pk}:closing:{closes:%Y%m%d%H%M}:{ahead}:{unit_id}",
                title=f"“{call.title}”还有{_left_words(closes)}截止",
                body=f"{unit_name}还没有提交推荐，截止时间为{closes:%Y年%-m月%-d日 %H:%M}。",
                url=reverse("call-detail", args=[call.pk]),
                due=call.closes_at,
            )


def lists_due() -> Iterator[NewMessage]:
    """Central schools that have not filed their list are told 7, 3 and 1 days before it is due."""
    last = today() + timedelta(days=max(AHEAD))
    calls = Call.objects.real().filter(
        status__in=["open", "closed"], list_due__gte=today(), list_due__lte=last, steps__kind="list"
    )
    for call in calls.select_related("unit").distinct():
        ahead = mark(call.list_due)
        if ahead is None:
            continue
        filed = set(call.lists.values_list("unit_id", flat=True))
        waiting = _waiting_paths(call)
        for user, path, unit_id, unit_name in holders("nomination.list", call):
            count = sum(1 for each in waiting if each.startswith(path))
            if unit_id in filed or not count:
                continue
            yield NewMessage(
                user,
                f"call:{call.pk}:list:{call.list_due:%Y%m%d}:{ahead}:{unit_id}",
                title=f"“{call.title}”名单须在{call.list_due:%-m月%-d日}前报送",
                body=f"{unit_name}有{count}份推荐在办，名单还没有报送。",
                url=reverse("call-detail", args=[call.pk]),
                due=call.list_due,
            )


def _waiting_paths(call: Call) -> list[str]:
    """Unit paths of the call's cases that a central school has before it."""
    cases = Nomination.objects.under_way().filter(call=call, step__level=CallStep.Level.CENTRAL)
    return list(cases.values_list("unit_path", flat=True))


def steps_waiting() -> Iterator[NewMessage]:
    """Whoever must act at a step is told before its due day, and weekly when cases just stand there.

    Cases of oneself and of kin aren't counted: they are for others to act on (回避).
    """
    before = now() - timedelta(days=WAITING_DAYS)
    cases = Nomination.objects.under_way().filter(
        call__status__in=["open", "closed"], call__is_template=False
    )
    standing: dict[int, list[tuple[str, int | None, datetime]]] = {}
    for step_id, path, cadre, since in cases.values_list("step_id", "unit_path", "cadre_id", "updated_at"):
        standing.setdefault(step_id, []).append((path, cadre, since))
    avoiding = avoiding_pairs(cadre for rows in standing.values() for _, cadre, _ in rows if cadre)
    for step in CallStep.objects.filter(pk__in=standing).select_related("call", "call__unit"):
        ahead = mark(step.due) if step.due else None
        found = [
            (path, cadre) for path, cadre, since in standing[step.pk] if ahead is not None or since <= before
        ]
        occasion = f"due:{step.due:%Y%m%d}:{ahead}" if ahead is not None else f"week:{today():%G-%V}"
        yield from _step_messages(step, found, occasion, avoiding)


def _step_messages(
    step: CallStep, found: list[tuple[str, int | None]], occasion: str, avoiding: set[tuple[int, int]]
) -> Iterator[NewMessage]:
    if not found:
        return
    for user, path, _, _ in holders(step.capability, step.call):
        count = sum(
            1 for each, cadre in found
            if each.startswith(path) and (cadre is None or (user.pk, cadre) not in avoiding)
        )  # fmt: skip
        if not count:
            continue
        due = _due_words(step.due)
        yield NewMessage(
            user,
            f"step:{step.pk}:{occasion}:{path}",
            title=f"{count}份推荐等您{step.name}",
            body=f"“{step.call.title}”有{count}份推荐停在“{step.name}”{due}。",
            url=f"{reverse('nomination-list')}?call={step.call_id}&tab=mine",
            due=step.due,
        )


def _due_words(due: date | None) -> str:
    if due is None:
        return ""
    late = -days_left(due)
    return f"，已超过办理期限{late}天" if late > 0 else f"，请在{due:%Y年%-m月%-d日}前办理"


def appraisals() -> Iterator[NewMessage]:
    """Hosts and guides are told before an appraisal is due and weekly when it is late; HR when late.

    Also of a stay that was broken off: its host has seen the person at work and owes the appraisal. A stay
    that never began owes none (its appraisal is deleted).
    """
    last = today() + timedelta(days=max(AHEAD))
    rows = (
        Appraisal.objects.outstanding()
        .filter(due__lte=last, stint__end__lte=today())
        .select_related("participation__cadre", "participation__unit", "stint__host", "stint__guide")
    )
    for row in rows:
        late = -days_left(row.due)
        ahead = mark(row.due)
        if late > 0:
            occasion = f"late:{row.due:%Y%m%d}:{(late - 1) // WEEK}"
            title = f"{row.participation.cadre.name}的书面鉴定已逾期{late}天"
        elif ahead is not None:
            occasion = f"due:{row.due:%Y%m%d}:{ahead}"
            title = f"{row.participation.cadre.name}的书面鉴定须在{row.due:%-m月%-d日}前提交"
        else:
            continue
        body = f"挂职于{row.stint.end:%Y年%-m月%-d日}结束，鉴定须在结束后一周内提交。"
        # The host loses sight of the person a month after the stay, of the appraisal owed never.
        write = reverse("appraisal-write", args=[row.pk])
        people = {each for each in (row.stint.host, row.stint.guide) if each is not None and each.is_active}
        for person in sorted(people, key=lambda each: each.pk):
            yield NewMessage(person, f"appraisal:{row.pk}:{occasion}", title=title, body=body, url=write,
                             due=row.due)  # fmt: skip
        if late > 0:
            url = reverse("participation-detail", args=[row.participation_id])
            yield from _tell_hr(row, occasion, title, body, url)


def _tell_hr(row: Appraisal, occasion: str, title: str, body: str, url: str) -> Iterator[NewMessage]:
    from accounts.scope import users_who_may

    for person in users_who_may("participation.place", row.participation.unit):
        yield NewMessage(person, f"appraisal:{row.pk}:{occasion}:hr", title=title, body=body, url=url,
                         due=row.due)  # fmt: skip


def _left_words(moment: datetime) -> str:
    """Return the time left in words: days, or hours on the last day."""
    left = moment - now()
    if left >= timedelta(days=1):
        return f"{left.days}天"
    return f"{max(1, int(left.total_seconds() // 3600))}小时"
