"""What the lists of training can be filtered by."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet

from cadres.models import Appointment, Cadre, Post
from core.calendar import today
from training.models import Enrolment, TrainingClass
from training.models.classes import Mode


class ClassFilter(filters.FilterSet):
    """Filters of the list of classes."""

    search = filters.CharFilter(method="by_text", label="搜索培训班、地点")
    mode = filters.ChoiceFilter(choices=Mode.choices, label="方式", empty_label="全部方式")

    class Meta:
        model = TrainingClass
        fields = ("search", "mode")

    def by_text(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Search by what a class is called and where it is held."""
        text = "".join(value.split())
        return rows.filter(Q(title__contains=text) | Q(venue__contains=text))


class EnrolmentFilter(filters.FilterSet):
    """Filters of the people of a class."""

    search = filters.CharFilter(method="by_name", label="搜索姓名、单位")
    status = filters.ChoiceFilter(choices=Enrolment.Status.choices, label="状态", empty_label="全部状态")

    class Meta:
        model = Enrolment
        fields = ("search", "status")

    def by_name(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Search by person or unit."""
        people = Cadre.objects.matching(value).order_by().values("pk")
        return rows.filter(Q(cadre__in=people) | Q(unit__name__contains="".join(value.split())))


class PeopleFilter(filters.FilterSet):
    """Filters of people on the roster who might be, or are meant to be, in a class."""

    search = filters.CharFilter(method="by_name", label="搜索姓名、单位")
    category = filters.ChoiceFilter(
        method="by_category", choices=Post.Category.choices, label="岗位类别", empty_label="全部类别"
    )

    class Meta:
        model = Cadre
        fields = ("search", "category")

    def by_category(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """People whose main post is of a category."""
        posts = Appointment.objects.main().on(today()).filter(post__category=value)
        return rows.filter(pk__in=posts.order_by().values("cadre"))

    def by_name(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Search by person (name, pinyin, initials) or unit."""
        people = Cadre.objects.matching(value).order_by().values("pk")
        return rows.filter(Q(pk__in=people) | Q(unit__name__contains="".join(value.split())))
