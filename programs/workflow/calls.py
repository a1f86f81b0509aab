"""Actions on a call: open, close (also by the clock), extend, finish."""

from __future__ import annotations

from datetime import date, datetime

from cadres.facts import FACTS
from core.errors import Invalid, WrongMoment
from core.workflow import Action, Move, Workflow
from programs.effects import calls as effects
from programs.eligibility import required_text
from programs.models import Call, CallDecision, CallStep, Nomination

Status = Call.Status


def guard_open(call: Call, move: Move) -> None:
    """A call can open when its steps, rules, window and places make sense."""
    problems: dict[str, list[str]] = {}
    if call.is_template:
        raise WrongMoment("这是方案模板，请先据此建立征集。")
    kinds = list(call.steps.order_by("order").values_list("kind", flat=True))
    if not kinds or kinds[0] != CallStep.Kind.RECOMMEND or CallStep.Kind.DECIDE not in kinds:
        problems["steps"] = ["办理步骤须从“推荐”开始，并包括“决定”。"]
    if call.window_end <= move.at:
        problems["closes_at"] = ["截止时间已经过去。"]
    if call.list_due and call.list_due < call.closes_at.astimezone(move.at.tzinfo).date():
        problems["list_due"] = ["名单报送截止不能早于学校提交的截止时间。"]
    if call.places_account is None:
        problems["places_account"] = ["请设定本年度名额。"]
    unknown = [rule.name for rule in call.rules.exclude(fact="") if rule.fact not in FACTS]
    if unknown:
        problems["rules"] = [f"这些条件的指标不存在：{'、'.join(unknown)}。"]
    else:
        broken = [rule.name for rule in call.rules.exclude(fact="") if not required_text(rule)]
        if broken:
            problems["rules"] = [f"这些条件没有填写要求的值：{'、'.join(broken)}。"]
    if problems:
        raise Invalid("征集还不能开始：" + "".join(text for each in problems.values() for text in each),
                      errors=problems)  # fmt: skip


def guard_close(call: Call, move: Move) -> None:
    """By hand at any time; the system only when the window has passed."""
    if move.by is None and move.at < call.window_end:
        raise WrongMoment("征集尚未到截止时间。")


def guard_extend(call: Call, move: Move) -> None:
    """The new end lies ahead; the lists can't be due before it."""
    if move.preview:
        return
    closes_at, list_due = move.data.get("closes_at"), move.data.get("list_due") or call.list_due
    if not isinstance(closes_at, datetime) or closes_at <= move.at:
        raise Invalid("请填写一个将来的截止时间。", errors={"closes_at": ["截止时间须在将来。"]})
    if closes_at <= call.opens_at:
        raise Invalid("截止时间须晚于开始时间。", errors={"closes_at": ["截止时间须晚于开始时间。"]})
    if isinstance(list_due, date) and list_due < closes_at.astimezone(move.at.tzinfo).date():
        words = "名单报送截止不能早于学校提交的截止时间，请一并延长。"
        raise Invalid(words, errors={"list_due": [words]})


def guard_extend_list(call: Call, move: Move) -> None:
    """A later day for the lists of a call that has such a step; the schools' window stays as it is."""
    if not call.steps.filter(kind=CallStep.Kind.LIST).exists():
        raise WrongMoment("本次征集没有名单报送。")
    if move.preview:
        return
    due = move.data.get("list_due")
    words = ""
    if not isinstance(due, date) or due < move.at.date():
        words = "名单报送截止须是今天或以后的日期。"
    elif due < call.closes_at.astimezone(move.at.tzinfo).date():
        words = "名单报送截止不能早于学校提交的截止时间。"
    if words:
        raise Invalid(words, errors={"list_due": [words]})


def guard_finish(call: Call, move: Move) -> None:
    """Every case has to have its answer first."""
    States = Nomination.Status
    unsettled = Nomination.objects.filter(
        call=call,
        status__in=[States.SUBMITTED, States.IN_REVIEW, States.RETURNED, States.PUBLICISED],
    ).count()
    if unsettled:
        raise WrongMoment(f"还有 {unsettled} 份推荐没有办完，不能办结。")


CALL_FLOW = Workflow(
    "call",
    Status,
    (
        Action("open", "开始征集", (Status.DRAFT,), Status.OPEN, "call.manage",
               guard=guard_open, effect=effects.after_open),
        Action("close", "截止", (Status.OPEN,), Status.CLOSED, "call.manage",
               guard=guard_close, automatic=True, tone="secondary"),
        Action("extend", "延长截止时间", (Status.OPEN, Status.CLOSED), Status.OPEN, "call.manage",
               guard=guard_extend, columns=effects.extend_columns, effect=effects.after_extend,
               needs_comment=True, tone="secondary"),
        Action("extend_list", "延长名单报送", (Status.OPEN, Status.CLOSED), effects.stay_put, "call.manage",
               guard=guard_extend_list, columns=effects.extend_list_columns,
               effect=effects.after_extend_list, needs_comment=True, tone="secondary",
               targets=(Status.OPEN, Status.CLOSED)),
        Action("finish", "办结", (Status.CLOSED,), Status.FINISHED, "call.manage",
               guard=guard_finish, effect=effects.after_finish, tone="success"),
    ),
    decision_model=CallDecision,
)  # fmt: skip
