"""Avoidance (回避): nobody decides on themselves nor on confirmed kin; the rule's one home for all higher apps.

Kin are those whom a family-member row links to a cadre once HR has confirmed the link (spouse, direct line,
collateral up to three degrees: every relation of the code list counts), whichever of the two recorded it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from cadres.models import Cadre, FamilyMember
from core.errors import NotAllowed

OF_KIN = "回避：与当事人有亲属关系。"
OF_SELF = "这是您本人的事项，应当回避。"


def avoided_by(user: Any) -> QuerySet[Cadre]:
    """Return the cadres on whom a user doesn't act: the user's own record and confirmed kin (a subquery)."""
    return Cadre.objects.avoided_by(user)


def avoided_ids(user: Any) -> set[int]:
    """Return the ids of `avoided_by`, for lists that ask row by row."""
    return set(avoided_by(user).order_by().values_list("pk", flat=True))


def avoiding_pairs(cadres: Iterable[int]) -> set[tuple[int, int]]:
    """Return (user, cadre) of everybody who avoids one of some cadres: for notices to many about many."""
    ids = set(cadres)
    if not ids:
        return set()
    links = _confirmed()
    own = Cadre.objects.filter(pk__in=ids).exclude(user=None).values_list("user_id", "pk")
    entered = links.filter(cadre__in=ids).exclude(kin__user=None).values_list("kin__user_id", "cadre_id")
    named = links.filter(kin__in=ids).exclude(cadre__user=None).values_list("cadre__user_id", "kin_id")
    return {*own.order_by(), *entered, *named}  # type: ignore[misc]


def without_avoiding(people: QuerySet[User], cadre: Cadre | None) -> QuerySet[User]:
    """Leave out of a set of users whoever has to avoid a cadre."""
    if cadre is None:
        return people
    links = _confirmed()
    return people.exclude(
        Q(pk=cadre.user_id or 0)
        | Q(cadre__in=links.filter(cadre=cadre).values("kin"))
        | Q(cadre__in=links.filter(kin=cadre).values("cadre"))
    )


def must_avoid(user: Any, cadre: Cadre | None) -> bool:
    """Whether a user is a cadre or confirmed kin of one."""
    return cadre is not None and avoided_by(user).filter(pk=cadre.pk).exists()


def require_unrelated(
    user: Any, cadre: Cadre | None, *, own_words: str = OF_SELF, kin_words: str = OF_KIN
) -> None:
    """Refuse whoever is the cadre (`own_words`) or confirmed kin; the system itself (None) is nobody's kin."""
    if user is None or cadre is None:
        return
    if cadre.user_id is not None and cadre.user_id == user.pk:
        raise NotAllowed(own_words)
    if must_avoid(user, cadre):
        raise NotAllowed(kin_words)


def _confirmed() -> QuerySet[FamilyMember]:
    return FamilyMember.objects.exclude(kin_confirmed_at=None).order_by()
