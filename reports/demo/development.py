"""The demo's mentored plans and requests that wait: made by the services, on their own days."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import User
from cadres.models import Appointment, Cadre, DevelopmentPlan, Petition
from cadres.services.histories import add_history
from cadres.services.reviews import review_plan
from core.calendar import add_months, today
from core.partial_dates import PartialDate
from reports.demo.clock import on
from reports.demo.histories import GOALS, MEASURES

_DAY = timedelta(days=1)
_PROGRESS = "跟岗听课 20 节，承担了年级教学改革的组织工作，与教师沟通的方法有明显改进。"
_ADVICE = "下一阶段牵头一次全校教研活动，学习用数据分析教学质量。"
# Months since the plan began and days since it was last reviewed (None: not yet), one plan each.
_PLANS = ((9, 190), (13, 60), (5, None))
_REQUESTS = (
    ("申请调整分管工作", "现分管后勤，希望回到教学岗位，请组织考虑。", 30),
    ("培训安排", "希望参加明年的后备干部培训班。", 3),
)


def make_plans(special: Cadre, mentor: User, hr: User) -> None:
    """Give the mentor three people: one review is late, one plan is in order, one waits for its first review."""
    for (months, ago), cadre in zip(_PLANS, _colleagues(special, len(_PLANS)), strict=False):
        start = add_months(today(), -months)
        with on(start):
            plan = add_history(
                DevelopmentPlan, cadre=cadre, by=hr, goals=GOALS[months % len(GOALS)],
                measures=MEASURES[months % len(MEASURES)], mentor=mentor, mentor_text="", interval_months=6,
                start=PartialDate.of(start.replace(day=1), "month"), end=None,
            )  # fmt: skip
        if ago is not None:
            with on(today() - ago * _DAY) as day:
                review_plan(record=plan, by=mentor, on=day, progress=_PROGRESS, advice=_ADVICE)


def make_petitions(special: Cadre, hr: User) -> None:
    """Requests that HR took down on paper: one is late by now, one is new."""
    people = _colleagues(special, len(_PLANS) + len(_REQUESTS))[len(_PLANS) :]
    for (subject, content, ago), cadre in zip(_REQUESTS, people, strict=False):
        with on(today() - ago * _DAY) as day:
            add_history(
                Petition, cadre=cadre, by=hr, subject=subject, content=content, submitted_on=day, due=None
            )  # fmt: skip


def _colleagues(special: Cadre, count: int) -> list[Cadre]:
    """Directors in service without an account or a plan, the same each time, none of the persona's school."""
    posts = Appointment.objects.main().filter(
        end=None, post__category="middle", cadre__user=None, cadre__developmentplans=None
    )
    found = posts.exclude(unit=special.unit_id).select_related("cadre__unit").order_by("cadre_id")[:count]
    return [each.cadre for each in found]
