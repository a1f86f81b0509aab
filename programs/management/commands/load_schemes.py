"""Loads the schemes of fixtures/schemes (programmes with their template calls) for a bureau."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Unit
from programs.services.schemes import load_scheme

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "schemes"


class Command(BaseCommand):
    """`manage.py load_schemes [FILE…] [--unit CODE]`; may be run as often as one likes."""

    help = "载入培养方案（fixtures/schemes）：项目和两个批次的征集模板。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files (all of the folder without any) and the bureau."""
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument("--unit", default="", metavar="CODE", help="主办单位编码，默认为局")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load each file and say what was loaded."""
        units = Unit.objects.filter(kind=Unit.Kind.BUREAU, parent=None)
        unit = (Unit.objects.filter(code=options["unit"]) if options["unit"] else units).first()
        if unit is None:
            raise CommandError("没有找到主办单位，请先建立单位或用 --unit 指明。")
        for path in options["files"] or sorted(FOLDER.glob("*.json")):
            program = load_scheme(unit=unit, scheme=json.loads(path.read_text(encoding="utf-8")))
            self.stdout.write(f"{program.name}：{program.calls.templates().count()} 个征集模板")
