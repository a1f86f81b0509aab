"""The places of a class, counted under the lock of the class's row: whoever takes or frees one waits there.

Everything locks the class before an enrolment, so that no two actions wait for each other.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from cadres.models import Cadre
from core.errors import WrongMoment
from training.models import Enrolment, TrainingClass


def lock_class(pk: int) -> TrainingClass:
    """Lock a class until the transaction ends and read it afresh: enrolling, settling and freeing wait here."""
    return TrainingClass.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)


def count_taken(training_class: TrainingClass) -> int:
    """Return how many places are taken."""
    return Enrolment.objects.filter(training_class=training_class, status=Enrolment.Status.ENROLLED).count()


def places_left(training_class: TrainingClass) -> int:
    """Return how many places are left; call it under `lock_class` before one is taken."""
    return max(training_class.capacity - count_taken(training_class), 0)


def require_place(training_class: TrainingClass) -> None:
    """Refuse when the class is full. Raises WrongMoment."""
    if not places_left(training_class):
        raise WrongMoment(f"名额（{training_class.capacity} 人）已满。")


def waiting(training_class: TrainingClass) -> QuerySet[Enrolment]:
    """Return the waiting list in its order: by when the school had consented."""
    rows = Enrolment.objects.filter(training_class=training_class, status=Enrolment.Status.WAITING)
    return rows.order_by("queued_at", "pk")


def waiting_before(enrolment: Enrolment) -> int:
    """Return how many come before somebody on the waiting list."""
    since = enrolment.queued_at
    earlier = Q(queued_at__lt=since) | Q(queued_at=since, pk__lt=enrolment.pk)
    return waiting(enrolment.training_class).filter(earlier).count()


def first_waiting(training_class: TrainingClass) -> Enrolment | None:
    """Return the next of the waiting list, passing over whoever has left service; under the class's lock."""
    return waiting(training_class).filter(cadre__in=Cadre.objects.in_service()).first()
