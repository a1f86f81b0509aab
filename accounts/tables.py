"""Tables of the lists of accounts, grants, units and audit entries."""

from __future__ import annotations

import hmac
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.models import Grant, Unit, User
from core import audit
from core.jobs import CANCELLED, GAVE_UP, TOO_LONG, UNEXPECTED
from core.models import AuditEntry, Job
from core.tables import ChineseDateColumn, SelectColumn
from core.templatetags.shell import chinese_date, chinese_datetime

_TITLE = {"td": {"class": "cell-title"}}
_STATUS = {"td": {"class": "cell-status"}}
_WRAP = {"td": {"class": "wrap"}}


def pill(label: str, tone: str) -> SafeString:
    """A state as colour, icon and words."""
    return SafeString(render_to_string("components/_status.html", {"label": label, "tone": tone}))


class UserTable(tables.Table):
    """Accounts."""

    select = SelectColumn()
    name = tables.Column(
        "姓名", linkify=lambda record: reverse("user-detail", args=[record.pk]), attrs=_TITLE
    )
    username = tables.Column("账号")
    account_class = tables.Column("类别")
    is_active = tables.Column("状态", attrs=_STATUS)
    last_login = ChineseDateColumn(verbose_name="最近登录", empty_values=())

    class Meta:
        model = User
        fields = ("select", "name", "username", "account_class", "is_active", "last_login")
        order_by = ("username",)

    def render_is_active(self, value: bool, record: User) -> SafeString:
        """Open, disabled, or waiting for its code to be used."""
        if not value:
            return pill("停用", "muted")
        return pill("启用", "success") if record.has_usable_password() else pill("尚未激活", "warning")

    def render_last_login(self, value: Any) -> str:
        """When the account was last entered."""
        return chinese_datetime(value) if value else "从未登录"


class GrantTable(tables.Table):
    """Grants in force, to come or over."""

    user = tables.Column(
        "姓名", order_by="user__name", attrs=_TITLE,
        linkify=lambda record: reverse("user-detail", args=[record.user_id]),
    )  # fmt: skip
    username = tables.Column("账号", accessor="user__username")
    role = tables.Column("角色")
    unit = tables.Column("单位", order_by="unit__path")
    start = ChineseDateColumn(verbose_name="起")
    last_day = tables.Column("止", accessor="last_day", order_by="end", empty_values=())
    reason = tables.Column("依据", orderable=False, attrs=_WRAP)
    state = tables.Column("状态", orderable=False, attrs=_STATUS)
    act = tables.TemplateColumn(
        verbose_name="办理", template_name="accounts/_grant_actions.html", orderable=False, empty_values=()
    )

    class Meta:
        model = Grant
        fields = ("user", "username", "role", "unit", "start", "last_day", "reason", "state", "act")
        order_by = ("user", "role")

    def render_last_day(self, record: Grant) -> str:
        """The last day on which it holds."""
        return chinese_date(record.last_day) or "长期"

    def render_state(self, record: Grant) -> SafeString:
        """The state in words and colour."""
        return pill(record.state, record.tone)


class ProposalTable(GrantTable):
    """Proposals that wait for the security administrator, with boxes to confirm several."""

    select = SelectColumn()
    last_day = None
    state = None

    class Meta(GrantTable.Meta):
        fields = ("user", "username", "role", "unit", "start", "reason", "act")
        sequence = ("select", "user", "username", "role", "unit", "start", "reason", "act")


class UnitTable(tables.Table):
    """Units in the order of the tree."""

    name = tables.Column(
        "单位", linkify=lambda record: reverse("unit-detail", args=[record.pk]), attrs=_TITLE
    )
    kind = tables.Column("类别")
    stage = tables.Column("学段")
    parent = tables.Column("上级单位", order_by="parent__name")
    code = tables.Column("编码")
    flags = tables.Column("标记", accessor="pk", orderable=False)
    headcount = tables.Column("领导职数", attrs={"th": {"class": "num"}, "td": {"class": "num"}})

    class Meta:
        model = Unit
        fields = ("name", "kind", "stage", "parent", "code", "flags", "headcount")

    def render_flags(self, record: Unit) -> SafeString:
        """Rural, weak, closed."""
        marks = [("农村", "info", record.is_rural), ("薄弱", "warning", record.is_weak)]
        shown = [
            pill(word, tone) for word, tone, holds in [*marks, ("已撤销", "muted", record.is_closed)] if holds
        ]
        return format_html_join(" ", "<span>{}</span>", ((each,) for each in shown))


class AuditTable(tables.Table):
    """Audit entries, newest first."""

    action = tables.Column(
        "动作", attrs=_TITLE, linkify=lambda record: reverse("audit-entry", args=[record.pk])
    )
    at = ChineseDateColumn(verbose_name="时间")
    actor_name = tables.Column("操作人")
    object_label = tables.Column("对象", orderable=False, attrs=_WRAP)
    unit_name = tables.Column("单位", orderable=False)
    ip = tables.Column("来源地址", orderable=False)
    sealed = tables.Column("校验", accessor="pk", orderable=False, attrs=_STATUS)

    class Meta:
        model = AuditEntry
        fields = ("action", "at", "actor_name", "object_label", "unit_name", "ip", "sealed")
        order_by = ("-at",)

    def render_action(self, value: str) -> str:
        """The action in words."""
        return audit.wording(value)

    def render_sealed(self, record: AuditEntry) -> SafeString:
        """Whether the entry still fits its seal."""
        return (
            pill("完好", "success")
            if hmac.compare_digest(audit.seal_of(record), record.seal)
            else pill("已被改动", "danger")
        )


class JobTable(tables.Table):
    """Background jobs by their state alone."""

    kind = tables.Column("任务", attrs=_TITLE, orderable=False)
    asked_by = tables.Column("提出人", empty_values=(), orderable=False)
    status = tables.Column("状态", attrs=_STATUS)
    progress = tables.Column("进度")
    attempts = tables.Column("次数")
    created_at = ChineseDateColumn(verbose_name="提出时间")
    finished_at = ChineseDateColumn(verbose_name="结束时间")
    error = tables.Column("原因", orderable=False, attrs=_WRAP)

    # Sentences of the mechanism itself; any other may name people or records, which are the asker's alone.
    PLAIN_REASONS = (CANCELLED, GAVE_UP, TOO_LONG, UNEXPECTED)
    TONES = {
        Job.Status.QUEUED: "info", Job.Status.RUNNING: "active", Job.Status.DONE: "success",
        Job.Status.FAILED: "danger",
    }  # fmt: skip

    class Meta:
        model = Job
        fields = (
            "kind", "asked_by", "status", "progress", "attempts", "created_at", "finished_at", "error",
        )  # fmt: skip
        order_by = ("-created_at",)

    def render_kind(self, record: Job) -> str:
        """What it does, in words."""
        return record.label

    def render_asked_by(self, record: Job) -> str:
        """Who asked; the timetable's own jobs have nobody."""
        return str(record.asked_by or audit.SYSTEM_NAME)

    def render_status(self, value: str, record: Job) -> SafeString:
        """Its state."""
        return pill(record.get_status_display(), self.TONES[Job.Status(record.status)])

    def render_progress(self, value: int) -> str:
        """How far it is."""
        return f"{value}%"

    def render_error(self, value: str) -> str:
        """Why it ended, where the sentence says nothing of the content."""
        return value if value in self.PLAIN_REASONS else "提出人已收到说明。"
