"""What assessment's lists can be filtered by."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet

from assessment.models import Instrument, Round, RoundSubject, SubjectResult
from cadres.models import Cadre


class InstrumentFilter(filters.FilterSet):
    """Instruments by name and state."""

    search = filters.CharFilter(method="by_name", label="搜索量表", max_length=60)
    status = filters.ChoiceFilter(choices=Instrument.Status.choices, label="状态", empty_label="全部状态")

    class Meta:
        model = Instrument
        fields = ("search", "status")

    def by_name(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """By a part of the name."""
        return rows.filter(name__contains=value.strip())


class RoundFilter(filters.FilterSet):
    """Rounds by title and purpose."""

    search = filters.CharFilter(method="by_title", label="搜索评价", max_length=60)
    purpose = filters.ChoiceFilter(choices=Round.Purpose.choices, label="用途", empty_label="全部用途")

    class Meta:
        model = Round
        fields = ("search", "purpose")

    def by_title(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """By a part of the title."""
        return rows.filter(title__contains=value.strip())


class SubjectFilter(filters.FilterSet):
    """The people rated by name and unit."""

    search = filters.CharFilter(method="by_person", label="搜索姓名、单位", max_length=60)

    class Meta:
        model = RoundSubject
        fields = ("search",)

    def by_person(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """By the person (name, pinyin, initials) or the unit."""
        people = Cadre.objects.matching(value).order_by().values("pk")
        return rows.filter(Q(cadre__in=people) | Q(unit__name__contains="".join(value.split())))


class ResultFilter(filters.FilterSet):
    """Results by name and unit of the person."""

    search = filters.CharFilter(method="by_person", label="搜索姓名、单位", max_length=60)

    class Meta:
        model = SubjectResult
        fields = ("search",)

    def by_person(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """By the person (name, pinyin, initials) or the unit."""
        people = Cadre.objects.matching(value).order_by().values("pk")
        named = Q(subject__unit__name__contains="".join(value.split()))
        return rows.filter(Q(subject__cadre__in=people) | named)
