"""What the data-quality desk found at its last check: one row per rule and person (or post)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from accounts.scope import ScopedModel
from cadres.models import Cadre, Post
from reports.querysets import QualityFindingQuerySet, QualityWaiverQuerySet


class QualityCheck(models.Model):
    """One check of the whole roster by all rules."""

    checked_at = models.DateTimeField("检查时间")
    on = models.DateField("检查日期")

    class Meta:
        verbose_name = verbose_name_plural = "数据质量检查"
        ordering = ["-checked_at"]
        get_latest_by = "checked_at"

    def __str__(self) -> str:
        return f"{self.on} 数据质量检查"


class QualityFinding(ScopedModel):
    """Somebody whose record breaks a rule, or a post that does; `unit` is who has to see to it."""

    rule = models.CharField("规则", max_length=40, db_collation="C")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", verbose_name="责任单位")
    cadre = models.ForeignKey(Cadre, models.CASCADE, null=True, related_name="+", verbose_name="干部")
    # The other one of two records that may be one person.
    other = models.ForeignKey(Cadre, models.CASCADE, null=True, related_name="+", verbose_name="可能重复")
    post = models.ForeignKey(Post, models.CASCADE, null=True, related_name="+", verbose_name="岗位")

    objects = QualityFindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "数据质量问题"
        ordering = ["rule", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cadre__isnull=False, post=None) | Q(cadre=None, other=None, post__isnull=False),
                name="finding_about_one_thing",
            )
        ]
        indexes = [models.Index(fields=["rule", "unit_path", "id"], name="finding_rule_path")]

    def __str__(self) -> str:
        return str(self.cadre or self.post)


class QualityWaiver(models.Model):
    """That a finding is right as it is (以档案认定为准).

    It isn't found again until the waiver is taken back, or what the rule looks at changes: `seen` is a digest of
    the values that were left as they are ("" where the rule looks at histories, or nothing that could change).
    """

    rule = models.CharField("规则", max_length=40, db_collation="C")
    cadre = models.ForeignKey(Cadre, models.CASCADE, null=True, related_name="+", verbose_name="干部")
    other = models.ForeignKey(Cadre, models.CASCADE, null=True, related_name="+", verbose_name="可能重复")
    post = models.ForeignKey(Post, models.CASCADE, null=True, related_name="+", verbose_name="岗位")
    reason = models.CharField("原因", max_length=200)
    seen = models.CharField("忽略时的内容", max_length=32, blank=True, default="", editable=False)
    waived_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="忽略人")
    waived_at = models.DateTimeField("忽略时间")

    objects = QualityWaiverQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "已忽略的数据质量问题"
        ordering = ["-waived_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cadre__isnull=False, post=None) | Q(cadre=None, other=None, post__isnull=False),
                name="waiver_about_one_thing",
            ),
            models.UniqueConstraint(
                fields=["rule", "cadre", "other", "post"], nulls_distinct=False, name="waiver_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.cadre or self.post)
