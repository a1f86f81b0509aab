"""The schedule of retirement: dated rule rows per category, each with its legal basis."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from cadres.models.people import Cadre


class RetirementRule(models.Model):
    """From a month on, whoever would have retired then works longer: a month for every `step_months` begun.

    The months are counted in the old schedule: the birth month plus the category's age. Of the rows of one
    category the latest that has begun in that month applies; before the first one nobody works longer.
    """

    category = models.CharField("类别", max_length=2, choices=Cadre.RetirementLimit.choices)
    start = models.DateField("起算月", help_text="按改革前年龄从这个月起退休的人适用，填当月 1 日")
    step_months = models.PositiveSmallIntegerField(
        "每满几个月延迟一个月", validators=[MinValueValidator(1)], help_text="男及原 55 岁退休的女干部为 4，原 50 岁退休的为 2"
    )  # fmt: skip
    most_months = models.PositiveSmallIntegerField("最多延迟（月）")
    basis = models.CharField("依据", max_length=400)
    is_unverified = models.BooleanField("未核对", default=True, help_text="尚未与文件原文核对")
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "退休年龄规则"
        ordering = ["-category", "start"]
        constraints = [
            models.UniqueConstraint(fields=["category", "start"], name="retirement_rule_once_a_month"),
            models.CheckConstraint(condition=Q(start__day=1), name="retirement_rule_starts_a_month"),
            models.CheckConstraint(condition=Q(step_months__gte=1), name="retirement_rule_has_a_step"),
        ]

    def __str__(self) -> str:
        return f"原 {self.get_category_display()}退休，{self.start.year}年{self.start.month}月起"
