"""Roster imports: the uploaded file, its staged rows and how far it got (derived, never stored)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Unit, User
from accounts.scope import ScopedModel
from cadres.models.codes import Code
from cadres.models.people import Cadre
from cadres.querysets import RosterImportQuerySet
from core.models import Job, StoredFile


class RosterImport(ScopedModel):
    """One uploaded roster: upload → preview → confirm → one atomic commit."""

    class Kind(models.TextChoices):
        """What was uploaded."""

        ROSTER = "roster", "名册"
        FORMS = "forms", "任免审批表"
        PHOTOS = "photos", "照片"
        HISTORIES = "histories", "信息集"

    kind = models.CharField(
        "类别", max_length=10, choices=Kind.choices, default=Kind.ROSTER, db_default="roster", editable=False
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="导入范围",
        help_text="文件中的单位须在此单位之内",
    )  # fmt: skip
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    # Answers to what the preview asked: {"unit:某某小学": unit id or null, "row:名册!12": cadre id, "new" or null}.
    answers = models.JSONField("答复", default=dict, blank=True)
    # {"名册": {"birth": ["出生年月", 5], …}}: the headings the file uses and their positions.
    columns = models.JSONField("列", default=dict, blank=True)
    summary = models.JSONField("统计", default=dict, blank=True)
    notes = models.JSONField("文件说明", default=list, blank=True)
    preview_job = models.ForeignKey(
        Job, models.SET_NULL, null=True, related_name="+", verbose_name="预览任务"
    )
    previewed_at = models.DateTimeField("预览时间", null=True, blank=True)
    commit_job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name="导入任务")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    # Why a confirmed import was not carried out but previewed anew; empty otherwise.
    renewed_because = models.CharField("重新预览的原因", max_length=300, blank=True)
    committed_at = models.DateTimeField("完成时间", null=True, blank=True)
    discarded_at = models.DateTimeField("放弃时间", null=True, blank=True)
    rejected_file = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="退回的工作簿"
    )

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名册导入"
        ordering = ["-uploaded_at"]
        indexes = [models.Index(fields=["-uploaded_at"], name="roster_import_latest")]

    def __str__(self) -> str:
        return f"{self.file} {self.uploaded_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered, confirmed or given up."""
        return self.committed_at is None and self.discarded_at is None


def _code(name: str) -> models.ForeignKey:
    """A code read from a cell. The staging follows no references: what it says is checked at the commit."""
    return models.ForeignKey(
        Code, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False,
        verbose_name=name,
    )  # fmt: skip


def _day(name: str) -> models.DateField:
    return models.DateField(name, null=True)


def _precision() -> models.CharField:
    return models.CharField(max_length=5, null=True)


def _text(name: str) -> models.TextField:
    return models.TextField(name, null=True)


class RosterImportRow(models.Model):
    """A staged row of the file: what was read (NULL = the cell says nothing), and what it would change."""

    class Status(models.TextChoices):
        """What the preview found out about a row."""

        NEW = "new", "新增"
        CHANGED = "changed", "更新"
        UNCHANGED = "unchanged", "未变"
        ASK = "ask", "待确认"
        REJECTED = "rejected", "拒绝"

    roster_import = models.ForeignKey(RosterImport, models.CASCADE, related_name="rows", db_index=False)
    ordinal = models.PositiveIntegerField("次序")
    sheet = models.CharField(max_length=60)
    row = models.PositiveIntegerField()
    verdict = models.CharField(max_length=10, choices=Status.choices)
    # Whether the row is beyond rescue by an answer: what was wrong with it when it was read.
    is_faulty = models.BooleanField(default=False)
    cadre = models.ForeignKey(
        Cadre, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    unit = models.ForeignKey(
        Unit, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    candidates = ArrayField(models.BigIntegerField(), null=True)
    changes = models.JSONField(null=True)
    # `problems` were found in the cells, `findings` in comparison with the roster.
    problems = models.JSONField(null=True)
    findings = models.JSONField(null=True)

    name = _text("姓名")
    unit_text = _text("单位")
    # Identity numbers never lie here in clear text: encrypted, with their blind index when they are valid.
    id_cipher = _text("身份证号")
    id_index = models.CharField(max_length=64, null=True, db_collation="C")
    id_birth = _day("身份证号中的出生日期")
    id_gender = models.CharField(max_length=1, null=True)
    gender = models.CharField("性别", max_length=1, null=True)
    ethnicity = _code("民族")
    native_place = _text("籍贯")
    birth = _day("出生年月")
    birth_precision = _precision()
    work_start = _day("参加工作时间")
    work_start_precision = _precision()
    party = _code("政治面貌")
    party_text = _text("政治面貌（原文）")
    democratic = _code("民主党派")
    democratic_text = _text("民主党派（原文）")
    party_join = _day("入党时间")
    party_join_precision = _precision()
    full_level = _code("全日制学历")
    full_level_text = _text("全日制学历")
    full_degree = _code("全日制学位")
    full_degree_text = _text("全日制学位")
    full_school = _text("全日制毕业院校及专业")
    service_level = _code("在职学历")
    service_level_text = _text("在职学历")
    service_degree = _code("在职学位")
    service_degree_text = _text("在职学位")
    service_school = _text("在职毕业院校及专业")
    posts = ArrayField(models.TextField(), null=True, verbose_name="现任职务")
    post_since = _day("任现职时间")
    post_since_precision = _precision()
    probation_months = models.PositiveSmallIntegerField("试用期（月）", null=True)
    category = models.CharField("职务类别", max_length=10, null=True)
    level_since = _day("任同级时间")
    level_since_precision = _precision()
    title = _code("职称")
    title_text = _text("职称")
    rank = _text("职级")
    phone = _text("手机号码")
    note = _text("备注")
    # What a 任免审批表 says beyond the roster's columns, as JSON in an envelope (cadres.services.form_import).
    form = _text("任免审批表")

    class Meta:
        verbose_name = verbose_name_plural = "名册导入行"
        constraints = [
            models.UniqueConstraint(fields=["roster_import", "verdict", "ordinal"], name="import_row_once")
        ]

    def __str__(self) -> str:
        return f"{self.sheet}!{self.row}"
