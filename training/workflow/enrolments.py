"""Actions on an enrolment: the school's consent or refusal, withdrawal, and what the system does by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.scope import may_on
from cadres.avoidance import require_unrelated
from cadres.models import Cadre
from core.errors import WrongMoment
from core.workflow import Action, Move, Workflow
from training import consent, places
from training.effects import enrolments as effects
from training.messages import chinese
from training.models import Enrolment, EnrolmentDecision, TrainingClass

Status = Enrolment.Status
Of = TrainingClass.Status


def _class_of(enrolment: Enrolment, move: Move) -> TrainingClass:
    """The class as it is now: locked before anything is counted, only read for a button."""
    if not move.preview:
        enrolment.training_class = places.lock_class(enrolment.training_class_id)
    return enrolment.training_class


def require_taking(training_class: TrainingClass, by: Any, at: datetime) -> None:
    """Refuse outside the window, but for a late entry (补录) by those who hold the class, within its places.

    `by` is None where no late entry comes into question. Raises WrongMoment with the reason.
    """
    if training_class.takes_at(at):
        return
    over = training_class.status == Of.OPEN and at >= training_class.window_end
    late = over or training_class.status == Of.SETTLED
    if late and at.date() <= training_class.ends_on and may_on(by, "class.manage", training_class):
        places.require_place(training_class)
        return
    raise WrongMoment(closed_words(training_class, at))


def closed_words(training_class: TrainingClass, at: datetime) -> str:
    """Say why the class takes nobody at a moment."""
    if training_class.status == Of.CANCELLED:
        return "培训班已取消。"
    if training_class.status == Of.SETTLED and at < training_class.window_end:
        return "名单已定，不再接受报名。"
    if training_class.status == Of.DRAFT or at < training_class.enrol_from:
        return f"报名尚未开始（{chinese(training_class.enrol_from)}起）。"
    return f"报名已于{chinese(training_class.enrol_until)}截止。"


def guard_approve(enrolment: Enrolment, move: Move) -> None:
    """In the window to the second, by somebody who may consent to this person, for somebody in service."""
    consent.require_consent(move.by, enrolment)
    require_taking(_class_of(enrolment, move), move.by, move.at)
    require_in_service(enrolment.cadre)


def guard_refuse(enrolment: Enrolment, move: Move) -> None:
    """The same hands as for consent; late is no reason to leave somebody without an answer."""
    consent.require_consent(move.by, enrolment)


def guard_withdraw(enrolment: Enrolment, move: Move) -> None:
    """Until the class is over; one's own enrolment, or as the person's school, but not that of kin."""
    if enrolment.cadre.user_id != move.by.pk:
        require_unrelated(move.by, enrolment.cadre, kin_words=consent.OF_KIN)
    training_class = _class_of(enrolment, move)
    if training_class.status not in (Of.OPEN, Of.SETTLED):
        raise WrongMoment(f"培训班{training_class.get_status_display()}，不能再退出。")


def guard_promote(enrolment: Enrolment, move: Move) -> None:
    """A place is free, and the person is still in service."""
    places.require_place(_class_of(enrolment, move))
    require_in_service(enrolment.cadre)


def require_in_service(cadre: Cadre) -> None:
    """Whoever has left service takes no place. Raises WrongMoment."""
    if not Cadre.objects.in_service().filter(pk=cadre.pk).exists():
        raise WrongMoment(f"{cadre.name}已不在职，不能录取。")


ENROLMENT_FLOW = Workflow(
    "enrolment",
    Status,
    (
        Action("approve", "同意报名", (Status.APPLIED,), effects.consent_target, consent.CAPABILITY,
               guard=guard_approve, columns=effects.consent_columns, effect=effects.after_settled,
               tone="success", targets=(Status.ENROLLED, Status.WAITING)),
        Action("refuse", "不同意", (Status.APPLIED,), Status.REFUSED, consent.CAPABILITY,
               guard=guard_refuse, effect=effects.after_settled, needs_comment=True, tone="danger"),
        Action("promote", "递补", (Status.WAITING,), Status.ENROLLED, "", automatic=True,
               guard=guard_promote, effect=effects.after_settled, tone="success"),
        Action("withdraw", "退出", Enrolment.LIVE, Status.WITHDRAWN, "enrolment.withdraw",
               guard=guard_withdraw, effect=effects.after_withdraw, needs_comment=True, tone="secondary"),
        Action("lapse", "未录取", (Status.APPLIED, Status.WAITING), Status.LAPSED, "", automatic=True,
               effect=effects.after_lapse),
    ),
    decision_model=EnrolmentDecision,
)  # fmt: skip
