"""Norms of a team's structure: what a bureau wants of its teams and its people, as dated rows."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import Unit


class NormQuerySet(models.QuerySet):
    """Filters over norms."""

    def on(self, day: date) -> Self:
        """Norms in force on a day."""
        return self.filter(Q(start=None) | Q(start__lte=day), Q(end=None) | Q(end__gt=day))


class Norm(models.Model):
    """What is wanted of a measure, for a team or for all people; of units of a kind or stage, or of any.

    Where several fit a unit, the one that names its stage goes before the one that names its kind, and that
    before the general one.
    """

    class Measure(models.TextChoices):
        """What a norm may be about; reports.structure.measures says how each is counted."""

        WOMEN = "women", "女性占比"
        MINORITY = "minority", "少数民族占比"
        UP_TO_35 = "up_to_35", "35 岁及以下占比"
        UP_TO_45 = "up_to_45", "45 岁及以下占比"
        BACHELOR = "bachelor", "大学本科及以上占比"
        SENIOR_TITLE = "senior_title", "副高级及以上职称占比"
        NON_PARTY = "non_party", "非中共党员占比"
        AVERAGE_AGE = "average_age", "平均年龄"
        HEADS = "heads", "正职人数"
        DEPUTIES = "deputies", "副职人数"

    class Population(models.TextChoices):
        """Whom a norm is about."""

        TEAM = "team", "领导班子"
        ALL = "all", "全体干部"

    class Direction(models.TextChoices):
        """Which side of the limit is wanted."""

        AT_LEAST = "at_least", "不低于"
        AT_MOST = "at_most", "不高于"

    measure = models.CharField("指标", max_length=14, choices=Measure.choices)
    population = models.CharField("对象", max_length=4, choices=Population.choices)
    unit_kind = models.CharField(
        "单位类别", max_length=10, choices=Unit.Kind.choices, blank=True, help_text="不填适用于各类单位"
    )
    stage = models.CharField(
        "学段", max_length=12, choices=Unit.Stage.choices, blank=True, help_text="不填适用于各学段"
    )
    direction = models.CharField("要求", max_length=8, choices=Direction.choices)
    limit = models.DecimalField(
        "标准", max_digits=6, decimal_places=1, help_text="占比填百分数（如 30），年龄填岁，人数填人"
    )
    basis = models.CharField("依据", max_length=400)
    is_unverified = models.BooleanField("未核对", default=True, help_text="尚未与文件原文核对")
    start = models.DateField("起", null=True, blank=True)
    end = models.DateField("止", null=True, blank=True, help_text="从这一天起不再适用")
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = NormQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "结构标准"
        ordering = ["population", "measure", "unit_kind", "stage", F("start").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "population", "unit_kind", "stage", "direction", "start"],
                nulls_distinct=False, name="norm_once_from_a_day",
            ),
            models.CheckConstraint(
                condition=Q(end=None) | Q(start=None) | Q(end__gt=F("start")), name="norm_period_in_order"
            ),
            models.CheckConstraint(condition=Q(limit__gte=0), name="norm_limit_not_negative"),
            models.CheckConstraint(
                condition=~Q(measure__in=["heads", "deputies"]) | Q(population="team"),
                name="norm_headcount_is_of_a_team",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_population_display()}{self.get_measure_display()}{self.get_direction_display()}{self.limit.normalize():f}"
