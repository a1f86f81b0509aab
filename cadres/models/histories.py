"""Dated histories of a cadre: rows with from–to, ended but never overwritten."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q

from accounts.models import Unit
from accounts.scope import ScopedModel
from cadres.models.codes import Code
from cadres.models.people import Cadre, Post, precision_field
from cadres.querysets import AppointmentQuerySet, HistoryQuerySet
from core.partial_dates import PartialDate


class _PersonRange(Func):
    """int8range(cadre, cadre, '[]'): lets GiST exclude by person without the btree_gist extension."""

    function = "int8range"
    template = "int8range(%(expressions)s, '[]')"
    arity = 2


class _Period(Func):
    """daterange(start, end, '[)'): the day of `end` is the first one that no longer counts."""

    function = "daterange"
    template = "daterange(%(expressions)s, '[)')"
    arity = 2


def no_overlap(name: str, condition: Q | None = None) -> ExclusionConstraint:
    """Return the constraint that one person's periods don't overlap."""
    return ExclusionConstraint(
        name=name,
        expressions=[(_PersonRange("cadre_id", "cadre_id"), "&&"), (_Period("start", "end"), "&&")],
        condition=condition,
    )


class DatedHistory(models.Model):
    """The shape every history shares: whose, from when (partial), until when (partial, exclusive)."""

    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="%(class)ss", verbose_name="干部")
    start = models.DateField("起", null=True, blank=True)
    start_precision = precision_field("起")
    end = models.DateField("止", null=True, blank=True)
    end_precision = precision_field("止")
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = HistoryQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def start_date(self) -> PartialDate | None:
        """The start as precisely as it is known."""
        return PartialDate.of(self.start, self.start_precision) if self.start else None

    @property
    def end_date(self) -> PartialDate | None:
        """The end as precisely as it is known."""
        return PartialDate.of(self.end, self.end_precision) if self.end else None

    @property
    def period(self) -> str:
        """The period in words: 2019年8月至今, 2015年8月 – 2019年8月; empty when nothing is known."""
        start = self.start_date.chinese() if self.start_date else ""
        if self.end_date is None:
            return f"{start}至今" if start else ""
        return f"{start or '？'} – {self.end_date.chinese()}"


def in_order(name: str) -> models.CheckConstraint:
    """Return the constraint that a period doesn't end before it starts."""
    return models.CheckConstraint(condition=Q(end=None) | Q(start=None) | Q(end__gte=F("start")), name=name)


class PersonnelRelation(DatedHistory, ScopedModel):
    """Where a cadre's personnel relation (人事关系) lies; a secondment never moves it."""

    class Leaving(models.TextChoices):
        """Why a relation ended; only a transfer within the district opens another."""

        TRANSFER = "transfer", "区内调动"
        MOVED_OUT = "moved_out", "调出"
        RETIRED = "retired", "退休"
        RESIGNED = "resigned", "辞职"
        DISMISSED = "dismissed", "解聘"
        DECEASED = "deceased", "去世"
        OTHER = "other", "其他"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="personnel_relations", verbose_name="单位")
    leaving = models.CharField("离开原因", max_length=10, choices=Leaving.choices, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "人事关系"
        ordering = ["cadre", F("start").asc(nulls_first=True)]
        constraints = [
            in_order("relation_period_in_order"),
            no_overlap("relation_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(end=None, leaving="") | (Q(end__isnull=False) & ~Q(leaving="")),
                name="relation_end_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["cadre"], condition=Q(end=None), name="relation_open")]

    def __str__(self) -> str:
        return f"{self.cadre} {self.unit}"


class Appointment(DatedHistory):
    """A post held (任职): at a unit, or at a place outside the tree named by text."""

    class Kind(models.TextChoices):
        """Kinds of appointment."""

        REGULAR = "regular", "任职"
        CONCURRENT = "concurrent", "兼任"
        SECONDED = "seconded", "挂任"
        JOINT = "joint", "联聘"

    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="appointments", verbose_name="任职单位"
    )
    unit_text = models.CharField("任职单位（区外）", max_length=120, blank=True)
    title = models.CharField("职务名称", max_length=120)
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="appointments", verbose_name="岗位"
    )
    kind = models.CharField("任职方式", max_length=10, choices=Kind.choices, default=Kind.REGULAR)
    is_main = models.BooleanField("主职务", default=False)
    document_number = models.CharField("任职文号", max_length=60, blank=True)
    selection = models.ForeignKey(
        Code, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="选拔任用方式",
        limit_choices_to={"list": Code.List.SELECTION},
    )  # fmt: skip
    removal = models.ForeignKey(
        Code, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="免职方式",
        limit_choices_to={"list": Code.List.REMOVAL},
    )  # fmt: skip
    removal_reason = models.CharField("免职原因", max_length=200, blank=True)
    probation_end = models.DateField("试用期满", null=True, blank=True)
    term_number = models.PositiveSmallIntegerField("第几任期", null=True, blank=True)
    term_end = models.DateField("任期届满", null=True, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=0)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["cadre", F("start").desc(nulls_last=True), "order"]
        constraints = [
            in_order("appointment_period_in_order"),
            no_overlap("appointment_one_main_at_a_time", Q(is_main=True)),
            models.CheckConstraint(
                condition=Q(unit__isnull=False, unit_text="") | (Q(unit=None) & ~Q(unit_text="")),
                name="appointment_unit_or_text",
            ),
            models.CheckConstraint(
                condition=Q(is_main=False) | ~Q(kind__in=["concurrent", "seconded"]),
                name="appointment_main_is_own_post",
            ),
        ]
        indexes = [
            models.Index(fields=["cadre", "is_main"], condition=Q(end=None), name="appointment_open"),
            models.Index(fields=["unit"], condition=Q(end=None), name="appointment_open_at_unit"),
            models.Index(fields=["start", "cadre"], condition=Q(is_main=True), name="appointment_main_since"),
            models.Index(fields=["cadre"], condition=Q(kind="seconded"), name="appointment_seconded"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.title}"

    @property
    def place(self) -> str:
        """The unit's name, or the text for a place outside the tree."""
        return self.unit.name if self.unit else self.unit_text


class Education(DatedHistory):
    """An education record (学历学位); `start` is entry, `end` graduation."""

    class Mode(models.TextChoices):
        """ZB123: full-time, or in service."""

        FULL_TIME = "full_time", "全日制"
        IN_SERVICE = "in_service", "在职"

    mode = models.CharField("教育类别", max_length=10, choices=Mode.choices)
    level = models.ForeignKey(
        Code, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="学历",
        limit_choices_to={"list": Code.List.EDUCATION},
    )  # fmt: skip
    level_text = models.CharField("学历（原文）", max_length=60, blank=True)
    degree = models.ForeignKey(
        Code, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="学位",
        limit_choices_to={"list": Code.List.DEGREE},
    )  # fmt: skip
    degree_text = models.CharField("学位（原文）", max_length=60, blank=True)
    school = models.CharField("毕业院校系及专业", max_length=200, blank=True)
    major = models.CharField("专业", max_length=120, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "学历学位"
        ordering = ["cadre", "mode", "order"]
        constraints = [in_order("education_period_in_order")]
        indexes = [models.Index(fields=["cadre", "level"], name="education_cadre_level")]

    def __str__(self) -> str:
        return f"{self.get_mode_display()} {self.level_text}"


class ProfessionalTitle(DatedHistory):
    """A professional title (职称)."""

    title = models.ForeignKey(
        Code, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="职称",
        limit_choices_to={"list": Code.List.TITLE},
    )  # fmt: skip
    title_text = models.CharField("职称（原文）", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "职称"
        ordering = ["cadre", F("start").desc(nulls_last=True)]
        constraints = [in_order("title_period_in_order")]

    def __str__(self) -> str:
        return self.title_text


class Rank(DatedHistory):
    """A rank (职级) or a post level (职务层次) held since a date (任同级时间)."""

    class Kind(models.TextChoices):
        """Rank on the ladder, or level of the post."""

        RANK = "rank", "职级"
        LEVEL = "level", "职务层次"

    kind = models.CharField("类别", max_length=5, choices=Kind.choices)
    name = models.CharField("职级（层次）", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "职级"
        ordering = ["cadre", F("start").desc(nulls_last=True)]
        constraints = [in_order("rank_period_in_order")]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()


class PoliticalStatus(DatedHistory):
    """A political affiliation (政治面貌) and since when; someone may hold two (中共党员 and 民建)."""

    status = models.ForeignKey(
        Code, models.PROTECT, related_name="+", verbose_name="政治面貌",
        limit_choices_to={"list": Code.List.POLITICAL},
    )  # fmt: skip

    class Meta:
        verbose_name = verbose_name_plural = "政治面貌"
        ordering = ["cadre", F("start").asc(nulls_last=True)]
        constraints = [
            in_order("political_period_in_order"),
            models.UniqueConstraint(
                fields=["cadre", "status"], condition=Q(end=None), name="political_once_open"
            ),
        ]

    def __str__(self) -> str:
        return str(self.status)


class AnnualAssessment(models.Model):
    """A year's assessment (年度考核): a neutral grade, worded by the label set of the person's kind."""

    class Grade(models.TextChoices):
        """Neutral grades; 人社部发〔2023〕6号 for institutions, ZB18 for civil servants."""

        EXCELLENT = "excellent", "优秀"
        QUALIFIED = "qualified", "合格（称职）"
        BASIC = "basic", "基本合格（基本称职）"
        UNQUALIFIED = "unqualified", "不合格（不称职）"
        UNGRADED = "ungraded", "不定等次"
        EXEMPT = "exempt", "不进行考核"

    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="annual_assessments", verbose_name="干部")
    year = models.PositiveSmallIntegerField("年度")
    grade = models.CharField("等次", max_length=12, choices=Grade.choices)
    # A key of settings.GRADE_LABELS.
    labels = models.CharField("用语", max_length=12, default="institution")
    note = models.CharField("说明", max_length=200, blank=True)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = HistoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度考核"
        ordering = ["cadre", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["cadre", "year"], name="assessment_once_a_year"),
            models.CheckConstraint(condition=Q(year__gte=1980, year__lte=2100), name="assessment_year"),
        ]
        indexes = [models.Index(fields=["year", "grade"], name="assessment_year_grade")]

    def __str__(self) -> str:
        return f"{self.year} {self.grade_label}"

    @property
    def grade_label(self) -> str:
        """The grade in the words of its label set; an unknown set shows the neutral words."""
        words = settings.GRADE_LABELS.get(self.labels, {}).get("grades", {})
        return words.get(self.grade, self.get_grade_display())
