"""manage.py load_codes: loads the national code tables and the first rules; run it after migrating."""

from typing import Any

from django.core.management.base import BaseCommand

from cadres.services.codes import load_codes
from cadres.services.rules import load_rules


class Command(BaseCommand):
    """Loads fixtures/codes/*.csv and fixtures/rules/*.json; a second run changes nothing."""

    help = "载入国家代码表（民族、学历、职称等）和初始规则（退休年龄、结构标准）；可重复运行。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many values each list has."""
        for loaded in load_codes():
            self.stdout.write(f"{loaded.list} {loaded.count}")
        for name, count in load_rules().items():
            self.stdout.write(f"{name} {count}")
