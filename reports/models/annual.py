"""Stored annual reports: figures as data, from which the workbook is rendered."""

from __future__ import annotations

from django.db import models

from accounts.models import Unit, User
from accounts.scope import ScopedModel
from core.models import Job, StoredFile
from reports.querysets import AnnualReportQuerySet


class AnnualReport(ScopedModel):
    """An annual report (年度报告) of a unit's subtree for a year, within what its requester may see."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="annual_reports", verbose_name="单位")
    year = models.PositiveSmallIntegerField("年度")
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间", auto_now_add=True)
    as_of = models.DateField("统计截止日")
    updated_at = models.DateTimeField("更新时间", auto_now=True)
    figures = models.JSONField("统计数据", null=True, blank=True)
    file = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="工作簿"
    )
    job = models.ForeignKey(
        Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="任务"
    )

    objects = AnnualReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度报告"
        ordering = ["-requested_at"]

    def __str__(self) -> str:
        return f"{self.unit} {self.year}年度报告"
