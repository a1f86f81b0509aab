"""What of the nomination engine waits for a person: cases at their step, drafts, returns, placings, appraisals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse

from accounts.models import Unit
from accounts.scope import paths
from core.calendar import now, today
from core.todo import TodoItem
from programs.avoidance import avoided_by
from programs.models import Appraisal, Call, CallStep, Nomination, Participation

# A deadline typed 23:59 counts through 23:59:59.
LAST_MINUTE = timedelta(minutes=1)
_VERBS = {"inspect": "考察", "list": "报送名单", "check": "核查", "decide": "决定"}


def waiting(user: Any) -> list[TodoItem]:
    """Return everything of this app that waits for the user."""
    return [*_steps(user), *_own(user), *_calls(user), *_placings(user), *_appraisals(user)]


def _steps(user: Any) -> list[TodoItem]:
    """One line a call and step with cases that wait there for the user's verdict."""
    rows = (
        Nomination.objects.awaiting(user)
        .order_by()
        .values("call_id", "call__title", "step__kind", "step__name", "step__due")
        .annotate(count=Count("id"), first=Min("id"))
    )
    return [_step_item(row) for row in rows]


def _step_item(row: dict[str, Any]) -> TodoItem:
    kind, count = row["step__kind"], row["count"]
    if kind == CallStep.Kind.LIST:
        url = reverse("call-file-list", args=[row["call_id"]])
    elif kind == CallStep.Kind.DECIDE:
        url = reverse("agenda")
    elif count == 1:
        url = reverse("nomination-detail", args=[row["first"]])
    else:
        url = f"{reverse('nomination-list')}?tab=mine&call={row['call_id']}&step={kind}"
    return TodoItem(
        title=f"{_VERBS.get(kind, '办理')} {count} 份推荐"
        if kind != CallStep.Kind.LIST
        else f"报送名单（{count} 人）",
        verb=_VERBS.get(kind, "办理"),
        url=url,
        due=row["step__due"],
        count=count,
        detail=row["call__title"],
    )


def _own(user: Any) -> list[TodoItem]:
    """Drafts to finish while their call is open and returned cases to correct, at the units one files for."""
    if not paths(user, "nomination.file"):
        return []
    cases = Nomination.objects.visible_to(user, "nomination.file").filter(status__in=["draft", "returned"])
    items = []
    for case in cases.select_related("cadre", "call").order_by("pk")[:20]:
        returned = case.status == Nomination.Status.RETURNED
        if not returned and (case.filed_by_id != user.pk or not case.call.takes_at(now())):
            continue
        items.append(
            TodoItem(
                title=f"{'补正' if returned else '完成'}{case.cadre}的推荐",
                verb="补正" if returned else "继续填写",
                url=reverse("nomination-edit", args=[case.pk]),
                due=case.return_due if returned else case.call.closes_at,
                detail=case.call.title,
                tone="warning" if returned else "",
            )
        )
    return items


def _calls(user: Any) -> list[TodoItem]:
    """Open calls in which the user's own school has not nominated yet."""
    units = list(Unit.objects.filter(path__in=paths(user, "nomination.file"), kind="school"))
    if not units:
        return []
    calls = (
        Call.objects.real()
        .visible_to(user)
        .filter(status="open", opens_at__lte=now(), closes_at__gt=now() - LAST_MINUTE)
    )
    filed = Nomination.objects.filter(unit__in=units, call__in=calls).exclude(status="withdrawn")
    done = set(filed.values_list("call_id", flat=True))
    return [
        TodoItem(
            title="推荐干部",
            verb="推荐",
            url=reverse("nominate", args=[call.pk]),
            due=call.closes_at,
            detail=call.title,
        )
        for call in calls.order_by("closes_at")
        if call.pk not in done
    ]


def _placings(user: Any) -> list[TodoItem]:
    """Approved people who wait to be placed, and ended undertakings whose papers are complete."""
    if not paths(user, "participation.place"):
        return []
    rows = Participation.objects.visible_to(user, "participation.place").exclude(cadre__in=avoided_by(user))
    items = []
    waiting_rows = rows.filter(status="pending").order_by("pk")
    count = waiting_rows.count()
    if count:
        first = waiting_rows[0]
        only = reverse("participation-place", args=[first.pk])
        url = only if count == 1 else f"{reverse('participation-list')}?status=pending"
        items.append(TodoItem(title=f"安排 {count} 人的挂职基地", verb="安排", url=url, count=count))
    ended = rows.filter(status="ended").exclude(appraisals__status__in=["draft", "returned"])
    closing = ended.count()
    if closing:
        url = f"{reverse('participation-list')}?status=ended"
        items.append(TodoItem(title=f"办结 {closing} 人的挂职学习", verb="查看", url=url, count=closing))
    return items


def _appraisals(user: Any) -> list[TodoItem]:
    """Appraisals the user has to write, from the day the stay ends, however late; HR sees the late ones."""
    mine = Appraisal.objects.outstanding().written_by(user).filter(stint__end__lte=today())
    mine = mine.exclude(participation__cadre__in=avoided_by(user))
    items = [
        TodoItem(
            title=f"撰写{row.participation.cadre.name}的书面鉴定",
            verb="撰写",
            url=reverse("appraisal-write", args=[row.pk]),
            due=row.due,
            detail=row.stint.base.name,
        )
        for row in mine.select_related("participation__cadre", "stint__base").order_by("due", "pk")
    ]
    if paths(user, "participation.place"):
        overdue = Appraisal.objects.visible_to(user).overdue().order_by()
        found = overdue.aggregate(late=Count("pk"), first=Min("due"))
        if late := found["late"]:
            url = f"{reverse('participation-list')}?tab=late"
            title = f"催办 {late} 份逾期的鉴定"
            items.append(TodoItem(title, "查看", url, due=found["first"], count=late, tone="danger"))
    return items
