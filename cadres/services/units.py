"""Closing a unit as the roster sees it: nobody may be left there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Greatest

from accounts.models import Unit, User
from accounts.scope import require
from accounts.services import units
from cadres.models import Appointment, PersonnelRelation, Reorganisation
from cadres.services.consequences import (
    Change,
    Consequence,
    refuse_unsettled,
    told_by_apps,
    told_of_grants,
)
from cadres.services.moving import lasting
from cadres.services.reorganising import close_posts
from core.calendar import now, today
from core.errors import Invalid, WrongMoment
from core.partial_dates import PartialDate


def close_unit(*, by: User, unit: Unit, on: date, successors: Iterable[Unit] = ()) -> Unit:
    """Close a unit from a day on, once nobody's personnel relation or appointment is left there that day.

    Its posts are closed with it. Raises Invalid for a day to come, WrongMoment with what is left or has to be
    settled first, and whatever accounts.services.units.close_unit refuses.
    """
    with transaction.atomic():
        units.lock_unit(unit)
        require(by, "unit.edit", unit)
        if on > today():
            sentence = "日期不能晚于今天，请到那一天再办理。"
            raise Invalid(sentence, errors={"on": [sentence]})
        heirs = list(successors)
        refuse_unsettled(Change(Reorganisation.Kind.CLOSE, unit, heirs[0] if heirs else None, on))
        left = people_left(unit, on)
        if left:
            raise WrongMoment("".join(left))
        posts = close_posts(unit, on)
        closed = units.close_unit(by=by, unit=unit, on=on, successors=heirs)
        successor: Unit | None
        for successor in heirs or (None,):
            Reorganisation.objects.create(
                unit=closed, into=successor, kind=Reorganisation.Kind.CLOSE, on=on, made_at=now(), made_by=by,
                moved={"posts_closed": posts},
            )  # fmt: skip
        return closed


def preview_close(*, by: User, unit: Unit, on: date, successors: Iterable[Unit] = ()) -> list[Consequence]:
    """Return what closing would do, by doing it and taking it back; raises as `close_unit` does."""
    heirs = list(successors)
    change = Change(Reorganisation.Kind.CLOSE, unit, heirs[0] if heirs else None, on)
    told = [*told_of_grants(unit, on), *told_by_apps(change)]
    with transaction.atomic():
        close_unit(by=by, unit=unit, on=on, successors=heirs)
        posts = len(Reorganisation.objects.filter(unit=unit).order_by("-id")[0].moved["posts_closed"])
        transaction.set_rollback(True)
    day = PartialDate.of(on).chinese()
    own = [Consequence(f"{unit.name}自{day}起撤销，页面和历史仍可查，{day}以前的统计不变。")]
    if posts:
        own.append(Consequence(f"{posts} 个岗位一并撤销。"))
    return [*own, *told]


def people_left(unit: Unit, on: date | None = None) -> list[str]:
    """Return what keeps a unit from being closed on a day (today), in sentences; empty when nothing does."""
    day = on or today()
    found = []
    relations = PersonnelRelation.objects.filter(lasting(day), unit=unit)
    people = relations.filter(end=None).count()
    if people:
        found.append(f"还有 {people} 人的人事关系在本单位，请先调动。")
    held = Appointment.objects.filter(Q(unit=unit) | Q(post__unit=unit)).filter(lasting(day))
    posts = held.filter(end=None).count()
    if posts:
        found.append(f"还有 {posts} 条任职没有免职，请先登记。")
    if not found and (last := _last_end(relations, held)) is not None:
        found.append(f"到{PartialDate.of(last).chinese()}还有人在本单位，撤销日期不能早于这一天。")
    return found


def _last_end(*rows: object) -> date | None:
    """The latest day on which something at the unit ends, None when nothing lasts."""
    ends = [each.aggregate(last=Max(Greatest("end", "start")))["last"] for each in rows]  # type: ignore[attr-defined]
    return max((day for day in ends if day), default=None)
