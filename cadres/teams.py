"""A unit's leadership team: its open posts with those who hold them, vacancies, head-count."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When

from accounts.models import Unit
from accounts.scope import may_on
from cadres.models import Appointment, Post
from core.calendar import completed_years, today

_ORDER = Case(
    *(When(category=category, then=Value(order)) for order, category in enumerate(Post.Category.values)),
    default=Value(9), output_field=IntegerField(),
)  # fmt: skip


@dataclass
class Seat:
    """A post and who holds it today."""

    post: Post | None  # None for a title that belongs to no post of the unit
    title: str
    category: str
    holders: list[dict[str, Any]] = field(default_factory=list)
    # Who takes up a place: each person once, nobody on secondment (挂任).
    held_by: set[int] = field(default_factory=set)

    @property
    def vacant(self) -> int:
        """How many places of the post are free; without a head-count one when nobody holds it."""
        if self.post is None:
            return 0
        places = 1 if self.post.headcount is None else self.post.headcount
        return max(0, places - len(self.held_by))

    @property
    def over(self) -> int:
        """How many hold the post beyond its head-count (超配): shown, not refused."""
        if self.post is None or self.post.headcount is None:
            return 0
        return max(0, len(self.held_by) - self.post.headcount)


@dataclass
class Team:
    """The seats of a unit with their sums."""

    seats: list[Seat]
    others: list[Seat]
    leaders: int
    headcount: int | None

    @property
    def by_category(self) -> list[dict[str, Any]]:
        """Holders, head-count and vacancies of each category of post, in order; no head-count where none is set."""
        found: dict[str, dict[str, Any]] = {}
        for seat in self.seats:
            row = found.setdefault(
                seat.category, {"label": seat.category, "held": 0, "headcount": 0, "vacant": 0}
            )
            row["held"] += len(seat.held_by)
            row["headcount"] += (seat.post.headcount or 0) if seat.post else 0
            row["vacant"] += seat.vacant
        return list(found.values())

    @property
    def balance(self) -> str:
        """Leaders against the unit's head-count in words."""
        if self.headcount is None:
            return ""
        gap = self.leaders - self.headcount
        if gap == 0:
            return "满编"
        return f"超配 {gap} 人" if gap > 0 else f"缺配 {-gap} 人"

    @property
    def tone(self) -> str:
        """The tone of the balance."""
        gap = self.leaders - (self.headcount or 0)
        return "success" if gap == 0 else "warning" if gap > 0 else "info"


def team_of(unit: Unit, user: Any, on: date | None = None) -> Team:
    """Return the team of a unit on a day as a user may see it (today when none is given).

    Names go to those who may see the unit's people. A post counts from when it was set up (always, where that
    isn't known) until it was closed, and only while the unit is there.
    """
    day = on or today()
    posts = (
        Post.objects.filter(
            Q(closed_on=None) | Q(closed_on__gt=day), Q(opened_on=None) | Q(opened_on__lte=day), unit=unit
        )
        .annotate(rank=_ORDER)
        .order_by("rank", "id")
    )
    if not unit.exists_on(day):
        posts = posts.none()
    seats = {post.pk: Seat(post, post.title, post.get_category_display()) for post in posts}
    others: dict[str, Seat] = {}
    holding = Appointment.objects.filter(unit=unit).on(day).select_related("cadre__unit", "post")
    leaders = set()
    named = may_on(user, "cadre.view", unit)
    personal = may_on(user, "cadre.view_personal", unit)
    for each in holding.order_by("-is_main", "start"):
        seat = seats.get(each.post_id) if each.post_id else None
        if seat is None:
            seat = others.setdefault(each.title, Seat(None, each.title, each.get_kind_display()))
        elif each.post.category != Post.Category.MIDDLE and each.kind != Appointment.Kind.SECONDED:
            leaders.add(each.cadre_id)
        seat.holders.append(_holder(each, named, personal, day))
        if each.kind != Appointment.Kind.SECONDED:
            seat.held_by.add(each.cadre_id)
    return Team(list(seats.values()), list(others.values()), len(leaders), unit.headcount)


def _holder(each: Appointment, named: bool, personal: bool, day: Any) -> dict[str, Any]:
    cadre = each.cadre
    return {
        "id": cadre.pk if named else None,
        "name": cadre.name if named else "",
        "age": completed_years(cadre.birth, day) if personal and cadre.birth else None,
        "since": each.start_date.chinese() if each.start_date else "",
        "kind": "" if each.kind == Appointment.Kind.REGULAR else each.get_kind_display(),
        "from": cadre.unit.name if cadre.unit_id != each.unit_id else "",
    }
