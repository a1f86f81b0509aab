"""What the roster's work lists can be filtered by: petitions, reserve reviews, plan reviews."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from cadres.models import Cadre, DevelopmentPlan, Oversight, Petition, Post, ReserveEntry
from core.calendar import today

_SOON = {"week": 7, "month": 30}


class PersonFilter(filters.FilterSet):
    """Rows about people, searched as the roster is."""

    search = filters.CharFilter(method="by_name", label="搜索姓名、拼音或单位", max_length=60)

    def by_name(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """By the person's name, pinyin or initials, or by the unit's name."""
        people = Cadre.objects.matching(value).order_by().values("pk")
        return rows.filter(Q(cadre__in=people) | Q(cadre__unit__name__contains="".join(value.split())))


_DUE = [("late", "已逾期"), ("week", "7 天内"), ("month", "30 天内")]


class _DueFilter(PersonFilter):
    """By how much time is left of what isn't done; `done` is the column that says when it was."""

    done = ""

    def by_due(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those that still wait and are late, or due within some days."""
        waiting = rows.filter(**{f"{self.done}__isnull": True})
        if value == "late":
            return waiting.filter(due__lt=today())
        return waiting.filter(due__range=(today(), today() + timedelta(days=_SOON[value])))


class PetitionFilter(_DueFilter):
    """Requests by person and by how much time is left."""

    done = "replied_on"
    due = filters.ChoiceFilter(label="答复期限", choices=_DUE, method="by_due", empty_label="全部")

    class Meta:
        model = Petition
        fields = ("search", "due")


class OversightFilter(_DueFilter):
    """Acts of oversight by person and by how much time is left."""

    done = "done_on"
    due = filters.ChoiceFilter(label="应办日期", choices=_DUE, method="by_due", empty_label="全部")

    class Meta:
        model = Oversight
        fields = ("search", "due")


class ReserveFilter(PersonFilter):
    """Entries of the pool."""

    category = filters.ChoiceFilter(label="后备类别", choices=Post.Category.choices, empty_label="全部")

    class Meta:
        model = ReserveEntry
        fields = ("search", "category")


class PlanFilter(PersonFilter):
    """Plans by who reviews them."""

    MENTORS = [("account", "导师"), ("none", "局人事（没有导师账号）")]

    mentor = filters.ChoiceFilter(label="评估人", choices=MENTORS, method="by_mentor", empty_label="全部")

    class Meta:
        model = DevelopmentPlan
        fields = ("search", "mentor")

    def by_mentor(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those whose mentor has an account in use, or those whose reviews are HR's to write."""
        return rows.mentored() if value == "account" else rows.unmentored()


class MentoredFilter(PersonFilter):
    """The plans one mentors."""

    class Meta:
        model = DevelopmentPlan
        fields = ("search",)
