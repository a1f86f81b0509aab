"""What the pages list: classes with their numbers, people of a class, people who may join, what waits for whom."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.scope import path_filter, paths
from cadres.avoidance import avoided_by
from cadres.models import Appointment, Cadre
from core.calendar import now, today
from training import consent
from training.models import ClassSession, ClassTarget, Enrolment, TrainingClass
from training.services.enrolments import candidates

Status = Enrolment.Status
_ORDER = (Status.APPLIED, Status.ENROLLED, Status.WAITING, Status.REFUSED, Status.LAPSED, Status.WITHDRAWN)


def with_numbers(rows: QuerySet[TrainingClass], user: Any) -> QuerySet[TrainingClass]:
    """Annotate classes with who is on the list, who waits, and how many of those the user sees."""
    seen = path_filter(user, "class.view", "enrolments__unit_path")

    def number(*states: str, of: Q | None = None) -> Count:
        condition = Q(enrolments__status__in=states)
        return Count("enrolments", filter=condition & of if of is not None else condition)

    return rows.annotate(
        enrolled=number(Status.ENROLLED),
        waiting=number(Status.WAITING),
        applied=number(Status.APPLIED),
        seen=number(*Enrolment.LIVE, of=seen),
    )


def post_of(cadre: str) -> Coalesce:
    """The title of a person's main post today; `cadre` leads to the person's key."""
    posts = Appointment.objects.main().on(today()).filter(cadre=OuterRef(cadre)).order_by("-start", "pk")
    return Coalesce(Subquery(posts.values("title")[:1]), Value(""), output_field=CharField())


def people_of(training_class: TrainingClass, user: Any) -> QuerySet[Enrolment]:
    """The enrolments of a class that a user sees: who asks first, then the list, then the queue in its order."""
    ahead = (
        Enrolment.objects.filter(training_class=OuterRef("training_class"), status=Status.WAITING)
        .filter(
            Q(queued_at__lt=OuterRef("queued_at")) | Q(queued_at=OuterRef("queued_at"), pk__lt=OuterRef("pk"))
        )
        .order_by()
        .values("training_class")
        .annotate(number=Count("pk"))
        .values("number")
    )
    rank = Case(*(When(status=each, then=at) for at, each in enumerate(_ORDER)), output_field=IntegerField())
    return (
        Enrolment.objects.visible_to(user, "class.view")
        .filter(training_class=training_class)
        .annotate(post=post_of("cadre"), ahead=Coalesce(Subquery(ahead), 0), rank=rank)
        .select_related("cadre", "unit", "applied_by")
        .order_by("rank", "queued_at", "pk")
    )


def people_to_enrol(training_class: TrainingClass, user: Any) -> QuerySet[Cadre]:
    """The people a user may enrol, each with the main post."""
    rows = candidates(training_class=training_class, by=user)
    return rows.select_related("unit").annotate(post=post_of("pk"))


def targets_in_view(training_class: TrainingClass, user: Any) -> QuerySet[Cadre]:
    """The people a class is meant for whom a user sees, each with the state of their enrolment."""
    meant = ClassTarget.objects.filter(training_class=training_class).order_by()
    rows = Enrolment.objects.filter(training_class=training_class, cadre=OuterRef("pk")).order_by("-pk")
    return (
        Cadre.objects.visible_to(user, "cadre.view")
        .filter(pk__in=meant.values("cadre"))
        .select_related("unit")
        .annotate(
            post=post_of("pk"),
            standing=Coalesce(Subquery(rows.values("status")[:1]), Value(""), output_field=CharField()),
        )
    )


def awaiting_consent(user: Any) -> QuerySet[Enrolment]:
    """The applications a user may answer, whoever is asked first: in their units, without own and kin's (回避)."""
    rows = Enrolment.objects.visible_to(user, consent.CAPABILITY).filter(status=Status.APPLIED)
    return rows.exclude(cadre__in=avoided_by(user).values("pk"))


def to_settle(user: Any) -> QuerySet[TrainingClass]:
    """Open classes whose window is over and whose list the user may settle."""
    if not paths(user, "class.manage"):
        return TrainingClass.objects.none()
    rows = TrainingClass.objects.visible_to(user, "class.manage").filter(status=TrainingClass.Status.OPEN)
    # A deadline typed 23:59 counts through 23:59:59.
    return rows.filter(enrol_until__lt=now().replace(second=0, microsecond=0))


def open_to_apply(user: Any) -> QuerySet[TrainingClass]:
    """Classes that take one's own application now and in which one isn't yet."""
    person = Cadre.objects.filter(user=user.pk).order_by()
    there = Enrolment.objects.filter(training_class=OuterRef("pk"), cadre__in=person.values("pk"))
    meant = ClassTarget.objects.filter(training_class=OuterRef("pk"), cadre__in=person.values("pk"))
    moment = now()
    return (
        TrainingClass.objects.visible_to(user)
        .filter(status=TrainingClass.Status.OPEN, self_enrolment=True, enrol_from__lte=moment)
        .filter(enrol_until__gte=moment.replace(second=0, microsecond=0))
        .filter(Q(targets=None) | Exists(meant))
        .exclude(Exists(there.filter(status__in=Enrolment.LIVE)))
        .order_by("enrol_until", "pk")
    )


def own_sessions(user: Any, since: date) -> QuerySet[ClassSession]:
    """The sessions from a day on of the classes one has a place in."""
    held = Enrolment.objects.filter(cadre__user=user.pk, status=Status.ENROLLED).order_by()
    going = Q(training_class__status__in=[TrainingClass.Status.OPEN, TrainingClass.Status.SETTLED])
    rows = ClassSession.objects.filter(
        going, training_class__in=held.values("training_class"), day__gte=since
    )
    return rows.select_related("training_class").order_by("day", "begins", "pk")
