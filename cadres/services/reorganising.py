"""Merging and splitting units: people move, their history stays, both units' pages tell what happened."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction

from accounts.models import Unit, User
from accounts.scope import require
from accounts.services import units
from cadres.models import Cadre, PersonnelRelation, Post, Reorganisation
from cadres.services.consequences import (
    Change,
    Consequence,
    refuse_unsettled,
    told_by_apps,
    told_of_grants,
)
from cadres.services.moving import Move, Moved, lasting, move_people
from cadres.teams import team_of
from core import audit
from core.calendar import now, today
from core.errors import Invalid, WrongMoment
from core.partial_dates import PartialDate

audit.register("unit.merge", "合并单位")
audit.register("unit.split", "分设单位")

Kind = Reorganisation.Kind


def merge_units(*, by: User, unit: Unit, into: Unit, on: date, document_number: str = "") -> Moved:
    """Merge a unit into another from a day on, and close it: its people, posts and appointments go over.

    Relations and appointments at the unit end that day and begin at the other one, those whose end is known
    already too; the same post there is taken, a missing one is set up, and who holds it there already holds
    it once. The other unit is noted as successor. Needs `unit.edit` and `cadre.edit` at both. Raises Invalid
    for a day in the future or before somebody came, WrongMoment while people are seconded to the unit, units
    below it are open, or another app has something to settle first.
    """
    with transaction.atomic():
        unit, into = _locked(unit, into, on, by=by)
        refuse_unsettled(Change(Kind.MERGE, unit, into, on))
        why = f"{unit.name}并入{into.name}"
        moved = move_people(Move(unit, into, on, by, document_number, why, whole=True), _people(unit, on))
        moved.posts_closed = close_posts(unit, on)
        audit.record(
            "unit.merge", by=by, obj=unit, unit_name=unit.name, note=document_number,
            after={"并入": into.name, "日期": on, "人数": moved.people, "任职": moved.appointments},
        )  # fmt: skip
        units.close_unit(by=by, unit=unit, on=on, successors=[into])
        _note(Kind.MERGE, unit, into, on, moved, by, document_number)
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
        people = [cadre for cadre in _people(unit, on) if cadre.pk in set(cadres)]
        if not people or len(people) != len(set(cadres)):
            sentence = "请选择随分设转出的人员。" if not cadres else "有人已不在这个单位，请重新选择。"
            raise Invalid(sentence, errors={"cadres": [sentence]})
        refuse_unsettled(Change(Kind.SPLIT, unit, into, on, tuple(cadres)))
        why = f"由{unit.name}分设{into.name}"
        moved = move_people(Move(unit, into, on, by, document_number, why, whole=False), people)
        unit.successors.add(into)
        audit.record(
            "unit.split", by=by, obj=unit, unit_name=unit.name, note=document_number,
            after={"分设": into.name, "日期": on, "人数": moved.people, "任职": moved.appointments},
        )  # fmt: skip
        _note(Kind.SPLIT, unit, into, on, moved, by, document_number)
        return moved


def preview_merge(
    *, by: User, unit: Unit, into: Unit, on: date, document_number: str = ""
) -> list[Consequence]:
    """Return what merging would do, by doing it and taking it back; raises as `merge_units` does."""
    told = [*told_of_grants(unit, on), *told_by_apps(Change(Kind.MERGE, unit, into, on))]
    with transaction.atomic():
        moved = merge_units(by=by, unit=unit, into=into, on=on, document_number=document_number)
        own = [*_told_of_moved(moved, unit, into, on), *_told_of_places(into, by)]
        transaction.set_rollback(True)
    day = PartialDate.of(on).chinese()
    gone = Consequence(
        f"{unit.name}自{day}起撤销，页面和历史仍可查；{day}以前的统计仍计入{unit.name}，以后计入{into.name}。"
    )
    return [*own, gone, *told]


def preview_split(
    *, by: User, unit: Unit, into: Unit, cadres: Collection[int], on: date, document_number: str = ""
) -> list[Consequence]:
    """Return what splitting would do, by doing it and taking it back; raises as `split_unit` does."""
    told = told_by_apps(Change(Kind.SPLIT, unit, into, on, tuple(cadres)))
    with transaction.atomic():
        moved = split_unit(by=by, unit=unit, into=into, cadres=cadres, on=on, document_number=document_number)
        own = [*_told_of_moved(moved, unit, into, on), *_told_of_places(unit, by), *_told_of_places(into, by)]
        left = len(people_of(unit))
        transaction.set_rollback(True)
    return [*own, Consequence(f"{unit.name}继续存在，还有 {left} 人。"), *told]


def people_of(unit: Unit, on: date | None = None) -> list[Cadre]:
    """Return those whose personnel relation lies at a unit on a day (today) or later, by name."""
    relations = PersonnelRelation.objects.filter(lasting(on or today()), unit=unit)
    return list(Cadre.objects.filter(pk__in=relations.values("cadre")).order_by("name_key", "id"))


def close_posts(unit: Unit, on: date) -> list[int]:
    """Close the posts of a unit that goes away; returns their keys."""
    posts = list(Post.objects.select_for_update(of=("self",)).filter(unit=unit, closed_on=None))
    keys = [post.pk for post in posts]
    Post.objects.filter(pk__in=keys).update(closed_on=on, updated_at=now())
    return keys


def _note(kind: str, unit: Unit, into: Unit, on: date, moved: Moved, by: User, number: str) -> Reorganisation:
    return Reorganisation.objects.create(
        unit=unit, into=into, kind=kind, on=on, document_number=number.strip(), people=moved.people,
        appointments=moved.appointments, moved=moved.record, made_at=now(), made_by=by,
    )  # fmt: skip


def _told_of_moved(moved: Moved, unit: Unit, into: Unit, on: date) -> list[Consequence]:
    """Who and what goes over, which posts are set up, and what is held once only."""
    day = PartialDate.of(on).chinese()
    told = [
        Consequence(
            f"{moved.people} 人的人事关系和 {moved.appointments} 条任职自{day}起转到{into.name}，此前的经历不变。"
        )
    ]
    made = Post.objects.filter(pk__in=moved.posts_made).order_by("id").values_list("title", flat=True)
    if made:
        told.append(Consequence(f"{into.name}没有的岗位随之设立：{'、'.join(made)}。"))
    double = sum(1 for row in moved.held if row["new"] is None)
    if double:
        told.append(Consequence(f"{double} 条任职在{into.name}已有同一职务，只保留一条。"))
    return told


def _told_of_places(unit: Unit, by: User) -> list[Consequence]:
    """Where more people hold a post, or lead the unit, than it has places for; shown, not refused."""
    team = team_of(unit, by)
    over = [f"{seat.title}超配 {seat.over} 人" for seat in team.seats if seat.over]
    if team.headcount is not None and team.leaders > team.headcount:
        over.append(f"领导职数 {team.headcount}，实配 {team.leaders} 人")
    return [Consequence(f"{unit.name}的职数：{'，'.join(over)}。")] if over else []


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
        sentence = "日期不能晚于今天，请到那一天再办理。"
        raise Invalid(sentence, errors={"on": ["不能晚于今天，请到那一天再办理。"]})
    if into.valid_from and on < into.valid_from:
        sentence = f"日期早于{into.name}的成立日期。"
        raise Invalid(sentence, errors={"on": [sentence]})
    return unit, into


def _people(unit: Unit, on: date) -> list[Cadre]:
    """Those who belong to the unit on the day or later, locked in one order."""
    keys = [cadre.pk for cadre in people_of(unit, on)]
    return list(Cadre.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
