"""manage.py annual_report: builds the annual workbook from the shell."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from accounts.models import Unit, User
from accounts.scope import require
from core import audit
from core.errors import DomainError
from reports import services
from reports.annual import figures


class Command(BaseCommand):
    """Writes the annual report of a unit's subtree; with --by only what that account may see."""

    help = "生成年度报告工作簿"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options of docs/operations.md."""
        parser.add_argument("--year", type=int, required=True, help="年度")
        parser.add_argument("--unit", required=True, help="单位编码")
        parser.add_argument("--out", type=Path, required=True, help="写到哪个文件（.xlsx）")
        parser.add_argument("--by", default="", help="以哪个账号的权限生成；不填则为全部内容")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build the workbook in one snapshot of the database and put it where asked."""
        unit = Unit.objects.filter(code=options["unit"]).first()
        if unit is None:
            raise CommandError(f"没有编码为“{options['unit']}”的单位。")
        reader = self._reader(options["by"])
        try:
            services.check_year(options["year"])
            if reader is not None:
                require(reader, "report.annual", unit)
            path = self._write(unit, options["year"], reader)
        except DomainError as error:
            raise CommandError(error.message) from error
        try:
            shutil.move(path, options["out"])
        except OSError as error:
            path.unlink(missing_ok=True)
            raise CommandError(f"不能写入“{options['out']}”：{error.strerror}。") from error
        options["out"].chmod(0o600)
        audit.record("report.built", by=reader, obj=unit, unit_name=unit.name, note=f"{options['year']}年度")
        self.stdout.write(f"已生成 {options['out']}")

    @staticmethod
    def _reader(username: str) -> User | None:
        if not username:
            return None
        reader = User.objects.filter(username=username, is_active=True).first()
        if reader is None:
            raise CommandError(f"没有启用的账号“{username}”。")
        return reader

    @staticmethod
    def _write(unit: Unit, year: int, reader: User | None) -> Path:
        scope = figures.Scope(unit, year, figures.as_of(year), reader)
        nested = connection.in_atomic_block
        with transaction.atomic():
            if not nested:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            return services.write_workbook(scope, figures.compute(scope))
