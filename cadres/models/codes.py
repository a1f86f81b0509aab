"""National code tables: one row a code, matched by name because code numbers differ between systems."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


def no_aliases() -> list[str]:
    """The default of the aliases (inside the class, `list` names the column)."""
    return []


class Code(models.Model):
    """A value of a code list, e.g. 民族 01 汉族."""

    class List(models.TextChoices):
        """The lists in use, each with the standard it comes from."""

        ETHNICITY = "ethnicity", "民族（GB/T 3304）"
        POLITICAL = "political", "政治面貌（GB/T 4762）"
        EDUCATION = "education", "学历（GB/T 4658）"
        DEGREE = "degree", "学位（GB/T 6864）"
        TITLE = "title", "专业技术职务（GB/T 8561）"
        POST_LEVEL = "post_level", "职务级别（GB/T 12407）"
        SELECTION = "selection", "选拔任用方式（ZB122）"
        REMOVAL = "removal", "免职方式（ZB15）"
        REGION = "region", "行政区划"
        HEALTH = "health", "健康状况（GB/T 2261.3）"
        RELATION = "relation", "家庭关系（GB/T 4761）"

    list = models.CharField("代码表", max_length=20, choices=List.choices)
    code = models.CharField("代码", max_length=20)
    name = models.CharField("名称", max_length=120)
    short = models.CharField("简称", max_length=60, blank=True)
    aliases = ArrayField(
        models.CharField(max_length=120), verbose_name="别名", default=no_aliases, blank=True
    )
    level = models.PositiveSmallIntegerField(
        "高低", null=True, blank=True, help_text="同一表内可比较的高低，数大为高"
    )
    order = models.PositiveIntegerField("顺序", default=0)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "代码"
        ordering = ["list", "order", "code"]
        constraints = [models.UniqueConstraint(fields=["list", "code"], name="code_unique_in_list")]
        indexes = [
            models.Index(fields=["list", "name"], name="code_list_name"),
            GinIndex(fields=["aliases"], name="code_aliases"),
        ]

    def __str__(self) -> str:
        return self.short or self.name
