"""A made-up document with a workflow, so that the mechanism is tested without any business noun."""

import pytest
from django.db import connection, models

from core import workflow
from core.crypto import EncryptedTextField
from core.errors import Invalid
from core.workflow import Action, DecisionBase, Move, Workflow


class Paper(models.Model):
    """A document that is drafted, sent and decided."""

    class Status(models.TextChoices):
        """Its states."""

        DRAFT = "draft", "草稿"
        SENT = "sent", "待审核"
        PASSED = "passed", "已通过"
        RETURNED = "returned", "已退回"
        CLOSED = "closed", "已结束"

    title = models.CharField(max_length=60)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    effects = models.IntegerField(default=0)
    clerks = models.JSONField(default=list)
    version = models.IntegerField(default=0)

    class Meta:
        app_label = "papers"
        verbose_name = "文稿"

    def __str__(self):
        return self.title

    def allows(self, user, capability):
        """Whoever the paper names as a clerk may do everything."""
        return user.username in self.clerks


class PaperDecision(DecisionBase):
    """The decisions about papers."""

    obj = models.ForeignKey(Paper, models.PROTECT, related_name="decisions")

    class Meta(DecisionBase.Meta):
        app_label = "papers"


class Sealed(models.Model):
    """A document with an encrypted field."""

    title = models.CharField(max_length=60)
    secret = EncryptedTextField(blank=True)
    note = EncryptedTextField(null=True, context="sealed.shared")

    class Meta:
        app_label = "papers"

    def __str__(self):
        return self.title


def _guard(paper: Paper, move: Move) -> None:
    if paper.title == "空":
        raise Invalid("标题不能为空。", errors={"title": ["请填写标题。"]})


def _count(paper: Paper, move: Move) -> None:
    Paper.objects.filter(pk=paper.pk).update(effects=models.F("effects") + 1)
    if move.data.get("explode"):
        raise RuntimeError("effect failed")


def _verdict(paper: Paper, move: Move) -> str:
    return move.data.get("to", Paper.Status.PASSED)


FLOW = Workflow(
    "paper",
    Paper.Status,
    (
        Action("submit", "提交", ("draft",), "sent", "paper.write", guard=_guard),
        Action(
            "decide", "审定", ("sent",), _verdict, "paper.decide", effect=_count,
            targets=("passed", "returned"), tone="success",
        ),
        Action("return", "退回", ("sent",), "returned", "paper.decide", needs_comment=True, tone="danger"),
        Action("submit", "重新提交", ("returned",), "sent", "paper.write", guard=_guard),
        Action("close", "结束", ("passed",), "closed", "", automatic=True),
    ),
    decision_model=PaperDecision,
)  # fmt: skip
workflow.register(Paper, FLOW)


@pytest.fixture
def papers(transactional_db):
    """The tables of papers, for as long as a test runs."""
    with connection.schema_editor() as editor:
        editor.create_model(Paper)
        editor.create_model(PaperDecision)
        editor.create_model(Sealed)
    for trigger in PaperDecision._meta.triggers:
        trigger.install(PaperDecision)
    yield Paper.objects
    with connection.schema_editor() as editor:
        editor.delete_model(Sealed)
        editor.delete_model(PaperDecision)
        editor.delete_model(Paper)
