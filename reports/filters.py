"""What the lists of the data-quality desk can be filtered by."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from cadres.models import Cadre
from reports.models import QualityFinding, QualityWaiver


class FindingFilter(filters.FilterSet):
    """Findings by whom or what they are about, people searched as the roster is."""

    search = filters.CharFilter(method="by_text", label="搜索姓名、拼音、岗位或单位", max_length=60)

    class Meta:
        model = QualityFinding
        fields = ("search",)

    def by_text(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """By the person's name, pinyin or initials, the post's title, or the name of either's unit."""
        people, text = Cadre.objects.matching(value).order_by().values("pk"), "".join(value.split())
        units = Q(cadre__unit__name__contains=text) | Q(post__unit__name__contains=text)
        return rows.filter(Q(cadre__in=people) | Q(post__title__contains=text) | units)


class WaiverFilter(FindingFilter):
    """The same of what was left as it is."""

    class Meta:
        model = QualityWaiver
        fields = ("search",)
