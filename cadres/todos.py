"""What of the roster waits for a person: requests to check or complete, petitions, replies and follow-ups due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.scope import paths
from cadres.models import Correction, DevelopmentPlan, Oversight, Petition, ReserveEntry
from cadres.services.corrections import subject_of
from cadres.services.mentoring import plans_of
from cadres.services.reviews import review_round
from cadres.services.sight import kept
from core.calendar import today
from core.todo import TodoItem

# A follow-up, a reply, a plan's review show up this long before they are due.
AHEAD = timedelta(days=30)
_MOST_LINES = 20


def waiting(user: Any) -> list[TodoItem]:
    """Return everything of the roster that waits for the user."""
    return [
        *_returned(user), *_corrections(user), *_petitions(user), *_oversight(user), *_mentored(user),
        *_plans(user), *_reserve(user),
    ]  # fmt: skip


def _returned(user: Any) -> list[TodoItem]:
    """One's own requests that HR wants more for."""
    rows = Correction.objects.filter(cadre__user=user.pk, status=Correction.Status.RETURNED).order_by("pk")
    return [
        TodoItem(
            "补充档案更正申请", "补充", reverse("correction-supplement", args=[row.pk]), detail=subject_of(row),
            tone="warning",
        )
        for row in rows
    ]  # fmt: skip


def _corrections(user: Any) -> list[TodoItem]:
    if not paths(user, "cadre.edit"):
        return []
    rows = Correction.objects.visible_to(user).waiting().exclude(cadre__user=user.pk)
    found = _most_urgent(rows)
    if found is None:
        return []
    count, first = found
    url = reverse("correction-detail", args=[first.pk]) if count == 1 else reverse("correction-list")
    title = f"核实{first.cadre.name}的档案更正申请" if count == 1 else f"核实 {count} 份档案更正申请"
    where = first.cadre.unit.name if count == 1 else ""
    return [TodoItem(title, "核实", url, due=first.due, count=count, detail=where)]


def _petitions(user: Any) -> list[TodoItem]:
    """A single one opens its form, several their list; the title says nothing of the content."""
    rows = kept(Petition.objects.filter(replied_on=None), user)
    found = _most_urgent(rows)
    if found is None:
        return []
    count, first = found
    one = reverse("petition-answer", args=[first.cadre_id, first.pk])
    url = one if count == 1 else reverse("petition-list")
    return [TodoItem(f"答复 {count} 件干部诉求", "答复", url, due=first.due, count=count)]


def _oversight(user: Any) -> list[TodoItem]:
    rows = kept(Oversight.objects.due_by(today() + AHEAD), user)
    found = _most_urgent(rows)
    if found is None:
        return []
    count, first = found
    one = reverse("oversight-follow-up", args=[first.cadre_id, first.pk])
    url = one if count == 1 else reverse("oversight-list")
    title = f"办结 {count} 件到期的监督事项（回访、回复）"
    return [TodoItem(title, "登记", url, due=first.due, count=count)]


def plans_to_review(user: Any) -> QuerySet[DevelopmentPlan]:
    """Return the plans of people whose record the user keeps whose next review is due within the month."""
    return kept(DevelopmentPlan.objects.review_due_by(today() + AHEAD), user).select_related(
        "cadre__unit", "mentor"
    )


def reserve_to_review(user: Any, year: int) -> QuerySet[ReserveEntry]:
    """Return the entries of the pool the user keeps that have no review of a year."""
    rows = ReserveEntry.objects.under_review(year).reviewed_in(year, done=False)
    return kept(rows, user).select_related("cadre__unit")


def _mentored(user: Any) -> list[TodoItem]:
    """One line for each of the plans one mentors."""
    rows = plans_of(user).review_due_by(today() + AHEAD).order_by("next_due", "pk")[:_MOST_LINES]
    return [
        TodoItem(
            f"评估{plan.cadre.name}的培养计划", "评估", reverse("mentoring-plan", args=[plan.pk]), due=plan.next_due,
            detail=plan.cadre.unit.name,
        )
        for plan in rows
    ]  # fmt: skip


def _plans(user: Any) -> list[TodoItem]:
    """Plans without a mentor's account are reviewed by whoever keeps the record."""
    found = plans_to_review(user).unmentored().order_by("next_due", "pk")
    first = found.first()
    if first is None:
        return []
    count = found.order_by().count()
    one = reverse("review-add", args=[first.cadre_id, "plan", first.pk])
    url = one if count == 1 else f"{reverse('plan-reviews')}?mentor=none"
    return [
        TodoItem(f"评估 {count} 份培养计划（没有导师账号）", "评估", url, due=first.next_due, count=count)
    ]


def _reserve(user: Any) -> list[TodoItem]:
    """The pool's yearly review, from October until the end of March."""
    year = review_round(today())
    if year is None:
        return []
    count = reserve_to_review(user, year).order_by().count()
    if not count:
        return []
    title = f"审核 {count} 名后备干部（{year}年度）"
    return [TodoItem(title, "审核", reverse("reserve-reviews"), due=date(year, 12, 31), count=count)]


def _most_urgent(rows: QuerySet) -> tuple[int, Any] | None:
    """How many there are, and the one that is due first."""
    first = rows.select_related("cadre__unit").order_by("due", "pk").first()
    return (rows.order_by().count(), first) if first is not None else None
