"""Who consents to an application: the person's own school, and above the head of a school the next ones up.

Nobody consents to their own application nor to that of confirmed kin (回避).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.models import Grant, User
from accounts.roles import roles_with
from accounts.scope import may, paths, paths_above
from cadres.avoidance import avoiding_pairs, require_unrelated
from core.errors import NotAllowed
from training.models import Enrolment

CAPABILITY = "enrolment.approve"
OF_KIN = "回避：与报名人有亲属关系。"
OWN = "不能同意自己的报名，由上一级办理。"
OF_HEAD = "报名人是单位负责人，由上一级同意。"


def require_consent(user: Any, enrolment: Enrolment) -> None:
    """Refuse (NotAllowed) the person, kin, and for the head of a unit everybody who isn't above that unit."""
    require_unrelated(user, enrolment.cadre, own_words=OWN, kin_words=OF_KIN)
    head = enrolment.cadre.user
    if head is None or user.is_superuser or not may(head, CAPABILITY, enrolment.unit_path):
        return
    levels = paths_above(enrolment.unit_path)
    mine = [path for path in paths(user, CAPABILITY) if path in levels]
    own = [path for path in paths(head, CAPABILITY) if path in levels]
    if not _stands_above(min(mine, key=len, default=""), min(own, key=len), levels):
        raise NotAllowed(OF_HEAD)


def _stands_above(path: str, own: str, levels: list[str]) -> bool:
    """Whether a level consents to somebody who heads another: it lies above, or there is none above both."""
    return bool(path) and (len(path) < len(own) or path == own == levels[0])


def consenters(enrolments: Iterable[Enrolment]) -> dict[int, set[int]]:
    """Return for each application the ids of those asked: at the nearest level where anybody may consent.

    As many statements however many applications; read them with their `cadre`.
    """
    rows = list(enrolments)
    wanted = {level for row in rows for level in paths_above(row.unit_path)}
    holders: dict[str, set[int]] = {}
    grants = Grant.objects.in_force().filter(
        role__in=roles_with(CAPABILITY), unit__path__in=wanted, user__is_active=True
    )
    for path, user in grants.values_list("unit__path", "user_id") if rows else ():
        holders.setdefault(path, set()).add(user)
    avoiding = avoiding_pairs(row.cadre_id for row in rows)
    return {row.pk: _nearest(row, holders, avoiding) for row in rows}


def _nearest(row: Enrolment, holders: dict[str, set[int]], avoiding: set[tuple[int, int]]) -> set[int]:
    levels = paths_above(row.unit_path)
    head = row.cadre.user_id
    own = [level for level in levels if head in holders.get(level, ())]
    for level in reversed(levels):
        if own and not _stands_above(level, min(own, key=len), levels):
            continue
        able = {user for user in holders.get(level, ()) if (user, row.cadre_id) not in avoiding}
        if able:
            return able
    return set()


def asked_of(user: Any) -> list[int]:
    """Return the ids of the applications that wait for a user's consent before anybody else's."""
    if not paths(user, CAPABILITY):
        return []
    rows = Enrolment.objects.visible_to(user, CAPABILITY).filter(
        status=Enrolment.Status.APPLIED, training_class__status="open"
    )
    asked = consenters(rows.select_related("cadre").only("unit_path", "cadre__user_id"))
    return [pk for pk, people in asked.items() if user.pk in people]


def people_asked(enrolment: Enrolment) -> list[User]:
    """Return those who are asked for their consent to one application."""
    return list(User.objects.filter(pk__in=consenters([enrolment])[enrolment.pk]).order_by("name", "pk"))
