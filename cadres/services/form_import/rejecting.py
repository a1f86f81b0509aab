"""The files of an upload that did not come in, as a zip with a sentence for each, to correct and upload again."""

from __future__ import annotations

import io
import zipfile

from cadres.models import RosterImport, RosterImportRow
from cadres.personnel_form.archive import unpack
from cadres.services.roster_import.reporting import rows_of
from core.files import open_stored

REASONS = "未导入的原因.txt"
_LEFT = (RosterImportRow.Status.REJECTED, RosterImportRow.Status.ASK)
NOT_ANSWERED = "没有答复是名册中的哪一位，或属于哪个单位。"


def rejected_files(roster_import: RosterImport) -> bytes:
    """The zip: the files as they came, and a text that says why each was left out."""
    rows = {row.row: row for row in rows_of(roster_import, _LEFT)}
    lines, used = [], set()
    out = io.BytesIO()
    with open_stored(roster_import.file) as file, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in unpack(file, set(rows)):
            name = member.name if member.name not in used else f"{number}-{member.name}"
            used.add(name)
            archive.writestr(name, member.data)
            if member.picture:
                archive.writestr(name.rpartition(".")[0] + ".pic", member.picture)
            lines.append(f"{name}：{_why(rows[number])}")
        archive.writestr(REASONS, "\ufeff" + "\r\n".join(lines) + "\r\n")
    return out.getvalue()


def rejected_files_name(roster_import: RosterImport) -> str:
    """What the zip is called."""
    return f"未导入的{roster_import.get_kind_display()}.zip"


def _why(row: RosterImportRow) -> str:
    found = [
        f"{one['column']}：{one['message']}" if one["column"] else one["message"]
        for one in (*(row.problems or ()), *(row.findings or ()))
        if one["severity"] == "error" or row.verdict == RosterImportRow.Status.ASK
    ]
    return " ".join(found) or NOT_ANSWERED
