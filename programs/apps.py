"""Application entry of programs."""

from collections.abc import Callable
from typing import Any

from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    """Wires programs into Django."""

    name = "programs"
    verbose_name = "培养项目"

    def ready(self) -> None:
        """Register the tables of actions, the navigation, the to-do source and the panel on a cadre's page."""
        from cadres.services import consequences, ties
        from core import inbox, navigation, panels, todo
        from programs import todos, workflow  # noqa: F401
        from programs.models import Participation
        from programs.querysets import assigned_to
        from programs.services import schemes, unit_changes  # noqa: F401  # a scheme's action has words in the trail

        consequences.register(unit_changes.told_of_change)
        ties.register("hosts", lambda user: Participation.objects.filter(assigned_to(user)))

        entry = navigation.Entry
        # The bureau has more to look after than a navigation holds: these pages are one entry there.
        pages = (
            ("征集", "clipboard-list", "call-list", "call.view", 30),
            ("推荐", "user-plus", "nomination-list", "nomination.view", 32),
            ("培养经历", "briefcase", "participation-list", "participation.view", 34),
            ("基地", "building-community", "base-list", "base.manage", 36),
        )
        for label, icon, address, capability, order in pages:
            apart, together = where(capability, bureau=False), where(capability, bureau=True)
            navigation.register(entry(label, icon, address, when=apart, order=order))
            navigation.register(entry(label, icon, address, when=together, order=order, place="programs"))
        covered = ("nomination-list", "participation-list", "base-list")
        navigation.register(entry("培养项目", "plant", "call-list", when=at_bureau, order=30, covers=covered))
        navigation.register(entry("议题", "gavel", "agenda", capability="nomination.decide", order=15))
        navigation.register(
            entry("我带的人", "users", "participation-list", when=hosts, order=34, covers=("mentoring",))
        )
        # One entry, whatever one has people in; it gives way where the bureau's own work fills the navigation.
        navigation.register(entry("我带的人", "users", "mentoring", when=mentors_only, order=90))
        navigation.register(
            entry("挂职学习", "briefcase", "participation-list", when=hosts, order=10, place="mentoring")
        )
        navigation.register(entry("我的推荐", "user-plus", "nomination-list", when=is_cadre_only, order=32))
        navigation.register(
            entry("我的培养", "briefcase", "participation-list", when=is_cadre_only, order=34)
        )
        todo.register(todos.waiting)
        inbox.register_kind("call", "征集", "call")
        inbox.register_kind("nomination", "推荐", "nomination", "step")
        inbox.register_kind("participation", "培养经历", "participation", "stint")
        inbox.register_kind("appraisal", "书面鉴定", "appraisal")
        panels.register(panels.Panel("cadres.cadre", "推荐与培养", "panel-cadre-programs", order=30))
        panels.register_teller("cadres.cadre", tells_of_cadre)


def at_bureau(user: Any) -> bool:
    """Whether a user checks or decides cases for the whole tree."""
    return bool(user.holds("nomination.check") or user.holds("nomination.decide"))


def where(capability: str, *, bureau: bool) -> Callable[[Any], bool]:
    """Return the rule that shows an entry to those who hold a capability and work at the bureau, or don't."""
    return lambda user: user.holds(capability) and at_bureau(user) is bureau


def hosts(user: Any) -> bool:
    """Whether a user without a view of undertakings hosts or guides somebody."""
    from cadres.services.ties import is_tied

    return not user.holds("participation.view") and is_tied(user, "hosts")


def mentors_only(user: Any) -> bool:
    """Whether a user mentors somebody's plan and has no entry for people hosted."""
    from cadres.services.ties import mentors

    return mentors(user) and not hosts(user)


def is_cadre_only(user: Any) -> bool:
    """Whether a user without a view of nominations is on the roster."""
    from cadres.services.ties import has_record

    return not user.holds("nomination.view") and has_record(user)


def tells_of_cadre(user: Any, cadre: Any) -> list[Any]:
    """A person's nominations and undertakings on the timeline of the person's page."""
    from programs.presenting import happenings_of

    return happenings_of(user, cadre)
