"""Mentors of development plans: whom they see and for how long, and what the person hears of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from cadres.models import DevelopmentPlan, PlanReview
from core.calendar import add_months, today
from core.errors import NotFound
from core.inbox import NewMessage, send_many


def plans_of(user: Any) -> QuerySet[DevelopmentPlan]:
    """Return the plans a user mentors, with person and unit and when they were and will be reviewed.

    An assignment lasts with the plan and thirty days after it (3-trust); of the person nothing but name and
    unit is for the mentor.
    """
    return DevelopmentPlan.objects.of_mentor(user).with_next_due().select_related("cadre__unit")


def is_mentor(user: Any, plan: DevelopmentPlan) -> bool:
    """Whether a user is a plan's mentor now."""
    return DevelopmentPlan.objects.of_mentor(user).filter(pk=plan.pk).exists()


def plan_of_mentor(user: Any, pk: int) -> DevelopmentPlan:
    """Return one of the plans a user mentors; raises NotFound for any other."""
    found = plans_of(user).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有找到这份培养计划。")
    return found


@dataclass(frozen=True)
class NextReview:
    """When a plan is reviewed next; `due` is None where nothing is due any more."""

    due: date | None
    last: date | None


def next_review(plan: DevelopmentPlan, last: date | None) -> NextReview:
    """Return when a plan's next review is due: its interval after the last one, or after its start.

    The same in Python as `PlanQuerySet.with_next_due` in SQL; nothing is due on or after the plan's end.
    """
    since = last or plan.start
    due = add_months(since, plan.interval_months) if since else None
    if due is not None and plan.end is not None and due >= plan.end:
        due = None
    if plan.end is not None and plan.end <= today():
        due = None
    return NextReview(due, last)


def tell_of_review(review: PlanReview) -> None:
    """The person hears that the mentor wrote; what was written stands in the record."""
    cadre = review.plan.cadre
    if cadre.user is None:
        return
    send_many([NewMessage(
        cadre.user, f"plan:{review.plan_id}:reviewed:{review.pk}", "导师写了您的培养计划评估",
        "请在“我的档案”的“培养发展”中查看进展和下一步建议。",
        f"{reverse('cadre-detail', args=[cadre.pk])}?tab=growth#section-plan",
    )])  # fmt: skip
