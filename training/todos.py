"""What of training waits for a person, and what one started: consents, lists to settle, own classes and enrolments."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min
from django.urls import reverse

from core.started import Line
from core.todo import TodoItem
from training.consent import asked_of
from training.listing import to_settle, with_numbers
from training.models import Enrolment, TrainingClass
from training.presenting import ENROLMENT_TONES, days_of, state_of

_SHOWN = 4


def waiting(user: Any) -> list[TodoItem]:
    """Return everything of this app that waits for the user."""
    return [*_consents(user), *_lists(user)]


def _consents(user: Any) -> list[TodoItem]:
    """One line a class with applications that wait for the user's consent before anybody else's."""
    ids = asked_of(user)
    if not ids:
        return []
    rows = (
        Enrolment.objects.filter(pk__in=ids)
        .order_by()
        .values("training_class_id", "training_class__title", "training_class__enrol_until")
        .annotate(count=Count("pk"), first=Min("pk"))
    )
    return [
        TodoItem(
            title=f"同意 {row['count']} 人的培训报名",
            verb="办理",
            url=reverse("enrolment-detail", args=[row["first"]])
            if row["count"] == 1
            else f"{reverse('class-people', args=[row['training_class_id']])}?status=applied",
            due=row["training_class__enrol_until"],
            count=row["count"],
            detail=row["training_class__title"],
        )
        for row in rows
    ]


def _lists(user: Any) -> list[TodoItem]:
    """Classes whose window is over and whose list isn't settled."""
    return [
        TodoItem(
            title="确定培训班名单", verb="查看", url=reverse("class-detail", args=[row.pk]), due=row.starts_on,
            detail=row.title,
        )
        for row in to_settle(user).order_by("starts_on", "pk")
    ]  # fmt: skip


def started(user: Any) -> list[Line]:
    """Return the classes the user made that aren't over, and the user's own enrolments that aren't."""
    over = (TrainingClass.Status.FINISHED, TrainingClass.Status.CANCELLED)
    made = TrainingClass.objects.visible_to(user, "class.manage").filter(created_by=user.pk)
    made = made.exclude(status__in=over).order_by("-created_at", "-pk")
    lines = [_class_line(each) for each in with_numbers(made, user)[:_SHOWN]]
    own = Enrolment.objects.filter(cadre__user=user.pk).exclude(training_class__status__in=over)
    newest = own.select_related("training_class").order_by("-updated_at", "-pk")[:_SHOWN]
    return lines + [
        Line(
            title=each.training_class.title,
            url=reverse("enrolment-detail", args=[each.pk]),
            status=each.get_status_display(),
            tone=ENROLMENT_TONES[each.status],
            detail=days_of(each.training_class),
        )
        for each in newest
    ]


def _class_line(row: Any) -> Line:
    words, tone = state_of(row)
    numbers = [f"录取 {row.enrolled} / {row.capacity}"]
    numbers += [
        f"{label} {count}" for label, count in (("候补", row.waiting), ("待同意", row.applied)) if count
    ]
    is_open = row.status == TrainingClass.Status.OPEN
    return Line(
        title=row.title,
        url=reverse("class-detail", args=[row.pk]),
        status=words,
        tone=tone,
        detail=" · ".join(numbers) if row.status != TrainingClass.Status.DRAFT else days_of(row),
        due=row.enrol_until if is_open else None,
    )
