"""What an account has to do in person, without any grant: on the roster, a mentor, a host, a rater.

The navigation asks on every page, so all of it is asked once per request and with one statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, QuerySet

from accounts.models import User
from cadres.models import Cadre, DevelopmentPlan

Rows = Callable[[Any], QuerySet[Any]]
_asked: dict[str, Rows] = {}


def register(name: str, rows: Rows) -> None:
    """Add a tie: a user has it when there are any of the rows; an app calls this in its `ready`."""
    _asked[name] = rows


def is_tied(user: Any, name: str) -> bool:
    """Whether a user has a tie. Raises KeyError for one that nobody registered."""
    if "_ties" not in user.__dict__:
        answers = [Exists(rows(user)) for rows in _asked.values()]
        found = User.objects.filter(pk=user.pk).values_list(*answers).first() or [False] * len(answers)
        user.__dict__["_ties"] = dict(zip(_asked, found, strict=True))
    tied: bool = user.__dict__["_ties"][name]
    return tied


def has_record(user: Any) -> bool:
    """Whether the account belongs to somebody on the roster."""
    return is_tied(user, "record")


def mentors(user: Any) -> bool:
    """Whether a user mentors anybody."""
    return is_tied(user, "mentors")


register("record", lambda user: Cadre.objects.filter(user=user.pk))
register("mentors", lambda user: DevelopmentPlan.objects.of_mentor(user))
