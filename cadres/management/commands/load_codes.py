"""manage.py load_codes: loads the national code tables; run it after migrating."""

from typing import Any

from django.core.management.base import BaseCommand

from cadres.services.codes import load_codes


class Command(BaseCommand):
    """Loads fixtures/codes/*.csv into the code tables; a second run changes nothing."""

    help = "载入国家代码表（民族、学历、职称等）；可重复运行。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many values each list has."""
        for loaded in load_codes():
            self.stdout.write(f"{loaded.list} {loaded.count}")
