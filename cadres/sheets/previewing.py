"""From the stored file to the preview: read, staged, matched and compared, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable

from cadres.models import RosterImport
from cadres.services.roster_import.previewing import stage
from cadres.services.roster_import.units import UnitNames, only_unit
from cadres.sheets.roster_reading import Progress, read_roster
from core.files import open_stored


def preview(
    roster_import: RosterImport, *, progress: Progress | None = None, read: Callable[[], None] | None = None
) -> None:
    """Read the import's file and write its preview. Raises DomainErrors with a Chinese sentence.

    `progress` hears how many rows were read, `read` that reading is over.
    """
    with open_stored(roster_import.file) as file:
        reading = read_roster(
            file,
            UnitNames(roster_import.unit_path),
            only_unit=only_unit(roster_import.unit),
            progress=progress,
        )
    if read is not None:
        read()
    roster_import.columns = reading.columns
    roster_import.notes = reading.notes
    stage(roster_import, reading.spool)
