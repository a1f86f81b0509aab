"""The tables of the mechanisms: files, jobs, messages, audit, calendar exceptions, decisions."""

import uuid
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.append_only import AppendOnly
from core.calendar import now
from core.job_kinds import label_of


def random_name(instance: models.Model, filename: str) -> str:
    """A storage name that tells nothing: two random folders and a random name, no extension."""
    name = uuid.uuid4().hex
    return str(PurePosixPath("files", name[:2], name[2:]))


class StoredFile(models.Model):
    """One kept file: random name in the storage, checked type, size and hash; reached through its owner."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.FileField("文件", upload_to=random_name, max_length=200)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=120)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("校验值", max_length=64)
    kind = models.CharField("种类", max_length=20)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="上传人",
    )
    created_at = models.DateTimeField("上传时间", default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "文件"

    def __str__(self) -> str:
        return self.name


class JobQuerySet(models.QuerySet["Job"]):
    """Named filters of jobs."""

    def asked_by(self, user: Any) -> "JobQuerySet":
        """The jobs this person asked for: nobody sees another's."""
        return self.filter(asked_by=user) if user and user.pk else self.none()

    def unfinished(self) -> "JobQuerySet":
        """Queued or running."""
        return self.filter(status__in=[Job.Status.QUEUED, Job.Status.RUNNING])


class Job(models.Model):
    """A background job: the row is the truth, Celery only the wake-up call."""

    class Status(models.TextChoices):
        """Where a job stands."""

        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("种类", max_length=60)
    parameters = models.JSONField("参数", default=dict, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name="提出人",
    )
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.QUEUED)
    progress = models.PositiveSmallIntegerField("进度", default=0)
    message = models.CharField("说明", max_length=300, blank=True)
    log = models.TextField("日志", blank=True)
    result = models.JSONField("结果", null=True, blank=True)
    result_file = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="结果文件"
    )
    error = models.TextField("错误", blank=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    unique_key = models.CharField("唯一键", max_length=200, blank=True)
    cancel_requested = models.BooleanField("要求取消", default=False)
    claim = models.UUIDField("领取凭证", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("提出时间", default=now, editable=False)
    claimed_at = models.DateTimeField("开始时间", null=True, blank=True)
    heartbeat_at = models.DateTimeField("最近心跳", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unique_key"],
                condition=Q(status__in=["queued", "running"]) & ~Q(unique_key=""),
                name="job_one_unfinished_per_key",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="job_progress_at_most_100"),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-created_at"], name="job_asked_by"),
            models.Index(
                fields=["status", "heartbeat_at"],
                condition=Q(status__in=["queued", "running"]),
                name="job_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What the job does, in words."""
        return label_of(self.kind)

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in (self.Status.DONE, self.Status.FAILED)


class MessageQuerySet(models.QuerySet["Message"]):
    """Named filters of messages."""

    def of(self, user: Any) -> "MessageQuerySet":
        """A person's own messages: nobody sees another's."""
        return self.filter(recipient=user) if user and user.pk else self.none()

    def unread(self) -> "MessageQuerySet":
        """Not opened yet."""
        return self.filter(read_at=None)

    def matching(self, text: str) -> "MessageQuerySet":
        """Those whose title or body contains a text."""
        return self.filter(Q(title__icontains=text) | Q(body__icontains=text))


class Message(models.Model):
    """One thing told to one person, once per occasion."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="messages", verbose_name="收件人"
    )
    occasion = models.CharField("事由", max_length=200)
    title = models.CharField("标题", max_length=200)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=300, blank=True)
    due = models.DateTimeField("期限", null=True, blank=True)
    created_at = models.DateTimeField("时间", default=now, editable=False)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "occasion"], name="message_once_per_occasion")
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="message_of"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="message_unread"),
        ]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """One message on its way out by one channel; claimed before it is sent, with its error kept."""

    class Channel(models.TextChoices):
        """The ways out."""

        EMAIL = "email", "电子邮件"
        ROBOT = "robot", "工作群机器人"

    class Status(models.TextChoices):
        """Where a delivery stands."""

        QUEUED = "queued", "待发送"
        SENDING = "sending", "发送中"
        SENT = "sent", "已发送"
        FAILED = "failed", "发送失败"

    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries", verbose_name="消息")
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    due_at = models.DateTimeField("最早发送时间", db_default=models.functions.Now())
    claim = models.UUIDField("领取凭证", null=True, blank=True, editable=False)
    error = models.TextField("错误", blank=True)
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "消息发送"
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="delivery_once_per_channel")
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(status__in=["queued", "sending"]), name="delivery_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}：{self.message_id}"


class AuditEntry(AppendOnly):
    """Who did what, when, from where, to what; names are frozen, since accounts and units change."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("时间", db_index=True)
    action = models.CharField("动作", max_length=60, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name="操作人",
    )
    actor_name = models.CharField("操作人姓名", max_length=80)
    actor_username = models.CharField("账号", max_length=60, blank=True)
    ip = models.GenericIPAddressField("来源地址", null=True)
    request_id = models.CharField("请求编号", max_length=64, blank=True, db_index=True)
    object_type = models.CharField("对象类型", max_length=60, blank=True)
    object_id = models.CharField("对象编号", max_length=60, blank=True)
    object_label = models.CharField("对象", max_length=200, blank=True)
    before = models.JSONField("之前", null=True)
    after = models.JSONField("之后", null=True)
    unit_name = models.CharField("单位", max_length=200, blank=True)
    unit_path = models.CharField("单位路径", max_length=200, blank=True, db_collation="C", db_index=True)
    note = models.TextField("备注", blank=True)
    seal = models.CharField("校验码", max_length=64, editable=False)

    class Meta(AppendOnly.Meta):
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ["-id"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action}"


class CalendarDay(models.Model):
    """An exception to the ordinary calendar: a holiday or a make-up working day, editable by the bureau."""

    date = models.DateField("日期", unique=True)
    is_working = models.BooleanField("上班")
    name = models.CharField("名称", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "节假日调整"
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {'上班' if self.is_working else '休息'}"


class DecisionBase(AppendOnly):
    """What was decided about one document, by whom, when, with which words; never changed afterwards.

    A concrete subclass adds `obj = ForeignKey(…, related_name="decisions")` and lets its Meta inherit from
    DecisionBase.Meta, which carries the append-only trigger.
    """

    action = models.CharField("动作", max_length=40)
    label = models.CharField("动作名称", max_length=40)
    verdict = models.CharField("结果", max_length=60)
    from_status = models.CharField("之前状态", max_length=40)
    to_status = models.CharField("之后状态", max_length=40)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="办理人",
    )
    actor_name = models.CharField("办理人姓名", max_length=80)
    at = models.DateTimeField("时间")
    comment = models.TextField("意见", blank=True)
    data = models.JSONField("附加内容", default=dict, blank=True)

    class Meta(AppendOnly.Meta):
        abstract = True
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.actor_name}{self.label}"
