"""From an upload of forms to its preview, and the preview as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from accounts.models import User
from cadres.models import RosterImport
from cadres.personnel_form.archive import Package, open_upload, pack
from cadres.services.form_import.reading import read_forms
from cadres.services.form_import.reporting import FormWording
from cadres.services.photos import read_photos
from cadres.services.roster_import.previewing import stage
from cadres.services.roster_import.reporting import as_json, rows_of
from cadres.services.roster_import.units import only_unit
from core.crypto import mask_identities_in
from core.files import StoredFile, store


def keep_upload(
    files: Iterable[tuple[str, bytes]], *, endings: tuple[str, ...], by: User | None, name: str = ""
) -> StoredFile:
    """Open uploaded files and keep those of the wanted kind. Raises as `open_upload` does; then nothing is kept."""
    return keep_package(open_upload(files, endings=endings), by=by, name=name)


def keep_package(package: Package, *, by: User | None, name: str = "") -> StoredFile:
    """Keep the files of an upload as one package of our own making until they are imported."""
    names = [mask_identities_in(member.name) for member in package.members]
    shown = name or (names[0] if len(names) == 1 else f"{names[0].rpartition('.')[0]}等 {len(names)} 个文件")
    return store(pack(package), name=f"{shown}.zip", kind="any", by=by, limit=None)


def preview_forms(
    roster_import: RosterImport,
    *,
    progress: Callable[[int], None] | None = None,
    read: Callable[[], None] | None = None,
) -> None:
    """Read an import's forms and write its preview. In the caller's transaction.

    `progress` hears how many files were read, `read` that reading is over.
    """
    spool = read_forms(roster_import, only_unit=only_unit(roster_import.unit), progress=progress)
    if read is not None:
        read()
    stage(roster_import, spool)


def preview_photos(
    roster_import: RosterImport,
    *,
    progress: Callable[[int], None] | None = None,
    read: Callable[[], None] | None = None,
) -> None:
    """The same for photos."""
    spool = read_photos(roster_import, progress=progress)
    if read is not None:
        read()
    stage(roster_import, spool)


def forms_as_json(roster_import: RosterImport) -> dict[str, Any]:
    """The whole preview as the command writes it, everything open (command import_lrmx)."""
    rows = list(rows_of(roster_import))
    return as_json(roster_import, wording=FormWording(roster_import, rows, open_numbers=True), rows=rows)
