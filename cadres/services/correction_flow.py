"""Actions on a request for correction: the asker submits, supplements, withdraws; HR accepts, returns, declines.

Accepting writes the record through the same services as HR's own forms, in the same transaction.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.models import User
from accounts.scope import may_on, users_who_may
from cadres.fields import fields_for
from cadres.models import Correction, CorrectionDecision
from cadres.services.appointments import correct_appointment, record_appointment
from cadres.services.askable import ASKABLE, guard_of_kind, model_of, subject_for
from cadres.services.compared import moved_in, names_of, target_of, wished, words_of_moved
from cadres.services.family import is_kin_of
from cadres.services.histories import add_history, edit_history
from cadres.services.people import edit_cadre, set_photo
from core.calendar import add_working_days
from core.errors import NotAllowed, WrongMoment
from core.inbox import NewMessage, send_many
from core.workflow import Action, Move, Workflow, register

Status = Correction.Status
# No source gives the period: HR sees it as a due date, nothing happens by itself when it passes.
DAYS_TO_CHECK = 15
ACCEPTING = ("accept", "accept_over")


def may_read(user: Any, correction: Correction) -> bool:
    """Whether a user may read what a request says: the asker, and whoever sees and keeps these data."""
    if correction.allows(user, "own"):
        return True
    if not may_on(user, "cadre.edit", correction.cadre):
        return False
    return guard_of_kind(correction.kind, names_of(correction)) <= fields_for(user, correction.cadre)


def guard_verdict(correction: Correction, move: Move) -> None:
    """Nobody decides on their own record or their kin's (回避), nor on what they may not read."""
    if correction.allows(move.by, "own"):
        raise NotAllowed("这是您本人的申请，应当由他人办理。")
    if is_kin_of(move.by, correction.cadre):
        raise NotAllowed("申请人是您的亲属，应当回避。")
    if not may_read(move.by, correction):
        raise NotAllowed("您没有查看这项内容的权限。")


def guard_accept(correction: Correction, move: Move) -> None:
    """There must still be something to correct, and nobody has written something newer in the meantime."""
    _guard_writing(correction, move)
    if moved_in(correction):
        raise WrongMoment(
            f"申请提出之后，{words_of_moved(correction)}在档案中已改过。请对照三栏核实：确实要改写的，选“仍按申请改写”并写明理由。"
        )


def guard_accept_over(correction: Correction, move: Move) -> None:
    """Only what was changed in the meantime is written over, with the reason."""
    _guard_writing(correction, move)
    if not moved_in(correction):
        raise WrongMoment("档案在申请之后没有改过，直接采纳即可。")


def _guard_writing(correction: Correction, move: Move) -> None:
    guard_verdict(correction, move)
    if correction.record_id is not None and target_of(correction) is None:
        raise WrongMoment("原来的记录已经删除，请不予采纳，或请本人申请补登。")


def apply(correction: Correction, move: Move) -> None:
    """Write what was asked for; a refusal of the services undoes the whole action."""
    kind, values = correction.kind, wished(correction)
    record, by = target_of(correction), move.by
    if kind == Correction.PHOTO:
        set_photo(cadre=correction.cadre, photo=correction.photo, by=by)
    elif kind == Correction.BASIC:
        edit_cadre(cadre=correction.cadre, by=by, **values)
    elif kind == "appointment" and record is None:
        record_appointment(cadre=correction.cadre, by=by, **values)
    elif kind == "appointment":
        correct_appointment(appointment=record, by=by, **values)
    elif record is None:
        add_history(model_of(kind), cadre=correction.cadre, by=by, **values, **ASKABLE[kind].given)
    else:
        edit_history(record=record, by=by, **values)
    tell_asker(correction, move)


def submit_columns(correction: Correction, move: Move) -> dict[str, Any]:
    """The period starts anew with every submission, the request with the first; what was typed is what is wished."""
    first = {"created_at": move.at} if correction.status == Status.DRAFT else {}
    return {"due": add_working_days(move.at.date(), DAYS_TO_CHECK), "typed": "", **first}


def tell_hr(correction: Correction, move: Move) -> None:
    """Those who keep the record; the message doesn't say what of it is wrong."""
    people = users_who_may("cadre.edit", correction.cadre.unit).exclude(cadre=correction.cadre)
    at = f"{move.at:%Y%m%d%H%M%S%f}"
    send_many(
        NewMessage(
            person, f"correction:{correction.pk}:submitted:{at}", f"{correction.cadre.name}申请更正档案",
            "请核对证明材料后办理。", url_of(correction), correction.due,
        )
        for person in people
    )  # fmt: skip


def tell_asker(correction: Correction, move: Move) -> None:
    """The asker hears of every verdict."""
    user: User | None = correction.cadre.user
    if user is None:
        return
    subject = subject_for(correction.kind, correction.record_id)
    accepted = f"您申请“{subject}”，已核实采纳，档案已更新。"
    title, words = {
        "accept": ("您的档案更正申请已采纳", accepted),
        "accept_over": ("您的档案更正申请已采纳", accepted),
        "decline": ("您的档案更正申请未予采纳", f"您申请“{subject}”，没有采纳：{move.comment}"),
        "return": ("您的档案更正申请需要补充", f"您申请“{subject}”，请补充后重新提交：{move.comment}"),
    }[move.action.name]
    at = f"{move.at:%Y%m%d%H%M%S%f}"
    send_many([NewMessage(
        user, f"correction:{correction.pk}:{move.action.name}:{at}", title, words, url_of(correction),
    )])  # fmt: skip


def url_of(correction: Correction) -> str:
    """The request's page."""
    return reverse("correction-detail", args=[correction.pk])


CORRECTION_FLOW = Workflow(
    "correction",
    Status,
    (
        Action("submit", "提交", (Status.DRAFT,), Status.SUBMITTED, "own", columns=submit_columns, effect=tell_hr),
        Action("submit", "重新提交", (Status.RETURNED,), Status.SUBMITTED, "own", columns=submit_columns,
               effect=tell_hr, tone="secondary"),
        Action("accept", "采纳", (Status.SUBMITTED,), Status.ACCEPTED, "cadre.edit", guard=guard_accept,
               effect=apply, tone="success"),
        Action("accept_over", "仍按申请改写", (Status.SUBMITTED,), Status.ACCEPTED, "cadre.edit",
               guard=guard_accept_over, effect=apply, needs_comment=True, tone="secondary"),
        Action("return", "退回补充", (Status.SUBMITTED,), Status.RETURNED, "cadre.edit", guard=guard_verdict,
               effect=tell_asker, needs_comment=True, tone="secondary"),
        Action("decline", "不予采纳", (Status.SUBMITTED,), Status.DECLINED, "cadre.edit", guard=guard_verdict,
               effect=tell_asker, needs_comment=True, tone="danger"),
        Action("withdraw", "撤回", (Status.SUBMITTED, Status.RETURNED), Status.WITHDRAWN, "own", tone="secondary"),
    ),
    decision_model=CorrectionDecision,
)  # fmt: skip
register(Correction, CORRECTION_FLOW)
