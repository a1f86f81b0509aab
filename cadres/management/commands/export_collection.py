"""Command: write the 干部大数据信息提取表 of a unit and the units below it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Unit
from cadres.collection.national import national_sheets
from cadres.collection.national_exporting import write_national
from cadres.collection.selecting import Selection, check_selection, note_selection
from cadres.listing import Criteria
from cadres.management.commands.import_roster import user_named
from core.errors import DomainError

REASON = "命令行导出信息提取表"


class Command(BaseCommand):
    """Export the national workbook."""

    help = "导出《干部大数据信息提取表》（含完整身份证号和保密内容，记入审计）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, where to, and what for."""
        parser.add_argument("--unit", metavar="CODE", required=True, help="单位编码：该单位及其下属单位")
        parser.add_argument("--out", type=Path, metavar="FILE", required=True, help="写到哪个文件（.xlsx）")
        parser.add_argument("--by", metavar="USER", default="", help="以哪个账号的权限导出；默认是系统")
        parser.add_argument("--reason", default=REASON, help="用途，写在工作簿的标题行并记入审计")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file; the last line says how many rows it has."""
        by = user_named(options["by"])
        unit = Unit.objects.filter(code=options["unit"]).first()
        if unit is None:
            raise CommandError(f"没有编码为 {options['unit']} 的单位。")
        selection = Selection(Criteria(unit=unit), national=True, open_numbers=True, reason=options["reason"])
        specs = national_sheets()
        try:
            check_selection(selection, specs, by=by)
            count = write_national(options["out"], selection, by=by)
        except DomainError as error:
            raise CommandError(error.message) from None
        note_selection(selection, specs, by=by, count=count)
        self.stdout.write(f"已导出 {count} 行：{options['out']}")
