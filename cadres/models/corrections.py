"""A cadre's request to correct the record, and what HR did with it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Unit
from accounts.scope import may_on
from cadres.models.people import Cadre
from cadres.querysets import CorrectionQuerySet
from core.crypto import EncryptedTextField
from core.models import DecisionBase, StoredFile


class Correction(models.Model):
    """One request: which entry, what it should say, why, with which proof; accepting it writes the record."""

    class Status(models.TextChoices):
        """Where a request stands."""

        DRAFT = "draft", "填写中"
        SUBMITTED = "submitted", "待核实"
        RETURNED = "returned", "待补充"
        ACCEPTED = "accepted", "已采纳"
        DECLINED = "declined", "不予采纳"
        WITHDRAWN = "withdrawn", "已撤回"

    # What one asks about oneself: the person's own data, the photo; otherwise `kind` names a history.
    BASIC, PHOTO = "basic", "photo"
    PERSONAL = (BASIC, PHOTO)
    OPEN = (Status.SUBMITTED, Status.RETURNED)

    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="corrections", verbose_name="干部")
    kind = models.CharField("项目", max_length=20)
    record_id = models.BigIntegerField("记录", null=True, blank=True, help_text="空即补登一条")
    # Field → value as JSON; a wish may hold what stands encrypted elsewhere.
    wanted = EncryptedTextField("更正为")
    # The same fields as they stood when it was submitted: what changes afterwards isn't overwritten unseen.
    before = EncryptedTextField("申请时的记录", blank=True, default="")
    # What was typed and not yet submitted, as the form sends it.
    typed = EncryptedTextField("草稿", blank=True, default="")
    explanation = EncryptedTextField("说明")
    proof = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="证明材料"
    )
    photo = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申请的照片"
    )
    photo_before = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申请时的照片"
    )
    status = models.CharField(
        "状态", max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False
    )
    due = models.DateField("办理期限", null=True, blank=True)
    created_at = models.DateTimeField("提出时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "更正申请"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cadre", "kind", "record_id"], condition=Q(status__in=["submitted", "returned"]),
                name="correction_once_open",
            ),
            models.UniqueConstraint(
                fields=["cadre", "kind"],
                condition=Q(status__in=["submitted", "returned"], kind__in=["basic", "photo"]),
                name="correction_own_data_once_open",
            ),
            models.UniqueConstraint(
                fields=["cadre", "kind", "record_id"], condition=Q(status="draft"), nulls_distinct=False,
                name="correction_one_draft",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["due"], condition=Q(status="submitted"), name="correction_waiting"),
            models.Index(fields=["cadre", "status"], name="correction_cadre_status"),
        ]

    def __str__(self) -> str:
        return f"{self.cadre}的更正申请"

    @property
    def unit(self) -> Unit:
        """The unit of the person it is about."""
        return self.cadre.unit

    @property
    def unit_path(self) -> str:
        """Where it belongs, for scope and audit."""
        return self.cadre.unit_path

    @property
    def user_id(self) -> int | None:
        """Whose own it is."""
        return self.cadre.user_id

    def allows(self, user: Any, capability: str) -> bool:
        """Whether a user may act: the asker by being it ("own"), everybody else by a capability on the person."""
        if capability == "own":
            return user is not None and user.pk is not None and self.cadre.user_id == user.pk
        return may_on(user, capability, self.cadre)


class CorrectionDecision(DecisionBase):
    """What was done with a request, by whom, when."""

    obj = models.ForeignKey(Correction, models.PROTECT, related_name="decisions")

    class Meta(DecisionBase.Meta):
        verbose_name = verbose_name_plural = "更正办理记录"
