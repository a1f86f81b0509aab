"""What the engine's lists can be filtered by."""

from __future__ import annotations

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from cadres.models import Cadre
from programs.models import Base, Call, CallStep, Nomination, Participation


def named(rows: QuerySet, text: str) -> QuerySet:
    """Rows whose person is called so, as the roster searches (name, pinyin, initials), or whose unit is."""
    people = Cadre.objects.matching(text).order_by().values("pk")
    return rows.filter(Q(cadre__in=people) | Q(unit__name__contains="".join(text.split())))


def calls_in_view(request) -> QuerySet[Call]:
    """The calls a list can be narrowed to."""
    if request is None:
        return Call.objects.none()
    return Call.objects.real().visible_to(request.user).order_by("-year", "-opens_at")


class NominationFilter(filters.FilterSet):
    """Filters of the list of nominations."""

    search = filters.CharFilter(method="by_name", label="搜索姓名、单位")
    call = filters.ModelChoiceFilter(queryset=calls_in_view, label="征集", empty_label="全部征集")
    step = filters.ChoiceFilter(
        field_name="step__kind", choices=CallStep.Kind.choices, label="所在步骤", empty_label="全部步骤"
    )
    status = filters.ChoiceFilter(choices=Nomination.Status.choices, label="状态", empty_label="全部状态")

    class Meta:
        model = Nomination
        fields = ("search", "call", "step", "status")

    def by_name(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Search by person or unit."""
        return named(rows, value)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """A step means cases that wait there, not those that ended there."""
        rows = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("step") and not self.form.cleaned_data.get("status"):
            rows = rows.filter(status__in=["submitted", "in_review"])
        return rows


class ParticipationFilter(filters.FilterSet):
    """Filters of the list of undertakings."""

    search = filters.CharFilter(method="by_name", label="搜索姓名、单位")
    status = filters.ChoiceFilter(choices=Participation.Status.choices, label="状态", empty_label="全部状态")
    year = filters.NumberFilter(label="年度", widget=forms.NumberInput(attrs={"placeholder": "全部年度"}))

    class Meta:
        model = Participation
        fields = ("search", "status", "year")

    def by_name(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Search by person or unit."""
        return named(rows, value)


class BaseFilter(filters.FilterSet):
    """Filters of the list of bases."""

    search = filters.CharFilter(method="by_text", label="搜索基地、所在地、负责人")
    is_active = filters.ChoiceFilter(
        choices=(("1", "在用"), ("0", "停用")), label="状态", empty_label="全部状态"
    )

    class Meta:
        model = Base
        fields = ("search", "is_active")

    def by_text(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Search by what a base is called, where it is and who leads it."""
        text = "".join(value.split())
        found = Q(name__contains=text) | Q(place__contains=text) | Q(lead__name__contains=text)
        return rows.filter(found)
