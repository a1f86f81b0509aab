"""Verbs on requests for correction: ask, supplement, decide; what each shows and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from cadres.fields import LEVELS, Level, fields_for, is_own
from cadres.models import Cadre, Correction
from cadres.services.changes import lock_cadre
from cadres.services.correction_flow import (
    guard_of_kind,
    may_read,
    model_of,
    target_of,
    unpack_names,
)
from cadres.services.wanted import in_words, label_of, pack, present, unpack
from core import audit
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment
from core.files import StoredFile
from core.workflow import take

audit.register("correction.open", "查看更正申请的保密内容")

BASIC = (
    "name", "gender", "birth", "id_number", "ethnicity", "native_place", "work_start", "phone",
)  # fmt: skip
# What one may ask to have corrected, and whether a missing entry can be asked for too. Plans, profiles,
# the pool and oversight are the organisation's own record.
CORRECTABLE: dict[str, bool] = {
    "appointment": False, "education": True, "title": True, "certificate": True, "rank": True, "political": True,
    "assessment": True, "honour": True, "career": True, "talent": True, "family": True,
}  # fmt: skip
# What changes often and proves itself.
WITHOUT_PROOF = frozenset({"phone"})


@dataclass(frozen=True)
class Difference:
    """A field as it stands and as it is wished."""

    name: str
    label: str
    stored: str
    wanted: str


def request_correction(
    *,
    cadre: Cadre,
    by: User,
    kind: str,
    values: Mapping[str, Any],
    explanation: str,
    record: Any = None,
    proof: StoredFile | None = None,
) -> Correction:
    """Ask for one's own record to be corrected, or for a missing entry; those who keep it are told.

    `values` are field → value as the service that will write them takes them. Raises NotAllowed for anybody
    but the cadre and for what isn't theirs to ask, Invalid without a change, an explanation or a proof,
    WrongMoment while another request about the same entry is open.
    """
    if not is_own(by, cadre):
        raise NotAllowed("更正由本人申请。")
    _check_askable(by, cadre, kind, record)
    _check_words(values, explanation, proof)
    with transaction.atomic():
        locked = lock_cadre(cadre, by=by, capability="")
        key = None if kind == Correction.BASIC or record is None else record.pk
        if record is not None or kind == Correction.BASIC:
            same = Correction.objects.filter(cadre=locked, kind=kind, record_id=key)
            if same.filter(status__in=Correction.OPEN).exists():
                raise WrongMoment("这一项已有一份更正申请在办理，请等待结果，或先撤回那一份。")
        made = Correction.objects.create(
            cadre=locked, kind=kind, record_id=key, wanted=pack(values), explanation=explanation.strip(),
            proof=proof,
        )  # fmt: skip
        take(made, "submit", by=by)
        return made


def supplement_correction(
    *, correction: Correction, by: User, explanation: str, proof: StoredFile | None = None
) -> Correction:
    """Complete a returned request and submit it again; a file that is given takes the place of the first."""
    if not correction.allows(by, "own"):
        raise NotAllowed("更正由本人申请。")
    with transaction.atomic():
        locked = Correction.objects.select_for_update(of=("self",)).get(pk=correction.pk)
        if locked.status != Correction.Status.RETURNED:
            raise WrongMoment("这份申请现在不需要补充。")
        if not explanation.strip():
            raise Invalid("请填写说明。", errors={"explanation": ["请填写说明。"]})
        locked.explanation = explanation.strip()
        locked.proof = proof or locked.proof
        locked.save(update_fields=["explanation", "proof", "updated_at"])
        take(locked, "submit", by=by)
        return locked


def take_on_correction(*, correction: Correction, action: str, by: User, comment: str = "") -> Correction:
    """Accept, return, decline or withdraw; raises NotFound out of view, else what workflow and services raise."""
    if not Correction.objects.in_view_of(by).filter(pk=correction.pk).exists():
        raise NotFound("没有找到这份申请。")
    take(correction, action, by=by, comment=comment)
    return correction


def differences_of(*, correction: Correction, by: User) -> list[Difference]:
    """Return what a request would change, and note it where it shows what is confidential.

    Raises NotAllowed for whoever may not read it.
    """
    if not may_read(by, correction):
        raise NotAllowed("您没有查看这项内容的权限。")
    model = model_of(correction.kind)
    wanted = unpack(model, correction.wanted)
    record = target_of(correction)
    stored = present(record, wanted) if record is not None else dict.fromkeys(wanted)
    if _is_confidential(correction) and not correction.allows(by, "own"):
        audit.record("correction.open", by=by, obj=correction, note=correction.cadre.name,
                     unit_name=correction.cadre.unit.name)  # fmt: skip
    found = [
        Difference(
            name, label_of(model, name), in_words(model, name, stored[name]), in_words(model, name, value)
        )
        for name, value in wanted.items()
    ]
    return found if record is not None else [each for each in found if each.wanted != each.stored]


def subject_of(correction: Correction) -> str:
    """What a request is about, without what it says."""
    if correction.kind == Correction.BASIC:
        return "更正基本信息"
    word = str(model_of(correction.kind)._meta.verbose_name)
    return f"更正{word}" if correction.record_id else f"补登{word}"


def _is_confidential(correction: Correction) -> bool:
    guards = guard_of_kind(correction.kind, unpack_names(correction))
    return any(LEVELS[guard] == Level.SENSITIVE for guard in guards)


def _check_askable(by: User, cadre: Cadre, kind: str, record: Any) -> None:
    if kind == Correction.BASIC:
        return
    if kind not in CORRECTABLE or (record is None and not CORRECTABLE[kind]):
        raise NotAllowed("这类记录不能由本人申请更正。")
    if not guard_of_kind(kind, ()) <= fields_for(by, cadre):
        raise NotAllowed("这类记录不能由本人申请更正。")
    if record is not None and record.cadre_id != cadre.pk:
        raise NotFound("没有找到这条记录。")


def _check_words(values: Mapping[str, Any], explanation: str, proof: StoredFile | None) -> None:
    if not values:
        raise Invalid("没有修改任何内容，请在要更正的项目上填写正确的内容。")
    errors = {}
    if not explanation.strip():
        errors["explanation"] = ["请说明为什么更正。"]
    if proof is None and not set(values) <= WITHOUT_PROOF:
        errors["proof"] = ["请上传证明材料，如证书、文件的照片或扫描件。"]
    if errors:
        raise Invalid("请补全说明和证明材料。", errors=errors)
