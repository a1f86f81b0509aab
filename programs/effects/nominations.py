"""What the actions on a nomination write: its own columns, skipped steps, places, the undertaking, messages."""

from __future__ import annotations

from typing import Any

from core.workflow import Move, take
from programs import messages, places
from programs.eligibility import evaluate, to_snapshot, unmet_advisory, unmet_required
from programs.models import (
    CentralList,
    Nomination,
    NominationDecision,
    Participation,
    PlacesAccount,
    SecondmentDetail,
)
from programs.routing import Kind, central_of, first_step, is_last_decision, next_step

Status = Nomination.Status


def decision_columns(nomination: Nomination, move: Move) -> dict[str, Any]:
    """The step a decision belongs to: submitting is the recommending step, the rest is where the case stood."""
    submitting = move.action.name == "submit"
    return {"step": first_step(nomination) if submitting else nomination.step}


def declared_rules(nomination: Nomination) -> set[int]:
    """Return the rules the nominator has declared, with evidence."""
    declared = nomination.attestations.filter(declared=True).exclude(evidence="")
    return set(declared.values_list("rule_id", flat=True))


def submit_columns(nomination: Nomination, move: Move) -> dict[str, Any]:
    """First submission: the next step, the time, and the verdicts as they stand now."""
    following, _ = next_step(nomination, first_step(nomination))
    return {"step": following, "submitted_at": move.at, **_snapshot(nomination)}


def resubmit_columns(nomination: Nomination, move: Move) -> dict[str, Any]:
    """A corrected case goes back to the step that returned it, with fresh verdicts."""
    return {"return_due": None, **_snapshot(nomination)}


def _snapshot(nomination: Nomination) -> dict[str, Any]:
    """The verdicts to keep; a reason that turned out not to be needed is dropped, so 破格 means 破格."""
    assert nomination.cadre is not None
    verdicts = evaluate(nomination.call, [nomination.cadre])[nomination.cadre.pk]
    declared = declared_rules(nomination)
    columns: dict[str, Any] = {
        "snapshot": to_snapshot(verdicts, declared),
        "rules_version": nomination.call.rules_version,
    }
    if not unmet_required(verdicts, declared):
        columns["override_reason"] = ""
    if not unmet_advisory(verdicts, declared):
        columns["advisory_reason"] = ""
    return columns


def after_submit(nomination: Nomination, move: Move) -> None:
    """Record skipped steps, tell the nominee (once) and the next deciders."""
    _record_skipped(nomination)
    messages.nominated(nomination)
    if nomination.step:
        messages.arrived_at(nomination, nomination.step)


def pass_target(nomination: Nomination, move: Move) -> str:
    """Where a pass leads: the next step, 公示, or the approval."""
    following, _ = next_step(nomination, nomination.step)
    if following is None:
        return Status.APPROVED
    return Status.PUBLICISED if following.kind == Kind.PUBLICISE else Status.IN_REVIEW


def pass_columns(nomination: Nomination, move: Move) -> dict[str, Any]:
    """The next step; the rank on the list where a list is filed; the place at the last deciding pass."""
    following, _ = next_step(nomination, nomination.step)
    columns: dict[str, Any] = {"step": following} if following else {}
    if nomination.step and nomination.step.kind == Kind.LIST:
        columns |= _list_columns(nomination, move)
    if is_last_decision(following):
        columns["place"] = nomination.call.places_account
    return columns


def _list_columns(nomination: Nomination, move: Move) -> dict[str, Any]:
    """The list a case goes on: the one being filed with its rank, or the filed one as a late entry (补报)."""
    filed = filed_list(nomination)
    rank = move.data.get("rank")
    if rank is None and filed is not None:
        rank = filed.nominations.count() + 1
    return {"central_list": filed, "list_rank": rank}


def filed_list(nomination: Nomination) -> CentralList | None:
    """Return the list that the case's central school has filed in this call."""
    central = central_of(nomination.unit_path)
    return CentralList.objects.filter(call=nomination.call_id, unit=central).first() if central else None


def after_pass(nomination: Nomination, move: Move) -> None:
    """Hand the case on: to the next deciders, to 公示, or as an undertaking that waits to be placed."""
    _record_skipped(nomination)
    if nomination.status == Status.APPROVED:
        open_undertaking(nomination, move)
    elif nomination.status == Status.PUBLICISED:
        messages.decided(nomination, "进入公示")
    elif nomination.step:
        messages.arrived_at(nomination, nomination.step)


def _record_skipped(nomination: Nomination) -> None:
    """One decision row of the system for each step that doesn't apply to a county-direct school."""
    last = nomination.decisions.order_by("-id").first()
    if last is None or last.step is None or last.step_id == nomination.step_id:
        return
    following, skipped = next_step(nomination, last.step)
    if following is not None and following.pk != nomination.step_id:
        return
    # A returned case travels the same way again: what was recorded the first time stays as it is.
    known = set(nomination.decisions.filter(action="skip").values_list("step_id", flat=True))
    for step in (each for each in skipped if each.pk not in known):
        NominationDecision.objects.create(
            obj=nomination,
            step=step,
            action="skip",
            label="跳过",
            verdict="跳过",
            from_status=nomination.status,
            to_status=nomination.status,
            actor=None,
            actor_name="系统",
            at=last.at,
            comment=f"{nomination.unit.name}不隶属中心校，不经“{step.name}”。",
        )


def return_columns(nomination: Nomination, move: Move) -> dict[str, Any]:
    """Until when the school may put the case right."""
    return {"return_due": move.data["due"]}


def after_return(nomination: Nomination, move: Move) -> None:
    """Tell the school that there is something to put right, until when."""
    messages.decided(nomination, "被退回补正", due=nomination.return_due)


def after_reject(nomination: Nomination, move: Move) -> None:
    """Tell school and nominee; a place the case held goes to the waiting list."""
    messages.decided(nomination, "未获推荐")
    messages.settled_for_nominee(nomination)
    move_waiting_list(nomination.call.places_account_id)


def after_withdraw(nomination: Nomination, move: Move) -> None:
    """Tell the nominee, who was told of the nomination; a draft was nobody's news."""
    if nomination.submitted_at:
        messages.settled_for_nominee(nomination)


def after_lapse(nomination: Nomination, move: Move) -> None:
    """Tell school and nominee that the call is over."""
    messages.decided(nomination, "候补结束")
    messages.settled_for_nominee(nomination)


def waitlist_columns(nomination: Nomination, move: Move) -> dict[str, Any]:
    """Since when the case waits: its position."""
    return {"waiting_since": move.at}


def after_waitlist(nomination: Nomination, move: Move) -> None:
    """Tell school and nominee that the person is on the waiting list."""
    messages.decided(nomination, "列为候补")
    messages.settled_for_nominee(nomination)


def promote_columns(nomination: Nomination, move: Move) -> dict[str, Any]:
    """The place taken by a waiting case (its guard holds the account's lock), and 公示 where the call has it."""
    following, _ = next_step(nomination, nomination.step)
    columns: dict[str, Any] = {"step": following} if following else {}
    return columns | {"place": nomination.call.places_account}


def reroute_columns(nomination: Nomination, move: Move) -> dict[str, Any]:
    """The next step that is left for a school which came directly under the bureau in the meantime."""
    following, _ = next_step(nomination, nomination.step)
    return {"step": following}


def after_reroute(nomination: Nomination, move: Move) -> None:
    """Tell those who are next."""
    _record_skipped(nomination)
    if nomination.step:
        messages.arrived_at(nomination, nomination.step)


def give_place_back_columns(nomination: Nomination, move: Move) -> dict[str, Any]:
    """The place given back in the same statement as the status."""
    return {"place": None}


def open_undertaking(nomination: Nomination, move: Move) -> None:
    """The outcome of an approval: an undertaking 待安排, linked both ways; everybody concerned is told."""
    assert nomination.cadre is not None
    participation = Participation.objects.create(
        unit=nomination.unit,
        cadre=nomination.cadre,
        program=nomination.call.program,
        nomination=nomination,
        year=nomination.call.year,
    )
    SecondmentDetail.objects.create(participation=participation, problems=nomination.problems)
    messages.decided(nomination, "已获批准")
    messages.approved(nomination)


def after_withdraw_approved(nomination: Nomination, move: Move) -> None:
    """The undertaking falls, the place goes back, the waiting list moves; school and nominee are told."""
    participation = Participation.objects.filter(nomination=nomination).first()
    if participation is not None and participation.status == Participation.Status.PENDING:
        take(participation, "cancel", by=move.by, comment=move.comment or "推荐已撤回。")
    messages.decided(nomination, "已撤回")
    messages.settled_for_nominee(nomination)
    move_waiting_list(nomination.call.places_account_id)


def release_place(nomination: Nomination) -> None:
    """Give back the place of a case whose undertaking never began, and let the waiting list move."""
    if nomination.place_id is None:
        return
    account = places.lock_account(nomination.place_id)
    nomination.place = None
    nomination.save(update_fields=["place", "updated_at"])
    move_waiting_list(account.pk)


def move_waiting_list(account_id: int | None) -> None:
    """Promote the longest waiting cases while places are free; the system acts, in waiting order."""
    if account_id is None:
        return
    account: PlacesAccount = places.lock_account(account_id)
    while places.places_left(account):
        following = places.first_waiting(account)
        if following is None:
            return
        take(following, "promote", by=None, comment="名额空出，按候补顺序递补。")
