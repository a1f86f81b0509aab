"""Classes (培训班) with their phases and sessions, and the people a class is limited to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.models import Unit, User
from accounts.scope import ScopedModel, may_on
from cadres.models.chosen import ChosenPeople, ChosenPerson
from core.calendar import after_minute
from core.workflow import DecisionBase
from training.querysets import ClassQuerySet, SessionQuerySet


class Mode(models.TextChoices):
    """How a class, or one phase of it, is held (行动计划)."""

    BLOCK = "block", "集中"
    SPREAD = "spread", "分散"
    PRACTICE = "practice", "实践"
    ONLINE = "online", "线上"


class TrainingClass(ScopedModel):
    """A class: `unit` holds it, and whoever belongs to that unit's subtree may be enrolled."""

    class Status(models.TextChoices):
        """How far a class got."""

        DRAFT = "draft", "筹备中"
        OPEN = "open", "报名中"
        SETTLED = "settled", "名单已定"
        FINISHED = "finished", "已结束"
        CANCELLED = "cancelled", "已取消"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="classes", verbose_name="主办单位")
    title = models.CharField("培训班名称", max_length=120)
    summary = models.TextField("培训内容", blank=True)
    mode = models.CharField("方式", max_length=10, choices=Mode.choices, default=Mode.BLOCK)
    venue = models.CharField("地点", max_length=120, blank=True)
    hours = models.DecimalField("学时", max_digits=5, decimal_places=1)
    starts_on = models.DateField("开班日期")
    ends_on = models.DateField("结束日期", help_text="最后一天")
    capacity = models.PositiveSmallIntegerField("名额")
    enrol_from = models.DateTimeField("报名开始")
    enrol_until = models.DateTimeField("报名截止", help_text="精确到分")
    self_enrolment = models.BooleanField(
        "允许本人报名", default=True, help_text="本人报名后须经所在学校同意；不允许的，由学校或局人事报名"
    )
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="建立人")
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = ClassQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "培训班"
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="class_days_in_order"),
            models.CheckConstraint(
                condition=Q(enrol_until__gt=F("enrol_from")), name="class_enrolment_in_order"
            ),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="class_has_room"),
            models.CheckConstraint(condition=Q(hours__gt=0), name="class_has_hours"),
        ]
        indexes = [
            models.Index(fields=["status", "starts_on"], name="class_status_start"),
            models.Index(fields=["-starts_on", "-id"], name="class_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def window_end(self) -> datetime:
        """The first moment that is too late."""
        return after_minute(self.enrol_until)

    def takes_at(self, moment: datetime) -> bool:
        """Whether people may enrol at a moment: the class is open and the moment lies in its window."""
        return self.status == self.Status.OPEN and self.enrol_from <= moment < self.window_end

    def allows(self, user: Any, capability: str) -> bool:
        """Whether a user may take a workflow action on the class."""
        return may_on(user, capability, self)


class ClassDecision(DecisionBase):
    """What was done with a class, by whom, when."""

    obj = models.ForeignKey(TrainingClass, models.PROTECT, related_name="decisions")

    class Meta(DecisionBase.Meta):
        verbose_name = verbose_name_plural = "培训班办理记录"


class ClassPhase(models.Model):
    """A phase of a class with its days, as the action plan counts them (政策法规 3 天, 领导力 5 天 …)."""

    training_class = models.ForeignKey(
        TrainingClass, models.CASCADE, related_name="phases", verbose_name="培训班"
    )
    order = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("阶段", max_length=60)
    days = models.DecimalField("天数", max_digits=4, decimal_places=1)
    mode = models.CharField("方式", max_length=10, choices=Mode.choices, default=Mode.BLOCK)

    class Meta:
        verbose_name = verbose_name_plural = "阶段"
        ordering = ["training_class", "order"]
        constraints = [
            models.UniqueConstraint(fields=["training_class", "order"], name="phase_order_once"),
            models.CheckConstraint(condition=Q(days__gt=0), name="phase_has_days"),
        ]

    def __str__(self) -> str:
        return self.name


class ClassSession(models.Model):
    """One session on the class's timetable."""

    training_class = models.ForeignKey(
        TrainingClass, models.CASCADE, related_name="sessions", verbose_name="培训班"
    )
    phase = models.ForeignKey(
        ClassPhase, models.SET_NULL, null=True, blank=True, related_name="sessions", verbose_name="阶段"
    )
    day = models.DateField("日期")
    begins = models.TimeField("开始")
    ends = models.TimeField("结束")
    topic = models.CharField("课题", max_length=120)
    trainer = models.CharField("授课人", max_length=60, blank=True)
    venue = models.CharField("地点", max_length=120, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "课程安排"
        ordering = ["day", "begins", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="session_times_in_order")
        ]
        indexes = [models.Index(fields=["training_class", "day"], name="session_class_day")]

    def __str__(self) -> str:
        return self.topic


class ClassTargets(ChosenPeople):
    """That a class is limited to certain people, by whose choice and by which conditions."""

    training_class = models.OneToOneField(
        TrainingClass, models.CASCADE, related_name="targets", verbose_name="培训班"
    )
    words = models.TextField("培训对象")

    class Meta:
        verbose_name = verbose_name_plural = "培训对象"

    def __str__(self) -> str:
        return f"{self.training_class}：{self.words}"


class ClassTarget(ChosenPerson):
    """One of the people a class is limited to."""

    training_class = models.ForeignKey(
        TrainingClass, models.CASCADE, related_name="target_people", verbose_name="培训班"
    )

    class Meta:
        verbose_name = verbose_name_plural = "培训对象人员"
        indexes = [models.Index(fields=["training_class", "cadre"], name="class_target")]

    def __str__(self) -> str:
        return f"{self.training_class} {self.cadre}"
