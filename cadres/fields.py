"""Who may see which field of a person: one answer for pages, JSON, Excel, Word and PDF."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, TypeVar

from accounts.scope import may_on

Rows = TypeVar("Rows", bound=Any)


class Level(IntEnum):
    """How confidential a field is."""

    INTERNAL = 1
    PERSONAL = 2
    SENSITIVE = 3


# The names are those of the API's cadre.
LEVELS: dict[str, Level] = {
    **dict.fromkeys(
        (
            "id", "name", "surname_reading", "unit", "unit_name", "gender", "posts", "post", "post_since", "post_category",
            "level_since", "rank", "title", "status", "hosted_at", "photo", "updated_at", "honours", "talent",
        ),
        Level.INTERNAL,
    ),
    **dict.fromkeys(
        (
            "birth", "age", "ethnicity", "ethnicity_name", "native_place", "work", "party_join", "party",
            "democratic_party", "education", "full_time_education", "full_time_degree", "full_time_school",
            "in_service_education", "in_service_degree", "in_service_school", "phone", "note",
            "annual_assessments", "birthplace", "speciality", "retirement_limit", "certificates", "career",
            "development",
        ),
        Level.PERSONAL,
    ),
    **dict.fromkeys(
        (
            "id_number", "health", "family", "oversight", "evaluations", "petitions", "reserve", "competences",
        ),
        Level.SENSITIVE,
    ),
}  # fmt: skip

_BY_LEVEL = {level: frozenset(name for name, own in LEVELS.items() if own <= level) for level in (0, *Level)}
# What one sees of one's own record beyond the personal level: self-declared data, requests, published profile.
_OWN = frozenset({"id_number", "health", "family", "petitions", "competences"})
# What one sees of oneself once it is published, whatever office one holds.
PUBLISHED = "competences"
# What nobody sees of themselves, whatever office they hold: the organisational record.
NEVER_OWN = frozenset({"oversight", "evaluations", "reserve"})
_NEEDED = (
    (Level.SENSITIVE, "cadre.view_sensitive"),
    (Level.PERSONAL, "cadre.view_personal"),
    (Level.INTERNAL, "cadre.view"),
)


def capability_for(name: str) -> str:
    """Return the capability that opens a field of other people's."""
    return next(capability for level, capability in _NEEDED if level == LEVELS[name])


def level_for(user: Any, obj: Any) -> int:
    """Return the highest level of a person's fields that a user may see; 0 when nothing at all.

    `obj` is a cadre, or anything that carries its `unit_path` and `user_id`. One's own record is open up to
    the personal level, and one's own identity number is shown masked as everybody's is.
    """
    for level, capability in _NEEDED:
        if may_on(user, capability, obj):
            return level
    return Level.PERSONAL if is_own(user, obj) else 0


def is_own(user: Any, obj: Any) -> bool:
    """Whether the record is the user's own."""
    return user is not None and user.pk is not None and getattr(obj, "user_id", None) == user.pk


def fields_for(user: Any, obj: Any) -> frozenset[str]:
    """Return the names of the fields a user may see of a person; sensitive ones masked until opened."""
    found = _BY_LEVEL[level_for(user, obj)]
    return (found | _OWN) - NEVER_OWN if is_own(user, obj) else found


def rows_seen(rows: Rows, user: Any, obj: Any, guard: str) -> Rows:
    """Keep of one person's rows of a history those the user may see: of one's own profiles the published ones.

    Whether the user sees the history at all is for `fields_for` to say.
    """
    return rows.published() if guard == PUBLISHED and is_own(user, obj) else rows


def facts_up_to(level: int) -> frozenset[str]:
    """Return the names of the fields at or below a level."""
    return _BY_LEVEL[level]
