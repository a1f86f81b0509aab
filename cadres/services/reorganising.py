"""Merging and splitting units: people move, their history stays, both units' pages tell what happened."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Unit, User
from accounts.scope import require
from accounts.services import units
from cadres.models import Appointment, Cadre, PersonnelRelation, Post
from cadres.services.appointments import close_appointment, open_appointment
from cadres.services.posts import create_post
from core import audit
from core.calendar import now, today
from core.errors import Invalid, WrongMoment
from core.partial_dates import PartialDate

audit.register("unit.merge", "合并单位")
audit.register("unit.split", "分设单位")

_NAMES_SHOWN = 3


@dataclass(frozen=True)
class Moved:
    """How many personnel relations and appointments went over to the other unit."""

    people: int
    appointments: int


def merge_units(*, by: User, unit: Unit, into: Unit, on: date, document_number: str = "") -> Moved:
    """Merge a unit into another from a day on, and close it: its people, posts and appointments go over.

    Relations and appointments at the unit end that day and begin at the other one; the same post there is
    taken, a missing one is set up. The other unit is noted as successor. Needs `unit.edit` and `cadre.edit`
    at both. Raises Invalid for a day in the future or before somebody came, WrongMoment while people are
    seconded to the unit or units below it are open.
    """
    with transaction.atomic():
        unit, into = _locked(unit, into, on, by=by)
        people = _people(unit)
        moved = _move(
            unit,
            into,
            people,
            on,
            by=by,
            number=document_number,
            why=f"{unit.name}并入{into.name}",
            whole=True,
        )
        Post.objects.filter(unit=unit, closed_on=None).update(closed_on=on)
        audit.record(
            "unit.merge", by=by, obj=unit, unit_name=unit.name, note=document_number,
            after={"并入": into.name, "日期": on, "人数": moved.people, "任职": moved.appointments},
        )  # fmt: skip
        units.close_unit(by=by, unit=unit, on=on, successors=[into])
        return moved


def split_unit(
    *, by: User, unit: Unit, into: Unit, cadres: Collection[int], on: date, document_number: str = ""
) -> Moved:
    """Split some people of a unit off to another from a day on; the unit itself goes on.

    `cadres` are the keys of those who go. The other unit is noted as successor. Raises as `merge_units`
    does, and Invalid when nobody is named or somebody named doesn't belong to the unit.
    """
    with transaction.atomic():
        unit, into = _locked(unit, into, on, by=by)
        people = [cadre for cadre in _people(unit) if cadre.pk in set(cadres)]
        if not people or len(people) != len(set(cadres)):
            sentence = "请选择随分设转出的人员。" if not cadres else "有人已不在这个单位，请重新选择。"
            raise Invalid(sentence, errors={"cadres": [sentence]})
        moved = _move(
            unit,
            into,
            people,
            on,
            by=by,
            number=document_number,
            why=f"由{unit.name}分设{into.name}",
            whole=False,
        )
        unit.successors.add(into)
        audit.record(
            "unit.split", by=by, obj=unit, unit_name=unit.name, note=document_number,
            after={"分设": into.name, "日期": on, "人数": moved.people, "任职": moved.appointments},
        )  # fmt: skip
        return moved


def people_of(unit: Unit) -> list[Cadre]:
    """Return those whose personnel relation is open at a unit, by name."""
    relations = PersonnelRelation.objects.filter(unit=unit, end=None)
    return list(Cadre.objects.filter(pk__in=relations.values("cadre")).order_by("name_key", "id"))


def _locked(unit: Unit, into: Unit, on: date, *, by: User) -> tuple[Unit, Unit]:
    """Lock both units in one order and check what can be said before anybody moves."""
    units.lock_unit(unit)
    first, second = sorted((unit.pk, into.pk))
    found = {
        each.pk: each
        for each in Unit.objects.select_for_update().filter(pk__in=(first, second)).order_by("pk")
    }
    unit, into = found[unit.pk], found[into.pk]
    for each in (unit, into):
        require(by, "unit.edit", each)
        require(by, "cadre.edit", each)
        if each.is_closed:
            raise WrongMoment(f"“{each.name}”已撤销。")
    if unit.pk == into.pk:
        raise Invalid("请选择另一个单位。", errors={"into": ["请选择另一个单位。"]})
    if on > today():
        raise Invalid("日期不能晚于今天。", errors={"on": ["不能晚于今天。"]})
    if into.valid_from and on < into.valid_from:
        sentence = f"日期早于{into.name}的成立日期。"
        raise Invalid(sentence, errors={"on": [sentence]})
    return unit, into


def _people(unit: Unit) -> list[Cadre]:
    """Those who belong to the unit, locked in one order."""
    keys = [cadre.pk for cadre in people_of(unit)]
    return list(Cadre.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))


def _move(
    unit: Unit, into: Unit, people: list[Cadre], on: date, *, by: User, number: str, why: str, whole: bool
) -> Moved:
    relations = PersonnelRelation.objects.filter(unit=unit, end=None, cadre__in=people)
    _refuse_late(relations.filter(start__gte=on).select_related("cadre"), on, "人事关系")
    relations.update(end=on, end_precision="day", leaving=PersonnelRelation.Leaving.TRANSFER)
    PersonnelRelation.objects.bulk_create(
        PersonnelRelation(cadre=cadre, unit=into, unit_path=into.path, start=on) for cadre in people
    )
    Cadre.objects.filter(pk__in=[cadre.pk for cadre in people]).update(
        unit=into, unit_path=into.path, updated_at=now()
    )
    held = _appointments(unit, people, whole=whole)
    _refuse_late(held.filter(start__gt=on), on, "任职")
    posts: dict[int, Post] = {}
    going = list(held)
    for appointment in going:
        _take_over(appointment, into, on, by=by, number=number, why=why, posts=posts)
    return Moved(len(people), len(going))


def _appointments(unit: Unit, people: list[Cadre], *, whole: bool) -> QuerySet[Appointment]:
    """The open appointments at the unit that go over: all of them in a merger, else those of the people."""
    held = Appointment.objects.filter(Q(unit=unit) | Q(post__unit=unit), end=None).select_related(
        "cadre", "post"
    )
    if not whole:
        held = held.filter(cadre__in=people)
    guests = [each.cadre.name for each in held.filter(kind=Appointment.Kind.SECONDED)[:_NAMES_SHOWN]]
    if guests:
        raise WrongMoment(f"还有人在本单位挂职（{'、'.join(guests)}），请先结束或改派。")
    return held.order_by("cadre_id", "-is_main", "id")


def _take_over(
    old: Appointment, into: Unit, on: date, *, by: User, number: str, why: str, posts: dict[int, Post]
) -> None:
    close_appointment(appointment=old, on=on, by=by, removal_reason=why)
    open_appointment(
        cadre=old.cadre, by=by, title=old.title, unit=into, post=_post_at(into, old.post, posts, by),
        kind=old.kind, is_main=old.is_main, start=on, document_number=number or old.document_number,
        selection=old.selection, probation_end=old.probation_end, term_number=old.term_number,
        term_end=old.term_end, order=old.order,
    )  # fmt: skip


def _post_at(into: Unit, post: Post | None, posts: dict[int, Post], by: User) -> Post | None:
    """The same post at the other unit: an open one of that name, else a new one."""
    if post is None:
        return None
    if post.pk not in posts:
        found = Post.objects.filter(unit=into, title=post.title, closed_on=None).first()
        posts[post.pk] = found or create_post(
            unit=into,
            by=by,
            title=post.title,
            category=post.category,
            level=post.level,
            headcount=post.headcount,
        )
    return posts[post.pk]


def _refuse_late(rows: QuerySet[Any], on: date, word: str) -> None:
    """Nobody leaves before they came."""
    names = [f"{row.cadre.name}（{row.start_date.chinese()}）" for row in rows[:_NAMES_SHOWN]]
    if names:
        day = PartialDate.of(on).chinese()
        sentence = f"{day}早于这些人的{word}开始时间：{'、'.join(names)}。"
        raise Invalid(sentence, errors={"on": [sentence]})
