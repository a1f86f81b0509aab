"""manage.py demo: the whole demo in one command (the work is done in core/embedded)."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, call_command, get_commands

from core import demo_personas
from core.embedded import announce, supervisor


class Command(BaseCommand):
    """Start the demo; `--prepare` is what the supervisor calls in a process of its own."""

    help = "启动演示系统：数据库、Redis、网站、后台任务、定时任务"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The options of the supervisor, and the hidden one."""
        supervisor.add_arguments(parser)
        parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare the database, or run the demo until it is stopped."""
        if options["prepare"]:
            prepare(size=options["size"], seed=options["seed"], data=options["data"])
        elif supervisor.run(argparse.Namespace(**options)):
            raise CommandError("演示系统没有启动。")


def prepare(*, size: str, seed: int, data: Path) -> None:
    """Migrate, load the code tables and the demo's people; each step does nothing where it was done."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    known = get_commands()
    if "load_codes" in known:
        call_command("load_codes")
    if "seed_demo" in known:
        call_command("seed_demo", size=size, seed=seed)
    cards = [persona for group in demo_personas.personas().values() for persona in group]
    announce.write_personas(data / "personas.json", cards)
