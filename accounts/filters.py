"""Filters of the lists of accounts, grants, units and audit entries."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet

from accounts.models import Grant, Unit, User
from accounts.roles import ROLE_CHOICES, AccountClass
from core import audit
from core.calendar import end_of_day, start_of_day
from core.job_kinds import kinds
from core.models import AuditEntry, Job


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class UserFilter(filters.FilterSet):
    """Accounts by name, class and state."""

    STATES = [("open", "启用"), ("closed", "停用"), ("never", "尚未激活")]

    search = filters.CharFilter(label="姓名或账号", method="by_text", max_length=60)
    account_class = filters.ChoiceFilter(label="类别", choices=AccountClass.choices, empty_label="全部")
    state = filters.ChoiceFilter(label="状态", choices=STATES, method="by_state", empty_label="全部")

    class Meta:
        model = User
        fields = ["search", "account_class", "state"]

    def by_text(self, rows: Any, name: str, value: str) -> QuerySet[User]:
        """Name or user name."""
        return rows.matching(value)

    def by_state(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Open, disabled, or open and without a password so far."""
        if value == "closed":
            return rows.filter(is_active=False)
        rows = rows.filter(is_active=True)
        return rows.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX) if value == "never" else rows


class GrantFilter(filters.FilterSet):
    """Grants by person, role and unit."""

    search = filters.CharFilter(label="姓名、账号或单位", method="by_text", max_length=60)
    role = filters.ChoiceFilter(label="角色", choices=ROLE_CHOICES, empty_label="全部")

    class Meta:
        model = Grant
        fields = ["search", "role"]

    def by_text(self, rows: QuerySet[Grant], name: str, value: str) -> QuerySet[Grant]:
        """The person or the unit."""
        text = "".join(value.split())
        who = Q(user__name__icontains=text) | Q(user__username__startswith=text.lower())
        return rows.filter(who | Q(unit__name__contains=text))


class UnitFilter(filters.FilterSet):
    """Units by name, kind and stage."""

    search = filters.CharFilter(label="名称、拼音或编码", method="by_text", max_length=60)
    kind = filters.ChoiceFilter(label="类别", choices=Unit.Kind.choices, empty_label="全部")
    stage = filters.ChoiceFilter(label="学段", choices=Unit.Stage.choices, empty_label="全部")
    closed = filters.ChoiceFilter(
        label="状态", choices=[("no", "未撤销"), ("yes", "已撤销")], method="by_closing", empty_label="全部"
    )

    class Meta:
        model = Unit
        fields = ["search", "kind", "stage", "closed"]

    def by_text(self, rows: Any, name: str, value: str) -> QuerySet[Unit]:
        """Present or former name, pinyin, initials, code."""
        return rows.matching(value)

    def by_closing(self, rows: QuerySet[Unit], name: str, value: str) -> QuerySet[Unit]:
        """Whether it has been closed."""
        return rows.filter(valid_to__isnull=value == "no")


class AuditFilter(filters.FilterSet):
    """Audit entries by who, what, when and on what."""

    search = filters.CharFilter(label="操作人、账号、对象或单位", method="by_text", max_length=60)
    action = filters.ChoiceFilter(label="动作", empty_label="全部")
    since = filters.DateFilter(label="从", method="by_since", widget=_day())
    until = filters.DateFilter(label="到", method="by_until", widget=_day())

    class Meta:
        model = AuditEntry
        fields = ["search", "action", "since", "until"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = sorted(audit.wordings().items(), key=lambda pair: pair[1])
        self.filters["action"].extra["choices"] = words

    def by_text(self, rows: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        """The frozen names; an account's name exactly."""
        text = value.strip()
        names = Q(actor_name__contains=text) | Q(object_label__contains=text) | Q(unit_name__contains=text)
        return rows.filter(names | Q(actor_username=text.lower()) | Q(request_id=text))

    def by_since(self, rows: QuerySet[AuditEntry], name: str, value: Any) -> QuerySet[AuditEntry]:
        """From the first moment of a day."""
        return rows.filter(at__gte=start_of_day(value))

    def by_until(self, rows: QuerySet[AuditEntry], name: str, value: Any) -> QuerySet[AuditEntry]:
        """Through the last moment of a day."""
        return rows.filter(at__lte=end_of_day(value))


class JobFilter(filters.FilterSet):
    """Background jobs by kind and state."""

    kind = filters.ChoiceFilter(label="种类", empty_label="全部")
    status = filters.ChoiceFilter(label="状态", choices=Job.Status.choices, empty_label="全部")

    class Meta:
        model = Job
        fields = ["kind", "status"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["kind"].extra["choices"] = sorted((kind.name, kind.label) for kind in kinds.values())
