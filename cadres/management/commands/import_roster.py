"""Command: import a roster workbook from the shell; without --commit a preview that leaves nothing behind."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Unit, User
from accounts.scope import require
from cadres.models import RosterImport
from cadres.services.imports import importing_unit
from cadres.services.roster_import.committing import commit
from cadres.services.roster_import.reporting import as_json, remarks_of
from cadres.sheets.previewing import preview
from core import audit
from core.errors import DomainError
from core.files import forget, store
from core.models import StoredFile

MOST_LISTED = 200


class ImportCommand(BaseCommand):
    """What every import from the shell shares: its options, its last line, its JSON, and that a preview leaves nothing."""

    kind = RosterImport.Kind.ROSTER

    def keep(self, options: dict[str, Any], by: User | None) -> StoredFile:
        """Hook: keep what is to be imported."""
        raise NotImplementedError

    def preview(self, roster_import: RosterImport) -> None:
        """Hook: read it and write the preview."""
        raise NotImplementedError

    def commit(self, roster_import: RosterImport, by: User | None) -> None:
        """Hook: write what was previewed."""
        commit(roster_import.pk, by=by)

    def remarks(self, roster_import: RosterImport, most: int) -> list[str]:
        """Hook: the first problems in sentences."""
        return remarks_of(roster_import, most)

    def as_json(self, roster_import: RosterImport) -> dict[str, Any]:
        """Hook: the preview as it is written to --json."""
        return as_json(roster_import)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do with what is named before."""
        parser.add_argument("--by", metavar="USER", default="", help="以哪个账号的权限导入；默认是系统")
        parser.add_argument(
            "--unit", metavar="CODE", default="", help="导入范围：单位编码；默认是整个管理范围"
        )
        parser.add_argument("--commit", action="store_true", help="写入名册；不加时只预览")
        parser.add_argument("--json", type=Path, metavar="FILE", help="把预览结果写成 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; the last line counts, exit 1 when rows were rejected or the file refused."""
        stored: list[StoredFile] = []
        try:
            summary = self._run(options, stored)
        except DomainError as error:
            for file in stored:
                forget(file)
            raise CommandError(error.message) from None
        except BaseException:
            for file in stored:
                forget(file)
            raise
        if summary["ask"]:
            self.stdout.write(f"待确认 {summary['ask']}（未答复的行不导入，请在网页上确认）")
        self.stdout.write(
            f"新增 {summary['new']} 更新 {summary['changed']} 未变 {summary['unchanged']} "
            f"拒绝 {summary['rejected']}"
        )
        if summary["rejected"]:
            sys.exit(1)

    def _run(self, options: dict[str, Any], stored: list[StoredFile]) -> dict[str, int]:
        """Preview, and commit when asked; otherwise everything is rolled back and the copy removed."""
        by = user_named(options["by"])
        unit = _unit(options["unit"], by)
        with transaction.atomic():
            stored.append(self.keep(options, by))
            roster_import = RosterImport.objects.create(
                kind=self.kind, unit=unit, file=stored[0], uploaded_by=by
            )
            self.preview(roster_import)
            self._report(roster_import, options["json"])
            if options["commit"]:
                audit.record(
                    "roster.preview", by=by, obj=roster_import, unit_name=unit.name, note=stored[0].name
                )
                self.commit(roster_import, by)
            else:
                transaction.set_rollback(True)
        if not options["commit"]:
            forget(stored.pop())
        return roster_import.summary

    def _report(self, roster_import: RosterImport, target: Path | None) -> None:
        if target is not None:
            target.write_bytes(orjson.dumps(self.as_json(roster_import), option=orjson.OPT_INDENT_2))
        for note in roster_import.notes:
            place = f"第 {note['row']} 行" if note["row"] else ""
            in_sheets = self.kind in (RosterImport.Kind.ROSTER, RosterImport.Kind.HISTORIES)
            sheet = "工作表" if in_sheets else "文件"
            self.stdout.write(f"{sheet}“{note['sheet']}”{place}：{note['message']}")
        remarks = self.remarks(roster_import, MOST_LISTED + 1)
        for sentence in remarks[:MOST_LISTED]:
            self.stdout.write(sentence)
        if len(remarks) > MOST_LISTED:
            self.stdout.write("……其余问题见 --json 的结果或网页。")


class WorkbookCommand(ImportCommand):
    """An import of one workbook."""

    file_help = "工作簿（.xlsx、.xls）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file and what to do with it."""
        parser.add_argument("file", type=Path, metavar="FILE", help=self.file_help)
        super().add_arguments(parser)

    def keep(self, options: dict[str, Any], by: User | None) -> StoredFile:
        """Keep the workbook."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"没有找到文件：{path}")
        return store(path, name=path.name, kind="sheet", by=by, limit=None)


class Command(WorkbookCommand):
    """Preview or import a roster."""

    help = "导入干部名册：默认只预览；--commit 写入名册。有被拒绝的行时退出码为 1。"
    file_help = "名册文件（.xlsx、.xls 或 .csv）"

    def preview(self, roster_import: RosterImport) -> None:
        """Read the workbook and write the preview."""
        preview(roster_import)


def user_named(name: str) -> User | None:
    """The account of a user name; None for "", which is the system. Raises CommandError when there is none."""
    if not name:
        return None
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise CommandError(f"没有账号 {name}，或该账号已停用。")
    return user


def _unit(code: str, by: User | None) -> Unit:
    """The unit of the import, checked against the user's scope; raises CommandError or DomainErrors."""
    if not code:
        if by is not None:
            return importing_unit(by)
        root = Unit.objects.filter(parent=None).order_by("path").first()
        if root is None:
            raise CommandError("系统中还没有单位，请先建立单位。")
        return root
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise CommandError(f"没有编码为 {code} 的单位。")
    if by is not None:
        require(by, "roster.import", unit)
    return unit
