"""Programmes, the places they share, and calls with their steps, rules and quotas."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.models import Unit, User
from accounts.scope import ScopedModel, may_on
from core.calendar import after_minute
from core.models import StoredFile
from core.workflow import DecisionBase
from programs.querysets import CallQuerySet, ProgramQuerySet


class Program(ScopedModel):
    """A programme (培养项目) that a bureau runs year after year."""

    class Kind(models.TextChoices):
        """Kinds of programme; each brings its own participation detail."""

        SECONDMENT = "secondment", "挂职学习"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="programs", verbose_name="主办单位")
    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    name = models.CharField("项目名称", max_length=120)
    description = models.TextField("说明", blank=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    yearly_places = models.PositiveSmallIntegerField("每年名额", default=15)
    duration_months = models.PositiveSmallIntegerField("期限（月）", default=6)
    is_active = models.BooleanField("在办", default=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "培养项目"
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="program_once_at_unit")]

    def __str__(self) -> str:
        return self.name


class PlacesAccount(models.Model):
    """The places (名额) of a programme in a year: several calls draw on it, under lock."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="places_accounts", verbose_name="项目")
    year = models.PositiveSmallIntegerField("年度")
    places = models.PositiveSmallIntegerField("名额")

    class Meta:
        verbose_name = verbose_name_plural = "名额"
        ordering = ["program", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["program", "year"], name="one_places_account_a_year"),
            models.CheckConstraint(condition=Q(year__gte=2000, year__lte=2100), name="places_year"),
        ]

    def __str__(self) -> str:
        return f"{self.program} {self.year}年"


class Call(ScopedModel):
    """A call for nominations (征集); a template is a call that is only copied from."""

    class Status(models.TextChoices):
        """How far a call got."""

        DRAFT = "draft", "草拟"
        OPEN = "open", "征集中"
        CLOSED = "closed", "已截止"
        FINISHED = "finished", "已办结"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="calls", verbose_name="发起单位")
    program = models.ForeignKey(Program, models.PROTECT, related_name="calls", verbose_name="项目")
    places_account = models.ForeignKey(
        PlacesAccount, models.PROTECT, null=True, blank=True, related_name="calls", verbose_name="名额"
    )
    title = models.CharField("标题", max_length=120)
    notice = models.TextField("通知正文", blank=True)
    # The plan year whose places the call draws on: the calendar year in which its lists are due, so that the
    # windows of 10 August and 31 December of one year share one account, whenever the stays begin.
    year = models.PositiveSmallIntegerField("年度")
    opens_at = models.DateTimeField("开始时间")
    closes_at = models.DateTimeField("截止时间", help_text="学校提交推荐的截止时间，精确到分")
    list_due = models.DateField("名单报送截止", null=True, blank=True, help_text="中心校报送名单的截止日期")
    reference_date = models.DateField("年龄计算日", help_text="年龄、任职年限等计算到这一天")
    planned_start = models.DateField("计划开始", null=True, blank=True)
    planned_end = models.DateField("计划结束", null=True, blank=True)
    quota_per_unit = models.PositiveSmallIntegerField(
        "每单位推荐名额", default=1, help_text="单独设定的单位除外"
    )
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    is_template = models.BooleanField("方案模板", default=False)
    rules_version = models.PositiveIntegerField("条件版本", default=1)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="建立人")
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "征集"
        ordering = ["-year", "-opens_at"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="call_window_in_order"),
            models.CheckConstraint(
                condition=Q(is_template=False) | Q(status="draft"), name="template_is_draft"
            ),
            models.CheckConstraint(
                condition=Q(planned_end=None) | Q(planned_start=None) | Q(planned_end__gt=F("planned_start")),
                name="call_planned_in_order",
            ),
        ]
        indexes = [models.Index(fields=["status", "closes_at"], name="call_status_closes")]

    def __str__(self) -> str:
        return self.title

    @property
    def window_end(self) -> datetime:
        """The first moment that is too late."""
        return after_minute(self.closes_at)

    def takes_at(self, moment: datetime) -> bool:
        """Whether schools may submit at a moment: the call is open and the moment lies in its window."""
        return self.status == self.Status.OPEN and self.opens_at <= moment < self.window_end

    def allows(self, user: Any, capability: str) -> bool:
        """Whether a user may take a workflow action on the call."""
        return may_on(user, capability, self)


class CallStep(models.Model):
    """A step of a call's procedure, in order: data that HR may edit until the call opens."""

    class Kind(models.TextChoices):
        """What happens at a step; the first one is the school's own submission."""

        RECOMMEND = "recommend", "推荐"
        INSPECT = "inspect", "考察"
        LIST = "list", "名单"
        CHECK = "check", "核查"
        DECIDE = "decide", "决定"
        PUBLICISE = "publicise", "公示"

    class Level(models.TextChoices):
        """Which level of the tree acts."""

        SCHOOL = "school", "学校"
        CENTRAL = "central", "中心校"
        BUREAU = "bureau", "局"

    call = models.ForeignKey(Call, models.CASCADE, related_name="steps", verbose_name="征集")
    order = models.PositiveSmallIntegerField("顺序")
    kind = models.CharField("类型", max_length=12, choices=Kind.choices)
    name = models.CharField("步骤名称", max_length=40)
    level = models.CharField("办理层级", max_length=10, choices=Level.choices)
    due = models.DateField("办理期限", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "办理步骤"
        ordering = ["call", "order"]
        constraints = [
            models.UniqueConstraint(fields=["call", "order"], name="step_order_once"),
            models.UniqueConstraint(fields=["call", "kind"], name="step_kind_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def capability(self) -> str:
        """What a user must hold to act here."""
        return STEP_CAPABILITIES[CallStep.Kind(self.kind)]


STEP_CAPABILITIES = {
    CallStep.Kind.RECOMMEND: "nomination.file",
    CallStep.Kind.INSPECT: "nomination.inspect",
    CallStep.Kind.LIST: "nomination.list",
    CallStep.Kind.CHECK: "nomination.check",
    CallStep.Kind.DECIDE: "nomination.decide",
    CallStep.Kind.PUBLICISE: "call.manage",
}


class EligibilityRule(models.Model):
    """A condition of a call over a fact, or one that the nominator attests."""

    class Mode(models.TextChoices):
        """How binding a rule is."""

        REQUIRED = "required", "必备"
        ADVISORY = "advisory", "原则上"
        ATTESTED = "attested", "承诺"

    class Operator(models.TextChoices):
        """How the fact's value is compared."""

        AT_MOST = "at_most", "不超过"
        AT_LEAST = "at_least", "不低于"
        IS = "is", "是"
        ONE_OF = "one_of", "属于"

    call = models.ForeignKey(Call, models.CASCADE, related_name="rules", verbose_name="征集")
    order = models.PositiveSmallIntegerField("顺序", default=0)
    name = models.CharField("条件", max_length=120)
    mode = models.CharField("约束", max_length=10, choices=Mode.choices)
    # Rules that share a group are alternatives: one of them is enough (班子成员，或优秀教师).
    group = models.CharField("任一组", max_length=20, blank=True)
    fact = models.CharField("指标", max_length=60, blank=True, help_text="承诺条件不填")
    operator = models.CharField("比较", max_length=10, choices=Operator.choices, blank=True)
    value = models.JSONField("值", null=True, blank=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    verified = models.BooleanField("已核对", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "资格条件"
        ordering = ["call", "order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(mode="attested", fact="") | (~Q(mode="attested") & ~Q(fact="") & ~Q(operator="")),
                name="rule_has_fact_unless_attested",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CallAttachment(models.Model):
    """A paper that a nomination to this call must (or may) bring."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="attachments", verbose_name="征集")
    name = models.CharField("材料名称", max_length=80)
    required = models.BooleanField("必交", default=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)
    form = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="空表"
    )

    class Meta:
        verbose_name = verbose_name_plural = "所需材料"
        ordering = ["call", "order", "id"]

    def __str__(self) -> str:
        return self.name


class CallQuota(ScopedModel):
    """A unit's own nomination quota in a call, where it differs from the call's general one."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="quotas", verbose_name="征集")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    quota = models.PositiveSmallIntegerField("推荐名额")

    class Meta:
        verbose_name = verbose_name_plural = "推荐名额"
        constraints = [models.UniqueConstraint(fields=["call", "unit"], name="quota_once_per_unit")]

    def __str__(self) -> str:
        return f"{self.unit} {self.quota}"


class CallDecision(DecisionBase):
    """What was done with a call, by whom, when."""

    obj = models.ForeignKey(Call, models.PROTECT, related_name="decisions")

    class Meta(DecisionBase.Meta):
        verbose_name = verbose_name_plural = "征集办理记录"
