"""Rounds (评价): who is rated with which instrument, in which relations, by when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.models import Unit, User
from accounts.scope import ScopedModel, may_on
from assessment.models.instruments import Instrument
from assessment.querysets import RoundQuerySet, SubjectQuerySet
from cadres.models import Cadre
from core.calendar import after_minute
from core.workflow import DecisionBase

# 3-trust: results of an anonymous relation are shown from five raters on by default, never below three.
DEFAULT_MINIMUM, LEAST_MINIMUM = 5, 3


class Round(ScopedModel):
    """A round: an instrument, a window, the people rated, and how their raters relate to them."""

    class Purpose(models.TextChoices):
        """What a round is for."""

        APPRAISAL = "appraisal", "综合考核评价"
        DEMOCRATIC = "democratic", "民主测评"
        ALL_AROUND = "all_around", "360°评价"

    class Status(models.TextChoices):
        """How far a round got."""

        DRAFT = "draft", "筹备中"
        OPEN = "open", "评价中"
        CLOSED = "closed", "已截止"
        PUBLISHED = "published", "已公布"
        CANCELLED = "cancelled", "已取消"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="rounds", verbose_name="组织单位")
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="rounds", verbose_name="量表")
    title = models.CharField("评价名称", max_length=120)
    purpose = models.CharField("用途", max_length=12, choices=Purpose.choices)
    notice = models.TextField("致评价人", blank=True)
    period_from = models.DateField("评价时段开始")
    period_to = models.DateField("评价时段结束")
    opens_at = models.DateTimeField("开始时间")
    closes_at = models.DateTimeField("截止时间", help_text="精确到分")
    minimum = models.PositiveSmallIntegerField(
        "匿名评价最少人数", default=DEFAULT_MINIMUM, help_text="达到这个人数才显示匿名评价的结果，最少 3 人"
    )
    words = models.TextField("评价对象范围", blank=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="建立人")
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评价"
        ordering = ["-opens_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="round_window_in_order"),
            models.CheckConstraint(
                condition=Q(period_to__gte=F("period_from")), name="round_period_in_order"
            ),
            models.CheckConstraint(condition=Q(minimum__gte=LEAST_MINIMUM), name="round_minimum_protects"),
        ]
        indexes = [models.Index(fields=["status", "closes_at"], name="round_status_closes")]

    def __str__(self) -> str:
        return self.title

    @property
    def window_end(self) -> datetime:
        """The first moment that is too late."""
        return after_minute(self.closes_at)

    def takes_at(self, moment: datetime) -> bool:
        """Whether ballots may be submitted at a moment: the round is open and the moment lies in its window."""
        return self.status == self.Status.OPEN and self.opens_at <= moment < self.window_end

    def allows(self, user: Any, capability: str) -> bool:
        """Whether a user may take a workflow action on the round."""
        return may_on(user, capability, self)


class RoundDecision(DecisionBase):
    """What was done with a round, by whom, when."""

    obj = models.ForeignKey(Round, models.PROTECT, related_name="decisions")

    class Meta(DecisionBase.Meta):
        verbose_name = verbose_name_plural = "评价办理记录"


class Relation(models.Model):
    """A relation of a round: how its raters stand to the subject, its weight, and whether it is anonymous."""

    class Kind(models.TextChoices):
        """How raters stand to the person rated."""

        SUPERIOR = "superior", "上级"
        PEER = "peer", "同级"
        SUBORDINATE = "subordinate", "下级"
        SELF = "self", "自评"
        EXPERT = "expert", "专家"
        MENTOR = "mentor", "导师"
        SERVED = "served", "服务对象"

    round = models.ForeignKey(Round, models.CASCADE, related_name="relations", verbose_name="评价")
    kind = models.CharField("关系", max_length=12, choices=Kind.choices)
    weight = models.DecimalField("权重（%）", max_digits=5, decimal_places=2)
    anonymous = models.BooleanField("匿名")

    class Meta:
        verbose_name = verbose_name_plural = "评价关系"
        ordering = ["round", "id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "kind"], name="relation_once_a_round"),
            # Ballots carry a copy of the flag; this key lets the database hold the two together.
            models.UniqueConstraint(fields=["id", "anonymous"], name="relation_id_anonymous"),
            models.CheckConstraint(
                condition=Q(weight__gt=0, weight__lte=100), name="relation_weight_percent"
            ),
            models.CheckConstraint(
                condition=~Q(kind="self") | Q(anonymous=False), name="relation_self_is_named"
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class RoundSubject(ScopedModel):
    """A person rated in a round; `unit` is the person's unit when the subjects were fixed."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="subjects", verbose_name="评价")
    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="round_subjects", verbose_name="评价对象")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="所在单位")

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评价对象"
        ordering = ["round", "unit_path", "id"]
        constraints = [models.UniqueConstraint(fields=["round", "cadre"], name="subject_once_a_round")]
        indexes = [models.Index(fields=["cadre"], name="subject_cadre")]

    def __str__(self) -> str:
        return f"{self.cadre} {self.round}"
