"""Command: import 任免审批表 (.lrmx, .lrm, zips of them) from the shell; without --commit a preview only."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts.models import User
from cadres.management.commands.import_roster import ImportCommand
from cadres.models import RosterImport
from cadres.personnel_form.archive import FORMS, PICTURE, open_upload
from cadres.services.form_import.previewing import forms_as_json, keep_package, preview_forms
from core.models import StoredFile

_TAKEN = (*FORMS, PICTURE, ".zip")


class Command(ImportCommand):
    """Preview or import forms: the same options, last line and JSON as import_roster."""

    help = "导入干部任免审批表：默认只预览；--commit 写入名册。有被拒绝的文件时退出码为 1。"
    kind = RosterImport.Kind.FORMS

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The files and what to do with them."""
        parser.add_argument(
            "paths",
            type=Path,
            nargs="+",
            metavar="PATH",
            help=".lrmx、.lrm（照片 .pic 放在旁边）、.zip 或文件夹",
        )
        super().add_arguments(parser)

    def keep(self, options: dict[str, Any], by: User | None) -> StoredFile:
        """Keep all files as one package."""
        return keep_package(open_upload(_files(options["paths"])), by=by)

    def preview(self, roster_import: RosterImport) -> None:
        """Read the forms and write the preview."""
        preview_forms(roster_import)

    def as_json(self, roster_import: RosterImport) -> dict[str, Any]:
        """The preview with everything the forms say."""
        return forms_as_json(roster_import)


def _files(paths: list[Path]) -> Iterator[tuple[str, bytes]]:
    """The named files, those in named folders, and the picture beside a named .lrm."""
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise CommandError(f"没有找到文件：{path}")
        inside = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        beside = [one.with_suffix(PICTURE) for one in inside if one.suffix.lower() == ".lrm"]
        for one in (*inside, *beside):
            wanted = one.suffix.lower() in _TAKEN or not path.is_dir()
            if wanted and one.is_file() and one.resolve() not in seen:
                seen.add(one.resolve())
                yield str(one), one.read_bytes()
