"""What people are told about classes and enrolments: one message per recipient and occasion.

Messages leave the house by e-mail: they say that something happened; reasons are read inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from accounts.models import Grant, User
from accounts.roles import roles_with
from accounts.scope import users_who_may
from core.calendar import ZONE, now, today
from core.inbox import NewMessage, send_many
from training import consent
from training.models import Enrolment, TrainingClass

Status = Enrolment.Status


def tell(people: Iterable[User | None], occasion: str, **words: Any) -> None:
    """Send one message to each person once; nobody is told twice on one occasion."""
    send_many(NewMessage(person, occasion, **words) for person in {each for each in people if each})


def chinese(moment: date | datetime) -> str:
    """Return a day, or a moment to the minute, in words: 2026年3月5日 17:00."""
    if isinstance(moment, datetime):
        local = moment.astimezone(ZONE)
        return f"{chinese(local.date())} {local:%H:%M}"
    return f"{moment.year}年{moment.month}月{moment.day}日"


def class_url(training_class: TrainingClass) -> str:
    """Return the address of a class's page."""
    return f"/classes/{training_class.pk}/"


def days(training_class: TrainingClass) -> str:
    """Return the days of a class in words."""
    first, last = training_class.starts_on, training_class.ends_on
    return chinese(first) if first == last else f"{chinese(first)}至{chinese(last)}"


def class_opened(training_class: TrainingClass) -> None:
    """Tell those who may enrol people of the class's units; the people themselves where the class names them."""
    _tell_enrolling(training_class, "开始报名")


def class_extended(training_class: TrainingClass) -> None:
    """Tell them that there is more time."""
    _tell_enrolling(training_class, "延长了报名时间")


def _tell_enrolling(training_class: TrainingClass, words: str) -> None:
    begin, until = training_class.enrol_from, training_class.enrol_until
    since = f"报名从{chinese(begin)}开始，" if begin > now() else ""
    people = set(enrolling(training_class))
    if training_class.self_enrolment:
        chosen = training_class.target_people.exclude(cadre__user=None).values("cadre__user")
        people |= set(User.objects.filter(is_active=True, pk__in=chosen))
    tell(
        people,
        f"class:{training_class.pk}:open:{until:%Y%m%d%H%M}",
        title=f"“{training_class.title}”{words}",
        body=f"{days(training_class)}，名额 {training_class.capacity} 人。{since}请在{chinese(until)}前报名。",
        url=class_url(training_class),
        due=until,
    )


def enrolling(training_class: TrainingClass) -> Iterable[User]:
    """Return those who may enrol people in the units that a class is for."""
    grants = Grant.objects.in_force().filter(
        role__in=roles_with(consent.CAPABILITY), unit__path__startswith=training_class.unit_path
    )
    return User.objects.filter(is_active=True, pk__in=grants.values("user_id"))


def applied(enrolment: Enrolment) -> None:
    """Tell those whose consent is asked: one message a class and day, however many apply."""
    training_class = enrolment.training_class
    tell(
        consent.people_asked(enrolment),
        f"class:{training_class.pk}:applied:{today():%Y%m%d}",
        title=f"“{training_class.title}”有报名等您同意",
        body=f"请在{chinese(training_class.enrol_until)}前办理，过时作未录取处理。",
        url=class_url(training_class),
        due=training_class.enrol_until,
    )


_WORDS = {
    Status.ENROLLED: "您已被“{title}”录取",
    Status.WAITING: "您已列入“{title}”的候补",
    Status.REFUSED: "您在“{title}”的报名有了新的进展",
    Status.LAPSED: "您在“{title}”的报名已结束",
    Status.WITHDRAWN: "您已退出“{title}”",
}
_BODIES = {
    Status.WAITING: "名额空出时按顺序递补，届时另行通知。",
    Status.REFUSED: "请登录查看。",
    Status.LAPSED: "报名已截止，没有录取。",
    Status.WITHDRAWN: "如有疑问，请与所在单位联系。",
}


def settled(enrolment: Enrolment) -> None:
    """Tell the person what became of the enrolment, once per decision."""
    training_class, status = enrolment.training_class, Status(enrolment.status)
    place = f"，地点：{training_class.venue}" if training_class.venue else ""
    enrolled = f"{days(training_class)}{place}。请按时参加。"
    last = enrolment.decisions.order_by("-id").values_list("pk", flat=True).first()
    tell(
        [enrolment.cadre.user],
        f"enrolment:{enrolment.pk}:{last}",
        title=_WORDS[status].format(title=training_class.title),
        body=_BODIES.get(status, enrolled),
        url=class_url(training_class),
    )


def withdrawn(enrolment: Enrolment, by: User | None) -> None:
    """Tell the person; of their own withdrawal the school, and on a settled list those who hold the class."""
    training_class = enrolment.training_class
    if by is None or enrolment.cadre.user_id != by.pk:
        settled(enrolment)
        return
    people = set(consent.people_asked(enrolment))
    if training_class.status == TrainingClass.Status.SETTLED:
        people |= set(users_who_may("class.manage", training_class.unit))
    tell(
        people,
        f"enrolment:{enrolment.pk}:withdrawn",
        title=f"“{training_class.title}”有一人退出",
        body="名单请登录查看。",
        url=class_url(training_class),
    )


def class_cancelled(training_class: TrainingClass) -> None:
    """Tell everybody who has a place, waits or has applied, and those who enrol people for the class."""
    live = Enrolment.objects.filter(training_class=training_class, status__in=Enrolment.LIVE)
    own = User.objects.filter(Q(pk__in=live.values("cadre__user")), is_active=True)
    tell(
        {*own, *enrolling(training_class)},
        f"class:{training_class.pk}:cancelled",
        title=f"“{training_class.title}”已取消",
        body="原因请登录查看。",
        url=class_url(training_class),
    )


def venue_changed(training_class: TrainingClass) -> None:
    """Tell those enrolled where the class is held now."""
    people = User.objects.filter(
        is_active=True, cadre__enrolments__training_class=training_class,
        cadre__enrolments__status=Status.ENROLLED,
    ).distinct()  # fmt: skip
    tell(
        people,
        f"class:{training_class.pk}:venue:{training_class.updated_at:%Y%m%d%H%M%S%f}",
        title=f"“{training_class.title}”的地点有调整",
        body=f"现在的地点：{training_class.venue or '另行通知'}。",
        url=class_url(training_class),
    )
