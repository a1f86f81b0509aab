# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Units of the national form that aren't in the tree yet: offered to be made, made with the commit and never before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from accounts.models import Unit, User
from accounts.scope import require
from accounts.services.units import PARENT_KINDS, create_unit, reserve_id
from cadres.models import RosterImport
from cadres.services.collection_import.kept import CELLS
from cadres.services.collection_import.staged import INCOMING, unseal
from cadres.services.collection_import.unit_facts import CODE, KIND
from core.errors import Invalid

CREATE, UNDER = "create", "under"
ABOVE = "隶属关系"
_KINDS = {str(label): kind for kind, label in Unit.Kind.choices}
_BY_NAME = (
    ("中心校|教育办|教育组|学区", Unit.Kind.CENTRAL), ("进修学校|培训中心|教师发展中心|教研", Unit.Kind.TRAINING),
    ("学校|小学|中学|幼儿园|学院|一中|二中|三中|四中|职", Unit.Kind.SCHOOL), ("科$|股$|室$|办$|办公室$", Unit.Kind.SECTION),
)  # fmt: skip
_STAGES = (
    ("幼儿园", "kindergarten"), ("特殊|特教|培智|聋", "special"), ("职业|职教|职高|中专|技工", "vocational"),
    ("九年|一贯", "nine_year"), ("完全中学|完中", "complete"), ("小学|完小", "primary"), ("初级中学|初中", "junior"), ("高级中学|高中", "senior"),
)  # fmt: skip
_GOING = f"SELECT place_text FROM {INCOMING} WHERE slug = 'unit' AND verdict = 'new' ORDER BY ordinal"
NOT_ASKED = "文件的单位表里没有这个待确认的单位，不能新建。"
CHOOSE_PARENT = "请选择新单位的上级单位。"
NO_SUCH_KIND = "请选择新单位的类别和学段。"
CANNOT_STAND = "“{}”（{}）不能建在“{}”之下，请选择别的上级单位，或先在单位页面建立。"
NOT_MADE = "“{}”要建在“{}”之下，请先答复“{}”是哪个单位，或一并新建。"
IN_A_CIRCLE = "“{}”的上级单位绕回了它自己，请重新选择。"
KINDS_MADE = tuple((kind, str(label)) for kind, label in Unit.Kind.choices if kind != Unit.Kind.BUREAU)


@dataclass(frozen=True)
class NewUnit:
    """A unit as the form describes it, and the unit it probably belongs under."""

    name: str
    code: str
    kind: str
    stage: str
    parent: Unit | None
    # Another new unit of the file that it probably belongs under, and all that it may be put under.
    above: str = ""
    others: tuple[str, ...] = ()

    kinds = KINDS_MADE
    stages = tuple(Unit.Stage.choices)


def new_units(roster_import: RosterImport, names: Iterable[str]) -> dict[str, NewUnit]:
    """The units that may be made, by the name in the file: those the sheet of units describes. Three queries."""
    wanted = set(names)
    rows = roster_import.records.filter(slug="unit", place_text__in=wanted, is_faulty=False).order_by(
        "ordinal"
    )
    described = {row.place_text or "": unseal(row.content)[0].get(CELLS, {}) for row in rows}
    codes = {cells.get(CODE, "") for cells in described.values()} - {""}
    taken = set(Unit.objects.filter(code__in=codes).values_list("code", flat=True))
    inside = list(Unit.objects.open().below(roster_import.unit_path).order_by("path"))
    found = {
        name: _described(name, cells, inside, roster_import)
        for name, cells in described.items()
        if cells.get(CODE, "") not in taken
    }
    others = {
        **dict.fromkeys(_made(roster_import), ""),
        **{name: one.code for name, one in found.items()},
    }
    return {
        name: replace(
            one, others=tuple(sorted(set(others) - {name})), above=_above(one, described[name], others)
        )
        for name, one in found.items()
    }


def prepare(roster_import: RosterImport, name: str, given: Mapping[str, Any], *, by: User) -> dict[str, Any]:
    """An answer that a unit be made: where, as what, and the id it will have.

    `given`: "create" is the id of the unit above, or "under" the name of another new unit of the file; "kind" and
    "stage" where they aren't what the form says. Raises Invalid when the file doesn't describe it or it can't
    stand there, NotFound or NotAllowed when the parent isn't the asker's to add to.
    """
    found = new_units(roster_import, [name]).get(name)
    if found is None:
        raise Invalid(NOT_ASKED)
    kind = given.get("kind") or found.kind
    stage = given.get("stage", found.stage) if kind == Unit.Kind.SCHOOL else ""
    if kind not in dict(KINDS_MADE) or (stage and stage not in Unit.Stage.values):
        raise Invalid(NO_SUCH_KIND)
    pk = reserve_id()
    made = {"id": pk, "code": found.code or f"N{pk}", "kind": kind, "stage": stage}
    if under := given.get(UNDER):
        return {CREATE: None, UNDER: str(under), **made}
    above = Unit.objects.open().below(roster_import.unit_path).filter(pk=given[CREATE]).first()
    if above is None:
        raise Invalid(CHOOSE_PARENT)
    require(by, "unit.edit", above)
    _check_kind(name, kind, above.name, above.kind)
    return {CREATE: above.pk, **made}


def check_creations(roster_import: RosterImport, *, by: User) -> None:
    """Units to be made under other new ones: these are made too, or are a unit there is, and nothing goes in a circle.

    Raises Invalid with a sentence, NotAllowed as `prepare` does.
    """
    made = _made(roster_import)
    for name, answer in made.items():
        passed, at = {name}, name
        while under := made.get(at, {}).get(UNDER):
            if under in passed:
                raise Invalid(IN_A_CIRCLE.format(name))
            passed.add(under)
            at = under
        if under := answer.get(UNDER):
            _check_under(roster_import, name, answer["kind"], under, by)


def _check_under(roster_import: RosterImport, name: str, kind: str, under: str, by: User) -> None:
    above = roster_import.answers.get(f"unit:{under}")
    if is_creation(above):
        _check_kind(name, kind, under, above["kind"])
        return
    known = None
    if isinstance(above, int):
        known = Unit.objects.open().below(roster_import.unit_path).filter(pk=above).first()
    if known is None:
        raise Invalid(NOT_MADE.format(name, under, under))
    require(by, "unit.edit", known)
    _check_kind(name, kind, known.name, known.kind)


def _check_kind(name: str, kind: str, above: str, above_kind: str) -> None:
    if above_kind not in PARENT_KINDS[kind]:
        raise Invalid(CANNOT_STAND.format(name, Unit.Kind(kind).label, above))


def _made(roster_import: RosterImport) -> dict[str, dict[str, Any]]:
    """The units that are to be made by answer, by their name in the file."""
    answers = roster_import.answers.items()
    return {
        key.removeprefix("unit:"): one for key, one in answers if key.startswith("unit:") and is_creation(one)
    }


def make_units(roster_import: RosterImport, *, by: User | None) -> int:
    """Make the units whose rows go in, in the commit's transaction; returns how many. Raises as create_unit does."""
    with connection.cursor() as cursor:
        cursor.execute(_GOING)
        names = [name for (name,) in cursor.fetchall()]
    made = _made(roster_import)

    def depth(name: str) -> int:
        under = made.get(name, {}).get(UNDER)
        return 1 + depth(under) if under else 0

    for name in sorted(names, key=depth):
        answer = made[name]
        create_unit(
            by=by, pk=answer["id"], code=answer["code"], name=name, kind=answer["kind"], stage=answer["stage"],
            parent=_parent_of(roster_import, name, answer),
        )  # fmt: skip
    return len(names)


def _parent_of(roster_import: RosterImport, name: str, answer: dict[str, Any]) -> Unit:
    """The unit above one that is made: there by now, or the whole import is refused."""
    under, key = answer.get(UNDER), answer[CREATE]
    if under:
        above = roster_import.answers.get(f"unit:{under}")
        key = above["id"] if is_creation(above) else above
    parent = Unit.objects.filter(pk=key).first()
    if parent is None:
        raise Invalid(NOT_MADE.format(name, under, under) if under else CHOOSE_PARENT)
    return parent


def is_creation(answer: Any) -> bool:
    """Whether an answer says that a unit be made."""
    return isinstance(answer, dict) and CREATE in answer


def _described(name: str, cells: dict[str, str], inside: list[Unit], roster_import: RosterImport) -> NewUnit:
    code = cells.get(CODE, "").strip()[:30]
    kind = _KINDS.get(cells.get(KIND, ""), "") or next(
        (kind for words, kind in _BY_NAME if re.search(words, name)), Unit.Kind.SCHOOL
    )
    stage = (
        next((stage for words, stage in _STAGES if re.search(words, name)), "")
        if kind == Unit.Kind.SCHOOL
        else ""
    )
    possible = [one for one in inside if one.kind in PARENT_KINDS[kind]]
    return NewUnit(name, code, str(kind), stage, _parent(cells.get(ABOVE, ""), code, possible))


def _parent(above: str, code: str, possible: list[Unit]) -> Unit | None:
    """By 隶属关系 where it names a unit, else by the longest code that the unit's own begins with, else the highest."""
    named = [one for one in possible if above and above in (one.name, one.code)]
    if named:
        return named[0]
    coded = [one for one in possible if code and one.code and code.startswith(one.code)]
    if coded:
        return max(coded, key=lambda one: len(one.code))
    return possible[0] if possible else None


def _above(unit: NewUnit, cells: dict[str, str], others: Mapping[str, str]) -> str:
    """Another new unit that 隶属关系 names, or whose code begins the unit's own further than any we have."""
    above = cells.get(ABOVE, "")
    named = [name for name, code in others.items() if name != unit.name and above and above in (name, code)]
    if named:
        return named[0]
    known = len(unit.parent.code) if unit.parent is not None and unit.code.startswith(unit.parent.code) else 0
    coded = [
        name
        for name, code in others.items()
        if name != unit.name and code != unit.code and len(code) > known and unit.code.startswith(code)
    ]
    return max(coded, key=lambda name: len(others[name]), default="")
