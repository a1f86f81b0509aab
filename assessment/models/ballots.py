"""Invitations to rate, drafts while one writes, and sealed ballots (C4): no screen, no export, no admin.

Where a relation is anonymous, nothing stored leads from a ballot to its rater (docs/architecture.md): the
ballot carries no person, no time and a random key; the invitation only turns "used"; the draft is deleted.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import User
from assessment.models.rounds import Relation, Round, RoundSubject
from assessment.querysets import InvitationQuerySet
from core.crypto import EncryptedTextField


class Invitation(models.Model):
    """That a user is asked to rate a subject in one relation; deliberately without any time."""

    subject = models.ForeignKey(
        RoundSubject, models.CASCADE, related_name="invitations", verbose_name="评价对象"
    )
    relation = models.ForeignKey(
        Relation, models.CASCADE, related_name="invitations", verbose_name="评价关系"
    )
    rater = models.ForeignKey(User, models.PROTECT, related_name="invitations", verbose_name="评价人")
    used = models.BooleanField("已提交", default=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评价邀请"
        constraints = [
            models.UniqueConstraint(fields=["subject", "rater"], name="invited_once_a_subject"),
        ]
        indexes = [
            models.Index(fields=["rater", "used"], name="invitation_rater"),
            models.Index(fields=["relation", "subject"], name="invitation_relation"),
        ]

    def __str__(self) -> str:
        return f"{self.rater} {self.relation}"


class BallotDraft(models.Model):
    """What a rater has filled in so far: encrypted, the rater's alone, deleted on submission."""

    invitation = models.OneToOneField(
        Invitation, models.CASCADE, related_name="draft", verbose_name="评价邀请"
    )
    content = EncryptedTextField("内容")
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = verbose_name_plural = "评价草稿"

    def __str__(self) -> str:
        return "评价草稿"


class Ballot(models.Model):
    """One rater's answers on one subject: numbers in the order of the instrument's leaves, words encrypted."""

    key = models.UUIDField("编号", primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(RoundSubject, models.PROTECT, related_name="ballots", verbose_name="评价对象")
    relation = models.ForeignKey(Relation, models.PROTECT, related_name="ballots", verbose_name="评价关系")
    # A copy of the relation's flag, tied to it by a composite foreign key, so that the check below can hold.
    anonymous = models.BooleanField("匿名")
    invitation = models.OneToOneField(
        Invitation, models.PROTECT, null=True, related_name="ballot", verbose_name="评价邀请"
    )
    submitted_at = models.DateTimeField("提交时间", null=True)
    answers = ArrayField(
        models.DecimalField(max_digits=5, decimal_places=2, null=True), verbose_name="得分（百分制）"
    )
    comments = EncryptedTextField("文字意见", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "评价票"
        constraints = [
            models.CheckConstraint(
                condition=Q(anonymous=True, invitation=None, submitted_at=None)
                | Q(anonymous=False, invitation__isnull=False, submitted_at__isnull=False),
                name="ballot_anonymous_names_nobody",
            )
        ]
        indexes = [models.Index(fields=["relation", "subject"], name="ballot_relation")]

    def __str__(self) -> str:
        return "评价票"


class BallotDay(models.Model):
    """That somebody submitted anonymously in a round on a day, until the trail is told after the day's end.

    An audit entry written at once would say when: by its running number, which lies between those of entries
    with a time. So the entries of a day are written together, in random order, and these rows go.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="+", verbose_name="评价")
    rater = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="评价人")
    day = models.DateField("日期")

    class Meta:
        verbose_name = verbose_name_plural = "匿名提交日"
        constraints = [
            models.UniqueConstraint(fields=["round", "rater", "day"], name="ballot_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.day}"
