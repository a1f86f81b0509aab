"""What follows from a change of a unit, in sentences: asked before it is made, by every app that knows something.

Higher apps register what happens to their rows; what has to be settled first stops the change itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accounts.models import Grant, Unit
from core.errors import WrongMoment

_NAMES_SHOWN = 3


@dataclass(frozen=True)
class Change:
    """What is to be done: `into` is None for a closing without a successor, `people` are those of a split."""

    kind: str
    unit: Unit
    into: Unit | None
    on: date
    people: tuple[int, ...] = ()


@dataclass(frozen=True)
class Consequence:
    """One sentence; `blocks` when it has to be settled before the change."""

    text: str
    blocks: bool = False


Teller = Callable[[Change], Iterable[Consequence]]
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Add an app's answer; registering the same one twice changes nothing."""
    if teller not in _tellers:
        _tellers.append(teller)


def told_by_apps(change: Change) -> list[Consequence]:
    """Return what the higher apps say of a change."""
    return [each for teller in _tellers for each in teller(change)]


def refuse_unsettled(change: Change) -> None:
    """Raise WrongMoment with everything that has to be settled first."""
    unsettled = [each.text for each in told_by_apps(change) if each.blocks]
    if unsettled:
        raise WrongMoment("".join(unsettled))


def told_of_grants(unit: Unit, on: date) -> list[Consequence]:
    """Return whose rights at a unit end with it."""
    grants = Grant.objects.filter(Q(end=None) | Q(end__gt=on), unit=unit, confirmed_at__isnull=False)
    rows = list(grants.select_related("user").order_by("role", "user__name", "id"))
    if not rows:
        return []
    named = "、".join(f"{each.user.name}（{each.get_role_display()}）" for each in rows[:_NAMES_SHOWN])
    more = f"等 {len(rows)} 项" if len(rows) > _NAMES_SHOWN else ""
    return [
        Consequence(
            f"在本单位的授权自撤销之日起失效：{named}{more}。转入后任正职的，由安全管理员确认新的授权。"
        )
    ]
