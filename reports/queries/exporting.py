"""The people of a query as a workbook: roster columns and facts, masked and cut as every roster export."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from accounts.models import Unit, User
from cadres.listing import Criteria
from cadres.services.exports import Export, check_export, count_up_to, note_export
from cadres.sheets.exporting import COLUMNS, write_export
from core.calendar import today
from core.partial_dates import PartialDate
from reports.queries.saving import FACT_PREFIX, build_query
from reports.queries.sql import people
from reports.queries.tree import Query, dump, read_as_of
from reports.queries.words import describe

EXPORT = "query.export"
AT_ONCE = 2_000
_LONGEST_TITLE = 400


@dataclass(frozen=True)
class QueryExport:
    """What somebody wants of a query: columns in their order (facts as `fact:age`), open numbers, what for."""

    query: Query
    columns: tuple[str, ...]
    open_numbers: bool = False
    reason: str = ""


def prepare(asked: QueryExport, *, by: User) -> Export:
    """Return the roster export of a query's people, checked.

    Raises what check_export raises, and NotAllowed for a condition or a column above the reader's level.
    """
    roster = tuple(name for name in asked.columns if name in COLUMNS)
    facts = tuple(name[len(FACT_PREFIX) :] for name in asked.columns if name.startswith(FACT_PREFIX))
    export = Export(
        Criteria(status="all"), roster or ("name",), asked.open_numbers and "id" in roster, asked.reason, facts,
        asked.query.as_of or today(), people(asked.query, user=by, capability="roster.export"),
    )  # fmt: skip
    check_export(export, by=by)
    return export


def is_small(export: Export, *, by: User) -> bool:
    """Whether it is made at once rather than as a job."""
    return count_up_to(export, by=by, most=AT_ONCE) <= AT_ONCE


def write(
    target: str | Path | IO[bytes],
    asked: QueryExport,
    *,
    by: User,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the workbook, its first row the query in words, and note the export; return the number of people."""
    export = prepare(asked, by=by)
    day = PartialDate.of(asked.query.as_of or today()).chinese()
    title = f"查询：{describe(asked.query)}（截至{day}）"[:_LONGEST_TITLE]
    count = write_export(target, export, by=by, progress=progress, title=title, order=_order(export, asked))
    note_export(export, by=by, count=count)
    return count


def _order(export: Export, asked: QueryExport) -> list[int]:
    """The places of the columns asked for among those that the export reads: roster columns, then facts."""
    read = [*export.columns, *(f"{FACT_PREFIX}{name}" for name in export.facts)]
    places = {name: at for at, name in enumerate(read)}
    wanted = [places[name] for name in dict.fromkeys(asked.columns) if name in places]
    return [*(at for at in range(len(read)) if at not in wanted), *wanted]


def as_parameters(asked: QueryExport) -> dict[str, Any]:
    """An export as a job's parameters; what is asked is read and checked anew when it runs."""
    query = asked.query
    return {
        "where": dump(query.where), "within": query.within.pk if query.within else None,
        "as_of": (query.as_of or today()).isoformat(), "people": query.people,
        "columns": list(asked.columns), "open_numbers": asked.open_numbers, "reason": asked.reason,
    }  # fmt: skip


def from_parameters(parameters: Mapping[str, Any]) -> QueryExport:
    """The export of a job's parameters."""
    within = Unit.objects.get(pk=parameters["within"]) if parameters["within"] else None
    query = build_query(
        where=parameters["where"], within=within, as_of=read_as_of(parameters["as_of"]),
        people=parameters["people"],
    )  # fmt: skip
    columns: Sequence[str] = parameters["columns"]
    return QueryExport(query, tuple(columns), parameters["open_numbers"], parameters["reason"])
