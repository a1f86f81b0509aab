"""`manage.py database_role NAME`: the rights of the role under which the application reaches its database."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from core.database_role import grants_for, shortcomings


class Command(BaseCommand):
    """Prints the statements for a role; `--apply` runs them (as the owner), `--check` says what is too much."""

    help = "应用数据库角色的权限：打印授权语句；--apply 以表所有者身份执行；--check 核对。"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The role, and what to do."""
        parser.add_argument("role")
        verb = parser.add_mutually_exclusive_group()
        verb.add_argument("--apply", action="store_true", help="执行，而不只是打印")
        verb.add_argument("--check", action="store_true", help="核对角色没有多余的权限，有则退出码为 1")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 1 naming what the role could do and must not (`--check`, and after `--apply`)."""
        role = options["role"]
        if not (options["apply"] or options["check"]):
            self.stdout.write("".join(f"{statement};\n" for statement in grants_for(role)))
            return
        try:
            with transaction.atomic():
                found = shortcomings(role) if options["check"] else self._apply(role)
        except LookupError as error:
            raise CommandError(f"数据库中没有角色 {role}，请先建立（见 docs/operations.md）。") from error
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write(f"角色 {role}：日常读写可用，只增表不能改动、不能清空，触发器不能停用。")

    def _apply(self, role: str) -> list[str]:
        """Run the statements; what the role could still do beyond them (as a superuser, an owner)."""
        shortcomings(role)
        with connection.cursor() as cursor:
            for statement in grants_for(role):
                cursor.execute(statement)
        return shortcomings(role)
