"""What can be asked: every fact, and every history with its fields, each with its kind and its options."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from django.db import models

from cadres.facts import FACTS, Fact
from cadres.facts.building import Height
from cadres.fields import LEVELS, Level
from cadres.kinds import KINDS
from cadres.models import Appointment, Code, Honour, PersonnelRelation, TalentEntry

Kind = Literal["number", "flag", "text", "choice", "level", "date"]
# How a history says when a row belongs to the past of a day.
Timing = Literal["period", "year", "day", "undated"]

# Choices that rise: the highest stands first in the model.
_RISING = {(Honour, "level"), (TalentEntry, "tier")}
# The facts over annual assessments are C3; a condition on their rows must not tell what the fact doesn't.
_AT_LEAST = {"assessment": Level.SENSITIVE}
_DAYS = {"competence": ("on", "day"), "petition": ("submitted_on", "day"), "assessment": ("year", "year")}
_LEFT_OUT = {"order", "labels", "scores"}


@dataclass(frozen=True)
class Field:
    """Something comparable: a fact's value, or a field of a history's row.

    `options` are the values of a choice; `steps` those of a level, the highest first; `codes` names the code
    list whose codes are either.
    """

    name: str
    label: str
    kind: Kind
    unit: str = ""
    options: tuple[tuple[str, str], ...] = ()
    steps: tuple[tuple[str | int, str], ...] = ()
    codes: str = ""


@dataclass(frozen=True)
class History:
    """A history that a condition may ask for rows of."""

    slug: str
    label: str
    model: type[Any]
    level: int
    fields: dict[str, Field]
    timing: Timing = "period"
    dated_by: str = "start"


def fact_field(fact: Fact) -> Field:
    """A fact as something comparable."""
    return Field(
        fact.name, fact.label, fact.kind, fact.unit, options=fact.choices, steps=fact.scale,
        codes=fact.codes or fact.code_list,
    )  # fmt: skip


def fact_level(fact: Fact) -> int:
    """The data level of a fact as a number."""
    return int(fact.level[1])


@cache
def histories() -> dict[str, History]:
    """Every history by its slug, those of cadres.kinds with posts and personnel relations."""
    found = {
        "appointment": History(
            "appointment", "任职", Appointment, Level.INTERNAL,
            _fields(Appointment, ("title", "unit_text", "kind", "is_main", "document_number", "selection", "removal",
                                  "probation_end", "term_number", "term_end", "start", "end"))
            | {"unit": Field("unit", "单位名称", "text"), "category": _category(), "rural": _rural("任职学校")},
        ),
        "relation": History(
            "relation", "人事关系", PersonnelRelation, Level.INTERNAL,
            _fields(PersonnelRelation, ("leaving", "start", "end"))
            | {"unit": Field("unit", "单位名称", "text"), "rural": _rural("学校")},
        ),
    }  # fmt: skip
    for slug, kind in KINDS.items():
        fields = _fields(kind.model, [name for name in kind.fields if name not in kind.sealed])
        dated_by, timing = _DAYS.get(slug, ("start", "period"))
        if "start" not in kind.fields and slug not in _DAYS:
            dated_by, timing = "", "undated"
        level = max(LEVELS[kind.guard], _AT_LEAST.get(slug, Level.INTERNAL))
        found[slug] = History(slug, kind.label, kind.model, level, fields, timing, dated_by)  # type: ignore[arg-type]
    return found


def _category() -> Field:
    from cadres.models import Post

    return Field("category", "岗位类别", "choice", options=tuple(Post.Category.choices))


def _rural(what: str) -> Field:
    return Field("rural", f"{what}为农村学校", "flag")


# Where a field isn't called in SQL what it is called in the tree.
LOOKUPS = {
    "appointment": {"unit": "unit__name", "category": "post__category", "rural": "unit__is_rural"},
    "relation": {"unit": "unit__name", "rural": "unit__is_rural"},
}


def _fields(model: type[Any], names: Iterable[str]) -> dict[str, Field]:
    found = {}
    for name in names:
        field = None if name in _LEFT_OUT else _field(model, model._meta.get_field(name))
        if field is not None:
            found[name] = field
    return found


def _field(model: type[Any], column: Any) -> Field | None:
    """A model's field as something comparable; None for what can't be compared."""
    name, label = column.name, _label(column)
    if isinstance(column, models.ForeignKey):
        limits: Any = column.get_limit_choices_to() or {}
        code_list = limits.get("list", "")
        if column.related_model is not Code or not code_list:
            return None
        rising = code_list in (Code.List.EDUCATION, Code.List.DEGREE, Code.List.TITLE)
        return Field(name, label, "level" if rising else "choice", codes=code_list)
    if column.choices:
        choices = tuple((str(value), str(words)) for value, words in column.choices)
        if (model, name) in _RISING:
            return Field(name, label, "level", steps=choices)
        return Field(name, label, "choice", options=choices)
    if isinstance(column, models.DateField):
        return Field(name, label, "date")
    if isinstance(column, models.BooleanField):
        return Field(name, label, "flag")
    if isinstance(column, models.IntegerField | models.DecimalField):
        return Field(name, label, "number")
    return Field(name, label, "text") if isinstance(column, models.CharField | models.TextField) else None


def _label(column: Any) -> str:
    return {"start": "开始时间", "end": "结束时间"}.get(column.name, str(column.verbose_name))


class CodeNames:
    """The codes of the lists that a query names, read once: (list, code) → name, in the table's order."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, str]] = {}
        self._levels: dict[tuple[str, str], tuple[int, int]] = {}

    def load(self, lists: Iterable[str]) -> None:
        """Read the lists not known yet, with one statement."""
        missing = {each for each in lists if each} - set(self._known)
        if not missing:
            return
        self._known.update({each: {} for each in missing})
        for code in Code.objects.filter(list__in=missing).order_by("list", "order", "code"):
            self._known[code.list][code.code] = code.short or code.name
            if code.level is not None:
                self._levels[code.list, code.code] = (code.level, code.pk)

    def options(self, code_list: str, *, with_level: bool = False) -> list[tuple[str, str]]:
        """The codes of a list with their names; only those that can be compared, if asked so."""
        self.load([code_list])
        known = self._known[code_list].items()
        return [pair for pair in known if not with_level or (code_list, pair[0]) in self._levels]

    def level(self, code_list: str, code: str) -> int | None:
        """How high a code stands in its list."""
        self.load([code_list])
        return self._levels.get((code_list, code), (None, 0))[0]

    def height(self, code_list: str, code: str) -> Height:
        """The ids of the codes that can be compared, of those at least as high as a code, and of higher ones."""
        limit = self.level(code_list, code)
        rows = [found for (of_list, _), found in self._levels.items() if of_list == code_list]
        if limit is None:
            return Height(tuple(pk for _, pk in rows), (), ())
        return Height(
            tuple(pk for _, pk in rows),
            tuple(pk for level, pk in rows if level >= limit),
            tuple(pk for level, pk in rows if level > limit),
        )

    def name(self, code_list: str, code: str) -> str:
        """A code's name; the code itself where there is none."""
        self.load([code_list])
        return self._known[code_list].get(code, code)


def fields_of(fact: str = "", history: str = "") -> dict[str, Field]:
    """The comparable fields of a fact (itself) or of a history; empty for a name that doesn't exist."""
    if fact:
        return {fact: fact_field(FACTS[fact])} if fact in FACTS else {}
    return histories()[history].fields if history in histories() else {}
