# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Units of the national form that aren't in the tree yet: offered to be made, made with the commit and never before."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
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

CREATE = "create"
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
CANNOT_STAND = "“{}”（{}）不能建在“{}”之下，请选择别的上级单位，或先在单位页面建立。"


@dataclass(frozen=True)
class NewUnit:
    """A unit as the form describes it, and the unit it probably belongs under."""

    name: str
    code: str
    kind: str
    stage: str
    parent: Unit | None

    @property
    def words(self) -> str:
        """Kind, stage and code in words."""
        stage = str(Unit.Stage(self.stage).label) if self.stage else ""
        return "，".join(
            one
            for one in (str(Unit.Kind(self.kind).label), stage, f"编码 {self.code}" if self.code else "")
            if one
        )


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
    return {
        name: _described(name, cells, inside, roster_import)
        for name, cells in described.items()
        if cells.get(CODE, "") not in taken
    }


def prepare(roster_import: RosterImport, name: str, parent: Any, *, by: User) -> dict[str, Any]:
    """An answer that a unit be made: where, as what, and the id it will have.

    Raises Invalid when the file doesn't describe it or it can't stand there, NotFound or NotAllowed when the
    parent isn't the asker's to add to.
    """
    found = new_units(roster_import, [name]).get(name)
    if found is None:
        raise Invalid(NOT_ASKED)
    above = Unit.objects.open().below(roster_import.unit_path).filter(pk=parent).first()
    if above is None:
        raise Invalid(CHOOSE_PARENT)
    require(by, "unit.edit", above)
    if above.kind not in PARENT_KINDS[found.kind]:
        raise Invalid(CANNOT_STAND.format(name, Unit.Kind(found.kind).label, above.name))
    pk = reserve_id()
    return {
        CREATE: above.pk, "id": pk, "code": found.code or f"N{pk}", "kind": found.kind, "stage": found.stage
    }  # fmt: skip


def make_units(roster_import: RosterImport, *, by: User | None) -> int:
    """Make the units whose rows go in, in the commit's transaction; returns how many. Raises as create_unit does."""
    with connection.cursor() as cursor:
        cursor.execute(_GOING)
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        answer = roster_import.answers[f"unit:{name}"]
        create_unit(
            by=by, pk=answer["id"], code=answer["code"], name=name, kind=answer["kind"], stage=answer["stage"],
            parent=Unit.objects.get(pk=answer[CREATE]),
        )  # fmt: skip
    return len(names)


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
