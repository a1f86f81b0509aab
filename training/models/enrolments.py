"""Enrolments: who takes part in a class, who waits for a place, and with whose consent."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from accounts.scope import ScopedModel, may_on
from cadres.models import Cadre
from core.workflow import DecisionBase
from training.models.classes import TrainingClass
from training.querysets import EnrolmentQuerySet


class Enrolment(ScopedModel):
    """A person's enrolment in a class; `unit` is the unit the person belonged to when enrolling."""

    class Status(models.TextChoices):
        """How far it got."""

        APPLIED = "applied", "待学校同意"
        ENROLLED = "enrolled", "已录取"
        WAITING = "waiting", "候补"
        REFUSED = "refused", "学校不同意"
        LAPSED = "lapsed", "未录取"
        WITHDRAWN = "withdrawn", "已退出"

    LIVE = (Status.APPLIED, Status.ENROLLED, Status.WAITING)

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="enrolments", verbose_name="所在单位")
    training_class = models.ForeignKey(
        TrainingClass, models.PROTECT, related_name="enrolments", verbose_name="培训班"
    )
    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="enrolments", verbose_name="干部")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.APPLIED)
    reason = models.CharField("报名理由", max_length=200, blank=True)
    applied_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="报名人")
    # The place in the queue: when the school had consented (first come, first served).
    queued_at = models.DateTimeField("排队时间", null=True, blank=True)
    created_at = models.DateTimeField("报名时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报名"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "cadre"],
                condition=Q(status__in=["applied", "enrolled", "waiting"]),
                name="one_live_enrolment_a_class",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["enrolled", "waiting"]) | Q(queued_at__isnull=False),
                name="enrolment_queued_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["training_class", "status", "queued_at"], name="enrolment_queue"),
            models.Index(fields=["cadre"], name="enrolment_cadre"),
        ]

    def __str__(self) -> str:
        return f"{self.cadre} {self.training_class}"

    def allows(self, user: Any, capability: str) -> bool:
        """The person may withdraw; everything else goes by the unit."""
        if capability == "enrolment.withdraw":
            own = user is not None and user.pk is not None and self.cadre.user_id == user.pk
            return own or may_on(user, "enrolment.approve", self)
        return may_on(user, capability, self)


class EnrolmentDecision(DecisionBase):
    """What was done with an enrolment, by whom, when."""

    obj = models.ForeignKey(Enrolment, models.PROTECT, related_name="decisions")

    class Meta(DecisionBase.Meta):
        verbose_name = verbose_name_plural = "报名办理记录"
