"""Bases, and the undertakings (培养经历) that approved nominations become, with their stints."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.models import Unit, User
from accounts.scope import ScopedModel, may_on
from cadres.models import Appointment, Cadre
from core.workflow import DecisionBase
from programs.models.calls import Program
from programs.models.nominations import Nomination
from programs.querysets import BaseQuerySet, ParticipationQuerySet


class Base(ScopedModel):
    """A base (基地) that receives people; `unit` manages it, `host_unit` is empty outside the district."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="bases", verbose_name="主管单位")
    name = models.CharField("基地名称", max_length=120)
    host_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="hosted_bases", verbose_name="基地单位",
        help_text="区外、境外的基地不填",
    )  # fmt: skip
    place = models.CharField("所在地", max_length=120, blank=True)
    lead = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="led_bases", verbose_name="基地负责人"
    )
    capacity = models.PositiveSmallIntegerField("同期容量", default=2)
    features = models.TextField("特色", blank=True)
    is_active = models.BooleanField("在用", default=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = BaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "基地"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="base_once_at_unit")]

    def __str__(self) -> str:
        return self.name

    def closed_by(self, day: date) -> bool:
        """Whether the unit that hosts has been closed by a day; one outside the district is nobody's to close."""
        unit = self.host_unit
        return unit is not None and unit.valid_to is not None and unit.valid_to <= day


class Participation(ScopedModel):
    """An undertaking: created 待安排 by an approval, placed by HR later; `unit` is the sending unit."""

    class Status(models.TextChoices):
        """How far it got."""

        PENDING = "pending", "待安排"
        PLACED = "placed", "已安排"
        ACTIVE = "active", "进行中"
        ENDED = "ended", "待鉴定"
        COMPLETED = "completed", "已完成"
        CANCELLED = "cancelled", "已取消"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="participations", verbose_name="派出单位")
    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="participations", verbose_name="干部")
    program = models.ForeignKey(Program, models.PROTECT, related_name="participations", verbose_name="项目")
    nomination = models.OneToOneField(
        Nomination, models.PROTECT, null=True, blank=True, related_name="participation", verbose_name="推荐"
    )
    year = models.PositiveSmallIntegerField("年度")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PENDING)
    start = models.DateField("开始", null=True, blank=True)
    end = models.DateField("结束", null=True, blank=True, help_text="最后一天")
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "培养经历"
        ordering = ["-year", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start=None) | Q(end=None) | Q(end__gte=F("start")),
                name="participation_period_in_order",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "cancelled"]) | Q(start__isnull=False, end__isnull=False),
                name="participation_placed_has_period",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "end"], name="participation_status_end"),
            models.Index(fields=["cadre"], name="participation_cadre"),
            models.Index(fields=["year", "program"], name="participation_year"),
        ]

    def __str__(self) -> str:
        return f"{self.cadre} {self.program}"

    def allows(self, user: Any, capability: str) -> bool:
        """Whether a user may act with a capability on this undertaking (by unit)."""
        return may_on(user, capability, self)


class ParticipationDecision(DecisionBase):
    """What was done with an undertaking, by whom, when."""

    obj = models.ForeignKey(Participation, models.PROTECT, related_name="decisions")

    class Meta(DecisionBase.Meta):
        verbose_name = verbose_name_plural = "培养经历办理记录"


class SecondmentDetail(models.Model):
    """What only a secondment has: the problems brought along (带着问题)."""

    participation = models.OneToOneField(
        Participation, models.CASCADE, related_name="secondment", verbose_name="培养经历"
    )
    problems = models.TextField("带着的问题", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "挂职学习"

    def __str__(self) -> str:
        return str(self.participation)


class Stint(models.Model):
    """A stay at a base (host, guide, acting post, from–to); rotations are several stints."""

    participation = models.ForeignKey(
        Participation, models.CASCADE, related_name="stints", verbose_name="培养经历"
    )
    base = models.ForeignKey(Base, models.PROTECT, related_name="stints", verbose_name="基地")
    host = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="hosted_stints", verbose_name="基地负责人"
    )
    guide = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="guided_stints", verbose_name="指导人"
    )
    guide_name = models.CharField("指导人姓名", max_length=60, blank=True)
    acting_post = models.CharField("拟挂职务", max_length=60)
    start = models.DateField("开始")
    end = models.DateField("结束", help_text="最后一天")
    appointment = models.OneToOneField(
        Appointment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="挂任"
    )

    class Meta:
        verbose_name = verbose_name_plural = "阶段安排"
        ordering = ["participation", "start"]
        constraints = [models.CheckConstraint(condition=Q(end__gte=F("start")), name="stint_period_in_order")]
        indexes = [models.Index(fields=["base", "start"], name="stint_base_start")]

    def __str__(self) -> str:
        return f"{self.base} {self.acting_post}"
