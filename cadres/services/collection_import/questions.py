"""What the preview of histories asks beside units and people: whether a row is a kept record with another date."""

from __future__ import annotations

from dataclasses import dataclass

from cadres.models import CollectionRow, RosterImport
from cadres.services.collection_import.dates import key_of
from cadres.services.collection_import.reporting import RecordWording, label_of

MOST_ASKED = 50


@dataclass(frozen=True)
class RecordQuestion:
    """A row that may be a kept record, with what it says and what is kept."""

    number: int
    key: str
    row: CollectionRow
    kind: str
    words: str
    asked: str


def record_questions(roster_import: RosterImport, first: int = 0) -> list[RecordQuestion]:
    """The first rows to ask about, numbered from `first`; the next come up once these are answered."""
    rows = roster_import.records.filter(verdict=CollectionRow.Status.ASK, record__isnull=False)
    wording = RecordWording(roster_import)
    return [
        RecordQuestion(
            number=number,
            key=key_of(row.ordinal),
            row=row,
            kind=label_of(row.slug),
            words=wording.shown_values(row),
            asked=str((row.findings or [{}])[-1].get("message", "")),
        )
        for number, row in enumerate(rows.order_by("ordinal")[:MOST_ASKED], first)
    ]
