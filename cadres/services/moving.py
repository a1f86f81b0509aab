"""How people, their appointments and posts go from one unit to another, with what taking it back needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from accounts.models import Unit, User
from cadres.models import Appointment, Cadre, PersonnelRelation, Post
from cadres.services.appointments import close_appointment, open_appointment
from cadres.services.posts import create_post
from core.calendar import now
from core.errors import Invalid, WrongMoment
from core.partial_dates import PartialDate

_NAMES_SHOWN = 3


@dataclass
class Moved:
    """What went over to the other unit: how many, and for taking it back each row with the one that follows."""

    people: int = 0
    appointments: int = 0
    relations: list[dict[str, Any]] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    posts_made: list[int] = field(default_factory=list)
    posts_closed: list[int] = field(default_factory=list)

    @property
    def record(self) -> dict[str, Any]:
        """The rows as plain data."""
        return {
            "relations": self.relations,
            "held": self.held,
            "posts_made": self.posts_made,
            "posts_closed": self.posts_closed,
        }


@dataclass(frozen=True)
class Move:
    """From where to where, from when, by which document; `whole` when the unit itself goes."""

    unit: Unit
    into: Unit
    on: date
    by: User
    number: str
    why: str
    whole: bool


def lasting(on: date) -> Q:
    """Return the condition of a dated row that isn't over by a day: an end that is known already counts.

    A row that ends where it begins (a stay that was cancelled) never lasts.
    """
    return Q(end=None) | (Q(end__gt=on) & (Q(start=None) | Q(start__lt=F("end"))))


def move_people(move: Move, people: list[Cadre]) -> Moved:
    """Hand relations and appointments over. Raises Invalid for somebody who came later, WrongMoment for guests."""
    moved = Moved(people=len(people))
    relations = PersonnelRelation.objects.filter(lasting(move.on), unit=move.unit, cadre__in=people)
    _refuse_late(relations, move.on, "人事关系")
    _move_relations(move, list(relations), moved)
    Cadre.objects.filter(pk__in=[cadre.pk for cadre in people], unit=move.unit).update(
        unit=move.into, unit_path=move.into.path, updated_at=now()
    )
    held = _appointments(move, people)
    _refuse_late(held, move.on, "任职")
    posts: dict[int, Post] = {}
    for appointment in list(held):
        _take_over(move, appointment, posts, moved)
    moved.appointments = len(moved.held)
    return moved


def _move_relations(move: Move, old_ones: list[PersonnelRelation], moved: Moved) -> None:
    before = [(each.end, each.end_precision, each.leaving) for each in old_ones]
    keys = [each.pk for each in old_ones]
    PersonnelRelation.objects.filter(pk__in=keys).update(
        end=move.on, end_precision="day", leaving=PersonnelRelation.Leaving.TRANSFER
    )
    new_ones = PersonnelRelation.objects.bulk_create(
        PersonnelRelation(
            cadre_id=old.cadre_id, unit=move.into, unit_path=move.into.path, start=move.on,
            end=end, end_precision=precision, leaving=leaving,
        )
        for old, (end, precision, leaving) in zip(old_ones, before, strict=True)
    )  # fmt: skip
    moved.relations = [
        {"old": key, "new": new.pk, "end": _text(end), "precision": precision, "leaving": leaving}
        for key, new, (end, precision, leaving) in zip(keys, new_ones, before, strict=True)
    ]


def _appointments(move: Move, people: list[Cadre]) -> QuerySet[Appointment]:
    """The appointments at the unit that go over: all of them in a merger, else those of the people."""
    held = Appointment.objects.filter(lasting(move.on), Q(unit=move.unit) | Q(post__unit=move.unit))
    held = held.select_related("cadre", "post", "removal")
    if not move.whole:
        held = held.filter(cadre__in=people)
    guests = [each.cadre.name for each in held.filter(kind=Appointment.Kind.SECONDED)[:_NAMES_SHOWN]]
    if guests:
        raise WrongMoment(f"还有人在本单位挂职（{'、'.join(guests)}），请先结束或改派。")
    return held.order_by("cadre_id", "-is_main", "id")


def _take_over(move: Move, old: Appointment, posts: dict[int, Post], moved: Moved) -> None:
    post = _post_at(move, old.post, posts, moved)
    row: dict[str, Any] = {
        "old": old.pk, "new": None, "end": _text(old.end), "precision": old.end_precision,
        "removal": old.removal_id, "reason": old.removal_reason,
    }  # fmt: skip
    end, removal, reason = PartialDate.of(old.end, old.end_precision) if old.end else None, old.removal, (
        old.removal_reason
    )  # fmt: skip
    close_appointment(appointment=old, on=move.on, by=move.by, removal_reason=move.why)
    moved.held.append(row)
    twin = _twin(move, old, post)
    if twin is not None and (twin.is_main or not old.is_main):
        return  # held there already: once is enough
    if twin is not None:
        row["twin"] = {"id": twin.pk, "end": _text(twin.end), "precision": twin.end_precision,
                       "removal": twin.removal_id, "reason": twin.removal_reason}  # fmt: skip
        close_appointment(appointment=twin, on=move.on, by=move.by, removal_reason=move.why)
    new = open_appointment(
        cadre=old.cadre, by=move.by, title=old.title, unit=move.into, post=post, kind=old.kind,
        is_main=old.is_main, start=move.on, end=end, document_number=move.number or old.document_number,
        selection=old.selection, probation_end=old.probation_end, term_number=old.term_number,
        term_end=old.term_end, order=old.order,
    )  # fmt: skip
    if end is not None:
        new.removal, new.removal_reason = removal, reason
        new.save(update_fields=["removal", "removal_reason"])
    row["new"] = new.pk


def _twin(move: Move, old: Appointment, post: Post | None) -> Appointment | None:
    """The same post (or the same title without one) that the person holds at the other unit already."""
    rows = Appointment.objects.filter(cadre=old.cadre_id, unit=move.into).on(move.on)
    rows = rows.exclude(kind=Appointment.Kind.SECONDED)
    return rows.filter(post=post).first() if post else rows.filter(post=None, title=old.title).first()


def _post_at(move: Move, post: Post | None, posts: dict[int, Post], moved: Moved) -> Post | None:
    """The same post at the other unit: an open one of that name, else a new one from that day on.

    A part that is split off takes no places along: its headcount is for the bureau to set.
    """
    if post is None:
        return None
    if post.pk not in posts:
        found = Post.objects.filter(unit=move.into, title=post.title, closed_on=None).first()
        if found is None:
            found = create_post(
                unit=move.into, by=move.by, title=post.title, category=post.category, level=post.level,
                headcount=post.headcount if move.whole else None, opened_on=move.on,
            )  # fmt: skip
            moved.posts_made.append(found.pk)
        posts[post.pk] = found
    return posts[post.pk]


def _refuse_late(rows: QuerySet[Any], on: date, word: str) -> None:
    """Nobody leaves before they came."""
    late = rows.filter(start__gt=on).select_related("cadre")
    names = [f"{row.cadre.name}（{row.start_date.chinese()}）" for row in late[:_NAMES_SHOWN]]
    if names:
        day = PartialDate.of(on).chinese()
        sentence = f"{day}早于这些人的{word}开始时间：{'、'.join(names)}。"
        raise Invalid(sentence, errors={"on": [sentence]})


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
