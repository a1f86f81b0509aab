"""Saved queries over the roster, and the columns somebody likes to export."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Unit, User
from accounts.scope import ScopedModel
from reports.querysets import ColumnChoiceQuerySet, SavedQueryQuerySet


class SavedQuery(ScopedModel):
    """A query (查询) of its owner; a shared one is open to whoever holds a role at its unit.

    It holds conditions and never their result: whoever opens it runs it within their own scope and level.
    """

    class People(models.TextChoices):
        """Whom it looks at."""

        IN_SERVICE = "in", "在职"
        ALL = "all", "全部（含已离开）"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="saved_queries", verbose_name="所属单位")
    owner = models.ForeignKey(User, models.PROTECT, related_name="saved_queries", verbose_name="建立人")
    name = models.CharField("名称", max_length=60)
    is_shared = models.BooleanField("与本单位共享", default=False)
    # The tree that reports.queries.tree reads.
    where = models.JSONField("条件")
    within = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="查询范围"
    )
    as_of = models.DateField("统计日", null=True, blank=True)
    people = models.CharField("人员", max_length=3, choices=People.choices, default=People.IN_SERVICE)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = SavedQueryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "查询"
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="query_name_once")]

    def __str__(self) -> str:
        return self.name


class ColumnChoice(models.Model):
    """Columns of an export under a name (列模板): roster columns, and facts as `fact:age`."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="column_choices", verbose_name="建立人")
    name = models.CharField("名称", max_length=60)
    columns = ArrayField(models.CharField(max_length=80), verbose_name="列")
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = ColumnChoiceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "列模板"
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="columns_name_once")]

    def __str__(self) -> str:
        return self.name
