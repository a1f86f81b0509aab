"""What an account has to do with the roster in person; the navigation asks on every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists

from accounts.models import User
from cadres.models import Cadre, DevelopmentPlan


@dataclass(frozen=True)
class Ties:
    """Whether the account belongs to somebody on the roster, and whether its holder mentors anybody."""

    has_record: bool = False
    mentors: bool = False


def ties_of(user: Any) -> Ties:
    """Return a user's ties, asked once per request and with one statement."""
    if "_ties" not in user.__dict__:
        found = User.objects.filter(pk=user.pk).values_list(
            Exists(Cadre.objects.filter(user=user.pk)), Exists(DevelopmentPlan.objects.of_mentor(user))
        )
        user.__dict__["_ties"] = Ties(*(found.first() or ()))
    return user.__dict__["_ties"]


def has_record(user: Any) -> bool:
    """Whether the account belongs to somebody on the roster."""
    return ties_of(user).has_record


def mentors(user: Any) -> bool:
    """Whether a user mentors anybody."""
    return ties_of(user).mentors
