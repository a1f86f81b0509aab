"""What a cadre has earned: certificates and honours."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from cadres.models.histories import DatedHistory, in_order


class Certificate(DatedHistory):
    """A certificate (资格证书): `start` is its issue, `end` the first day it is no longer valid."""

    class Kind(models.TextChoices):
        """Kinds that rules ask for (部令8号 1999; 2017 暂行办法), and others."""

        QUALIFICATION = "qualification", "任职资格培训合格证书"
        ADVANCEMENT = "advancement", "提高培训证书"
        TEACHER = "teacher", "教师资格证书"
        LANGUAGE = "language", "普通话、外语证书"
        OTHER = "other", "其他证书"

    kind = models.CharField("证书类别", max_length=14, choices=Kind.choices)
    name = models.CharField("证书名称", max_length=120)
    number = models.CharField("证书编号", max_length=60, blank=True)
    issuer = models.CharField("发证机构", max_length=120, blank=True)
    hours = models.PositiveSmallIntegerField("培训学时", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "资格证书"
        ordering = ["cadre", F("start").desc(nulls_last=True), "id"]
        constraints = [in_order("certificate_period_in_order")]
        indexes = [models.Index(fields=["cadre", "kind"], name="certificate_cadre_kind")]

    def __str__(self) -> str:
        return self.name


class Honour(DatedHistory):
    """An honour or award (荣誉表彰): `start` is when it was granted, `end` when it was revoked."""

    class Level(models.TextChoices):
        """Level of the authority that granted it."""

        NATIONAL = "national", "国家级"
        PROVINCE = "province", "省级"
        CITY = "city", "市级"
        COUNTY = "county", "县（区）级"
        SCHOOL = "school", "校级"
        OTHER = "other", "其他"

    name = models.CharField("荣誉名称", max_length=160)
    level = models.CharField("级别", max_length=10, choices=Level.choices, default=Level.COUNTY)
    issuer = models.CharField("批准机关", max_length=120, blank=True)
    document_number = models.CharField("文号", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "荣誉表彰"
        ordering = ["cadre", F("start").desc(nulls_last=True), "id"]
        constraints = [in_order("honour_period_in_order")]
        indexes = [models.Index(fields=["cadre", "level"], name="honour_cadre_level")]

    def __str__(self) -> str:
        return self.name
