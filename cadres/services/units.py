"""Closing a unit as the roster sees it: nobody may be left there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Q

from accounts.models import Unit, User
from accounts.scope import require
from accounts.services import units
from cadres.models import Appointment, PersonnelRelation
from core.errors import WrongMoment


def close_unit(*, by: User, unit: Unit, on: date, successors: Iterable[Unit] = ()) -> Unit:
    """Close a unit from a day on, once nobody's personnel relation or appointment is left there.

    Raises WrongMoment with what is left, and whatever accounts.services.units.close_unit refuses.
    """
    with transaction.atomic():
        units.lock_unit(unit)
        require(by, "unit.edit", unit)
        left = people_left(unit)
        if left:
            raise WrongMoment("".join(left))
        return units.close_unit(by=by, unit=unit, on=on, successors=successors)


def people_left(unit: Unit) -> list[str]:
    """Return what keeps a unit from being closed, in sentences; empty when nothing does."""
    found = []
    people = PersonnelRelation.objects.filter(unit=unit, end=None).count()
    if people:
        found.append(f"还有 {people} 人的人事关系在本单位，请先调动。")
    posts = Appointment.objects.filter(Q(unit=unit) | Q(post__unit=unit), end=None).count()
    if posts:
        found.append(f"还有 {posts} 条任职没有免职，请先登记。")
    return found
