"""Classes: the enrolled the day before, schools whose people haven't enrolled or wait for their consent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Min, QuerySet

from accounts.models import User
from accounts.scope import users_who_may
from cadres.models import Cadre
from core.calendar import ZONE, end_of_day, now, today
from core.inbox import NewMessage
from reports.reminders.deadlines import chinese, mark
from reports.reminders.recipients import holders_below
from training.consent import CAPABILITY, consenters
from training.messages import class_url
from training.models import ClassSession, Enrolment, TrainingClass

Status = Enrolment.Status
# Days before the end of enrolment.
CLOSING = (3, 1)


def due() -> Iterator[NewMessage]:
    """Yield the reminders of this module."""
    yield from class_tomorrow()
    yield from consents_waiting()
    yield from targets_missing()


def class_tomorrow() -> Iterator[NewMessage]:
    """Everybody enrolled in a class that begins tomorrow: when and where; the occasion names the day."""
    day = today() + timedelta(days=1)
    classes = TrainingClass.objects.filter(status__in=["open", "settled"], starts_on=day)
    first = (
        ClassSession.objects.filter(training_class__in=classes, day=day).order_by().values("training_class")
    )
    begins = dict(first.annotate(begins=Min("begins")).values_list("training_class", "begins"))
    rows = Enrolment.objects.filter(training_class__in=classes, status=Status.ENROLLED)
    rows = rows.filter(cadre__user__is_active=True).select_related("training_class", "cadre__user")
    for row in rows.order_by("training_class_id", "pk"):
        each = row.training_class
        at = f" {begins[each.pk]:%H:%M} " if each.pk in begins else ""
        place = f"，地点：{each.venue}" if each.venue else ""
        yield NewMessage(
            row.cadre.user, f"class:{each.pk}:tomorrow:{day:%Y%m%d}",
            title=f"“{each.title}”明天开班", body=f"{chinese(day)}{at}开始{place}。",
            url=class_url(each), due=day,
        )  # fmt: skip


def _closing() -> QuerySet[TrainingClass]:
    """Classes whose enrolment ends in the next days."""
    last = end_of_day(today() + timedelta(days=max(CLOSING)))
    return TrainingClass.objects.filter(status="open", enrol_until__gte=now(), enrol_until__lte=last)


def _occasion(training_class: TrainingClass) -> str:
    until = training_class.enrol_until.astimezone(ZONE)
    return f"{until:%Y%m%d%H%M}:{mark(until.date(), CLOSING)}"


def _until(training_class: TrainingClass) -> str:
    until = training_class.enrol_until.astimezone(ZONE)
    return f"{chinese(until.date())} {until:%H:%M}"


def consents_waiting() -> Iterator[NewMessage]:
    """Those whose consent is asked, three days and one day before the window ends: how many wait for them."""
    rows = list(
        Enrolment.objects.filter(training_class__in=_closing(), status=Status.APPLIED)
        .select_related("training_class", "cadre")
        .order_by("pk")
    )
    asked = consenters(rows)
    people = User.objects.in_bulk({user for users in asked.values() for user in users})
    classes = {row.training_class_id: row.training_class for row in rows}
    counts: dict[tuple[int, int], int] = {}
    for row in rows:
        for user in asked[row.pk]:
            counts[user, row.training_class_id] = counts.get((user, row.training_class_id), 0) + 1
    for (user, key), count in sorted(counts.items()):
        each = classes[key]
        yield NewMessage(
            people[user], f"class:{key}:consent:{_occasion(each)}",
            title=f"“{each.title}”有 {count} 人报名等您同意",
            body=f"请在{_until(each)}前办理，过时作未录取处理。", url=class_url(each), due=each.enrol_until,
        )  # fmt: skip


def targets_missing() -> Iterator[NewMessage]:
    """Schools some of whose people a class is for and haven't enrolled: how many, on the same days."""
    for each in _closing().exclude(targets=None).select_related("unit"):
        answered = each.enrolments.exclude(status=Status.WITHDRAWN).values("cadre")
        serving = Cadre.objects.in_service().filter(pk__in=each.target_people.values("cadre"))
        paths = list(serving.exclude(pk__in=answered).order_by().values_list("unit_path", flat=True))
        holding = set(users_who_may("class.manage", each.unit).values_list("pk", flat=True))
        for user, path, unit_id, unit_name in holders_below(CAPABILITY, each.unit_path) if paths else ():
            count = sum(1 for one in paths if one.startswith(path))
            if not count or user.pk in holding:
                continue
            yield NewMessage(
                user, f"class:{each.pk}:missing:{_occasion(each)}:{unit_id}",
                title=f"“{each.title}”的报名即将截止",
                body=f"{unit_name}的培训对象中有 {count} 人还没有报名，截止时间为{_until(each)}。",
                url=class_url(each), due=each.enrol_until,
            )  # fmt: skip
