"""Two records of one person made one, with everything that is needed to take that back."""

from __future__ import annotations

from django.db import models

from accounts.models import Unit, User
from accounts.scope import ScopedModel
from cadres.models.people import Cadre
from cadres.querysets import CadreMergeQuerySet
from core.crypto import EncryptedTextField


class CadreMerge(ScopedModel):
    """A merger: `kept` goes on, the other record is gone; `unit` is that of the person who was kept."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    kept = models.ForeignKey(Cadre, models.CASCADE, related_name="mergers", verbose_name="保留")
    gone_id = models.BigIntegerField("并入记录的编号")
    gone_name = models.CharField("并入记录的姓名", max_length=60)
    # model label → keys of the rows that went over; the record and its doubles as Django's JSON.
    moved = models.JSONField("转入的记录")
    gone = EncryptedTextField("并入的原记录")
    filled = models.JSONField("补上的内容")
    merged_at = models.DateTimeField("合并时间")
    merged_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="合并人")
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undone_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人"
    )

    objects = CadreMergeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "合并记录"
        ordering = ["-merged_at"]

    def __str__(self) -> str:
        return f"{self.gone_name} → {self.kept}"
