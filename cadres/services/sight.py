"""Which rows of a history somebody may read: the answer of cadres.fields, as a condition on the rows."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from accounts.scope import path_filter, paths
from cadres.fields import PUBLISHED, capability_for, fields_for
from cadres.models import Cadre
from cadres.querysets import CompetenceQuerySet

Rows = TypeVar("Rows", bound=QuerySet[Any])


def own_record(user: Any) -> Cadre | None:
    """Return the user's own record on the roster, if there is one."""
    return Cadre.objects.filter(user_id=user.pk).first() if user.pk is not None else None


def may_read(user: Any, guard: str) -> bool:
    """Whether somebody may read a field of anybody's: of those in scope, or their own."""
    if user.holds(capability_for(guard)):
        return True
    own = own_record(user)
    return own is not None and guard in fields_for(user, own)


def readable(rows: Rows, user: Any, guard: str, *, owner: str = "cadre", capability: str = "") -> Rows:
    """Keep the rows a user may read, `owner` being the way from a row to its cadre.

    Other people's rows need the level's capability (or the given one) in scope; one's own are there, or
    not, as `fields_for` says; of one's own competence profiles only the published ones are. A row that may
    not be read is absent, not blank.
    """
    reach = path_filter(user, capability or capability_for(guard), f"{owner}__unit_path")
    own = own_record(user)
    if own is None:
        return rows.filter(reach)
    mine = Q(**{owner: own})
    if guard not in fields_for(user, own):
        return rows.filter(reach).exclude(mine)
    if guard == PUBLISHED:
        rows = rows.exclude(mine & CompetenceQuerySet.UNPUBLISHED)
    if capability or not reach:  # a condition without content is the whole tree
        return rows.filter(reach)
    return rows.filter(reach | mine)


def keeps(user: Any) -> bool:
    """Whether a user keeps anybody's record and sees sensitive data."""
    return bool(paths(user, "cadre.edit") and paths(user, "cadre.view_sensitive"))


def kept(rows: Rows, user: Any) -> Rows:
    """Keep the rows of people whose record a user keeps and whose sensitive data the user sees.

    Never the user's own, nor those of confirmed kin (回避).
    """
    if not keeps(user):
        return rows.none()
    sight = path_filter(user, "cadre.view_sensitive", "cadre__unit_path")
    reach = path_filter(user, "cadre.edit", "cadre__unit_path")
    return rows.filter(sight, reach).exclude(cadre__in=Cadre.objects.avoided_by(user))
