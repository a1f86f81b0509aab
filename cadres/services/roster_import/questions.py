"""What a preview asks: which unit a name means, and whether somebody on the roster is the same person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Min

from accounts.models import User
from cadres.models import RosterImport, RosterImportRow
from cadres.services.roster_import.reporting import Wording, place_of
from cadres.services.roster_import.units import KnownUnit, UnitNames
from cadres.summaries import summaries

MOST_UNITS = 50
PEOPLE_PER_PAGE = 25
LEAVE = "leave"


@dataclass(frozen=True)
class UnitQuestion:
    """A name in the file that is no unit's, or several units', with the rows it stands in and the likely ones."""

    number: int
    key: str
    name: str
    rows: int
    first: str
    suggestions: list[KnownUnit] = field(default_factory=list)
    # What the unit would be if it were made (a NewUnit), where the file describes it.
    creation: Any = None

    @property
    def parent_field(self) -> str:
        """The name of the field for the unit above one that is made."""
        return f"parent-{self.number}"

    @property
    def other(self) -> str:
        """The name of the field for a unit that is none of the likely ones."""
        return f"other-{self.number}"


@dataclass(frozen=True)
class PersonQuestion:
    """A row that may be somebody on the roster, with those it may be."""

    number: int
    key: str
    row: RosterImportRow
    values: dict[str, Any]
    candidates: list[dict[str, Any]]


def unit_questions(roster_import: RosterImport) -> list[UnitQuestion]:
    """The unit names to ask about, the most frequent first. Two statements beside the units' names."""
    asked = (
        roster_import.rows.filter(verdict=RosterImportRow.Status.ASK, unit=None)
        .values("unit_text")
        .annotate(rows=Count("id"), first=Min("row"), sheet=Min("sheet"))
        .order_by("-rows", "first")[:MOST_UNITS]
    )
    found = list(asked)
    if not found:
        return []
    units = UnitNames(roster_import.unit_path)
    return [
        UnitQuestion(
            number=number,
            key=f"unit:{one['unit_text'] or ''}",
            name=one["unit_text"] or "",
            rows=one["rows"],
            first=place_of(roster_import, one["sheet"], one["first"]),
            suggestions=_suggested(units, one["unit_text"] or ""),
        )
        for number, one in enumerate(found)
    ]


def _suggested(units: UnitNames, name: str) -> list[KnownUnit]:
    named = [units.units[pk] for pk in units.matching(name)] if name else []
    return named + [unit for unit in units.similar(name) if unit not in named]


def person_questions(
    roster_import: RosterImport, *, by: User, offset: int = 0, first: int = 0
) -> list[PersonQuestion]:
    """A page of the rows that may be somebody on the roster, numbered from `first`."""
    rows = list(
        roster_import.rows.filter(verdict=RosterImportRow.Status.ASK, candidates__isnull=False)
        .select_related("unit")
        .order_by("ordinal")[offset : offset + PEOPLE_PER_PAGE]
    )
    wanted = sorted({pk for row in rows for pk in row.candidates or ()})
    known = {one["id"]: one for one in summaries(wanted, user=by)} if wanted else {}
    wording = Wording(roster_import)
    return [
        PersonQuestion(
            number=number,
            key=f"row:{row.sheet}!{row.row}",
            row=row,
            values=wording.values(row),
            candidates=[known[pk] for pk in row.candidates or () if pk in known],
        )
        for number, row in enumerate(rows, first)
    ]
