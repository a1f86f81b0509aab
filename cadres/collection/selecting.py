"""Whose histories a workbook holds, and which of them its reader may see: one statement a sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from accounts.models import Unit, User
from accounts.scope import paths, require
from cadres.collection.columns import SheetSpec
from cadres.fields import LEVELS, NEVER_OWN, Level
from cadres.listing import Criteria, filtered, select
from cadres.models import Cadre
from cadres.services.collection_import.kept import kept_beside
from core import audit
from core.calendar import today
from core.crypto import mask_identity
from core.errors import Invalid, NotAllowed

audit.register("collection.export", "导出信息集")
audit.register("collection.export_open", "导出信息集（含保密内容）")

SHORTEST_REASON = 4
_BATCH = 2_000


@dataclass(frozen=True)
class Selection:
    """Whom and what: the criteria of the roster list, the sheets by code, and how confidential."""

    criteria: Criteria = field(default_factory=Criteria)
    sheets: tuple[str, ...] = ()
    national: bool = False
    open_numbers: bool = False
    reason: str = ""


def is_sensitive(selection: Selection, specs: tuple[SheetSpec, ...]) -> bool:
    """Whether a workbook holds what only those may see who see sensitive information."""
    return selection.open_numbers or any(LEVELS[one.guard] == Level.SENSITIVE for one in specs if one.guard)


def check_selection(selection: Selection, specs: tuple[SheetSpec, ...], *, by: User | None) -> None:
    """Refuse before anything is read; `by` None is the system.

    Raises NotAllowed without the right to export or to see sensitive sheets, Invalid without sheets, or
    without a reason for confidential content.
    """
    if by is not None:
        require(by, "roster.export")
    if not specs:
        raise Invalid("请至少选择一个工作表。", errors={"sheets": ["请至少选择一个工作表。"]})
    if not is_sensitive(selection, specs):
        return
    if by is not None and not by.holds("cadre.view_sensitive"):
        raise NotAllowed("您没有导出保密内容的权限。")
    if len(selection.reason.strip()) < SHORTEST_REASON:
        sentence = "导出保密内容或完整身份证号须写明用途。"
        raise Invalid(sentence, errors={"reason": [sentence]})


def people_of(selection: Selection, *, by: User | None) -> QuerySet[Cadre]:
    """The people of a workbook, in no order."""
    if by is not None:
        return select(by, selection.criteria, capability="roster.export").order_by()
    rows = Cadre.objects.all()
    if selection.criteria.unit is not None:
        rows = rows.filter(unit_path__startswith=selection.criteria.unit.path)
    return filtered(rows, selection.criteria, today())


def note_selection(
    selection: Selection, specs: tuple[SheetSpec, ...], *, by: User | None, count: int
) -> None:
    """Write the audit entry of a workbook that was made: how much, which sheets, what for; no content."""
    audit.record(
        "collection.export_open" if is_sensitive(selection, specs) else "collection.export",
        by=by, after={"行数": count, "工作表": "、".join(one.name for one in specs)},
        note=selection.reason.strip(),
    )  # fmt: skip


class Sight:
    """Which kinds of rows of which person somebody may take along; asks the grants once."""

    def __init__(self, by: User | None) -> None:
        self._by = by
        self._reach: Mapping[Level, list[str]] = (
            {}
            if by is None
            else {
                Level.SENSITIVE: paths(by, "cadre.view_sensitive"),
                Level.PERSONAL: paths(by, "cadre.view_personal"),
                Level.INTERNAL: paths(by, "cadre.view"),
            }
        )

    def sees(self, cadre: Cadre, guard: str) -> bool:
        """Whether a field or history of a person is in sight: fields_for, without a query for each person."""
        if self._by is None or not guard:
            return True
        if guard in NEVER_OWN and cadre.user_id == self._by.pk:
            return False
        level = LEVELS[guard]
        reach = (path for own, found in self._reach.items() if own >= level for path in found)
        return any(cadre.unit_path.startswith(path) for path in reach)

    def sees_row(self, record: Any) -> bool:
        """Whether a row of a history in sight is: of one's own competence profiles the published ones."""
        own = self._by is not None and record.cadre.user_id == self._by.pk
        return not own or getattr(record, "is_published", True)


def records_of(
    spec: SheetSpec, model: type[Any], people: QuerySet[Cadre], *, related: tuple[str, ...], sight: Sight,
    kept: str = "", only: Mapping[str, Any] | None = None,
) -> Iterator[Any]:  # fmt: skip
    """The rows of a sheet in tree order, one statement, held a batch at a time.

    `kept` names the history whose kept cells come along as `kept`; `only` narrows the rows.
    """
    rows = model.objects.filter(cadre__in=people.values("pk"), **(only or {}))
    rows = rows.select_related("cadre__unit", *related)
    if kept:
        rows = rows.annotate(kept=kept_beside(kept))
    own_order = [one for one in model._meta.ordering if one != "cadre"]
    rows = rows.order_by("cadre__unit_path", "cadre__name_key", "cadre_id", *own_order, "id")
    for record in rows.iterator(chunk_size=_BATCH):
        if sight.sees(record.cadre, spec.guard) and sight.sees_row(record):
            yield record


class Identity:
    """The cells that tell whose row it is; numbers masked unless they were asked for openly."""

    def __init__(self, *, open_numbers: bool, sight: Sight) -> None:
        self._open = open_numbers
        self._sight = sight

    def number(self, cadre: Cadre) -> str:
        """The number as it may be written."""
        number = str(cadre.id_number or "")
        if not number:
            return ""
        return number if self._open and self._sight.sees(cadre, "id_number") else mask_identity(number)

    def cells(self, cadre: Cadre) -> list[Any]:
        """Name, number, birth, unit."""
        return [cadre.name, self.number(cadre), cadre.birth_date, cadre.unit.name]


def as_parameters(selection: Selection) -> dict[str, Any]:
    """A selection as a job's parameters."""
    criteria: dict[str, Any] = {**vars(selection.criteria)}
    criteria["unit"] = selection.criteria.unit.pk if selection.criteria.unit else None
    return {
        "criteria": criteria, "sheets": list(selection.sheets), "national": selection.national,
        "open_numbers": selection.open_numbers, "reason": selection.reason,
    }  # fmt: skip


def from_parameters(parameters: Mapping[str, Any]) -> Selection:
    """The selection of a job's parameters; raises Unit.DoesNotExist when its unit is gone."""
    criteria = dict(parameters["criteria"])
    if criteria["unit"]:
        criteria["unit"] = Unit.objects.get(pk=criteria["unit"])
    return Selection(
        Criteria(**criteria), tuple(parameters["sheets"]), parameters["national"], parameters["open_numbers"],
        parameters["reason"],
    )  # fmt: skip


def may_bring(by: User | None) -> Callable[[str], bool]:
    """Whether somebody may bring histories of a guard in at all; of whom is asked person by person."""
    open_ones = by is None or by.holds("cadre.view_sensitive")
    return lambda guard: open_ones or LEVELS[guard] < Level.SENSITIVE
