"""Actions on a nomination: who may take them when, and from which state to which."""

from __future__ import annotations

from datetime import date, datetime

from accounts.scope import may_on, paths
from cadres.models import Cadre
from core.calendar import ZONE, today
from core.errors import Invalid, NotAllowed, WrongMoment
from core.workflow import Action, Move, Workflow
from programs import places
from programs.avoidance import require_unrelated
from programs.effects import nominations as effects
from programs.eligibility import UNKNOWN, Mode, evaluate, obstacles, unmet_required, visible_verdicts
from programs.models import Call, CallStep, Nomination, NominationDecision, Participation
from programs.routing import (
    Kind,
    acted_elsewhere,
    central_of,
    first_step,
    is_last_decision,
    next_step,
    publicity_end,
)

Status = Nomination.Status
_UNDER_WAY = (Status.SUBMITTED, Status.IN_REVIEW)


def guard_hands(nomination: Nomination, move: Move, step: CallStep | None) -> None:
    """Nobody decides their own or kin's case (回避), nobody acts at two steps of one case."""
    if move.by is None:
        return
    require_unrelated(move.by, nomination.cadre)
    other = acted_elsewhere(nomination, move.by, step)
    if other is not None:
        raise NotAllowed(f"您已在“{other.name}”步骤办理过这份推荐，须由他人办理。")


def guard_step(nomination: Nomination, move: Move) -> None:
    """What holds for every verdict at a step: clean hands, and a call that is still being dealt with."""
    if nomination.call.status == Call.Status.FINISHED:
        raise WrongMoment("本次征集已办结。")
    guard_hands(nomination, move, nomination.step)


def guard_submit(nomination: Nomination, move: Move) -> None:
    """Within the window to the second, within the quota, once per person and year, complete.

    The call is locked first, so that neither its closing nor another submission comes in between.
    """
    call = nomination.call if move.preview else places.lock_call(nomination.call_id)
    if not call.takes_at(move.at):
        raise WrongMoment(_window_words(call, move.at))
    guard_hands(nomination, move, first_step(nomination))
    _require_in_service(nomination)
    if nomination.cadre and nomination.cadre.unit_id != nomination.unit_id:
        raise WrongMoment(f"{nomination.cadre}已不在{nomination.unit.name}，请由现单位另行推荐。")
    places.require_quota(call, nomination.unit)
    _require_once_a_year(nomination, call, lock=not move.preview)
    _require_complete(nomination, move)


def _window_words(call: Call, moment: datetime) -> str:
    if call.status == Call.Status.DRAFT or moment < call.opens_at:
        return "征集尚未开始。"
    closed = call.closes_at.astimezone(ZONE)
    return f"征集已于{closed.year}年{closed.month}月{closed.day}日 {closed:%H:%M}截止，不能再提交。"


def _require_once_a_year(nomination: Nomination, call: Call, *, lock: bool) -> None:
    """A person stands in one call of a programme and year at a time, and goes once a year."""
    assert nomination.cadre_id is not None
    if lock:
        Cadre.objects.select_for_update(no_key=True, of=("self",)).get(pk=nomination.cadre_id)
    others = (
        Nomination.objects.counted()
        .filter(cadre=nomination.cadre_id, call__program=call.program_id, call__year=call.year)
        .exclude(pk=nomination.pk)
        .exclude(participation__status=Participation.Status.CANCELLED)
    )
    other = others.select_related("call").first()
    if other is not None:
        raise WrongMoment(
            f"{nomination.nominee}在“{other.call.title}”中已有推荐（{other.get_status_display()}），"
            "同一年度不能重复推荐。"
        )


def _require_complete(nomination: Nomination, move: Move) -> None:
    """Texts, papers, declarations and reasons that the call asks for; raises Invalid with the fields."""
    assert nomination.cadre is not None
    errors: dict[str, list[str]] = {}
    for name, words in (("statement", "请填写推荐理由。"), ("problems", "请填写拟带着解决的问题。")):
        if not getattr(nomination, name).strip():
            errors[name] = [words]
    brought = set(nomination.files.values_list("attachment_id", flat=True))
    missing = [
        paper.name for paper in nomination.call.attachments.filter(required=True) if paper.pk not in brought
    ]
    if missing:
        errors["files"] = [f"缺少材料：{'、'.join(missing)}。"]
    verdicts = evaluate(nomination.call, [nomination.cadre])[nomination.cadre.pk]
    for obstacle in obstacles(
        visible_verdicts(verdicts, move.by, nomination),
        declared=effects.declared_rules(nomination),
        advisory_reason=nomination.advisory_reason,
        override_reason=nomination.override_reason,
    ):
        errors.setdefault(obstacle.field, []).append(obstacle.message)
    if errors:
        raise Invalid("".join(text for texts in errors.values() for text in texts), errors=errors)


def guard_resubmit(nomination: Nomination, move: Move) -> None:
    """A returned case comes back until its own due date, whether the window is still open or not."""
    if nomination.call.status == Call.Status.FINISHED:
        raise WrongMoment("本次征集已办结。")
    if nomination.return_due and today() > nomination.return_due:
        due = nomination.return_due
        raise WrongMoment(f"补正期限（{due.year}年{due.month}月{due.day}日）已过，请联系退回单位延长。")
    guard_hands(nomination, move, first_step(nomination))
    _require_in_service(nomination)
    _require_complete(nomination, move)


def _require_in_service(nomination: Nomination) -> None:
    """Whoever has left service is neither put forward nor approved; a transfer leaves a running case alone."""
    if nomination.cadre_id and not Cadre.objects.in_service().filter(pk=nomination.cadre_id).exists():
        raise WrongMoment(f"{nomination.nominee}已不在职，不能继续办理；请不予推荐或撤回。")


def guard_pass(nomination: Nomination, move: Move) -> None:
    """What each kind of step demands before a case goes on; the last deciding pass needs a place."""
    guard_step(nomination, move)
    step = nomination.step
    if step is None:
        return
    if step.kind in (Kind.INSPECT, Kind.CHECK) and not move.preview:
        _require_findings(nomination, step, move)
    if step.kind == Kind.LIST and move.data.get("rank") is None and effects.filed_list(nomination) is None:
        raise WrongMoment("请通过“报送名单”办理：名单报送后才能单独补报。")
    if step.kind == Kind.CHECK:
        _require_in_service(nomination)
        _require_eligible(nomination)
    if is_last_decision(next_step(nomination, step)[0]):
        _require_in_service(nomination)
        _require_override_right(nomination, move)
        places.require_place(nomination, lock=not move.preview)


def _require_findings(nomination: Nomination, step: CallStep, move: Move) -> None:
    """An inspection carries its opinion (考察意见), and what the school declared is confirmed before it counts.

    HR's check confirms where no inspection stood before it, and needs no opinion of its own.
    """
    errors: dict[str, list[str]] = {}
    if step.kind == Kind.INSPECT and not move.comment:
        errors["comment"] = ["请写明考察意见。"]
    open_ones = nomination.attestations.filter(declared=True).exclude(confirmed=True).select_related("rule")
    names = "、".join(each.rule.name for each in open_ones)
    if names:
        errors["attestations"] = [f"以下承诺尚未经考察确认：{names}。"]
    if errors:
        raise Invalid("".join(text for texts in errors.values() for text in texts), errors=errors)


def _require_eligible(nomination: Nomination) -> None:
    """HR, who sees every value, lets nothing through that fails a binding rule without a request of 破格."""
    assert nomination.cadre is not None
    verdicts = evaluate(nomination.call, [nomination.cadre])[nomination.cadre.pk]
    declared = effects.declared_rules(nomination)
    failed = unmet_required(verdicts, declared)
    if failed and not nomination.is_override:
        names = "、".join(each.name for each in failed)
        raise WrongMoment(f"不符合必备条件（{names}）且没有破格申请，请退回补正或不予推荐。")
    unknown = [each for each in verdicts if each.verdict == UNKNOWN and each.mode == Mode.REQUIRED]
    alone = [each.fact_label for each in unknown if not each.group]
    if alone:
        raise WrongMoment(f"缺少登记：{'、'.join(alone)}，请先补全干部信息。")


def _require_override_right(nomination: Nomination, move: Move) -> None:
    """破格 is granted at bureau level, with words of its own."""
    if not nomination.is_override:
        return
    if move.by is None or not may_on(move.by, "nomination.override", nomination):
        raise NotAllowed("这是破格申请，您没有批准破格的权限。")
    if not move.preview and not move.comment:
        raise Invalid("批准破格须写明意见。", errors={"comment": ["批准破格须写明意见。"]})
    move.data["override"] = True


def guard_return(nomination: Nomination, move: Move) -> None:
    """A return names the day until which the school may come back."""
    guard_step(nomination, move)
    if move.preview:
        return
    due = move.data.get("due")
    if not isinstance(due, date) or due < today():
        raise Invalid("请填写补正期限。", errors={"due": ["补正期限须是今天或以后的日期。"]})


def guard_waitlist(nomination: Nomination, move: Move) -> None:
    """Only where the places are decided on."""
    guard_step(nomination, move)
    if not is_last_decision(next_step(nomination, nomination.step)[0]):
        raise WrongMoment("只有决定步骤可以列为候补。")
    _require_in_service(nomination)
    _require_override_right(nomination, move)


def guard_promote(nomination: Nomination, move: Move) -> None:
    """A place is free, and nobody waits longer; the system takes the next it could lock."""
    guard_step(nomination, move)
    _require_in_service(nomination)
    places.require_place(nomination, lock=not move.preview)
    if move.by is not None and places.waiting_before(nomination):
        raise WrongMoment("候补须按顺序递补，前面还有人等候。")


def guard_withdraw(nomination: Nomination, move: Move) -> None:
    """The filing unit itself may take its case back until it is approved; a unit above it returns it."""
    if nomination.call.status == Call.Status.FINISHED:
        raise WrongMoment("本次征集已办结。")
    filing = move.by is not None and (
        move.by.pk == nomination.filed_by_id or nomination.unit_path in paths(move.by, "nomination.file")
    )
    if not filing:
        raise NotAllowed("撤回由推荐单位办理。")


def guard_withdraw_approved(nomination: Nomination, move: Move) -> None:
    """HR takes an approved or publicised case back only while nobody has been placed; locks in the engine's order."""
    _require_not_own(nomination, move)
    undertakings = Participation.objects.filter(nomination=nomination)
    if not move.preview:
        undertakings = undertakings.select_for_update(of=("self",))
    found = undertakings.first()
    if found is not None and found.status != Participation.Status.PENDING:
        raise WrongMoment("人员已经安排，不能撤回推荐；确需终止的，请在培养经历中取消安排。")
    if not move.preview and nomination.place_id:
        places.lock_account(nomination.place_id)


def _require_not_own(nomination: Nomination, move: Move) -> None:
    require_unrelated(move.by, nomination.cadre)


def guard_reroute(nomination: Nomination, move: Move) -> None:
    """Only where a central school should act and the school has none (any more)."""
    step = nomination.step
    if step is None or step.level != CallStep.Level.CENTRAL or central_of(nomination.unit_path) is not None:
        raise WrongMoment("这份推荐仍由中心校办理。")


def guard_publicised(nomination: Nomination, move: Move) -> None:
    """公示 has lasted its working days, and the person is still in service."""
    _require_not_own(nomination, move)
    _require_in_service(nomination)
    last = publicity_end(nomination)
    if last is not None and move.at.date() <= last:
        raise WrongMoment(f"公示期到{last.year}年{last.month}月{last.day}日为止。")


def guard_reject_publicised(nomination: Nomination, move: Move) -> None:
    """An objection was upheld: the place goes back, under lock."""
    _require_not_own(nomination, move)
    if not move.preview and nomination.place_id:
        places.lock_account(nomination.place_id)


NOMINATION_FLOW = Workflow(
    "nomination",
    Status,
    (
        Action("submit", "提交", (Status.DRAFT,), Status.SUBMITTED, "nomination.file",
               guard=guard_submit, columns=effects.submit_columns, effect=effects.after_submit),
        Action("submit", "重新提交", (Status.RETURNED,), Status.IN_REVIEW, "nomination.file",
               guard=guard_resubmit, columns=effects.resubmit_columns, effect=effects.after_submit),
        Action("pass", "通过", _UNDER_WAY, effects.pass_target, "step", guard=guard_pass,
               columns=effects.pass_columns, effect=effects.after_pass, tone="success",
               targets=(Status.IN_REVIEW, Status.PUBLICISED, Status.APPROVED)),
        Action("return", "退回", _UNDER_WAY, Status.RETURNED, "step", guard=guard_return,
               columns=effects.return_columns, effect=effects.after_return, needs_comment=True,
               tone="secondary"),
        Action("reject", "不予推荐", (*_UNDER_WAY, Status.RETURNED), Status.REJECTED, "step",
               guard=guard_step, effect=effects.after_reject, needs_comment=True, tone="danger"),
        Action("extend", "延长补正期限", (Status.RETURNED,), Status.RETURNED, "step",
               guard=guard_return, columns=effects.return_columns, effect=effects.after_return,
               needs_comment=True, tone="secondary"),
        Action("waitlist", "列为候补", _UNDER_WAY, Status.WAITING, "step", guard=guard_waitlist,
               columns=effects.waitlist_columns, effect=effects.after_waitlist, tone="secondary"),
        Action("reroute", "转下一步", _UNDER_WAY, Status.IN_REVIEW, "", automatic=True, guard=guard_reroute,
               columns=effects.reroute_columns, effect=effects.after_reroute),
        Action("promote", "递补", (Status.WAITING,), effects.pass_target, "nomination.decide",
               guard=guard_promote, columns=effects.promote_columns, effect=effects.after_pass,
               tone="success", automatic=True, targets=(Status.PUBLICISED, Status.APPROVED)),
        Action("reject", "不予推荐", (Status.WAITING,), Status.REJECTED, "nomination.decide",
               guard=guard_step, effect=effects.after_reject, needs_comment=True, tone="danger"),
        Action("lapse", "候补结束", (Status.WAITING,), Status.REJECTED, "", automatic=True,
               effect=effects.after_lapse),
        Action("conclude", "公示期满", (Status.PUBLICISED,), Status.APPROVED, "call.manage",
               guard=guard_publicised, effect=effects.open_undertaking, tone="success", automatic=True),
        Action("reject", "异议成立", (Status.PUBLICISED,), Status.REJECTED, "nomination.decide",
               guard=guard_reject_publicised, columns=effects.give_place_back_columns,
               effect=effects.after_reject, needs_comment=True, tone="danger"),
        Action("withdraw", "撤回", (Status.DRAFT, *_UNDER_WAY, Status.RETURNED, Status.WAITING),
               Status.WITHDRAWN, "nomination.file", guard=guard_withdraw, effect=effects.after_withdraw,
               tone="secondary"),
        Action("withdraw", "撤回", (Status.PUBLICISED, Status.APPROVED), Status.WITHDRAWN, "call.manage",
               guard=guard_withdraw_approved, columns=effects.give_place_back_columns,
               effect=effects.after_withdraw_approved, needs_comment=True, tone="danger"),
    ),
    decision_model=NominationDecision,
    decision_columns=effects.decision_columns,
)  # fmt: skip
