"""`manage.py verify_audit`: checks that the audit trail is what the application wrote."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import audit
from core.append_only import unprotected_tables
from core.models import AuditEntry

SHOWN = 20


class Command(BaseCommand):
    """Checks every entry against its seal, and every append-only table for its trigger."""

    help = "核对审计记录：每条记录与其校验码相符，只增表的触发器都在。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 and one line when all is well; exit 1 naming what isn't."""
        problems = [f"表 {table} 的只增触发器缺失或被停用" for table in unprotected_tables()]
        changed = 0
        for entry in audit.verify(AuditEntry.objects.all()):
            changed += 1
            if changed <= SHOWN:
                problems.append(f"第 {entry.pk} 条（{entry.at:%Y-%m-%d %H:%M:%S}）与校验码不符")
        if changed > SHOWN:
            problems.append(f"另有 {changed - SHOWN} 条与校验码不符")
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(f"审计记录核对无误：共 {AuditEntry.objects.count()} 条。")
