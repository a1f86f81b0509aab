"""Family members (家庭成员): confidential, and the confirmed links that make people avoid each other's cases."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from cadres.models.codes import Code
from cadres.models.people import Cadre
from cadres.querysets import HistoryQuerySet
from core.crypto import EncryptedTextField


class FamilyMember(models.Model):
    """A family member; who it is stands encrypted. Only a link that HR confirmed triggers 回避."""

    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="family", verbose_name="干部")
    relation = models.ForeignKey(
        Code, models.PROTECT, related_name="+", verbose_name="称谓",
        limit_choices_to={"list": Code.List.RELATION},
    )  # fmt: skip
    name = EncryptedTextField("姓名")
    # A partial date as ISO text: encrypted columns hold text.
    birth = EncryptedTextField("出生年月", blank=True, default="")
    political = EncryptedTextField("政治面貌", blank=True, default="")
    employment = EncryptedTextField("工作单位及职务", blank=True, default="")
    order = models.PositiveSmallIntegerField("排序", default=0)
    kin = models.ForeignKey(
        Cadre, models.SET_NULL, null=True, blank=True, related_name="kin_of", verbose_name="本名册中的干部"
    )
    kin_confirmed_at = models.DateTimeField("亲属关系核实时间", null=True, blank=True, editable=False)
    kin_confirmed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="核实人", editable=False
    )
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = HistoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员"
        ordering = ["cadre", "order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kin=None) | ~Q(kin=models.F("cadre")), name="family_not_oneself"
            ),
            models.CheckConstraint(
                condition=Q(kin_confirmed_at=None) | Q(kin__isnull=False), name="family_confirmed_has_kin"
            ),
            models.UniqueConstraint(fields=["cadre", "kin"], name="family_kin_once"),
        ]

    def __str__(self) -> str:
        return str(self.relation)
