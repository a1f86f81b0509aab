"""Oversight (管理监督), bureau evaluations, and cadres' requests: confidential, the words encrypted."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from cadres.models.histories import DatedHistory, in_order
from cadres.models.people import Cadre
from cadres.querysets import HistoryQuerySet, OversightQuerySet
from core.crypto import EncryptedTextField


class Oversight(DatedHistory):
    """One act of oversight. `end` is the first day on which its effect is over (a sanction's period)."""

    class Kind(models.TextChoices):
        """The kinds of the action plan's supervision safeguard."""

        INTEGRITY_TALK = "integrity_talk", "任前廉政谈话"
        REMINDER = "reminder", "提醒"
        INQUIRY = "inquiry", "函询"
        ADMONITION = "admonition", "诫勉"
        AUDIT = "audit", "经济责任审计"
        PERSONAL_MATTERS = "personal_matters", "个人有关事项"
        ACCOUNTABILITY = "accountability", "问责"
        SANCTION = "sanction", "处分"
        DUAL_MEETING = "dual_meeting", "双重组织生活会"
        WARNING = "warning", "预警"

    class Sanction(models.TextChoices):
        """Sanctions and their months (政务处分法 第8条; 事业单位人事管理条例 第29条; 中国共产党纪律处分条例)."""

        ADMIN_WARNING = "admin_warning", "警告"
        ADMIN_DEMERIT = "admin_demerit", "记过"
        ADMIN_MAJOR_DEMERIT = "admin_major_demerit", "记大过"
        ADMIN_DEMOTION = "admin_demotion", "降级（降低岗位等级）"
        ADMIN_REMOVAL = "admin_removal", "撤职"
        ADMIN_DISMISSAL = "admin_dismissal", "开除"
        PARTY_WARNING = "party_warning", "党内警告"
        PARTY_SERIOUS = "party_serious", "党内严重警告"
        PARTY_POSTS = "party_posts", "撤销党内职务"
        PARTY_PROBATION = "party_probation", "留党察看"
        PARTY_EXPULSION = "party_expulsion", "开除党籍"

    kind = models.CharField("类别", max_length=16, choices=Kind.choices)
    sanction = models.CharField("处分种类", max_length=20, choices=Sanction.choices, blank=True)
    authority = models.CharField("实施机关", max_length=120, blank=True)
    document_number = models.CharField("文号", max_length=60, blank=True)
    content = EncryptedTextField("事由", blank=True, default="")
    result = EncryptedTextField("结果", blank=True, default="")
    due = models.DateField("应办日期", null=True, blank=True, help_text="回复、整改或回访的期限")
    done_on = models.DateField("办结日期", null=True, blank=True)

    objects = OversightQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "管理监督"
        ordering = ["cadre", F("start").desc(nulls_last=True), "id"]
        constraints = [
            in_order("oversight_period_in_order"),
            models.CheckConstraint(
                condition=(Q(kind="sanction") & ~Q(sanction="")) | (~Q(kind="sanction") & Q(sanction="")),
                name="oversight_sanction_named",
            ),
        ]
        indexes = [
            models.Index(fields=["cadre", "kind"], name="oversight_cadre_kind"),
            models.Index(fields=["due"], condition=Q(done_on=None), name="oversight_due"),
        ]

    def __str__(self) -> str:
        return self.get_sanction_display() or self.get_kind_display()


class BureauEvaluation(DatedHistory):
    """The bureau's evaluation (统一考评) of a secondment; the period is the secondment's."""

    class Grade(models.TextChoices):
        """Grades of the evaluation."""

        EXCELLENT = "excellent", "优秀"
        GOOD = "good", "良好"
        QUALIFIED = "qualified", "合格"
        UNQUALIFIED = "unqualified", "不合格"

    place = models.CharField("挂职单位及职务", max_length=160)
    grade = models.CharField("等次", max_length=12, choices=Grade.choices)
    score = models.DecimalField("得分", max_digits=5, decimal_places=2, null=True, blank=True)
    opinion = EncryptedTextField("评语", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "统一考评"
        ordering = ["cadre", F("end").desc(nulls_last=True), "id"]
        constraints = [
            in_order("evaluation_period_in_order"),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=100), name="evaluation_score"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.get_grade_display()}"


class Petition(models.Model):
    """A cadre's confidential request (诉求), to be answered by a date."""

    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="petitions", verbose_name="干部")
    subject = EncryptedTextField("事项")
    content = EncryptedTextField("内容")
    submitted_on = models.DateField("提出日期")
    due = models.DateField("答复期限")
    reply = EncryptedTextField("答复", blank=True, default="")
    replied_on = models.DateField("答复日期", null=True, blank=True)
    replied_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="答复人", editable=False
    )
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = HistoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "诉求"
        ordering = ["-submitted_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(due__gte=F("submitted_on")), name="petition_due_after"),
            models.CheckConstraint(
                condition=Q(replied_on=None) | Q(replied_on__gte=F("submitted_on")),
                name="petition_reply_after",
            ),
        ]
        indexes = [models.Index(fields=["due"], condition=Q(replied_on=None), name="petition_open")]

    def __str__(self) -> str:
        return f"{self.submitted_on:%Y-%m-%d} 诉求"

    @property
    def state(self) -> str:
        """Whether somebody has answered, in words."""
        return "已答复" if self.replied_on else "待答复"
