"""What happened to a unit: mergers, splits and closings, told on both units' pages and kept to be taken back."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from accounts.scope import ScopedModel, ScopedQuerySet


class ReorganisationQuerySet(ScopedQuerySet):
    """Filters over changes of whole units."""

    view_capability = "unit.view"

    def standing(self) -> ReorganisationQuerySet:
        """Those that weren't taken back."""
        return self.filter(undone_at=None)


class Reorganisation(ScopedModel):
    """A change of a whole unit (机构变动); `unit` is where people left, `into` where they went."""

    class Kind(models.TextChoices):
        """What was done."""

        MERGE = "merge", "并入"
        SPLIT = "split", "分设"
        CLOSE = "close", "撤销"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="reorganisations", verbose_name="单位")
    into = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="arrivals", verbose_name="承接单位"
    )
    kind = models.CharField("变动", max_length=5, choices=Kind.choices)
    on = models.DateField("日期")
    document_number = models.CharField("文号", max_length=60, blank=True)
    people = models.PositiveIntegerField("转出人数", default=0)
    appointments = models.PositiveIntegerField("转出任职", default=0)
    # What taking it back needs: keys of the rows that ended and of those that followed them.
    moved = models.JSONField("转出的记录", default=dict)
    made_at = models.DateTimeField("办理时间")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    undone_at = models.DateTimeField("撤回时间", null=True, blank=True)
    undone_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤回人"
    )

    objects = ReorganisationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "机构变动"
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="close") | Q(into__isnull=False), name="reorganisation_goes_somewhere"
            )
        ]

    @property
    def updated_at(self) -> datetime:
        """When the row last changed: made, or taken back."""
        return self.undone_at or self.made_at

    def __str__(self) -> str:
        return f"{self.unit} {self.get_kind_display()} {self.into or ''}".strip()
