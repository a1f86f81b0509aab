"""manage.py seed_demo: fills an empty database with the demo district; does nothing a second time."""

import os
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reports.demo.seeding import BATCHES, is_seeded, seed


class Command(BaseCommand):
    """Makes the demo district; refuses in production."""

    help = "载入示例区（仅用于演示）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Size and seed."""
        parser.add_argument("--size", choices=sorted(BATCHES), default="district", help="规模")
        parser.add_argument("--seed", type=int, default=1, help="随机种子：同一种子和日期得到同样的数据")
        parser.add_argument("--data", default="", help="演示数据目录（由 demo 命令给出）")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed once."""
        if settings.PRODUCTION:
            raise CommandError("正式环境不能载入示例数据。")
        if is_seeded():
            self.stdout.write("示例区已经载入。")
            return
        password = settings.DEMO_PASSWORD or os.environ.get("DEMO_PASSWORD", "")
        if not password:
            raise CommandError("请先设置环境变量 DEMO_PASSWORD。")
        began = time.monotonic()
        count = seed(options["size"], options["seed"], password)
        self.stdout.write(f"示例区已载入：{count} 名干部，用时 {time.monotonic() - began:.1f} 秒。")
