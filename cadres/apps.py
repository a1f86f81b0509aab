"""Application entry of cadres: navigation, the search of the top bar, the team on a unit's page."""

from typing import Any

from django.apps import AppConfig

# What waits for those who keep the record, as tools of the roster's page.
_WORK_LISTS = (
    ("诉求", "message-report", "petition-list"),
    ("监督事项", "shield-check", "oversight-list"),
    ("更正申请", "pencil-check", "correction-list"),
    ("审核评估", "clipboard-check", "reserve-reviews"),
)
# Kinds of messages about records, with the words that their occasions begin with.
_MESSAGES = (
    ("petition", "诉求"),
    ("correction", "更正申请"),
    ("plan", "培养计划与审核", "plan", "reserve-review"),
    ("profile", "能力画像"),
    ("oversight", "管理监督"),
    ("tenure", "任期、证书与退休", "probation", "term", "certificate", "retirement"),
)


class CadresConfig(AppConfig):
    """Wires cadres into Django."""

    name = "cadres"
    verbose_name = "干部名册"

    def ready(self) -> None:
        """Register entries, search and panel; importing services gives their actions words, tasks the job kinds."""
        from cadres import (
            started,
            tasks,  # noqa: F401 - wherever a service may ask for a job, not only behind the pages
            todos,
        )
        from cadres.services import (  # noqa: F401
            appointments,
            corrections,
            histories,
            people,
            posts,
            profiles,
            reorganising,
            reviews,
            roster_accounts,
        )
        from cadres.services.sight import keeps
        from cadres.services.ties import has_record, mentors
        from core import inbox, navigation, panels, todo
        from core import started as lines
        from core.navigation import Entry, Search

        todo.register(todos.waiting)
        lines.register(started.own_requests)
        navigation.register(
            Entry(
                "名册", "address-book", "cadre-list", capability="cadre.view", order=20,
                covers=("correction-list",),
            )
        )  # fmt: skip
        navigation.register(Entry("我的档案", "id", "my-record", when=only_own_record, order=20))
        navigation.register(Entry("我的档案", "id", "my-record", when=has_record, place="person"))
        navigation.register(
            Entry("开通账号", "user-plus", "cadre-accounts", capability="account.manage", order=40)
        )
        navigation.register(Entry("我带的人", "users", "mentoring", when=mentors, place="person"))
        navigation.register(
            Entry("培养计划", "target-arrow", "mentoring", when=mentors, order=20, place="mentoring")
        )
        for order, (label, icon, address) in enumerate(_WORK_LISTS, start=40):
            navigation.register(Entry(label, icon, address, when=keeps, order=order, place="roster"))
        for key, label, *prefixes in _MESSAGES:
            inbox.register_kind(key, label, *prefixes)
        navigation.register_search(Search("cadre-list", "cadre.view"))
        panels.register(panels.Panel("accounts.unit", "领导班子", "unit-team", "unit.view", order=10))
        panels.register(panels.Panel("accounts.unit", "账号", "unit-accounts", "unit.edit", order=80))
        panels.register(panels.Panel("accounts.unit", "机构沿革", "unit-changes", "unit.view", order=90))


def only_own_record(user: Any) -> bool:
    """Whether the person sees nobody's record but their own."""
    from cadres.services.ties import has_record

    return not user.holds("cadre.view") and has_record(user)
