"""Actions on a round: open, extend, close (also by the clock), publish, cancel; what has closed never opens again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from assessment.effects import rounds as effects
from assessment.models import Instrument, Round, RoundDecision
from core.errors import Invalid, WrongMoment
from core.workflow import Action, Move, Workflow

Status = Round.Status
WHOLE = Decimal(100)
_NAMES_SHOWN = 3


def guard_open(round: Round, move: Move) -> None:
    """A round can open when everybody who is rated has raters, and instrument, relations and window make sense."""
    problems: dict[str, list[str]] = {}
    if round.instrument.status != Instrument.Status.PUBLISHED:
        problems["instrument"] = ["量表还没有定稿，或者已经停用。"]
    if round.window_end <= move.at:
        problems["closes_at"] = ["截止时间已经过去。"]
    if (round.relations.aggregate(sum=Sum("weight"))["sum"] or 0) != WHOLE:
        problems["relations"] = ["评价关系的权重合计须为 100%。"]
    if not round.subjects.exists():
        problems["subjects"] = ["还没有评价对象。"]
    unrated = round.subjects.filter(invitations=None).select_related("cadre")
    if count := unrated.count():
        names = "、".join(each.cadre.name for each in unrated[:_NAMES_SHOWN])
        problems["invitations"] = [
            f"{count} 人（{names}{'等' if count > _NAMES_SHOWN else ''}）还没有评价人。"
        ]
    if problems:
        raise Invalid("评价还不能开始：" + "".join(text for each in problems.values() for text in each),
                      errors=problems)  # fmt: skip


def guard_extend(round: Round, move: Move) -> None:
    """The new end lies ahead and later than the one before: raters were told the old one."""
    if move.preview:
        return
    closes_at = move.data.get("closes_at")
    if not isinstance(closes_at, datetime) or closes_at <= max(move.at, round.closes_at):
        words = "新的截止时间须晚于现在和原来的截止时间。"
        raise Invalid(words, errors={"closes_at": [words]})


def guard_close(round: Round, move: Move) -> None:
    """By hand at any time; the system only when the window has passed."""
    if move.by is None and move.at < round.window_end:
        raise WrongMoment("评价尚未到截止时间。")


ROUND_FLOW = Workflow(
    "round",
    Status,
    (
        Action("open", "开始评价", (Status.DRAFT,), Status.OPEN, "round.manage",
               guard=guard_open, effect=effects.after_open),
        Action("extend", "延长截止时间", (Status.OPEN,), Status.OPEN, "round.manage", guard=guard_extend,
               columns=effects.extend_columns, effect=effects.after_extend, needs_comment=True,
               tone="secondary"),
        Action("close", "截止并计算结果", (Status.OPEN,), Status.CLOSED, "round.manage",
               guard=guard_close, effect=effects.after_close, automatic=True, tone="danger"),
        Action("publish", "公布结果", (Status.CLOSED,), Status.PUBLISHED, "round.manage",
               effect=effects.after_publish, tone="success", asks=True),
        Action("cancel", "取消评价", (Status.DRAFT,), Status.CANCELLED, "round.manage", needs_comment=True,
               tone="danger"),
        Action("cancel", "取消评价", (Status.OPEN,), Status.CANCELLED, "round.manage",
               effect=effects.after_cancel, needs_comment=True, tone="danger"),
    ),
    decision_model=RoundDecision,
)  # fmt: skip
