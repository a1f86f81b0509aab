"""Verbs on nominations: draft, declare, attach, submit (once, however often it is clicked), decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.scope import may_on, require
from cadres.models import Cadre
from core import audit, files
from core.calendar import now
from core.errors import DomainError, Invalid, NotAllowed, NotFound, WrongMoment
from core.models import StoredFile
from core.versions import require_version
from core.workflow import take
from programs.avoidance import require_unrelated
from programs.eligibility import Mode
from programs.models import (
    Attestation,
    Call,
    CallAttachment,
    CallStep,
    EligibilityRule,
    Nomination,
    NominationDecision,
    NominationFile,
)
from programs.routing import acted_elsewhere
from programs.services.targets import require_target

audit.register("nomination.started", "新建推荐")
audit.register("nomination.edited", "填写推荐")
audit.register("nomination.file_added", "上传推荐材料")
audit.register("nomination.file_removed", "删除推荐材料")
audit.register("nomination.attestation_confirmed", "确认承诺事项")

Status = Nomination.Status
EDITABLE = ("statement", "problems", "advisory_reason", "override_reason")
# Verdicts that are given at a step.
VERDICTS = ("pass", "return", "reject", "waitlist")
_OPEN_TO_EDIT = (Status.DRAFT, Status.RETURNED)


@dataclass(frozen=True)
class Declaration:
    """What the nominator says about an attested rule."""

    rule: int
    declared: bool
    evidence: str = ""


@dataclass(frozen=True)
class BulkResult:
    """What became of one case of many."""

    nomination: int
    name: str
    ok: bool
    message: str


def start_nomination(*, call: Call, cadre: Cadre, by: User) -> Nomination:
    """Begin a draft for a person of one's own unit; the same draft again if there is one already.

    Raises NotFound outside one's scope, NotAllowed for oneself and kin, WrongMoment when the call isn't open or the
    person has a case in it already, Invalid when the person is no longer in service or not one of those the
    call is limited to.
    """
    case = _case_of(call, cadre, by)
    if case.status != Status.DRAFT:
        raise WrongMoment(f"{cadre.name}在本次征集中已有推荐（{case.get_status_display()}）。")
    return case


def _case_of(call: Call, cadre: Cadre, by: User) -> Nomination:
    """The person's case in the call whatever its state, begun if there is none; refusals as in start_nomination."""
    if not Call.objects.visible_to(by).filter(pk=call.pk).exists():
        raise NotFound
    require(by, "nomination.file", cadre)
    require_unrelated(by, cadre, "不能推荐本人，请由学校其他负责人填报。")
    call.refresh_from_db()
    if call.status != Call.Status.OPEN or now() >= call.window_end:
        raise WrongMoment("这次征集不在受理时间内。")
    if not Cadre.objects.in_service().filter(pk=cadre.pk).exists():
        raise Invalid(f"{cadre.name}已不在职，不能推荐。", errors={"cadre": ["此人已不在职。"]})
    require_target(call, cadre)
    with transaction.atomic():
        return _open_case(call, cadre) or _create(call, cadre, by)


def _open_case(call: Call, cadre: Cadre) -> Nomination | None:
    return Nomination.objects.filter(call=call, cadre=cadre, status__in=Nomination.OPEN).first()


def _create(call: Call, cadre: Cadre, by: User) -> Nomination:
    """Write the draft with a line for each attested rule; a double click finds the first one's draft."""
    try:
        with transaction.atomic():
            nomination = Nomination.objects.create(call=call, unit=cadre.unit, cadre=cadre, filed_by=by)
    except IntegrityError:
        found = _open_case(call, cadre)
        if found is None:
            raise
        return found
    Attestation.objects.bulk_create(
        Attestation(nomination=nomination, rule=rule)
        for rule in call.rules.filter(mode=EligibilityRule.Mode.ATTESTED)
    )
    audit.record("nomination.started", by=by, obj=nomination, unit_name=nomination.unit.name)
    return nomination


def save_draft(
    *,
    nomination: Nomination,
    by: User,
    changes: Mapping[str, str] | None = None,
    declarations: Iterable[Declaration] = (),
    version: str = "",
) -> Nomination:
    """Keep what was written so far, in a draft or a returned case; nothing need be complete.

    `changes` may name the fields in EDITABLE. Raises WrongMoment once it is submitted, Stale when a
    colleague saved in between.
    """
    with transaction.atomic():
        locked = _locked_for_edit(nomination, by)
        if version:
            require_version(locked, version)
        for name, value in (changes or {}).items():
            if name not in EDITABLE:
                raise Invalid(f"不能修改“{name}”。")
            setattr(locked, name, value)
        locked.save()
        for declaration in declarations:
            _declare(locked, declaration)
        audit.record("nomination.edited", by=by, obj=locked, after={"fields": sorted(changes or {})},
                     unit_name=locked.unit.name)  # fmt: skip
    nomination.refresh_from_db()
    return nomination


def declare_attestation(*, nomination: Nomination, declaration: Declaration, by: User) -> Attestation:
    """Declare (or take back) one attested rule with its evidence."""
    with transaction.atomic():
        return _declare(_locked_for_edit(nomination, by), declaration)


def _declare(nomination: Nomination, declaration: Declaration) -> Attestation:
    """Write a declaration; one that changed has to be confirmed anew."""
    rule = nomination.call.rules.filter(pk=declaration.rule, mode=Mode.ATTESTED).first()
    if rule is None:
        raise Invalid("本次征集没有这项承诺。", errors={"attestations": ["本次征集没有这项承诺。"]})
    evidence = declaration.evidence.strip()
    if declaration.declared and not evidence:
        words = f"请写明“{rule.name}”的证明。"
        raise Invalid(words, errors={"attestations": [words]})
    row, _ = Attestation.objects.get_or_create(nomination=nomination, rule=rule)
    if (row.declared, row.evidence) != (declaration.declared, evidence):
        row.declared, row.evidence = declaration.declared, evidence
        row.confirmed, row.confirmed_by, row.confirmed_at = None, None, None
        row.save()
    return row


def _locked_for_edit(nomination: Nomination, by: User) -> Nomination:
    """The case, locked, if its filing side may change it now."""
    locked = Nomination.objects.select_for_update(of=("self",)).filter(pk=nomination.pk).first()
    if locked is None or not Nomination.objects.visible_to(by).filter(pk=locked.pk).exists():
        raise NotFound
    require(by, "nomination.file", locked)
    require_unrelated(by, locked.cadre)
    if locked.status not in _OPEN_TO_EDIT:
        raise WrongMoment(f"推荐当前状态是“{locked.get_status_display()}”，不能修改。")
    return locked


def attach_file(
    *, nomination: Nomination, content: Any, name: str, by: User, attachment: CallAttachment | None = None
) -> NominationFile:
    """Add a paper to a draft or returned case; `attachment` says which of the call's papers it is."""
    with transaction.atomic():
        locked = _locked_for_edit(nomination, by)
        if attachment is not None and attachment.call_id != locked.call_id:
            raise Invalid("材料不属于本次征集。", errors={"attachment": ["材料不属于本次征集。"]})
        stored = files.store(content, name=name, kind="document", by=by)
        added = NominationFile.objects.create(nomination=locked, attachment=attachment, file=stored)
        audit.record("nomination.file_added", by=by, obj=locked, after={"file": stored.name},
                     unit_name=locked.unit.name)  # fmt: skip
    return added


def remove_file(*, paper: NominationFile, by: User) -> None:
    """Take a paper out of a draft or returned case."""
    with transaction.atomic():
        locked = _locked_for_edit(paper.nomination, by)
        stored: StoredFile = paper.file
        audit.record("nomination.file_removed", by=by, obj=locked, before={"file": stored.name},
                     unit_name=locked.unit.name)  # fmt: skip
        paper.delete()


def submit_nomination(
    *,
    by: User,
    nomination: Nomination | None = None,
    call: Call | None = None,
    cadre: Cadre | None = None,
    changes: Mapping[str, str] | None = None,
    declarations: Iterable[Declaration] = (),
    version: str = "",
) -> Nomination:
    """Submit a draft or returned case, or make and submit one for `call` and `cadre`.

    The same person submitting again gets the same case back and nothing is written twice. Raises Invalid
    with the fields still missing, WrongMoment outside the window, the quota or the year's one case.
    """
    if nomination is None:
        if call is None or cadre is None:
            raise Invalid("请选择征集和被推荐人。")
        # Not start_nomination: the same form sent twice may find its twin already submitted by now.
        nomination = _open_case(call, cadre) or _case_of(call, cadre, by)
    try:
        with transaction.atomic():
            if changes or declarations:
                save_draft(
                    nomination=nomination, by=by, changes=changes, declarations=declarations, version=version
                )
            take_action(nomination=nomination, action="submit", by=by)
    except WrongMoment:
        nomination.refresh_from_db()
        if not _submitted_just_so(nomination, by):
            raise
    return nomination


def _submitted_just_so(nomination: Nomination, by: User) -> bool:
    """Whether the latest thing that happened to the case is this person's own submission of it."""
    last = nomination.decisions.exclude(action="skip").order_by("-id").first()
    return last is not None and last.action == "submit" and last.actor_id == by.pk


def take_action(
    *,
    nomination: Nomination,
    action: str,
    by: User,
    comment: str = "",
    due: dt.date | None = None,
    score: int | None = None,
    step: str = "",
    version: str = "",
    confirmations: Mapping[int, bool] | None = None,
) -> NominationDecision:
    """Take an action of the workflow: submit pass return extend reject waitlist promote conclude withdraw.

    `due` belongs to a return, `score` to an inspection; `step` is the kind of step the person saw, so that a
    verdict meant for one step is never given at the next, and `version` what was read, so that none is given
    on a case that came back changed; `confirmations` (rule id → holds) are written first, in the same
    transaction. Raises NotFound outside one's scope, WrongMoment when a colleague was faster, Stale for an
    older version, else as core.workflow.take does.
    """
    if not Nomination.objects.visible_to(by).filter(pk=nomination.pk).exists():
        raise NotFound
    data: dict[str, Any] = {}
    if due is not None:
        data["due"] = due
    if score is not None:
        data["score"] = score
    with transaction.atomic():
        _require_same_step(nomination, action, by, step, version)
        for rule, holds in (confirmations or {}).items():
            confirm_attestation(nomination=nomination, rule=rule, confirmed=holds, by=by)
        decision = take(nomination, action, by=by, comment=comment, **data)
    assert isinstance(decision, NominationDecision)
    return decision


def _require_same_step(nomination: Nomination, action: str, by: User, seen: str, version: str) -> None:
    """Refuse with 409, not 403, a verdict on a case that was moved on; with 412 on one that came back changed."""
    if action not in VERDICTS:
        return
    locked = Nomination.objects.select_for_update(of=("self",)).select_related("step").get(pk=nomination.pk)
    if locked.step is None or locked.status not in (Status.SUBMITTED, Status.IN_REVIEW):
        return
    last = locked.decisions.select_related("step").order_by("-id").first()
    moved = bool(seen) and seen != locked.step.kind
    if (
        not seen
        and last is not None
        and last.step is not None
        and not may_on(by, locked.step.capability, locked)
    ):
        moved = may_on(by, last.step.capability, locked) and last.actor_id not in (by.pk, locked.filed_by_id)
    if moved:
        who = last.actor_name if last else ""
        raise WrongMoment(f"已被{who}办理，这份推荐现在到了“{locked.step.name}”步骤，请刷新后再看。")
    if version:
        require_version(locked, version)


def take_in_bulk(
    *, ids: Iterable[int], action: str, by: User, comment: str = "", due: dt.date | None = None
) -> list[BulkResult]:
    """Take one action on many cases, each by itself: what can be done is done, the rest says why not."""
    wanted = list(dict.fromkeys(ids))
    found = Nomination.objects.visible_to(by).select_related("call", "cadre").in_bulk(wanted)
    results = []
    for pk in wanted:
        nomination = found.get(pk)
        if nomination is None:
            results.append(BulkResult(pk, "", False, NotFound.default_message))
            continue
        name = str(nomination.nominee)
        try:
            decision = take_action(nomination=nomination, action=action, by=by, comment=comment, due=due)
        except DomainError as error:
            results.append(BulkResult(pk, name, False, error.message))
        else:
            results.append(BulkResult(pk, name, True, f"{decision.label}：{decision.verdict}"))
    return results


def confirm_attestation(*, nomination: Nomination, rule: int, confirmed: bool, by: User) -> Attestation:
    """Say at inspection (or at HR's check, where a school has none) whether a declaration holds."""
    with transaction.atomic():
        locked = Nomination.objects.select_for_update(of=("self",)).get(pk=nomination.pk)
        step = locked.step
        if locked.status not in (Status.SUBMITTED, Status.IN_REVIEW) or step is None:
            raise WrongMoment(f"推荐当前状态是“{locked.get_status_display()}”，不能确认承诺。")
        if step.kind not in (CallStep.Kind.INSPECT, CallStep.Kind.CHECK):
            raise WrongMoment("承诺事项在考察（县直学校在核查）时确认。")
        if not locked.allows(by, "step"):
            raise NotAllowed("您没有考察这份推荐的权限。")
        require_unrelated(by, locked.cadre)
        if acted_elsewhere(locked, by, step):
            raise NotAllowed("您已在其他步骤办理过这份推荐，须由他人确认。")
        row = Attestation.objects.filter(nomination=locked, rule_id=rule, declared=True).first()
        if row is None:
            raise Invalid("推荐单位没有作出这项承诺。", errors={"attestations": ["没有这项承诺。"]})
        row.confirmed, row.confirmed_by, row.confirmed_at = confirmed, by, now()
        row.save()
        audit.record("nomination.attestation_confirmed", by=by, obj=locked,
                     after={"rule": row.rule.name, "confirmed": confirmed},
                     unit_name=locked.unit.name)  # fmt: skip
    return row
