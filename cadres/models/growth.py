"""How a cadre is developed: talent tier, reserve pool, individual plan, competence profile."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from cadres.models.histories import DatedHistory, in_order, no_overlap
from cadres.models.people import Cadre, Post
from cadres.querysets import CompetenceQuerySet, PlanQuerySet, ReserveQuerySet
from core.crypto import EncryptedTextField


class TalentEntry(DatedHistory):
    """A place in the talent tier (领军梯队)."""

    class Tier(models.TextChoices):
        """Tiers of the action plan: 知名校长 2–3, 领军校长 5–10, 骨干校长 30."""

        RENOWNED = "renowned", "知名校长"
        LEADING = "leading", "领军校长"
        BACKBONE = "backbone", "骨干校长"

    tier = models.CharField("梯队", max_length=10, choices=Tier.choices)
    document_number = models.CharField("文号", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "领军梯队"
        ordering = ["cadre", F("start").desc(nulls_last=True), "id"]
        constraints = [in_order("talent_period_in_order"), no_overlap("talent_one_tier_at_a_time")]
        indexes = [models.Index(fields=["tier"], condition=Q(end=None), name="talent_open_tier")]

    def __str__(self) -> str:
        return self.get_tier_display()


class ReserveEntry(DatedHistory):
    """Membership of the reserve pool (后备干部), in a category, with the status of ZB43."""

    class Status(models.TextChoices):
        """ZB43; deceased and other ends are ends of the row."""

        PROPOSED = "0", "建议后备"
        RESERVE = "1", "后备"
        USED = "2", "使用"
        ADJUSTED = "3", "调整"
        CONTINUED = "4", "继续后备"
        UNCONFIRMED = "5", "未认定"
        OTHER = "9", "其他"

    category = models.CharField("后备类别", max_length=10, choices=Post.Category.choices)
    status = models.CharField("状态", max_length=1, choices=Status.choices, default=Status.RESERVE)
    source = models.CharField("产生方式", max_length=60, blank=True, help_text="如 民主推荐、组织推荐")

    objects = ReserveQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后备干部"
        ordering = ["cadre", F("start").desc(nulls_last=True), "id"]
        constraints = [
            in_order("reserve_period_in_order"),
            models.UniqueConstraint(
                fields=["cadre", "category"], condition=Q(end=None), name="reserve_once_open"
            ),
        ]
        indexes = [models.Index(fields=["category", "status"], condition=Q(end=None), name="reserve_open")]

    def __str__(self) -> str:
        return f"{self.get_category_display()}后备"


class ReserveReview(models.Model):
    """The yearly review of a reserve entry."""

    entry = models.ForeignKey(ReserveEntry, models.CASCADE, related_name="reviews", verbose_name="后备干部")
    year = models.PositiveSmallIntegerField("年度")
    status = models.CharField("结论", max_length=1, choices=ReserveEntry.Status.choices)
    opinion = EncryptedTextField("意见", blank=True, default="")
    reviewed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="审核人", editable=False
    )
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "后备年度审核"
        ordering = ["entry", "-year"]
        constraints = [models.UniqueConstraint(fields=["entry", "year"], name="reserve_review_once_a_year")]

    def __str__(self) -> str:
        return f"{self.year} {self.get_status_display()}"


class DevelopmentPlan(DatedHistory):
    """An individual development plan (个性化培养计划): goals, measures, mentor, period, how often it is reviewed."""

    # A review every one to thirty-six months.
    SHORTEST_INTERVAL, LONGEST_INTERVAL = 1, 36

    goals = models.TextField("培养目标")
    measures = models.TextField("培养措施", blank=True)
    mentor = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="导师（账号）"
    )
    mentor_text = models.CharField("导师", max_length=60, blank=True)
    interval_months = models.PositiveSmallIntegerField(
        "评估间隔（月）", default=6, db_default=6,
        validators=[MinValueValidator(SHORTEST_INTERVAL), MaxValueValidator(LONGEST_INTERVAL)],
    )  # fmt: skip

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "个性化培养计划"
        ordering = ["cadre", F("start").desc(nulls_last=True), "id"]
        constraints = [
            in_order("plan_period_in_order"), no_overlap("plan_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(interval_months__gte=1, interval_months__lte=36), name="plan_interval_in_months"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["mentor"], condition=Q(end=None), name="plan_mentor")]

    def __str__(self) -> str:
        return self.goals[:40]


class PlanReview(models.Model):
    """A periodic review of a development plan."""

    plan = models.ForeignKey(DevelopmentPlan, models.CASCADE, related_name="reviews", verbose_name="培养计划")
    on = models.DateField("评估日期")
    progress = models.TextField("进展")
    advice = models.TextField("下一步建议", blank=True)
    reviewed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="评估人", editable=False
    )
    # The mentor's signed words: nobody else rewrites them.
    by_mentor = models.BooleanField("导师所写", default=False, db_default=False, editable=False)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "培养计划评估"
        ordering = ["plan", "-on"]
        constraints = [models.UniqueConstraint(fields=["plan", "on"], name="plan_review_once_a_day")]

    def __str__(self) -> str:
        return f"{self.on} {self.progress[:20]}"


class Competence(models.TextChoices):
    """The six competences of the action plan."""

    CURRICULUM = "curriculum", "课程领导"
    TEACHERS = "teachers", "教师队伍培养"
    CULTURE = "culture", "学校文化塑造"
    STRATEGY = "strategy", "战略规划"
    PROBLEMS = "problems", "问题发现和处置"
    INFORMATION = "information", "信息获取和国际交流"


class CompetenceProfile(models.Model):
    """One assessment of the six competences, 0–100 each in the order of `Competence`; null where not judged."""

    class Source(models.TextChoices):
        """Where the scores come from."""

        SELF = "self", "自评"
        SUPERIOR = "superior", "组织评价"
        EXPERT = "expert", "专家评价"
        ASSESSMENT = "assessment", "测评结果"

    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="competences", verbose_name="干部")
    on = models.DateField("评价日期")
    source = models.CharField("来源", max_length=10, choices=Source.choices)
    scores = ArrayField(
        models.PositiveSmallIntegerField(null=True, blank=True),
        size=6,
        verbose_name="得分",
        help_text="六项，每项 0–100",
    )
    note = models.CharField("说明", max_length=200, blank=True)
    published_on = models.DateField(
        "发布日期", null=True, blank=True, editable=False, help_text="发布之后本人才能看到；自评不需要发布"
    )
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = CompetenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "能力画像"
        ordering = ["cadre", "-on", "source"]
        constraints = [
            models.UniqueConstraint(fields=["cadre", "on", "source"], name="competence_once_a_day"),
            models.CheckConstraint(condition=Q(scores__len=6), name="competence_six_scores"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_source_display()}"

    @property
    def is_published(self) -> bool:
        """Whether the person it is about may read it: a self-assessment always, any other once published."""
        return self.source == self.Source.SELF or self.published_on is not None
