"""The host's written appraisal (书面鉴定): a signed document of its case, not a ballot."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.models import User
from accounts.scope import may
from core.crypto import EncryptedTextField
from core.workflow import DecisionBase
from programs.models.participations import Participation, Stint
from programs.querysets import AppraisalQuerySet


class Appraisal(models.Model):
    """A written appraisal of a stint, due one week after its end (挂职学习实施方案)."""

    class Status(models.TextChoices):
        """Draft at the host's desk, or signed and filed."""

        DRAFT = "draft", "待撰写"
        FILED = "filed", "已提交"
        RETURNED = "returned", "退回修改"

    class Grade(models.TextChoices):
        """Overall grade given by the host."""

        EXCELLENT = "excellent", "优秀"
        GOOD = "good", "良好"
        QUALIFIED = "qualified", "合格"
        UNQUALIFIED = "unqualified", "不合格"

    participation = models.ForeignKey(
        Participation, models.CASCADE, related_name="appraisals", verbose_name="培养经历"
    )
    stint = models.OneToOneField(Stint, models.CASCADE, related_name="appraisal", verbose_name="阶段安排")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    grade = models.CharField("等次", max_length=12, choices=Grade.choices, blank=True)
    due = models.DateField("提交期限")
    author = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撰写人"
    )
    filed_at = models.DateTimeField("提交时间", null=True, blank=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = AppraisalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "书面鉴定"
        ordering = ["due", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="draft") | (models.Q(filed_at__isnull=False) & ~models.Q(grade="")),
                name="appraisal_filed_is_complete",
            )
        ]
        indexes = [models.Index(fields=["status", "due"], name="appraisal_status_due")]

    def __str__(self) -> str:
        return f"{self.participation} 鉴定"

    def allows(self, user: Any, capability: str) -> bool:
        """The stint's host or guide writes and files it; bureau HR may return it."""
        if capability == "appraisal.file":
            return user is not None and user.pk in (self.stint.host_id, self.stint.guide_id)
        return may(user, capability, self.participation.unit_path)


class AppraisalSection(models.Model):
    """One heading of an appraisal with its text (C3: encrypted)."""

    appraisal = models.ForeignKey(Appraisal, models.CASCADE, related_name="sections", verbose_name="鉴定")
    order = models.PositiveSmallIntegerField("顺序")
    heading = models.CharField("标题", max_length=60)
    text = EncryptedTextField("内容", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "鉴定内容"
        ordering = ["appraisal", "order"]
        constraints = [models.UniqueConstraint(fields=["appraisal", "order"], name="section_order_once")]

    def __str__(self) -> str:
        return self.heading


class AppraisalDecision(DecisionBase):
    """What was done with an appraisal, by whom, when."""

    obj = models.ForeignKey(Appraisal, models.PROTECT, related_name="decisions")

    class Meta(DecisionBase.Meta):
        verbose_name = verbose_name_plural = "鉴定办理记录"
