"""Results of a closed round: only figures that may be shown are stored (an empty score is one held back)."""

from __future__ import annotations

from django.db import models

from accounts.models import User
from assessment.models.instruments import Indicator
from assessment.models.rounds import Relation, RoundSubject
from assessment.querysets import ResultQuerySet
from core.crypto import EncryptedTextField


class SubjectResult(models.Model):
    """The weighted total of a subject over the relations that may be shown, and how much of the weight they are."""

    subject = models.OneToOneField(
        RoundSubject, models.CASCADE, related_name="result", verbose_name="评价对象"
    )
    total = models.DecimalField("总分", max_digits=5, decimal_places=2, null=True)
    coverage = models.DecimalField("覆盖权重（%）", max_digits=5, decimal_places=2)
    rank = models.PositiveIntegerField("名次", null=True)
    confirmed_at = models.DateTimeField("本人确认时间", null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="确认人")

    objects = ResultQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评价结果"
        ordering = ["rank", "id"]

    def __str__(self) -> str:
        return f"{self.subject}：{self.total}"


class RelationResult(models.Model):
    """What the raters of one relation gave a subject; the score is empty below the minimum of raters."""

    subject = models.ForeignKey(
        RoundSubject, models.CASCADE, related_name="relation_results", verbose_name="评价对象"
    )
    relation = models.ForeignKey(Relation, models.CASCADE, related_name="results", verbose_name="评价关系")
    invited = models.PositiveIntegerField("应评人数")
    received = models.PositiveIntegerField("收到票数")
    score = models.DecimalField("得分", max_digits=5, decimal_places=2, null=True)

    class Meta:
        verbose_name = verbose_name_plural = "分关系结果"
        ordering = ["subject", "relation"]
        constraints = [models.UniqueConstraint(fields=["subject", "relation"], name="relation_result_once")]

    def __str__(self) -> str:
        return f"{self.relation}：{self.score}"


class IndicatorResult(models.Model):
    """The mean of one indicator, in one relation or (relation empty) weighted over those shown."""

    subject = models.ForeignKey(
        RoundSubject, models.CASCADE, related_name="indicator_results", verbose_name="评价对象"
    )
    relation = models.ForeignKey(
        Relation, models.CASCADE, null=True, related_name="indicator_results", verbose_name="评价关系"
    )
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name="指标")
    score = models.DecimalField("得分", max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = verbose_name_plural = "分指标结果"
        ordering = ["subject", "relation", "indicator"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "relation", "indicator"],
                name="indicator_result_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator}：{self.score}"


class ResultComment(models.Model):
    """Words of a rater, in shuffled order and without the rater; only of relations that may be shown."""

    subject = models.ForeignKey(
        RoundSubject, models.CASCADE, related_name="comments", verbose_name="评价对象"
    )
    relation = models.ForeignKey(Relation, models.CASCADE, related_name="comments", verbose_name="评价关系")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name="指标")
    text = EncryptedTextField("文字意见")

    class Meta:
        verbose_name = verbose_name_plural = "文字意见"
        ordering = ["subject", "relation", "indicator", "id"]

    def __str__(self) -> str:
        return "文字意见"
