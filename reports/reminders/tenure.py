"""What ends for people: certificates, probation, terms of office, service itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from cadres.facts.retirement import retires
from cadres.models import Appointment, Cadre, Certificate
from core.calendar import add_months, today
from core.inbox import NewMessage
from reports.reminders.deadlines import chinese, horizon, mark
from reports.reminders.recipients import Keepers, paths_of

# Days before a certificate runs out, to the person; the keepers of records hear of a month's people together,
# so that a large roster doesn't fill their inbox: months before the month in which something ends.
CERTIFICATE = (60, 7)
CERTIFICATES, PROBATION, TERM, RETIREMENT = (2, 0), (1, 0), (3, 1), (6, 3, 1)
# So many people of a month are named in the message.
NAMED = 12


def due() -> Iterator[NewMessage]:
    """Yield the reminders of this module."""
    yield from certificates()
    yield from probations()
    yield from terms()
    yield from retirements()


def certificates() -> Iterator[NewMessage]:
    """The person sixty and seven days before a certificate runs out; the keepers of records by the month."""
    serving = Certificate.objects.filter(cadre__in=Cadre.objects.in_service()).select_related("cadre__user")
    rows = serving.filter(end__gte=today(), end__lte=horizon(CERTIFICATE)).exclude(cadre__user=None)
    for row in rows.filter(cadre__user__is_active=True).order_by("end", "pk"):
        ahead, own = (mark(row.end, CERTIFICATE) if row.end else None), row.cadre.user
        if own is None or row.end is None or ahead is None:
            continue
        day = row.end_date.chinese() if row.end_date else ""
        url = f"{reverse('cadre-detail', args=[row.cadre_id])}?tab=study#section-certificate"
        yield NewMessage(own, f"certificate:{row.pk}:{row.end:%Y%m%d}:{ahead}",
                         title=f"您的一项资格证书有效期到{day}为止", body=row.name, url=url, due=row.end)  # fmt: skip
    yield from _by_month(
        Ending("certificate", "end", CERTIFICATES, "资格证书", "到期", "请提醒本人换证或补训。", "tab=study#section-certificate"),
        serving,
    )  # fmt: skip


def probations() -> Iterator[NewMessage]:
    """Whoever keeps the record: in the month before a probation (试用期) is over, and in its own."""
    yield from _by_month(
        Ending("probation", "probation_end", PROBATION, "试用期", "届满", "请安排试用期满考核。", _POSTS),
        _posts(),
    )


def terms() -> Iterator[NewMessage]:
    """The same three months and one month before the month in which a term of office (任期) ends."""
    yield from _by_month(
        Ending("term", "term_end", TERM, "任期", "届满", "请安排任期考核，研究续聘或调整。", _POSTS), _posts()
    )


_POSTS = "tab=career#section-appointment"


def _posts() -> QuerySet[Appointment]:
    """Posts in force of people in service; a secondment has its own reminders."""
    found = Appointment.objects.on(today()).exclude(kind=Appointment.Kind.SECONDED)
    return found.filter(cadre__in=Cadre.objects.in_service()).select_related("cadre")


@dataclass(frozen=True)
class Ending:
    """What ends: its name in occasions, its column, months ahead, words, what to do, where on the page."""

    kind: str
    column: str
    months: tuple[int, ...]
    what: str
    verb: str
    advice: str
    place: str


def _by_month(ending: Ending, rows: QuerySet[Any]) -> Iterator[NewMessage]:
    """One message to each keeper for the people for whom something ends in a month, the earliest named first."""
    first = today().replace(day=1)
    last = add_months(first, max(ending.months) + 1)
    near = {f"{ending.column}__gte": today(), f"{ending.column}__lt": last}
    found = list(rows.filter(**near).order_by(ending.column, "pk"))
    keepers = Keepers(paths_of(found), "cadre.edit")
    for ahead in ending.months:
        month = add_months(first, ahead)
        days: dict[int, tuple[str, date]] = {}
        for row in found:
            day = getattr(row, ending.column)
            if day.replace(day=1) == month:
                days.setdefault(row.cadre_id, (row.cadre.name, day))
        for person, mine in keepers.shares(days):
            yield _told(ending, person, month, ahead, {key: days[key] for key in mine})


def _told(
    ending: Ending, person: Any, month: date, ahead: int, days: dict[int, tuple[str, date]]
) -> NewMessage:
    [(cadre, (name, day)), *others] = days.items()
    occasion = f"{ending.kind}:{month:%Y%m}:{ahead}"
    if not others:
        return NewMessage(
            person, occasion, title=f"{name}的{ending.what}将在{chinese(day)}{ending.verb}", body=ending.advice,
            url=f"{reverse('cadre-detail', args=[cadre])}?{ending.place}", due=day,
        )  # fmt: skip
    named = [f"{who}（{on.month}月{on.day}日）" for who, on in list(days.values())[:NAMED]]
    more = f"等 {len(days)} 人" if len(days) > NAMED else ""
    return NewMessage(
        person, occasion, title=f"{len(days)} 名干部的{ending.what}将在{month.year}年{month.month}月{ending.verb}",
        body=f"{'、'.join(named)}{more}。{ending.advice}", url=reverse("cadre-list"), due=day,
    )  # fmt: skip


def retirements() -> Iterator[NewMessage]:
    """Six, three and one month before: how many of one's people retire in a month (schedule of the 2025 reform)."""
    first = today().replace(day=1)
    months = {add_months(first, ahead): ahead for ahead in RETIREMENT}
    found = Cadre.objects.in_service().annotate(retires=retires()).filter(retires__in=list(months))
    rows = list(found.order_by().values_list("pk", "unit_path", "retires"))
    keepers = Keepers({pk: path for pk, path, _ in rows}, "cadre.edit")
    for month, ahead in months.items():
        leaving = [pk for pk, _, day in rows if day == month]
        for person, count in keepers.counts(leaving):
            yield NewMessage(
                person, f"retirement:{month:%Y%m}:{ahead}",
                title=f"{count} 名干部将在{month.year}年{month.month}月到龄退休",
                body="请提前办理退休手续，安排岗位接替。名单见“供需预测”。", url=reverse("forecast"), due=month,
            )  # fmt: skip
