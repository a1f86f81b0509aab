"""Application entry of accounts: navigation, to-dos, and what the audit trail calls its actions."""

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from core.todo import TodoItem


class AccountsConfig(AppConfig):
    """Wires accounts into Django."""

    name = "accounts"
    verbose_name = "账号与单位"

    def ready(self) -> None:
        """Register entries, to-dos and the wording of every audited action."""
        from accounts import adapter  # noqa: F401
        from accounts.services import activation, grants, units, users  # noqa: F401
        from core import inbox, navigation, todo
        from core.navigation import Entry

        navigation.register(Entry("授权", "shield-check", "grant-list", capability="grant.view", order=20))
        navigation.register(Entry("账号", "users", "user-list", capability="account.view", order=30))
        navigation.register(Entry("审计", "history", "audit-list", capability="audit.view", order=20))
        navigation.register(Entry("后台任务", "activity", "job-list", capability="job.view_all", order=50))
        tree = Entry("单位", "hierarchy", "unit-list", capability="unit.edit", order=70, place="person")
        navigation.register(tree)
        todo.register(proposals_waiting)
        inbox.register_kind("account", "账号与授权", "account", "grant")


def proposals_waiting(user: Any) -> "list[TodoItem]":
    """What waits for the security administrator: proposed grants."""
    from django.urls import reverse

    from accounts.models import Grant
    from core.todo import TodoItem

    if not user.holds("grant.manage"):
        return []
    count = Grant.objects.visible_to(user, "grant.manage").proposed().exclude(user=user).count()
    if not count:
        return []
    url = reverse("grant-list") + "?tab=proposed"
    return [TodoItem(title="随任职提出的授权待确认", verb="确认授权", url=url, count=count)]
