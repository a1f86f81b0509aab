"""What becomes of classes and enrolments when a unit is merged, split or closed, in sentences.

An enrolment stays with the unit it was made at (a transfer doesn't move it), so that most of it is only to be told.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from cadres.models import Reorganisation
from cadres.services.consequences import Change, Consequence
from training.models import Enrolment, TrainingClass

_NAMES_SHOWN = 3
_OPEN = ("draft", "open", "settled")


def told_of_change(change: Change) -> Iterator[Consequence]:
    """Yield what a change of a unit means for its classes and for its people's enrolments."""
    rows = Enrolment.objects.filter(unit=change.unit, training_class__status__in=("open", "settled"))
    if change.kind == Reorganisation.Kind.SPLIT:
        rows = rows.filter(cadre__in=change.people)
    else:
        yield from _told_of_classes(change)
    yield from _told_of_applications(change, rows.filter(status=Enrolment.Status.APPLIED))
    kept = rows.filter(status__in=[Enrolment.Status.ENROLLED, Enrolment.Status.WAITING])
    if count := kept.count():
        yield Consequence(f"{count} 份培训班的录取和候补（{_named(kept)}）继续有效。")


def _told_of_classes(change: Change) -> Iterator[Consequence]:
    classes = TrainingClass.objects.filter(unit=change.unit, status__in=_OPEN).order_by("starts_on", "pk")
    titles = "、".join(f"“{each.title}”" for each in classes)
    if titles:
        yield Consequence(f"本单位主办的培训班{titles}还没有结束，由上级单位继续办理。")


def _told_of_applications(change: Change, rows: QuerySet[Enrolment]) -> Iterator[Consequence]:
    """A closed school has nobody left who consents; those above it do."""
    count = rows.count()
    if not count:
        return
    split = change.kind == Reorganisation.Kind.SPLIT
    by = f"仍由{change.unit.name}同意" if split else "由上级单位同意"
    yield Consequence(f"{count} 份待同意的培训报名（{_named(rows)}）{by}。")


def _named(rows: QuerySet[Enrolment]) -> str:
    names = list(dict.fromkeys(rows.order_by("pk").values_list("cadre__name", flat=True)))
    more = f"等 {len(names)} 人" if len(names) > _NAMES_SHOWN else ""
    return "、".join(names[:_NAMES_SHOWN]) + more
