"""Instruments (量表): versions of weighted indicators in up to three levels; a published version is frozen."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from accounts.scope import ScopedModel, may_on
from assessment.querysets import InstrumentQuerySet
from cadres.models import Competence
from core.workflow import DecisionBase


class Instrument(ScopedModel):
    """One version of an instrument; it changes while drafted, and a new version is a copy with the next number."""

    class Status(models.TextChoices):
        """How far a version got."""

        DRAFT = "draft", "编制中"
        PUBLISHED = "published", "已定稿"
        RETIRED = "retired", "已停用"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="instruments", verbose_name="编制单位")
    name = models.CharField("量表名称", max_length=120)
    # Not called `version`: that name is the counter which forms compare (core/versions.py).
    edition = models.PositiveSmallIntegerField("版本", default=1)
    instructions = models.TextField("填写说明", blank=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="编制人")
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "量表"
        ordering = ["name", "-edition"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "name", "edition"], name="instrument_edition_once")
        ]

    def __str__(self) -> str:
        return f"{self.name}（第{self.edition}版）"

    def allows(self, user: Any, capability: str) -> bool:
        """Whether a user may take a workflow action on the version."""
        return may_on(user, capability, self)


class InstrumentDecision(DecisionBase):
    """What was done with an instrument, by whom, when."""

    obj = models.ForeignKey(Instrument, models.PROTECT, related_name="decisions")

    class Meta(DecisionBase.Meta):
        verbose_name = verbose_name_plural = "量表办理记录"


class Indicator(models.Model):
    """An indicator: a heading that holds others, or a leaf that is answered; weights of siblings make 100 %."""

    class Kind(models.TextChoices):
        """How a leaf is answered."""

        SCORE = "score", "0–100 分"
        LETTER = "letter", "A–D"
        FIVE = "five", "1–5 分"
        WORDS = "words", "好/较好/一般/差"
        YES_NO = "yes_no", "是/否"
        TEXT = "text", "文字"

    MAX_DEPTH = 3

    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="indicators", verbose_name="量表")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name="上级指标"
    )
    order = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("指标", max_length=120)
    hint = models.CharField("说明", max_length=300, blank=True)
    # Empty for a heading; text answers carry no weight.
    kind = models.CharField("答题方式", max_length=10, choices=Kind.choices, blank=True)
    weight = models.DecimalField("权重（%）", max_digits=5, decimal_places=2, default=0)
    competence = models.CharField("对应能力", max_length=12, choices=Competence.choices, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "指标"
        ordering = ["instrument", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "order"],
                name="indicator_order_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=0, weight__lte=100), name="indicator_weight_percent"
            ),
            models.CheckConstraint(
                condition=~Q(kind="text") | Q(weight=0), name="indicator_text_weighs_nothing"
            ),
        ]

    def __str__(self) -> str:
        return self.name
