"""Where the rows of each history go: its model, and what makes two of its rows the same one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cadres.kinds import KINDS, REFUSALS
from cadres.models import Appointment, Cadre


@dataclass(frozen=True)
class Target:
    """A history as records are matched: `keys` are tried in order, each first exactly, then with a date missing
    on one side. `related` is read along, so that no row asks for its code. `sealed` are encrypted columns."""

    slug: str
    model: type[Any]
    label: str
    keys: tuple[tuple[str, ...], ...]
    related: tuple[str, ...] = ()
    guard: str = ""
    sealed: tuple[str, ...] = ()


_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "education": (("mode", "level", "end"),),
    "title": (("title", "start"),),
    "certificate": (("kind", "name", "start"),),
    "rank": (("kind", "name", "start"),),
    "political": (("status", "start"),),
    "assessment": (("year",),),
    "honour": (("name", "start"),),
    "career": (("start", "text"), ("start", "end", "is_study")),
    "talent": (("tier", "start"),),
    "reserve": (("category", "start"),),
    "plan": (("start",),),
    "competence": (("on", "source"),),
    "evaluation": (("place", "start"),),
    "family": (("relation", "name"),),
    "oversight": (("kind", "sanction", "start"),),
}
_RELATED: dict[str, tuple[str, ...]] = {
    "education": ("level", "degree"), "title": ("title",), "political": ("status",), "plan": ("mentor",),
    "family": ("relation",), "career": ("within",),
}  # fmt: skip
# Codes and the text that stands for a word without one.
TEXT_BESIDE = {"level": "level_text", "degree": "degree_text", "title": "title_text"}

TARGETS: dict[str, Target] = {
    slug: Target(slug, KINDS[slug].model, KINDS[slug].label, keys, _RELATED.get(slug, ()), KINDS[slug].guard,
                 KINDS[slug].sealed)
    for slug, keys in _KEYS.items()
}  # fmt: skip
TARGETS["appointment"] = Target(
    "appointment", Appointment, "任职", (("place", "title", "start"),), ("unit", "selection", "post")
)
PERSON = Target("person", Cadre, "人员", (), (), "", ("health",))

# What the database would refuse of an appointment, beside what it refuses of histories.
REFUSED: dict[str, tuple[str, str]] = {
    **REFUSALS,
    "appointment_one_main_at_a_time": ("start", "与名册中另一主职务的时间重叠，请核对。"),
    "appointment_main_is_own_post": ("is_main", "兼任、挂任不能是主职务。"),
}
