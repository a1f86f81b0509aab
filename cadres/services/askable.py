"""What a cadre may ask to have corrected: which fields of which record, whether a missing entry, with a proof or not.

What isn't named here can't be asked for: oversight, the pool and the bureau's evaluations are the organisation's
own record, as are a plan's mentor and reviews, and what others say of somebody's competences.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from cadres.fields import fields_for
from cadres.kinds import KINDS
from cadres.models import Appointment, Cadre, CompetenceProfile, Correction
from core.errors import NotAllowed, NotFound

NOT_ASKED = "这类记录不能由本人申请更正。"


@dataclass(frozen=True)
class Askable:
    """One kind: fields of an entry, fields of a missing entry (None: can't be asked for), what they need.

    `given` is what an entry of one's own says in any case; an entry that says otherwise isn't one's own to correct.
    """

    names: frozenset[str]
    missing: frozenset[str] | None = None
    needs_proof: bool = True
    given: Mapping[str, Any] = field(default_factory=dict)


def _history(kind: str, *, leaving_out: Collection[str] = ()) -> Askable:
    names = frozenset(KINDS[kind].fields) - set(leaving_out)
    return Askable(names, names)


BASIC = (
    "name", "gender", "birth", "id_number", "ethnicity", "native_place", "birthplace", "work_start", "speciality",
    "phone",
)  # fmt: skip
_POST = frozenset({"title", "start", "end", "document_number"})
_SCORES = frozenset({"on", "scores", "note"})

ASKABLE: dict[str, Askable] = {
    Correction.BASIC: Askable(frozenset(BASIC)),
    Correction.PHOTO: Askable(frozenset({"photo"}), needs_proof=False),
    # Which unit and kind a post has is the organisation's to say; a missing one is told in full.
    "appointment": Askable(_POST, _POST | {"unit", "unit_text", "kind", "is_main"}),
    **{
        kind: _history(kind)
        for kind in (
            "education", "title", "certificate", "rank", "political", "assessment", "honour", "career", "talent",
        )
    },
    # Who of the roster is kin is HR's to link and to confirm.
    "family": _history("family", leaving_out=("kin",)),
    "plan": Askable(frozenset({"goals", "measures", "start", "end"})),
    "competence": Askable(
        _SCORES, _SCORES, needs_proof=False, given={"source": CompetenceProfile.Source.SELF.value}
    ),
}  # fmt: skip
# Kinds of entries: whether a missing one can be asked for too.
CORRECTABLE: dict[str, bool] = {
    kind: each.missing is not None for kind, each in ASKABLE.items() if kind not in Correction.PERSONAL
}
# What changes often and proves itself.
WITHOUT_PROOF = frozenset({"phone"})


def needs_proof(kind: str, names: Collection[str]) -> bool:
    """Whether a request must come with a proof."""
    return ASKABLE[kind].needs_proof and not set(names) <= WITHOUT_PROOF


def model_of(kind: str) -> type[Any]:
    """The table a request is about."""
    if kind in Correction.PERSONAL:
        return Cadre
    return Appointment if kind == "appointment" else KINDS[kind].model


def guard_of_kind(kind: str, names: Collection[str]) -> frozenset[str]:
    """The names in cadres.fields that say who may see what a request asks for."""
    if kind in Correction.PERSONAL:
        return frozenset({"work" if name == "work_start" else name for name in names})
    return frozenset({"posts" if kind == "appointment" else KINDS[kind].guard})


def subject_for(kind: str, record_id: int | None) -> str:
    """What a request is about, without what it says."""
    if kind == Correction.BASIC:
        return "更正基本信息"
    if kind == Correction.PHOTO:
        return "更换照片"
    word = "能力自评" if kind == "competence" else str(model_of(kind)._meta.verbose_name)
    return f"更正{word}" if record_id else f"补登{word}"


def may_ask(kind: str, record: Any) -> bool:
    """Whether an entry (None: a missing one) is among what its person may ask to have corrected."""
    if kind not in ASKABLE:
        return False
    asked = ASKABLE[kind]
    if record is None:
        return asked.missing is not None
    return all(getattr(record, name) == value for name, value in asked.given.items())


def require_askable(*, by: User, cadre: Cadre, kind: str, record: Any, names: Collection[str]) -> None:
    """Raise NotAllowed for what isn't theirs to ask, NotFound for an entry of somebody else's."""
    if not may_ask(kind, record if kind not in Correction.PERSONAL else cadre):
        raise NotAllowed(NOT_ASKED)
    asked = ASKABLE[kind]
    is_missing = record is None and kind not in Correction.PERSONAL
    if not set(names) <= ((asked.missing or frozenset()) if is_missing else asked.names):
        raise NotAllowed("申请中有不能由本人更正的项目。")
    if kind not in Correction.PERSONAL:
        if not guard_of_kind(kind, ()) <= fields_for(by, cadre):
            raise NotAllowed(NOT_ASKED)
        if record is not None and record.cadre_id != cadre.pk:
            raise NotFound("没有找到这条记录。")
