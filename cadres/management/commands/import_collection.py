"""Command: import a 干部大数据信息提取表 or 履历工作簿 from the shell; without --commit a preview only."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from cadres.collection.previewing import preview
from cadres.management.commands.import_roster import WorkbookCommand
from cadres.models import RosterImport
from cadres.services.collection_import.committing import commit
from cadres.services.collection_import.reporting import as_json, remarks_of


class Command(WorkbookCommand):
    """Preview or import histories: the same options, last line and JSON as import_roster."""

    help = "导入干部信息集（信息提取表或履历工作簿）：默认只预览；--commit 写入。有被拒绝的行时退出码为 1。"
    kind = RosterImport.Kind.HISTORIES

    def preview(self, roster_import: RosterImport) -> None:
        """Read the workbook and write the preview."""
        preview(roster_import)

    def commit(self, roster_import: RosterImport, by: User | None) -> None:
        """Write what was previewed."""
        commit(roster_import.pk, by=by)

    def remarks(self, roster_import: RosterImport, most: int) -> list[str]:
        """The first problems in sentences."""
        return remarks_of(roster_import, most)

    def as_json(self, roster_import: RosterImport) -> dict[str, Any]:
        """The preview, one entry a record; `kind` names its history."""
        return as_json(roster_import)
