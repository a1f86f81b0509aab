"""Command: write people's 任免审批表 as .lrmx files, from the shell."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cadres.management.commands.import_roster import user_named
from cadres.personnel_form.lrmx import write_lrmx
from cadres.services.form_import.exporting import (
    FormExport,
    check_form_export,
    file_names,
    forms_for,
    note_form_export,
)
from core.errors import DomainError

SHELL = "命令行导出"


class Command(BaseCommand):
    """Export forms."""

    help = "导出干部任免审批表（.lrmx）：默认以系统身份导出完整内容；--by 按该账号的权限。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom, whereto, as whom."""
        parser.add_argument(
            "--cadre", type=int, nargs="+", required=True, metavar="ID", help="干部编号（网址中的数字）"
        )
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="文件夹，没有时新建")
        parser.add_argument("--by", metavar="USER", default="", help="以哪个账号的权限导出；默认是系统")
        parser.add_argument("--reason", default=SHELL, help="用途，记入审计")
        parser.add_argument("--masked", action="store_true", help="不含家庭成员、身份证号等敏感信息")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the files; fails when one of the people isn't there for this account."""
        by = user_named(options["by"])
        export = FormExport(open_sensitive=not options["masked"], reason=options["reason"])
        wanted = list(dict.fromkeys(options["cadre"]))
        try:
            check_form_export(export, by=by)
            found = list(forms_for(wanted, export, by=by))
        except DomainError as error:
            raise CommandError(error.message) from None
        missing = sorted(set(wanted) - {cadre.pk for cadre, _ in found})
        if missing:
            raise CommandError(f"没有找到编号为 {'、'.join(map(str, missing))} 的干部。")
        target: Path = options["out"]
        target.mkdir(parents=True, exist_ok=True)
        name_of = file_names(".lrmx")
        for cadre, form in found:
            path = target / name_of(cadre)
            path.write_bytes(write_lrmx(form))
            self.stdout.write(str(path))
        note_form_export(export, by=by, count=len(found))
        self.stdout.write(f"已导出 {len(found)} 份")
