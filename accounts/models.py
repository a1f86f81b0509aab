"""Users, units (one tree), grants and the one-time codes that activate an account."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, Lower

from accounts.querysets import GrantQuerySet, UnitQuerySet, UserManager
from accounts.roles import ROLE_CHOICES, ROLES, AccountClass
from core.calendar import today


class User(AbstractBaseUser):
    """An account: a person who signs in, with or without a cadre record."""

    username = models.CharField(
        "账号", max_length=40, unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]*$", "账号只能用小写字母、数字、点和横线。")],
    )  # fmt: skip
    name = models.CharField("姓名", max_length=60)
    account_class = models.CharField(
        "账号类别", max_length=10, choices=AccountClass.choices, default=AccountClass.BUSINESS
    )
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("启用", default=True)
    is_superuser = models.BooleanField("命令行建立的应急账号", default=False, editable=False)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        constraints = [
            # The target of the grant's composite foreign key.
            models.UniqueConstraint(fields=["id", "account_class"], name="user_id_class"),
            models.CheckConstraint(condition=Q(username=Lower("username")), name="user_name_lower"),
            # The emergency account has business rights alone, so it can't be one of the three administrators.
            models.CheckConstraint(
                condition=Q(is_superuser=False) | Q(account_class=AccountClass.BUSINESS),
                name="user_superuser_is_business",
            ),
        ]
        indexes = [models.Index(fields=["name"], name="user_name")]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The person's name, for libraries that ask."""
        return self.name

    def get_short_name(self) -> str:
        """The person's name, for libraries that ask."""
        return self.name

    def holds(self, capability: str) -> bool:
        """Say whether the user holds a capability anywhere today."""
        from accounts.scope import may

        return may(self, capability)

    @property
    def needs_second_factor(self) -> bool:
        """Whoever holds a role of the bureau, and the emergency account, signs in with a second factor."""
        from accounts.scope import roles_of

        return self.is_superuser or any(ROLES[code].is_bureau for code in roles_of(self))

    @property
    def may_open_admin(self) -> bool:
        """Only bureau HR (and the command line's emergency account) works in the admin."""
        return self.is_active and self.holds("admin.open")

    @property
    def is_staff(self) -> bool:
        """Django's name for the same question."""
        return self.may_open_admin

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django model permissions are not used: the admin asks capabilities (accounts/admin_base.py)."""
        return self.may_open_admin

    def has_module_perms(self, app_label: str) -> bool:
        """See has_perm."""
        return self.may_open_admin


class Unit(models.Model):
    """A node of the one organisation tree."""

    class Kind(models.TextChoices):
        """What a unit is; a central school (中心校) supervises a township's schools."""

        BUREAU = "bureau", "局"
        SECTION = "section", "科室"
        CENTRAL = "central", "中心校"
        SCHOOL = "school", "学校"
        TRAINING = "training", "培训机构"

    class Stage(models.TextChoices):
        """School stages (学段)."""

        KINDERGARTEN = "kindergarten", "幼儿园"
        PRIMARY = "primary", "小学"
        JUNIOR = "junior", "初中"
        SENIOR = "senior", "高中"
        NINE_YEAR = "nine_year", "九年一贯"
        COMPLETE = "complete", "完全中学"
        VOCATIONAL = "vocational", "中职"
        SPECIAL = "special", "特教"

    code = models.CharField("单位编码", max_length=30, unique=True)
    name = models.CharField("单位名称", max_length=120)
    name_key = models.CharField("拼音", max_length=300, editable=False, db_collation="C", default="")
    initials = models.CharField("简拼", max_length=60, editable=False, db_collation="C", default="")
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级单位"
    )
    path = models.CharField("路径", max_length=200, unique=True, editable=False, db_collation="C")
    stage = models.CharField("学段", max_length=12, choices=Stage.choices, blank=True)
    is_rural = models.BooleanField("农村学校", default=False)
    is_weak = models.BooleanField("薄弱学校", default=False)
    cluster = models.CharField("片区", max_length=60, blank=True)
    headcount = models.PositiveSmallIntegerField("领导职数", null=True, blank=True)
    valid_from = models.DateField("成立日期", null=True, blank=True)
    valid_to = models.DateField("撤销日期", null=True, blank=True, help_text="从这一天起不再存在")
    successors = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="predecessors", verbose_name="承接单位"
    )
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["id", "path"], name="unit_id_path"),
            models.CheckConstraint(
                condition=Q(path__endswith=Concat(Value("/"), Cast("id", models.CharField()), Value("/"))),
                name="unit_path_ends_with_id",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")), name="unit_not_its_own_parent"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gt=F("valid_from")),
                name="unit_period_in_order",
            ),
            models.UniqueConstraint(
                fields=["parent", "name"], condition=Q(valid_to=None), name="unit_name_unique_among_siblings"
            ),
        ]
        indexes = [
            models.Index(fields=["name"], name="unit_name"),
            models.Index(fields=["initials"], name="unit_initials"),
            models.Index(fields=["name_key"], name="unit_name_key"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def unit_path(self) -> str:
        """The path, under the name that rows hanging on a unit use."""
        return self.path

    @property
    def is_direct(self) -> bool:
        """A county-direct school (县直): no central school stands between it and the bureau."""
        return self.kind == self.Kind.SCHOOL and bool(self.parent_id) and self.parent.kind == self.Kind.BUREAU

    @property
    def is_closed(self) -> bool:
        """Whether the unit has been closed."""
        return self.valid_to is not None

    def exists_on(self, day: date) -> bool:
        """Whether the unit has been founded by a day and isn't closed yet."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or self.valid_to > day
        )

    def name_on(self, day: date) -> str:
        """Return what the unit was called on a day: before the first name known that one, after the last the last."""
        names = list(self.names.all())
        for each in names:
            if (each.start is None or each.start <= day) and (each.end is None or each.end > day):
                return each.name
        return names[0].name if names and names[0].start and day < names[0].start else self.name


class UnitName(models.Model):
    """A dated name of a unit: renaming never rewrites what old documents said."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="names", verbose_name="单位")
    name = models.CharField("名称", max_length=120)
    start = models.DateField("起", null=True, blank=True)
    end = models.DateField("止", null=True, blank=True, help_text="从这一天起不再使用")

    class Meta:
        verbose_name = verbose_name_plural = "单位曾用名"
        ordering = ["unit", F("start").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(end=None), name="one_current_unit_name")
        ]
        indexes = [models.Index(fields=["name"], name="unitname_name")]

    def __str__(self) -> str:
        return self.name


def _role_matches_class() -> Q:
    """Each role belongs to one account class; the database refuses any other pairing."""
    condition = Q()
    for account_class in AccountClass:
        codes = [role.code for role in ROLES.values() if role.account_class == account_class]
        condition |= Q(account_class=account_class, role__in=codes)
    return condition


class Grant(models.Model):
    """A role held by a user at a unit and everything below it, from–to; without confirmation a proposal."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name="账号")
    # Copied from the user and held to it by a composite foreign key (migration 0002).
    account_class = models.CharField("账号类别", max_length=10, choices=AccountClass.choices, editable=False)
    role = models.CharField("角色", max_length=20, choices=ROLE_CHOICES)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grants", verbose_name="单位")
    start = models.DateField("起")
    end = models.DateField("止", null=True, blank=True, help_text="从这一天起失效")
    reason = models.CharField("依据", max_length=200, blank=True)
    # What the grant hangs on, e.g. "appointment:12": it is proposed from and ends with that record.
    origin = models.CharField("来源", max_length=60, blank=True, db_index=True)
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="授予人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "授权"
        constraints = [
            models.CheckConstraint(condition=_role_matches_class(), name="grant_role_of_account_class"),
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gte=F("start")), name="grant_period_in_order"
            ),
            models.UniqueConstraint(
                fields=["user", "role", "unit"], condition=Q(end=None), name="one_open_grant"
            ),
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=F("user")), name="grant_not_to_oneself"
            ),
        ]
        indexes = [models.Index(fields=["user", "role"], name="grant_user_role")]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()} {self.unit}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Copy the account's class before every write; the composite foreign key refuses a wrong one."""
        if self.user_id:
            self.account_class = self.user.account_class
        super().save(*args, **kwargs)

    @property
    def last_day(self) -> date | None:
        """The last day on which the grant holds; None for one without end."""
        return self.end - timedelta(days=1) if self.end else None

    @property
    def state(self) -> str:
        """Where the grant stands today, in words."""
        if self.confirmed_at is None:
            return "待确认" if self.end is None or self.end > today() else "未确认"
        if self.end is not None and self.end <= today():
            return "已结束"
        return "有效" if self.start <= today() else "未开始"

    @property
    def tone(self) -> str:
        """The tone that goes with the state."""
        return {"有效": "success", "未开始": "info", "待确认": "warning"}.get(self.state, "muted")


class ActivationCode(models.Model):
    """A one-time code on a printed slip: activates an account or resets its password, once, until a date."""

    user = models.ForeignKey(User, models.CASCADE, related_name="activation_codes", verbose_name="账号")
    code_hash = models.CharField("代码摘要", max_length=64, unique=True)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签发人")
    issued_at = models.DateTimeField("签发时间")
    expires_at = models.DateTimeField("有效期至")
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "激活码"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(used_at=None), name="one_open_activation_code"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.expires_at:%Y-%m-%d}"
