"""Actions on a class: open, extend, settle and finish (both also by the clock), cancel."""

from __future__ import annotations

from datetime import datetime

from core.calendar import ZONE
from core.errors import Invalid, WrongMoment
from core.workflow import Action, Move, Workflow
from training.effects import classes as effects
from training.models import ClassDecision, TrainingClass

Status = TrainingClass.Status


def guard_open(training_class: TrainingClass, move: Move) -> None:
    """Enrolment can begin while its window and the class itself lie ahead."""
    if training_class.window_end <= move.at:
        raise Invalid("报名截止时间已经过去，请先修改。", errors={"enrol_until": ["报名截止时间已经过去。"]})
    if training_class.ends_on < move.at.date():
        raise Invalid("结束日期已经过去，请先修改。", errors={"ends_on": ["结束日期已经过去。"]})


def guard_extend(training_class: TrainingClass, move: Move) -> None:
    """The new end lies ahead, later than the present one, and no later than the first day."""
    if move.preview:
        return
    until, words = move.data.get("enrol_until"), ""
    if not isinstance(until, datetime) or until <= move.at:
        words = "请填写一个将来的报名截止时间。"
    elif until <= training_class.enrol_until:
        words = "新的报名截止时间须晚于原来的截止时间。"
    elif until.astimezone(ZONE).date() > training_class.starts_on:
        words = "报名截止时间不能晚于开班日期。"
    if words:
        raise Invalid(words, errors={"enrol_until": [words]})


def guard_settle(training_class: TrainingClass, move: Move) -> None:
    """By hand at any time; the system only when the window has passed."""
    if move.by is None and move.at < training_class.window_end:
        raise WrongMoment("报名尚未截止。")


def guard_finish(training_class: TrainingClass, move: Move) -> None:
    """By hand from the last day on, the system on the day after it."""
    day, last = move.at.date(), training_class.ends_on
    if day < last or (move.by is None and day == last):
        raise WrongMoment(f"培训班到{last.year}年{last.month}月{last.day}日结束，还不能办结。")


CLASS_FLOW = Workflow(
    "class",
    Status,
    (
        Action("open", "开始报名", (Status.DRAFT,), Status.OPEN, "class.manage",
               guard=guard_open, effect=effects.after_open),
        Action("extend", "延长报名时间", (Status.OPEN,), Status.OPEN, "class.manage",
               guard=guard_extend, columns=effects.extend_columns, effect=effects.after_extend,
               needs_comment=True, tone="secondary"),
        Action("settle", "确定名单", (Status.OPEN,), Status.SETTLED, "class.manage",
               guard=guard_settle, effect=effects.after_settle, automatic=True),
        Action("finish", "办结", (Status.SETTLED,), Status.FINISHED, "class.manage",
               guard=guard_finish, tone="success", automatic=True),
        Action("cancel", "取消培训班", (Status.DRAFT, Status.OPEN, Status.SETTLED), Status.CANCELLED,
               "class.manage", effect=effects.after_cancel, needs_comment=True, tone="danger"),
    ),
    decision_model=ClassDecision,
)  # fmt: skip
