"""Reviews: of development plans, by their mentors or HR; of the reserve pool, once a year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from accounts.models import User
from cadres.models import DevelopmentPlan, ReserveEntry
from cadres.services.reviews import review_round
from core.calendar import today
from core.inbox import NewMessage
from reports.reminders.deadlines import chinese, horizon, moment
from reports.reminders.recipients import Keepers, paths_of


def due() -> Iterator[NewMessage]:
    """Yield the reminders of this module."""
    yield from plan_reviews()
    yield from reserve_reviews()


def plan_reviews() -> Iterator[NewMessage]:
    """The mentor, or those who keep the record where no mentor has an account (or is kin by now)."""
    found = DevelopmentPlan.objects.review_due_by(horizon()).select_related("cadre", "mentor")
    rows = list(found.order_by("next_due", "pk"))
    keepers = Keepers(paths_of(rows), "cadre.edit")
    for plan in rows:
        at = moment(plan.next_due)
        if at is None:
            continue
        for person, url in _reviewers(plan, keepers):
            yield NewMessage(
                person, f"plan:{plan.pk}:{at.occasion}", title=f"{plan.cadre.name}的培养计划{at.words('评估')}",
                body=f"培养计划每 {plan.interval_months} 个月评估一次，请写明进展和下一步建议。", url=url, due=at.due,
            )  # fmt: skip


def _reviewers(plan: DevelopmentPlan, keepers: Keepers) -> Iterator[tuple[User, str]]:
    mentor = plan.mentor
    if mentor is not None and mentor.is_active and not keepers.avoids(mentor.pk, plan.cadre_id):
        yield mentor, reverse("mentoring-plan", args=[plan.pk])
        return
    for person in keepers.of(plan.cadre_id):
        yield person, reverse("review-add", args=[plan.cadre_id, "plan", plan.pk])


def reserve_reviews() -> Iterator[NewMessage]:
    """Monthly from October, and until March for the year before: how many are left, without names."""
    year = review_round(today())
    if year is None:
        return
    left = ReserveEntry.objects.under_review(year).reviewed_in(year, done=False)
    entries = list(left.order_by().values_list("cadre_id", "cadre__unit_path"))
    keepers = Keepers(dict(entries), "cadre.edit", "cadre.view_sensitive")
    last = date(year, 12, 31)
    word = "已经逾期" if today() > last else f"请在{chinese(last)}前完成"
    for person, count in keepers.counts(cadre for cadre, _ in entries):
        yield NewMessage(
            person, f"reserve-review:{year}:{today():%Y%m}",
            title=f"还有 {count} 名后备干部没有进行{year}年度审核", body=f"后备干部每年审核一次，{word}。",
            url=reverse("reserve-reviews"), due=last,
        )  # fmt: skip
