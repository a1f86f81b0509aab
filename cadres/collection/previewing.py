"""From the stored workbook to the preview: read, staged and judged, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable

from cadres.collection.cells import Tables
from cadres.collection.reading import Context, read_collection
from cadres.collection.selecting import may_bring
from cadres.models import RosterImport
from cadres.services.collection_import.previewing import stage
from cadres.services.roster_import.units import UnitNames
from cadres.sheets.cells import CellReaders
from cadres.sheets.previewing import only_unit
from core.files import open_stored


def preview(
    roster_import: RosterImport,
    *,
    progress: Callable[[int], None] | None = None,
    read: Callable[[], None] | None = None,
) -> None:
    """Read the import's file and write its preview. Raises DomainErrors with a Chinese sentence."""
    context = Context(
        units=UnitNames(roster_import.unit_path), only_unit=only_unit(roster_import.unit),
        sees=may_bring(roster_import.uploaded_by), tables=Tables(), roster=CellReaders(),
    )  # fmt: skip
    with open_stored(roster_import.file) as file:
        reading = read_collection(file, context, progress=progress)
    if read is not None:
        read()
    roster_import.columns = reading.columns
    roster_import.notes = reading.notes
    stage(roster_import, reading.people, reading.rows)
