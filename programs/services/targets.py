"""Limiting a call to people that were chosen beforehand, for example by a saved query."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.scope import require
from cadres.models import Cadre
from cadres.services.chosen import Limit
from core import audit
from core.errors import Invalid, WrongMoment
from programs.models import Call, CallTarget, CallTargets
from programs.places import lock_call

audit.register("call.targets_set", "限定推荐范围")
audit.register("call.targets_cleared", "取消推荐范围")

_LIMIT = Limit(CallTargets, CallTarget, "call", "推荐范围", "call.targets_set", "call.targets_cleared")


def set_targets(*, call: Call, people: QuerySet[Cadre], words: str, by: User) -> CallTargets:
    """Limit a drafted call to people, as they are found now; one statement however many they are.

    `words` say how they were chosen and are shown with the call. An earlier limit is replaced. Needs
    `call.manage`. Raises WrongMoment once the call is open, Invalid when nobody is found.
    """
    with transaction.atomic():
        targets: CallTargets = _LIMIT.set(_locked(call, by), people, words, by)
        return targets


def clear_targets(*, call: Call, by: User) -> None:
    """Lift the limit of a drafted call."""
    with transaction.atomic():
        _LIMIT.clear(_locked(call, by), by)


def require_target(call: Call, cadre: Cadre) -> None:
    """Refuse somebody outside the people a call is limited to. Raises Invalid with the words of the choice."""
    words = _LIMIT.keeps_out(call, cadre)
    if words:
        sentence = f"{cadre.name}不在本次征集的推荐范围（{words}）。"
        raise Invalid(sentence, errors={"cadre": [sentence]})


def _locked(call: Call, by: User) -> Call:
    require(by, "call.manage", call)
    locked = lock_call(call.pk)
    if locked.status != Call.Status.DRAFT:
        raise WrongMoment("征集已经开始，不能再改推荐范围。")
    return locked
