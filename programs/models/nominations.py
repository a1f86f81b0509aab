"""Nominations, their decisions, attestations and papers, and the central schools' lists."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from accounts.scope import ScopedModel, may_on, users_who_may
from cadres.models import Cadre
from core.models import StoredFile
from core.workflow import DecisionBase
from programs.avoidance import without_avoiding
from programs.models.calls import Call, CallAttachment, CallStep, EligibilityRule, PlacesAccount
from programs.querysets import CentralListQuerySet, NominationQuerySet


class CentralList(ScopedModel):
    """The one list (名单) that a central school files for its schools in a call."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="lists", verbose_name="征集")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="中心校")
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="报送人")
    filed_at = models.DateTimeField("报送时间")
    note = models.TextField("说明", blank=True)

    objects = CentralListQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报送名单"
        ordering = ["-filed_at"]
        constraints = [models.UniqueConstraint(fields=["call", "unit"], name="one_list_per_central")]

    def __str__(self) -> str:
        return f"{self.unit} {self.call}"


class Nomination(ScopedModel):
    """A nomination (推荐) of one nominee, a cadre or a unit, to a call; `unit` is where it was filed."""

    class Status(models.TextChoices):
        """The fixed states; which step a case stands at is data of the call."""

        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "已提交"
        IN_REVIEW = "in_review", "办理中"
        RETURNED = "returned", "已退回"
        PUBLICISED = "publicised", "公示中"
        WAITING = "waiting", "候补"
        APPROVED = "approved", "已通过"
        REJECTED = "rejected", "不予推荐"
        WITHDRAWN = "withdrawn", "已撤回"

    # States in which a nomination uses up its unit's nomination quota.
    COUNTED = ("submitted", "in_review", "returned", "publicised", "waiting", "approved")
    # States in which a second nomination of the same person to the call makes no sense.
    OPEN = ("draft", *COUNTED)

    call = models.ForeignKey(Call, models.PROTECT, related_name="nominations", verbose_name="征集")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="nominations", verbose_name="推荐单位")
    cadre = models.ForeignKey(
        Cadre, models.PROTECT, null=True, blank=True, related_name="nominations", verbose_name="被推荐人"
    )
    nominee_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="被推荐单位"
    )
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.DRAFT)
    step = models.ForeignKey(
        CallStep, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="当前步骤"
    )
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填报人")
    statement = models.TextField("推荐理由", blank=True)
    problems = models.TextField("拟带着解决的问题", blank=True)
    advisory_reason = models.TextField("超出原则条件的理由", blank=True)
    override_reason = models.TextField("破格理由", blank=True)
    # The verdict of every rule with its actual value, as it stood on submission (programs/eligibility.py).
    snapshot = models.JSONField("资格审查结果", default=list, blank=True)
    rules_version = models.PositiveIntegerField("条件版本", default=0)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    return_due = models.DateField("退回补正期限", null=True, blank=True)
    central_list = models.ForeignKey(
        CentralList, models.PROTECT, null=True, blank=True, related_name="nominations", verbose_name="名单"
    )
    list_rank = models.PositiveSmallIntegerField("名单顺序", null=True, blank=True)
    # Set while the case holds one of the year's places; taken and given back under the account's lock.
    place = models.ForeignKey(
        PlacesAccount, models.PROTECT, null=True, blank=True, related_name="holders", verbose_name="占用名额"
    )
    waiting_since = models.DateTimeField("候补起", null=True, blank=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推荐"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cadre__isnull=False, nominee_unit=None)
                | Q(cadre=None, nominee_unit__isnull=False),
                name="nomination_one_nominee",
            ),
            models.UniqueConstraint(
                fields=["call", "cadre"],
                condition=Q(
                    status__in=[
                        "draft",
                        "submitted",
                        "in_review",
                        "returned",
                        "publicised",
                        "waiting",
                        "approved",
                    ]
                ),
                name="nomination_once_open_per_call",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(submitted_at__isnull=False) | Q(status="withdrawn"),
                name="nomination_submitted_has_time",
            ),
            models.CheckConstraint(
                condition=Q(place=None) | Q(status__in=["publicised", "approved"]),
                name="nomination_place_only_after_decision",
            ),
            models.CheckConstraint(
                condition=Q(step__isnull=False) | ~Q(status__in=["submitted", "in_review", "returned"]),
                name="nomination_open_has_step",
            ),
        ]
        indexes = [
            models.Index(fields=["call", "status"], name="nomination_call_status"),
            models.Index(fields=["step", "status"], name="nomination_step_status"),
            models.Index(fields=["cadre"], name="nomination_cadre"),
        ]

    def __str__(self) -> str:
        return f"{self.nominee} · {self.call}"

    @property
    def nominee(self) -> Cadre | Unit | None:
        """Whom the nomination is for."""
        return self.cadre or self.nominee_unit

    @property
    def is_override(self) -> bool:
        """Whether the nomination asks for an exception (破格): a required condition isn't met."""
        return bool(self.override_reason)

    @property
    def arrangement_cancelled(self) -> bool:
        """Whether the undertaking that the approval became was called off (read it along in lists)."""
        undertaking = getattr(self, "participation", None)
        approved = self.status == self.Status.APPROVED
        return bool(approved and undertaking is not None and undertaking.status == "cancelled")

    def get_state_display(self) -> str:
        """The state in words; an approval whose arrangement was called off says so."""
        words = str(self.Status(self.status).label)
        return f"{words} · 安排已取消" if self.arrangement_cancelled else words

    def filing_people(self) -> models.QuerySet[User]:
        """Whoever filed or submitted the case and still may, else everybody who may file for its unit.

        An office can change hands while a case runs: who has left it is told nothing more. Never the nominee, nor confirmed kin (回避).
        """
        able = without_avoiding(users_who_may("nomination.file", self.unit), self.cadre)
        submitted = self.decisions.filter(action="submit").values("actor")
        involved = able.filter(Q(pk=self.filed_by_id) | Q(pk__in=submitted))
        return involved if involved.exists() else able

    def allows(self, user: Any, capability: str) -> bool:
        """Whether a user may act with a capability on this case (scope by the unit it was filed at).

        The capability "step" stands for whatever the current step asks for.
        """
        if capability == "step":
            return self.step is not None and may_on(user, self.step.capability, self)
        return may_on(user, capability, self)


class NominationDecision(DecisionBase):
    """A decision on a nomination: append-only, with the step at which it was taken."""

    obj = models.ForeignKey(Nomination, models.PROTECT, related_name="decisions")
    step = models.ForeignKey(CallStep, models.PROTECT, null=True, related_name="decisions")

    class Meta(DecisionBase.Meta):
        verbose_name = verbose_name_plural = "推荐办理记录"


class Attestation(models.Model):
    """What the nominator declares with evidence, and what the inspection found."""

    nomination = models.ForeignKey(
        Nomination, models.CASCADE, related_name="attestations", verbose_name="推荐"
    )
    rule = models.ForeignKey(EligibilityRule, models.PROTECT, related_name="+", verbose_name="条件")
    declared = models.BooleanField("承诺属实", default=False)
    evidence = models.TextField("证明说明", blank=True)
    confirmed = models.BooleanField("考察确认", null=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "承诺事项"
        ordering = ["nomination", "rule"]
        constraints = [models.UniqueConstraint(fields=["nomination", "rule"], name="attested_once")]

    def __str__(self) -> str:
        return f"{self.rule}"


class NominationFile(models.Model):
    """A paper attached to a nomination."""

    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="files", verbose_name="推荐")
    attachment = models.ForeignKey(
        CallAttachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="材料"
    )
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    added_at = models.DateTimeField("上传时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "推荐材料"
        ordering = ["nomination", "id"]

    def __str__(self) -> str:
        return str(self.file)
