"""What ends for people: certificates, probation, terms of office, service itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Q
from django.urls import reverse

from cadres.facts.retirement import retires
from cadres.models import Appointment, Cadre, Certificate
from core.calendar import add_months, today
from core.inbox import NewMessage
from reports.reminders.deadlines import chinese, horizon, mark
from reports.reminders.recipients import Keepers, paths_of

# Days before the end.
CERTIFICATE, PROBATION, TERM = (60, 7), (30, 7), (90, 30)
# Months before the month of retirement.
RETIREMENT = (6, 3, 1)


def due() -> Iterator[NewMessage]:
    """Yield the reminders of this module."""
    yield from certificates()
    yield from probations()
    yield from terms()
    yield from retirements()


def certificates() -> Iterator[NewMessage]:
    """The person, and whoever keeps the record: sixty and seven days before a certificate runs out."""
    found = Certificate.objects.filter(end__gte=today(), end__lte=horizon(CERTIFICATE))
    found = found.filter(cadre__in=Cadre.objects.in_service()).select_related("cadre__user")
    rows = list(found.order_by("end", "pk"))
    keepers = Keepers(paths_of(rows), "cadre.edit")
    for row in rows:
        ahead = mark(row.end, CERTIFICATE) if row.end else None
        if row.end is None or ahead is None:
            continue
        occasion = f"certificate:{row.pk}:{row.end:%Y%m%d}:{ahead}"
        url = f"{reverse('cadre-detail', args=[row.cadre_id])}?tab=study#section-certificate"
        day, own = row.end_date.chinese() if row.end_date else "", row.cadre.user
        if own is not None and own.is_active:
            yield NewMessage(own, occasion, title=f"您的一项资格证书有效期到{day}为止", body=row.name, url=url,
                             due=row.end)  # fmt: skip
        for person in keepers.of(row.cadre_id):
            yield NewMessage(person, occasion, title=f"{row.cadre.name}的一项资格证书有效期到{day}为止", body=row.name,
                             url=url, due=row.end)  # fmt: skip


def probations() -> Iterator[NewMessage]:
    """Whoever keeps the record: thirty and seven days before a probation (试用期) is over."""
    yield from _posts("probation", "probation_end", PROBATION, "试用期将在{}届满", "请安排试用期满考核。")


def terms() -> Iterator[NewMessage]:
    """The same ninety and thirty days before a term of office (任期) ends."""
    yield from _posts("term", "term_end", TERM, "任期将在{}届满", "请安排任期考核，研究续聘或调整。")


def _posts(kind: str, column: str, marks: tuple[int, ...], words: str, advice: str) -> Iterator[NewMessage]:
    """Appointments in force whose date in a column comes near."""
    near = Q(**{f"{column}__gte": today(), f"{column}__lte": horizon(marks)})
    found = Appointment.objects.on(today()).exclude(kind=Appointment.Kind.SECONDED).filter(near)
    found = found.filter(cadre__in=Cadre.objects.in_service()).select_related("cadre", "unit")
    rows = list(found.order_by(column, "pk"))
    keepers = Keepers(paths_of(rows), "cadre.edit")
    for row in rows:
        day: date = getattr(row, column)
        ahead = mark(day, marks)
        for person in keepers.of(row.cadre_id):
            yield NewMessage(
                person, f"{kind}:{row.pk}:{day:%Y%m%d}:{ahead}",
                title=f"{row.cadre.name}的{words.format(chinese(day))}", body=f"{row.place} {row.title}。{advice}",
                url=f"{reverse('cadre-detail', args=[row.cadre_id])}?tab=career#section-appointment", due=day,
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
