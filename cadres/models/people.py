"""Posts and cadres."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from accounts.scope import ScopedModel, may_on
from cadres.models.codes import Code
from cadres.querysets import CadreQuerySet, PathPart, PostQuerySet
from core.crypto import EncryptedTextField
from core.models import StoredFile
from core.partial_dates import PartialDate


def precision_field(name: str) -> models.CharField:
    """Return the column that says how much of the partial date beside it is known."""
    return models.CharField(
        f"{name}精度", max_length=5, choices=[("day", "日"), ("month", "月"), ("year", "年")],
        default="day", editable=False,
    )  # fmt: skip


class Post(ScopedModel):
    """A leadership position at a unit (岗位)."""

    class Category(models.TextChoices):
        """Categories of leadership posts."""

        HEAD = "head", "正职"
        DEPUTY = "deputy", "副职"
        MIDDLE = "middle", "中层"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts", verbose_name="单位")
    title = models.CharField("岗位名称", max_length=60)
    category = models.CharField("岗位类别", max_length=10, choices=Category.choices)
    level = models.ForeignKey(
        Code, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="职务级别",
        limit_choices_to={"list": Code.List.POST_LEVEL},
    )  # fmt: skip
    headcount = models.PositiveSmallIntegerField("职数", null=True, blank=True)
    # Empty where it isn't known: such a post counts on every past day.
    opened_on = models.DateField("设立日期", null=True, blank=True, help_text="不填表示一直都有")
    closed_on = models.DateField("撤销日期", null=True, blank=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "岗位"
        ordering = ["unit", "category", "title"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "title"], condition=Q(closed_on=None), name="post_unique_at_unit"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Cadre(ScopedModel):
    """A person on the roster (干部). The unit is copied from the open personnel relation, never set alone."""

    class RetirementLimit(models.TextChoices):
        """The age of retirement before the 2025 reform (任免审批表 v4: 改革前任职年龄界限)."""

        SIXTY = "60", "60 岁"
        FIFTY_FIVE = "55", "55 岁"
        FIFTY = "50", "50 岁"

    class Gender(models.TextChoices):
        """GB/T 2261.1, the two values a roster uses."""

        MALE = "1", "男"
        FEMALE = "2", "女"

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="cadres", verbose_name="人事关系所在单位", editable=False
    )
    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="cadre", verbose_name="账号"
    )
    name = models.CharField("姓名", max_length=60)
    name_key = models.CharField("拼音", max_length=200, editable=False, db_collation="C")
    surname_reading = models.CharField("姓氏读音", max_length=10, blank=True, db_default="")
    initials = models.CharField("简拼", max_length=40, editable=False, db_collation="C")
    grams = ArrayField(models.CharField(max_length=2), editable=False, default=list)
    gender = models.CharField("性别", max_length=1, choices=Gender.choices, blank=True)
    birth = models.DateField("出生年月", null=True, blank=True)
    birth_precision = precision_field("出生年月")
    id_number = EncryptedTextField("身份证号", blank=True, default="")
    id_index = models.CharField(
        "身份证号索引", max_length=64, null=True, unique=True, editable=False, db_collation="C"
    )
    ethnicity = models.ForeignKey(
        Code, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="民族",
        limit_choices_to={"list": Code.List.ETHNICITY},
    )  # fmt: skip
    native_place = models.CharField("籍贯", max_length=60, blank=True)
    work_start = models.DateField("参加工作时间", null=True, blank=True)
    work_start_precision = precision_field("参加工作时间")
    # Rosters don't bring these four (nor the surname's reading), so that bulk writes leave them out: the database fills them.
    birthplace = models.CharField("出生地", max_length=60, blank=True, db_default="")
    health = EncryptedTextField("健康状况", blank=True, default="", db_default="")
    speciality = models.CharField("熟悉专业有何专长", max_length=200, blank=True, db_default="")
    phone = models.CharField("手机号码", max_length=30, blank=True)
    photo = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="照片"
    )
    retirement_limit = models.CharField(
        "改革前退休年龄", max_length=2, choices=RetirementLimit.choices, blank=True, db_default="",
        help_text="不填按男 60 岁、女 55 岁推算",
    )  # fmt: skip
    note = models.TextField("备注", blank=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True, db_index=True)

    objects = CadreQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "干部"
        ordering = ["name_key", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(birth=None) | Q(work_start=None) | Q(work_start__gt=models.F("birth")),
                name="cadre_work_after_birth",
            )
        ]
        indexes = [
            # The whole tree in the default order; a unit with the units below it; a subtree by its segment.
            models.Index(fields=["name_key", "id"], name="cadre_name_key"),
            models.Index(fields=["unit_path", "name_key", "id"], name="cadre_path_name_key"),
            models.Index(PathPart("unit_path", part=3), "name_key", "id", name="cadre_second_level_key"),
            models.Index(PathPart("unit_path", part=4), "name_key", "id", name="cadre_third_level_key"),
            # A search by initials reads in this order.
            models.Index(fields=["initials", "name_key", "id"], name="cadre_initials"),
            models.Index(
                PathPart("unit_path", part=3),
                "initials",
                "name_key",
                "id",
                name="cadre_second_level_initials",
            ),
            models.Index(
                PathPart("unit_path", part=4), "initials", "name_key", "id", name="cadre_third_level_initials"
            ),
            models.Index(fields=["birth", "id"], name="cadre_birth"),
            models.Index(fields=["name", "birth"], name="cadre_name_birth"),
            GinIndex(fields=["grams"], name="cadre_grams"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def birth_date(self) -> PartialDate | None:
        """The birth as precisely as it is known."""
        return PartialDate.of(self.birth, self.birth_precision) if self.birth else None

    @property
    def work_start_date(self) -> PartialDate | None:
        """The start of work as precisely as it is known."""
        return PartialDate.of(self.work_start, self.work_start_precision) if self.work_start else None

    def allows(self, user: User, capability: str) -> bool:
        """Whether the user holds a capability on this person."""
        return may_on(user, capability, self)
