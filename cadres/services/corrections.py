"""Verbs on requests for correction: draft, ask, supplement, decide; what each shows and to whom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from cadres.fields import LEVELS, Level, is_own
from cadres.kinds import kind_of
from cadres.models import Cadre, Correction
from cadres.services.appointments import check_entry
from cadres.services.askable import (
    ASKABLE,
    BASIC,
    CORRECTABLE,
    guard_of_kind,
    model_of,
    needs_proof,
    require_askable,
    subject_for,
)
from cadres.services.changes import lock_cadre, set_values
from cadres.services.compared import Difference, compare, mark_of, names_of, target_of
from cadres.services.correction_flow import ACCEPTING, may_read
from cadres.services.histories import check_record, worded
from cadres.services.sealed import require_reason
from cadres.services.wanted import pack, present, same, unpack
from core import audit
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment
from core.files import MEGABYTE, StoredFile
from core.workflow import OpenAction, open_to, take

audit.register("correction.open", "查看更正申请的保密内容")

NOT_OWN = "更正由本人申请。"
ONE_OPEN = "这一项已有一份更正申请在办理，请等待结果，或先撤回那一份。"
CHANGED_MEANWHILE = "您打开页面之后档案又有改动，还没有写入。请核对下面最新的对照，再决定是否采纳。"

# What may be uploaded with a request; a photo under the same rules as everywhere.
FILES: dict[str, dict[str, Any]] = {
    "proof": {"kind": "document"},
    "photo": {"kind": "image", "limit": 2 * MEGABYTE},
}


def request_correction(
    *,
    cadre: Cadre,
    by: User,
    kind: str,
    values: Mapping[str, Any],
    explanation: str,
    record: Any = None,
    proof: StoredFile | None = None,
    photo: StoredFile | None = None,
) -> Correction:
    """Ask for one's own record to be corrected, or for a missing entry; those who keep it are told.

    `values` are field → value as the service that will write them takes them; a new photo comes as `photo`.
    The same request sent twice is one. Raises NotAllowed for anybody but the cadre and for what isn't theirs
    to ask, Invalid without a change, an explanation or a proof, WrongMoment while another request about the
    same entry is open.
    """
    given = {"photo": photo} if kind == Correction.PHOTO and photo is not None else dict(values)
    _require_own(by, cadre)
    require_askable(by=by, cadre=cadre, kind=kind, record=record, names=given)
    with transaction.atomic():
        locked = lock_cadre(cadre, by=by, capability="")
        draft = find_draft(cadre=locked, kind=kind, record=record)
        made = draft or Correction(cadre=locked, kind=kind, record_id=_key(kind, record))
        _fill(made, given, explanation, proof)
        if (sent := _sent_before(made)) is not None:
            return sent if draft is None else _without(draft, sent)
        _check_words(made, given)
        _check_entry(made, given)
        made.save()
        take(made, "submit", by=by)
        return made


def supplement_correction(
    *,
    correction: Correction,
    by: User,
    explanation: str,
    values: Mapping[str, Any] | None = None,
    proof: StoredFile | None = None,
    photo: StoredFile | None = None,
) -> Correction:
    """Complete a returned request and submit it again; what is given takes the place of what was sent first.

    Raises NotAllowed for anybody but the asker, WrongMoment for a request that isn't returned, Invalid as asking does.
    """
    _require_own(by, correction.cadre)
    with transaction.atomic():
        lock_cadre(correction.cadre, by=by, capability="")
        rows = Correction.objects.select_for_update(of=("self",)).select_related("cadre")
        locked = rows.get(pk=correction.pk)
        if locked.status != Correction.Status.RETURNED:
            raise WrongMoment("这份申请现在不需要补充。")
        given = _given_again(locked, values, photo)
        require_askable(by=by, cadre=locked.cadre, kind=locked.kind, record=_entry(locked), names=given)
        _fill(locked, given, explanation, proof or locked.proof)
        _check_words(locked, given)
        _check_entry(locked, given)
        locked.save()
        take(locked, "submit", by=by)
        return locked


def take_on_correction(
    *, correction: Correction, action: str, by: User, comment: str = "", seen: str = ""
) -> Correction:
    """Accept, return, decline or withdraw; `seen` is the mark of the record that the decider looked at.

    Raises NotFound out of view, WrongMoment where the record has changed since it was looked at, else what
    workflow and services raise.
    """
    if not Correction.objects.in_view_of(by).filter(pk=correction.pk).exists():
        raise NotFound("没有找到这份申请。")
    with transaction.atomic():
        lock_cadre(correction.cadre, by=by, capability="")
        # The mark of a sealed record is only told when it is opened with a reason.
        blind = action in ACCEPTING and is_sealed_for(correction, by) and may_read(by, correction)
        if not seen and (action == "accept_over" or blind):
            raise Invalid(
                "请先查看档案现在的内容。", errors={"seen": ["请填写 mark：所看到的档案内容的标记。"]}
            )
        if action in ACCEPTING and seen and may_read(by, correction) and seen != mark_of(correction):
            raise WrongMoment(CHANGED_MEANWHILE)
        take(correction, action, by=by, comment=comment)
    return correction


def keep_draft(
    *, cadre: Cadre, by: User, kind: str, typed: Mapping[str, Any], record: Any = None
) -> Correction | None:
    """Keep what was typed of a request that isn't submitted yet; None where nothing was typed.

    `typed` is field → text as the form sends it, of what differs from the record. Raises as asking does.
    """
    _require_own(by, cadre)
    require_askable(by=by, cadre=cadre, kind=kind, record=record, names=())
    with transaction.atomic():
        locked = lock_cadre(cadre, by=by, capability="")
        if find_open(cadre=locked, kind=kind, record=record) is not None:
            raise WrongMoment(ONE_OPEN)
        found = find_draft(cadre=locked, kind=kind, record=record)
        if found is None and not typed:
            return None
        key = _key(kind, record)
        found = found or Correction(cadre=locked, kind=kind, record_id=key, wanted="{}", explanation="")
        found.typed = json.dumps(typed, ensure_ascii=False)
        found.save()
        return found


def keep_returned(*, correction: Correction, by: User, typed: Mapping[str, Any]) -> Correction:
    """Keep what was typed of a request that came back; raises as supplementing does."""
    _require_own(by, correction.cadre)
    if correction.status != Correction.Status.RETURNED:
        raise WrongMoment("这份申请现在不需要补充。")
    rows = Correction.objects.filter(pk=correction.pk, status=Correction.Status.RETURNED)
    rows.update(typed=json.dumps(typed, ensure_ascii=False))
    return correction


def discard_draft(*, correction: Correction, by: User) -> None:
    """Throw a draft away; raises NotAllowed for anybody else's, WrongMoment for what was submitted."""
    _require_own(by, correction.cadre)
    if correction.status != Correction.Status.DRAFT:
        raise WrongMoment("申请已经提交，不能删除；不再需要的请撤回。")
    correction.delete()


def find_draft(*, cadre: Cadre, kind: str, record: Any = None) -> Correction | None:
    """The draft about an entry (or a missing one of its kind), if one was begun."""
    rows = Correction.objects.filter(cadre=cadre, kind=kind, record_id=_key(kind, record))
    return rows.filter(status=Correction.Status.DRAFT).first()


def find_open(*, cadre: Cadre, kind: str, record: Any = None) -> Correction | None:
    """The request about an entry that is under way; of missing entries there may be several at a time."""
    if record is None and kind not in Correction.PERSONAL:
        return None
    rows = Correction.objects.filter(cadre=cadre, kind=kind, record_id=_key(kind, record))
    return rows.filter(status__in=Correction.OPEN).first()


def typed_in(correction: Correction | None) -> dict[str, Any]:
    """What was typed and not yet submitted."""
    return json.loads(correction.typed) if correction is not None and correction.typed else {}


def is_sealed_for(correction: Correction, user: Any) -> bool:
    """Whether a request says what is sensitive of somebody else: opened after a reason, as everything of the kind."""
    if correction.allows(user, "own"):
        return False
    guards = guard_of_kind(correction.kind, names_of(correction))
    return any(LEVELS[guard] == Level.SENSITIVE for guard in guards)


def differences_of(*, correction: Correction, by: User, reason: str = "") -> list[Difference]:
    """Return what a request would change; of what is sensitive after a reason, which the audit trail keeps.

    Raises NotAllowed for whoever may not read it, Invalid without a reason where one is needed.
    """
    note_opening(correction=correction, by=by, reason=reason)
    return compare(correction, is_own=correction.allows(by, "own"))


def note_opening(*, correction: Correction, by: User, reason: str) -> None:
    """Note who opens what a request says or its proof, and why; raises as `differences_of`."""
    if not may_read(by, correction):
        raise NotAllowed("您没有查看这项内容的权限。")
    if is_sealed_for(correction, by):
        audit.record(
            "correction.open", by=by, obj=correction, unit_name=correction.cadre.unit.name,
            note=f"{correction.cadre.name}：{subject_of(correction)}（{require_reason(reason)}）",
        )  # fmt: skip


def actions_on(correction: Correction, user: User) -> list[OpenAction]:
    """What one can do; to write over what is newer is offered only where something is."""
    found = open_to(correction, user)
    return [each for each in found if not (each.name == "accept_over" and each.refusal)]


def subject_of(correction: Correction) -> str:
    """What a request is about, without what it says."""
    return subject_for(correction.kind, correction.record_id)


def _require_own(by: User, cadre: Cadre) -> None:
    if not is_own(by, cadre):
        raise NotAllowed(NOT_OWN)


def _entry(row: Correction) -> Any:
    """The entry of a history a request is about; NotFound where it is gone by now."""
    if row.kind in Correction.PERSONAL or row.record_id is None:
        return None
    if (found := target_of(row)) is None:
        raise NotFound("原来的记录已经删除，请撤回这份申请。")
    return found


def _without(draft: Correction, sent: Correction) -> Correction:
    draft.delete()
    return sent


def _key(kind: str, record: Any) -> int | None:
    return None if record is None or kind in Correction.PERSONAL else record.pk


def _fill(row: Correction, given: dict[str, Any], explanation: str, proof: StoredFile | None) -> None:
    """Put the wish on a request, beside what the record says at this moment; drops what it says already."""
    row.explanation, row.proof = explanation.strip(), proof
    record = target_of(row)
    before = {} if record is None else present(record, given)
    for name in [name for name, value in before.items() if same(value, given[name])]:
        del given[name], before[name]
    if row.kind == Correction.PHOTO:
        row.photo, row.photo_before = given.get("photo"), row.cadre.photo
        row.wanted = row.before = "{}"
        if row.photo is not None and _bytes(row.photo) == _bytes(row.photo_before):
            del given["photo"]
    else:
        row.wanted, row.before = pack(given), pack(before) if record is not None else ""


def _given_again(
    row: Correction, values: Mapping[str, Any] | None, photo: StoredFile | None
) -> dict[str, Any]:
    """What a returned request asks for now: what is given anew, else what it asked for."""
    if row.kind == Correction.PHOTO:
        return {"photo": photo or row.photo}
    return dict(values) if values is not None else unpack(model_of(row.kind), row.wanted)


def _sent_before(row: Correction) -> Correction | None:
    """The open request that says the very same (a form sent twice); WrongMoment for another one about the entry."""
    rows = Correction.objects.filter(cadre=row.cadre, kind=row.kind, record_id=row.record_id)
    open_rows = list(rows.filter(status__in=Correction.OPEN).select_related("photo"))
    for each in open_rows:
        if (each.wanted, each.explanation, _bytes(each.photo)) == (
            row.wanted,
            row.explanation,
            _bytes(row.photo),
        ):
            return each
    if open_rows and (row.record_id is not None or row.kind in Correction.PERSONAL):
        raise WrongMoment(ONE_OPEN)
    return None


def _bytes(photo: StoredFile | None) -> str:
    return photo.sha256 if photo is not None else ""


def _check_words(row: Correction, given: Mapping[str, Any]) -> None:
    if row.kind == Correction.PHOTO and not given.get("photo"):
        sentence = "请选择一张与档案现在不同的照片。"
        raise Invalid(sentence, errors={"photo": [sentence]})
    if not given:
        raise Invalid("没有修改任何内容，请在要更正的项目上填写正确的内容。")
    if not ASKABLE[row.kind].needs_proof:
        return
    errors = {}
    if not row.explanation:
        errors["explanation"] = ["请说明为什么更正。"]
    if row.proof is None and needs_proof(row.kind, given):
        errors["proof"] = ["请上传证明材料，如证书、文件的照片或扫描件。"]
    if errors:
        raise Invalid("请补全说明和证明材料。", errors=errors)


def _check_entry(row: Correction, given: Mapping[str, Any]) -> None:
    """A missing entry, or one's own judgement, keeps the rules of its kind by itself, so that it can be accepted."""
    if row.kind in Correction.PERSONAL or (row.record_id is not None and row.kind != "competence"):
        return
    model = model_of(row.kind)
    probe = target_of(row) or model(cadre=row.cadre)
    values = {**given, **ASKABLE[row.kind].given}
    if row.kind == "appointment":
        set_values(probe, values)
        check_entry(probe)
    else:
        set_values(probe, worded(kind_of(model), None, values))
        check_record(probe)


__all__ = [
    "BASIC",
    "CORRECTABLE",
    "FILES",
    "Difference",
    "actions_on",
    "differences_of",
    "discard_draft",
    "find_draft",
    "find_open",
    "is_sealed_for",
    "keep_draft",
    "keep_returned",
    "may_read",
    "note_opening",
    "request_correction",
    "subject_of",
    "supplement_correction",
    "take_on_correction",
    "typed_in",
]
