"""Actions on a request for correction: the asker submits, supplements, withdraws; HR accepts, returns, declines.

Accepting writes the record through the same services as HR's own forms, in the same transaction.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.models import User
from accounts.scope import may_on, users_who_may
from cadres.fields import fields_for
from cadres.kinds import KINDS
from cadres.models import Appointment, Cadre, Correction, CorrectionDecision
from cadres.services.appointments import correct_appointment
from cadres.services.family import is_kin_of
from cadres.services.histories import add_history, edit_history
from cadres.services.people import edit_cadre
from cadres.services.wanted import unpack
from core.calendar import add_working_days
from core.errors import NotAllowed, WrongMoment
from core.inbox import NewMessage, send_many
from core.workflow import Action, Move, Workflow, register

Status = Correction.Status
# No source gives the period: HR sees it as a due date, nothing happens by itself when it passes.
DAYS_TO_CHECK = 15


def model_of(kind: str) -> type[Any]:
    """The table a request is about."""
    if kind == Correction.BASIC:
        return Cadre
    return Appointment if kind == "appointment" else KINDS[kind].model


def target_of(correction: Correction) -> Any:
    """The record a request is about; None where it asks for a new entry or the entry is gone."""
    if correction.kind == Correction.BASIC:
        return correction.cadre
    if correction.record_id is None:
        return None
    return (
        model_of(correction.kind).objects.filter(cadre=correction.cadre_id, pk=correction.record_id).first()
    )


def guard_of_kind(kind: str, names: Any) -> frozenset[str]:
    """The names in cadres.fields that say who may see what a request asks for."""
    if kind == Correction.BASIC:
        return frozenset({"work" if name == "work_start" else name for name in names})
    return frozenset({"posts" if kind == "appointment" else KINDS[kind].guard})


def may_read(user: Any, correction: Correction) -> bool:
    """Whether a user may read what a request says: the asker, and whoever sees and keeps these data."""
    if correction.allows(user, "own"):
        return True
    if not may_on(user, "cadre.edit", correction.cadre):
        return False
    names = unpack_names(correction)
    return guard_of_kind(correction.kind, names) <= fields_for(user, correction.cadre)


def unpack_names(correction: Correction) -> list[str]:
    """The fields a request names."""
    return list(unpack(model_of(correction.kind), correction.wanted))


def guard_verdict(correction: Correction, move: Move) -> None:
    """Nobody decides on their own record or their kin's (回避), nor on what they may not read."""
    if correction.allows(move.by, "own"):
        raise NotAllowed("这是您本人的申请，应当由他人办理。")
    if is_kin_of(move.by, correction.cadre):
        raise NotAllowed("申请人是您的亲属，应当回避。")
    if not may_read(move.by, correction):
        raise NotAllowed("您没有查看这项内容的权限。")


def guard_accept(correction: Correction, move: Move) -> None:
    """There must still be something to correct."""
    guard_verdict(correction, move)
    if correction.record_id is not None and target_of(correction) is None:
        raise WrongMoment("原来的记录已经删除，请不予采纳，或请本人申请补登。")


def apply(correction: Correction, move: Move) -> None:
    """Write what was asked for; a refusal of the services undoes the whole action."""
    values = unpack(model_of(correction.kind), correction.wanted)
    record, by = target_of(correction), move.by
    if correction.kind == Correction.BASIC:
        edit_cadre(cadre=correction.cadre, by=by, **values)
    elif correction.kind == "appointment":
        correct_appointment(appointment=record, by=by, **values)
    elif record is None:
        add_history(model_of(correction.kind), cadre=correction.cadre, by=by, **values)
    else:
        edit_history(record=record, by=by, **values)
    tell_asker(correction, move)


def submit_columns(correction: Correction, move: Move) -> dict[str, Any]:
    """The period starts anew with every submission."""
    return {"due": add_working_days(move.at.date(), DAYS_TO_CHECK)}


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
    words = {
        "accept": "您申请更正的内容已核实采纳，档案已更新。",
        "decline": f"您的更正申请未予采纳：{move.comment}",
        "return": f"您的更正申请需要补充：{move.comment}",
    }[move.action.name]
    at = f"{move.at:%Y%m%d%H%M%S%f}"
    send_many([NewMessage(
        user, f"correction:{correction.pk}:{move.action.name}:{at}", "您的档案更正申请有了结果", words, url_of(correction),
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
               effect=tell_hr),
        Action("accept", "采纳", (Status.SUBMITTED,), Status.ACCEPTED, "cadre.edit", guard=guard_accept,
               effect=apply, tone="success"),
        Action("return", "退回补充", (Status.SUBMITTED,), Status.RETURNED, "cadre.edit", guard=guard_verdict,
               effect=tell_asker, needs_comment=True, tone="secondary"),
        Action("decline", "不予采纳", (Status.SUBMITTED,), Status.DECLINED, "cadre.edit", guard=guard_verdict,
               effect=tell_asker, needs_comment=True, tone="danger"),
        Action("withdraw", "撤回", (Status.SUBMITTED, Status.RETURNED), Status.WITHDRAWN, "own", tone="secondary"),
    ),
    decision_model=CorrectionDecision,
)  # fmt: skip
register(Correction, CORRECTION_FLOW)
