"""What is shown one row at a time: who may open it, the reason, the entry in the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.scope import may_on
from cadres.fields import fields_for, is_own
from cadres.kinds import cadre_of, guard_of, sealed_of
from cadres.models import Cadre
from core import audit
from core.errors import Invalid, NotAllowed

audit.register("cadre.reveal_identity", "查看身份证号")
audit.register("history.reveal", "查看保密内容")
audit.register("cadre.print", "打印干部档案")

SHORTEST_REASON = 2
OWN_REASON = "本人查看"
REFUSED = "您没有查看这项内容的权限。"


@dataclass(frozen=True)
class Opened:
    """One encrypted column in clear."""

    label: str
    text: str


def reveal_record(*, record: Any, by: User, reason: str) -> list[Opened]:
    """Return the encrypted columns of one row in clear and note who looked, and why.

    A row is a cadre (its identity number), an entry of a history or a review below it. One's own family and
    requests open without a reason, and are noted too. Raises NotAllowed for whoever may not see sensitive
    information of this person, Invalid without a reason.
    """
    is_cadre = isinstance(record, Cadre)
    cadre = record if is_cadre else cadre_of(record)
    if not may_open(by, cadre, record):
        raise NotAllowed(REFUSED)
    reason = OWN_REASON if not is_cadre and is_own(by, cadre) else require_reason(reason)
    action = "cadre.reveal_identity" if is_cadre else "history.reveal"
    note = reason if is_cadre else f"{cadre.name}：{record._meta.verbose_name}（{reason}）"
    audit.record(action, by=by, obj=record, note=note, unit_name=cadre.unit.name)
    names = _of_person(record) if is_cadre else sealed_of(record)
    return [Opened(str(record._meta.get_field(name).verbose_name), getattr(record, name)) for name in names]


def require_reason(reason: str) -> str:
    """Return a reason for looking, in one line; raises Invalid without one."""
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        raise Invalid("请写明查看的理由。", errors={"reason": ["请写明查看的理由，会记入审计。"]})
    return reason


def _of_person(cadre: Cadre) -> tuple[str, ...]:
    """The number, and what is known of the health."""
    return ("id_number", "health") if cadre.health else ("id_number",)


def may_open(user: Any, cadre: Cadre, record: Any) -> bool:
    """Whether a user may open a row's encrypted columns; of one's own number the masked form is enough."""
    sees_sensitive = may_on(user, "cadre.view_sensitive", cadre)
    if isinstance(record, Cadre):
        return sees_sensitive
    return guard_of(record) in fields_for(user, cadre) and (sees_sensitive or is_own(user, cadre))


def require_sight(user: Any, cadre: Cadre, guard: str) -> None:
    """Refuse to write what one may not read: raises NotAllowed unless the history is in the writer's sight."""
    if guard not in fields_for(user, cadre):
        raise NotAllowed(REFUSED)


def note_print(*, cadre: Cadre, by: User) -> None:
    """Note that somebody put a person's record on paper."""
    audit.record("cadre.print", by=by, obj=cadre, unit_name=cadre.unit.name)
