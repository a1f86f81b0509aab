"""Actions on a written appraisal: the host files it, HR may ask for another version."""

from __future__ import annotations

from datetime import timedelta

from core.calendar import today
from core.errors import Invalid, WrongMoment
from core.workflow import Action, Move, Workflow
from programs.avoidance import require_unrelated
from programs.effects import participations as effects
from programs.models import Appraisal, AppraisalDecision, Participation

Status = Appraisal.Status
# An appraisal speaks about the whole stay: it may be filed from its last week on.
FILED_EARLIEST = timedelta(days=7)
OF_ONESELF = "这是对您本人的鉴定，应当回避。"


def guard_file(appraisal: Appraisal, move: Move) -> None:
    """Signed by host or guide, not before the last week, with a grade and every heading written."""
    require_unrelated(move.by, appraisal.participation.cadre, OF_ONESELF)
    earliest = appraisal.stint.end - FILED_EARLIEST
    if today() < earliest:
        raise WrongMoment(f"挂职尚未结束，请在{earliest.year}年{earliest.month}月{earliest.day}日以后提交。")
    errors: dict[str, list[str]] = {}
    if not appraisal.grade:
        errors["grade"] = ["请选择等次。"]
    empty = [each.heading for each in appraisal.sections.all() if not each.text.strip()]
    if empty:
        errors["sections"] = [f"还没有填写：{'、'.join(empty)}。"]
    if errors:
        raise Invalid("".join(text for texts in errors.values() for text in texts), errors=errors)


def guard_return(appraisal: Appraisal, move: Move) -> None:
    """Until the undertaking is completed; never by the person it is about, nor by kin."""
    require_unrelated(move.by, appraisal.participation.cadre, OF_ONESELF)
    if appraisal.participation.status == Participation.Status.COMPLETED:
        raise WrongMoment("培养经历已办结，鉴定不能再退回。")


APPRAISAL_FLOW = Workflow(
    "appraisal",
    Status,
    (
        Action("file", "提交", (Status.DRAFT, Status.RETURNED), Status.FILED, "appraisal.file",
               guard=guard_file, columns=effects.file_columns, effect=effects.after_file),
        Action("return", "退回", (Status.FILED,), Status.RETURNED, "participation.place",
               guard=guard_return, effect=effects.after_return, needs_comment=True, tone="secondary"),
    ),
    decision_model=AppraisalDecision,
)  # fmt: skip
