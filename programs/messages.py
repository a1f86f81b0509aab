"""What people are told about calls, cases and stays: one message per recipient and occasion."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from accounts.models import User
from accounts.scope import users_who_may
from core.calendar import ZONE, today
from core.inbox import NewMessage, send_many
from programs.avoidance import without_avoiding
from programs.models import Appraisal, Call, CallStep, Nomination, Participation, Stint


def tell(people: Iterable[User | None], occasion: str, **words: Any) -> None:
    """Send one message to each person once; nobody is told twice on one occasion."""
    send_many(NewMessage(person, occasion, **words) for person in {each for each in people if each})


def chinese(day: date | datetime) -> str:
    """Return a day in words: 2026年3月5日."""
    local = day.astimezone(ZONE) if isinstance(day, datetime) else day
    return f"{local.year}年{local.month}月{local.day}日"


def _case_url(nomination: Nomination) -> str:
    return f"/nominations/{nomination.pk}/"


def call_opened(call: Call) -> None:
    """Tell everybody who may nominate below the call's unit that it is open."""
    _tell_schools(call, "开始征集")


def call_extended(call: Call) -> None:
    """Tell the schools that they have more time."""
    _tell_schools(call, "延长了截止时间")


def list_extended(call: Call) -> None:
    """Tell the central schools that their lists are due later."""
    assert call.list_due is not None
    tell(
        _holders_below("nomination.list", call.unit_path),
        f"call:{call.pk}:list-due:{call.list_due:%Y%m%d}",
        title=f"“{call.title}”延长了名单报送时间",
        body=f"请在{chinese(call.list_due)}前报送名单。",
        url=f"/calls/{call.pk}/",
        due=call.list_due,
    )


def _tell_schools(call: Call, words: str) -> None:
    local = call.closes_at.astimezone(ZONE)
    tell(
        _holders_below("nomination.file", call.unit_path),
        f"call:{call.pk}:open:{call.closes_at:%Y%m%d%H%M}",
        title=f"“{call.title}”{words}",
        body=f"请在{chinese(local)} {local:%H:%M}前提交推荐。",
        url=f"/calls/{call.pk}/",
        due=call.closes_at,
    )


def _holders_below(capability: str, path: str) -> Iterable[User]:
    from accounts.models import Grant
    from accounts.roles import roles_with

    grants = Grant.objects.in_force().filter(role__in=roles_with(capability), unit__path__startswith=path)
    return User.objects.filter(is_active=True, pk__in=grants.values("user_id"))


def arrived_at(nomination: Nomination, step: CallStep) -> None:
    """Tell those who decide at a step that cases wait there: one message a day, however many arrive."""
    tell(
        without_avoiding(users_who_may(step.capability, nomination.unit), nomination.cadre),
        f"step:{step.pk}:arrived:{today():%Y%m%d}",
        title=f"“{nomination.call.title}”有推荐等您{step.name}",
        body=f"请在{chinese(step.due)}前办理。" if step.due else "请及时办理。",
        url=f"/nominations/?call={nomination.call_id}&tab=mine",
        due=step.due,
    )


def nominated(nomination: Nomination) -> None:
    """Tell the nominee that the school has put them forward."""
    if nomination.cadre:
        tell(
            [nomination.cadre.user],
            f"nomination:{nomination.pk}:nominated",
            title=f"{nomination.unit.name}推荐您参加“{nomination.call.title}”",
            body="办理进度可随时查看。",
            url=_case_url(nomination),
        )


def decided(nomination: Nomination, words: str, *, due: date | None = None) -> None:
    """Tell the filing side what became of the case, once per decision.

    Messages leave the house by e-mail: they say that something happened, never whom it concerns together
    with a verdict, nor the deciders' words. Those are read on the case's page, by whoever may.
    """
    last = nomination.decisions.order_by("-id").values_list("pk", flat=True).first()
    tell(
        nomination.filing_people(),
        f"nomination:{nomination.pk}:decision:{last}",
        title=f"“{nomination.call.title}”的一份推荐{words}",
        body=f"请在{chinese(due)}前补正，要求请登录查看。" if due else "意见请登录查看。",
        url=_case_url(nomination),
        due=due,
    )


def settled_for_nominee(nomination: Nomination) -> None:
    """Tell the nominee that the case has come to a result, which is read on its page."""
    last = nomination.decisions.order_by("-id").values_list("pk", flat=True).first()
    if nomination.cadre:
        tell(
            [nomination.cadre.user],
            f"nomination:{nomination.pk}:result:{last}",
            title=f"您在“{nomination.call.title}”中的推荐有了新的进展",
            body="请登录查看。",
            url=_case_url(nomination),
        )


def approved(nomination: Nomination) -> None:
    """Tell the nominee about the approval, and HR that a person waits for a place at a base."""
    if nomination.cadre:
        tell(
            [nomination.cadre.user],
            f"nomination:{nomination.pk}:approved",
            title=f"您已被批准参加“{nomination.call.title}”",
            body="安排确定后会另行通知。",
            url=_case_url(nomination),
        )
    tell(
        without_avoiding(users_who_may("participation.place", nomination.unit), nomination.cadre),
        f"call:{nomination.call_id}:to-place:{today():%Y%m%d}",
        title=f"“{nomination.call.title}”有人员待安排",
        body="请安排基地、岗位和起止时间。",
        url="/participations/?status=pending",
    )


def placed(participation: Participation, stint: Stint) -> None:
    """Tell the person, the host and the guide about a stay at a base."""
    name, period = participation.cadre.name, f"{chinese(stint.start)}至{chinese(stint.end)}"
    url = f"/participations/{participation.pk}/"
    tell(
        [participation.cadre.user],
        f"stint:{stint.pk}:placed",
        title=f"您的{participation.program.name}已安排：{stint.base}",
        body=f"{period}，挂任{stint.acting_post}。",
        url=url,
    )
    tell(
        [stint.host, stint.guide],
        f"stint:{stint.pk}:hosting",
        title=f"{name}将到{stint.base}{participation.program.name}",
        body=f"{period}，挂任{stint.acting_post}。结束后一周内请提交书面鉴定。",
        url=url,
    )


def rearranged(participation: Participation, stint: Stint, former: Iterable[User | None] = ()) -> None:
    """Tell the person, the host, the guide and their predecessors how a stay runs now, once per change."""
    last = participation.decisions.order_by("-id").values_list("pk", flat=True).first()
    tell(
        [participation.cadre.user, stint.host, stint.guide, *former],
        f"stint:{stint.pk}:rearranged:{last}",
        title=f"{participation.cadre.name}的{participation.program.name}安排有调整",
        body=f"{stint.base}，{chinese(stint.start)}至{chinese(stint.end)}，挂任{stint.acting_post}。",
        url=f"/participations/{participation.pk}/",
    )


def broken_off(participation: Participation) -> None:
    """Tell everybody concerned that an undertaking doesn't (further) take place; the reason is read inside."""
    people = [participation.cadre.user]
    for stint in participation.stints.select_related("host", "guide"):
        people += [stint.host, stint.guide]
    tell(
        people,
        f"participation:{participation.pk}:cancelled",
        title=f"{participation.cadre.name}的{participation.program.name}已取消",
        body="原因请登录查看。",
        url=f"/participations/{participation.pk}/",
    )


def appraisal_due(participation: Participation) -> None:
    """Tell host and guide on the day after a stay that its appraisal is to be written."""
    for appraisal in participation.appraisals.select_related("stint__host", "stint__guide"):
        if appraisal.status == Appraisal.Status.FILED:
            continue
        tell(
            [appraisal.stint.host, appraisal.stint.guide],
            f"appraisal:{appraisal.pk}:write",
            title=f"请为{participation.cadre.name}撰写书面鉴定",
            body=f"请在{chinese(appraisal.due)}前提交。",
            url=f"/appraisals/{appraisal.pk}/",
            due=appraisal.due,
        )


def appraisal_filed(appraisal: Appraisal) -> None:
    """Tell HR that an appraisal has come in, once per filing."""
    last = appraisal.decisions.order_by("-id").values_list("pk", flat=True).first()
    tell(
        users_who_may("participation.place", appraisal.participation.unit),
        f"appraisal:{appraisal.pk}:filed:{last}",
        title=f"{appraisal.participation.cadre.name}的书面鉴定已提交",
        body="请审阅并办结。",
        url=f"/participations/{appraisal.participation_id}/",
    )


def appraisal_returned(appraisal: Appraisal) -> None:
    """Tell host and guide that HR asks for another version; what is wanted is read inside."""
    last = appraisal.decisions.order_by("-id").values_list("pk", flat=True).first()
    tell(
        [appraisal.stint.host, appraisal.stint.guide],
        f"appraisal:{appraisal.pk}:returned:{last}",
        title=f"{appraisal.participation.cadre.name}的书面鉴定被退回修改",
        body="修改要求请登录查看。",
        url=f"/appraisals/{appraisal.pk}/",
        due=appraisal.due,
    )
