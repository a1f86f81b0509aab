"""manage.py create_administrators: the first three administrators of an installation, with their codes."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Grant, Unit
from accounts.roles import ROLES
from accounts.services.activation import issue_activation_codes, shown
from accounts.services.units import create_unit
from accounts.services.users import create_user
from core import audit
from core.calendar import now, today
from core.errors import DomainError

FIRST = ("sysadmin", "secadmin", "auditor")

audit.register("grant.first", "命令行授予首批管理员权限")


class Command(BaseCommand):
    """Creates the root unit where there is none, and one account of each administrator's class.

    It works once: afterwards the administrators make each other's successors in the browser.
    """

    help = "建立首批系统管理员、安全管理员、审计员，并打印一次性激活码"

    def add_arguments(self, parser: Any) -> None:
        """What the bureau is called."""
        parser.add_argument("--bureau", default="教育局", help="根单位的名称（尚无根单位时使用）")
        parser.add_argument("--code", default="ROOT", help="根单位的编码（尚无根单位时使用）")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, or say why not."""
        roles = [ROLES[code] for code in FIRST]
        if Grant.objects.filter(role__in=FIRST).exists():
            raise CommandError("已经有管理员账号，请由他们在网页上办理。")
        try:
            with transaction.atomic():
                root = Unit.objects.filter(parent=None).first() or create_unit(
                    by=None, code=options["code"], name=options["bureau"], kind=Unit.Kind.BUREAU, parent=None
                )
                users = [
                    create_user(
                        by=None, username=role.code, name=role.label, account_class=role.account_class
                    )
                    for role in roles
                ]
                for user, role in zip(users, roles, strict=True):
                    grant = Grant.objects.create(
                        user=user,
                        role=role.code,
                        unit=root,
                        start=today(),
                        confirmed_at=now(),
                        reason="系统初始化",
                    )
                    audit.record("grant.first", by=None, obj=grant, unit_name=root.name)
                issued = issue_activation_codes(by=None, users=users)
        except DomainError as error:
            raise CommandError(error.message) from error
        for each in issued:
            self.stdout.write(f"{each.user.name}\t{each.user.username}\t{shown(each.code)}")
        self.stdout.write("请在 /accounts/activate/ 用以上激活码设置密码，14 天内有效，只显示这一次。")
