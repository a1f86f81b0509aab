"""Family members who are on the roster themselves: a link counts for 回避 once HR has confirmed it."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import User
from cadres.models import Cadre, FamilyMember
from cadres.services.changes import lock_cadre, touch
from cadres.services.sealed import require_sight
from core import audit
from core.calendar import now
from core.errors import NotAllowed, WrongMoment

audit.register("family.confirm_kin", "核实亲属关系")
audit.register("family.withdraw_kin", "撤销亲属关系核实")


def complete(stored: FamilyMember | None, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with the confirmation taken back where the link now leads to somebody else."""
    if stored is None or "kin" not in values or values["kin"] == stored.kin:
        return values
    return {**values, "kin_confirmed_at": None, "kin_confirmed_by": None}


def confirm_kin(*, record: FamilyMember, by: User) -> FamilyMember:
    """Confirm that a family member is the linked cadre; from now on the two avoid each other's cases.

    Raises WrongMoment without a link or where it is confirmed, NotAllowed for one's own family.
    """
    return _set(record, by, "family.confirm_kin", confirmed=True)


def withdraw_kin(*, record: FamilyMember, by: User) -> FamilyMember:
    """Take a confirmation back; raises WrongMoment where there is none."""
    return _set(record, by, "family.withdraw_kin", confirmed=False)


def _set(record: FamilyMember, by: User, action: str, *, confirmed: bool) -> FamilyMember:
    with transaction.atomic():
        cadre = lock_cadre(record.cadre, by=by)
        require_sight(by, cadre, "family")
        locked = FamilyMember.objects.select_for_update(of=("self",)).select_related("kin").get(pk=record.pk)
        if locked.kin is None:
            raise WrongMoment("还没有选定名册中的干部，请先修改这一条。")
        if by.pk in (cadre.user_id, locked.kin.user_id):
            raise NotAllowed("这是您本人的亲属关系，应当由他人核实。")
        if confirmed == (locked.kin_confirmed_at is not None):
            raise WrongMoment("这一亲属关系已经核实。" if confirmed else "这一亲属关系还没有核实。")
        locked.kin_confirmed_at = now() if confirmed else None
        locked.kin_confirmed_by = by if confirmed else None
        locked.save(update_fields=["kin_confirmed_at", "kin_confirmed_by", "updated_at"])
        audit.record(
            action, by=by, obj=locked, unit_name=cadre.unit.name,
            note=f"{cadre.name}（{locked.relation}）—{locked.kin.name}（{locked.kin.unit.name}）",
        )  # fmt: skip
        touch(cadre)
        return locked


def is_kin_of(user: Any, cadre: Cadre) -> bool:
    """Whether a user's own record is confirmed kin of a cadre (回避)."""
    return cadre.user_id != user.pk and Cadre.objects.avoided_by(user).filter(pk=cadre.pk).exists()


def require_unrelated(user: Any, cadre: Cadre, *, own: str, kin: str) -> None:
    """Refuse whoever is the cadre (`own` says why) or confirmed kin (`kin`): raises NotAllowed."""
    if cadre.user_id is not None and cadre.user_id == user.pk:
        raise NotAllowed(own)
    if is_kin_of(user, cadre):
        raise NotAllowed(kin)
