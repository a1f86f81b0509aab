"""What a 任免审批表 says beyond the roster: kept as it came, so that a form read in goes out again unchanged."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from cadres.models.people import Cadre
from core.crypto import EncryptedTextField


class ApprovalForm(models.Model):
    """The texts of a cadre's 任免审批表 that no history holds; reasons and summaries are encrypted."""

    cadre = models.OneToOneField(Cadre, models.CASCADE, related_name="approval_form", verbose_name="干部")
    party_text = models.CharField("入党时间（原文）", max_length=60, blank=True)
    post_text = models.CharField("现任职务（原文）", max_length=400, blank=True)
    title_text = models.CharField("专业技术职务（原文）", max_length=120, blank=True)
    post_to_take = models.CharField("拟任职务", max_length=400, blank=True)
    post_to_leave = models.CharField("拟免职务", max_length=400, blank=True)
    career_text = EncryptedTextField("简历（原文）", blank=True, default="")
    rewards_text = EncryptedTextField("奖惩情况", blank=True, default="")
    assessments_text = EncryptedTextField("年度考核结果", blank=True, default="")
    reason = EncryptedTextField("任免理由", blank=True, default="")
    reporting_unit = models.CharField("呈报单位", max_length=300, blank=True)
    age_reference = models.CharField("计算年龄时间", max_length=10, blank=True)
    filled_on = models.CharField("填表时间", max_length=10, blank=True)
    filled_by = models.CharField("填表人", max_length=60, blank=True)
    # Elements the form brought that the system has no place for: name → text (encrypted JSON).
    further = EncryptedTextField("其他内容", blank=True, default="")
    # Fingerprints of honours that the form's 奖惩情况 names and HR didn't want entered: not proposed anew.
    declined_honours = ArrayField(
        models.CharField(max_length=24), verbose_name="不登记的荣誉", default=list, blank=True, editable=False
    )
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "任免审批表"

    def __str__(self) -> str:
        return f"{self.cadre} 任免审批表"
