"""The workflow: one writer of a status, one winner of a race, nothing left behind by a refusal."""

import time

import pytest
from django.db import transaction

from core import audit, workflow
from core.errors import Invalid, NotAllowed, WrongMoment
from core.models import AuditEntry
from core.workflow import Action, Workflow, open_to, take
from tests.core.conftest import at_once
from tests.core.papers import FLOW, Paper, PaperDecision

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paper(papers, someone):
    """A draft that someone may work on."""
    return papers.create(title="一份文稿", clerks=["someone"])


def unchanged(paper, status="draft"):
    """Whether nothing was written: row, decisions and trail as before."""
    fresh = Paper.objects.get(pk=paper.pk)
    kept = (fresh.status, fresh.version, fresh.effects) == (status, 0, 0)
    return kept and not PaperDecision.objects.exists() and not AuditEntry.objects.exists()


def test_take_writes_status_decision_and_audit(paper, someone):
    decision = take(paper, "submit", by=someone, comment="  请审核  ", urgent=True)

    assert paper.status == "sent"
    assert (decision.action, decision.label, decision.verdict) == ("submit", "提交", "待审核")
    assert (decision.from_status, decision.to_status) == ("draft", "sent")
    assert (decision.actor, decision.actor_name, decision.comment) == (someone, "王小明", "请审核")
    assert decision.data == {"urgent": True}
    entry = AuditEntry.objects.get()
    assert entry.action == "paper.submit"
    assert audit.wording(entry.action) == "文稿：提交"
    assert (entry.before, entry.after) == ({"status": "draft"}, {"status": "sent"})
    assert entry.object_label == "一份文稿"
    assert paper.version == 1


def test_take_reads_the_status_afresh(paper, someone):
    stale = Paper.objects.get(pk=paper.pk)
    take(paper, "submit", by=someone)

    with pytest.raises(WrongMoment) as refusal:
        take(stale, "submit", by=someone)

    assert refusal.value.status == 409
    assert refusal.value.message == "已被王小明办理（提交），当前状态：待审核。"
    assert PaperDecision.objects.count() == 1


def test_take_of_an_action_from_another_state_says_what_the_state_is(paper, someone):
    with pytest.raises(WrongMoment, match="当前状态是“草稿”，不能“退回”。"):
        take(paper, "return", by=someone, comment="不行")
    with pytest.raises(WrongMoment, match="不能这样办理"):
        take(paper, "no-such-action", by=someone)
    assert unchanged(paper)


def test_two_at_once_have_one_winner(paper, someone, other):
    Paper.objects.filter(pk=paper.pk).update(clerks=["someone", "other"], status="sent")

    outcomes = at_once(
        *[
            lambda person=person: take(Paper.objects.get(pk=paper.pk), "decide", by=person)
            for person in (someone, other) * 3
        ]
    )

    refused = [each for each in outcomes if isinstance(each, WrongMoment)]
    assert len(refused) == 5
    assert PaperDecision.objects.filter(obj=paper).count() == 1
    assert Paper.objects.get(pk=paper.pk).effects == 1
    assert all("当前状态：已通过" in each.message for each in refused)


def test_without_the_lock_two_would_win(paper, someone, monkeypatch):
    """The companion: with the row lock taken away the race is lost, so the test above can fail."""
    Paper.objects.filter(pk=paper.pk).update(status="sent")
    monkeypatch.setattr(
        "django.db.models.query.QuerySet.select_for_update", lambda self, **kwargs: self._chain()
    )
    original = workflow._require_allowed
    monkeypatch.setattr(workflow, "_require_allowed", lambda *args: (time.sleep(0.3), original(*args)))

    at_once(*[lambda: take(Paper.objects.get(pk=paper.pk), "decide", by=someone)] * 2)

    assert PaperDecision.objects.filter(obj=paper).count() == 2


def test_refused_by_capability_writes_nothing(paper, other):
    with pytest.raises(NotAllowed, match="您没有“提交”的权限"):
        take(paper, "submit", by=other)
    assert unchanged(paper)


def test_nobody_is_not_everybody(paper):
    with pytest.raises(NotAllowed):
        take(paper, "submit", by=None)
    assert unchanged(paper)


def test_an_inactive_account_is_refused(paper, someone):
    someone.is_active = False
    with pytest.raises(NotAllowed):
        take(paper, "submit", by=someone)
    assert unchanged(paper)


def test_the_system_takes_automatic_actions_only(paper, someone):
    Paper.objects.filter(pk=paper.pk).update(status="passed")
    with pytest.raises(NotAllowed):
        take(paper, "close", by=someone)

    decision = take(paper, "close", by=None)

    assert (decision.actor, decision.actor_name) == (None, "系统")
    assert AuditEntry.objects.get().actor_name == "系统"


def test_guard_refusal_writes_nothing(paper, someone):
    Paper.objects.filter(pk=paper.pk).update(title="空")
    with pytest.raises(Invalid) as refusal:
        take(paper, "submit", by=someone)
    assert refusal.value.errors == {"title": ["请填写标题。"]}
    assert unchanged(paper)


def test_a_failing_effect_takes_everything_back(paper, someone):
    Paper.objects.filter(pk=paper.pk).update(status="sent")
    with pytest.raises(RuntimeError):
        take(paper, "decide", by=someone, explode=True)
    assert unchanged(paper, "sent")


def test_a_comment_may_be_required(paper, someone):
    Paper.objects.filter(pk=paper.pk).update(status="sent")
    with pytest.raises(Invalid) as refusal:
        take(paper, "return", by=someone, comment="   ")
    assert "comment" in refusal.value.errors
    assert unchanged(paper, "sent")


def test_a_computed_target_and_two_actions_of_one_name(paper, someone):
    take(paper, "submit", by=someone)
    take(paper, "decide", by=someone, to="returned")
    assert paper.status == "returned"
    decision = take(paper, "submit", by=someone)
    assert (paper.status, decision.label) == ("sent", "重新提交")


def test_a_computed_target_outside_its_list_is_a_fault(paper, someone):
    Paper.objects.filter(pk=paper.pk).update(status="sent")
    with pytest.raises(ValueError, match="doesn't list"):
        take(paper, "decide", by=someone, to="closed")
    assert unchanged(paper, "sent")


def test_open_to_shows_buttons_with_reasons(paper, someone, other):
    assert [(each.name, each.refusal) for each in open_to(paper, someone)] == [("submit", "")]
    assert open_to(paper, other) == []
    assert open_to(paper, None) == []
    paper.title = "空"
    assert open_to(paper, someone)[0].refusal == "标题不能为空。"


def test_the_decision_rolls_back_with_the_caller(paper, someone):
    with transaction.atomic():
        take(paper, "submit", by=someone)
        transaction.set_rollback(True)
    assert unchanged(paper)


@pytest.mark.parametrize(
    "action, complaint",
    [
        (Action("a", "甲", ("nowhere",), "sent", "x"), "unknown states"),
        (Action("a", "甲", ("draft",), "nowhere", "x"), "unknown states"),
        (Action("a", "甲", ("draft",), lambda obj, move: "sent", "x"), "lists no targets"),
    ],
)
def test_a_workflow_that_makes_no_sense_does_not_start(action, complaint):
    with pytest.raises(ValueError, match=complaint):
        Workflow("odd", Paper.Status, [action])


def test_two_actions_of_one_name_from_one_state_do_not_start():
    twice = [Action("a", "甲", ("draft",), "sent", "x"), Action("a", "乙", ("draft",), "passed", "x")]
    with pytest.raises(ValueError, match="two actions"):
        Workflow("odd", Paper.Status, twice)


def test_a_model_has_one_workflow():
    assert workflow.workflow_of(Paper) is FLOW
    with pytest.raises(ValueError, match="has a workflow"):
        workflow.register(Paper, Workflow("second", Paper.Status, []))
