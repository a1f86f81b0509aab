"""The lines of a cadre's curriculum vitae (简历), as the 任免审批表 writes them."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from cadres.models.histories import DatedHistory, in_order


class CareerLine(DatedHistory):
    """One line: from–to and text; `within` holds （其间：…） lines under the line they belong to."""

    text = models.CharField("内容", max_length=500)
    is_study = models.BooleanField("学习经历", default=False)
    within = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="meanwhile", verbose_name="其间"
    )
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "简历"
        ordering = ["cadre", "order", F("start").asc(nulls_first=True), "id"]
        constraints = [in_order("career_period_in_order")]

    def __str__(self) -> str:
        return self.text
