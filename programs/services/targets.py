"""Limiting a call to people that were chosen beforehand, for example by a saved query."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.scope import require
from cadres.models import Cadre
from cadres.services.chosen import insert_chosen
from core import audit
from core.calendar import now
from core.errors import Invalid, WrongMoment
from programs.models import Call, CallTarget, CallTargets
from programs.places import lock_call

audit.register("call.targets_set", "限定推荐范围")
audit.register("call.targets_cleared", "取消推荐范围")


def set_targets(*, call: Call, people: QuerySet[Cadre], words: str, by: User) -> CallTargets:
    """Limit a drafted call to people, as they are found now; one statement however many they are.

    `words` say how they were chosen and are shown with the call. An earlier limit is replaced. Needs
    `call.manage`. Raises WrongMoment once the call is open, Invalid when nobody is found.
    """
    with transaction.atomic():
        _locked(call, by)
        CallTarget.objects.filter(call=call).delete()
        count = insert_chosen(CallTarget, people, call_id=call.pk)
        if not count:
            raise Invalid("没有符合条件的干部，不能作为推荐范围。")
        values = {"words": words, "count": count, "set_by": by, "set_at": now()}
        targets, _ = CallTargets.objects.update_or_create(call=call, defaults=values)
        audit.record(
            "call.targets_set",
            by=by,
            obj=call,
            after={"推荐范围": words, "人数": count},
            unit_name=call.unit.name,
        )
        return targets


def clear_targets(*, call: Call, by: User) -> None:
    """Lift the limit of a drafted call."""
    with transaction.atomic():
        _locked(call, by)
        CallTarget.objects.filter(call=call).delete()
        if CallTargets.objects.filter(call=call).delete()[0]:
            audit.record("call.targets_cleared", by=by, obj=call, unit_name=call.unit.name)


def require_target(call: Call, cadre: Cadre) -> None:
    """Refuse somebody outside the people a call is limited to. Raises Invalid with the words of the choice."""
    targets = CallTargets.objects.filter(call=call).first()
    if targets is None or CallTarget.objects.filter(call=call, cadre=cadre).exists():
        return
    sentence = f"{cadre.name}不在本次征集的推荐范围（{targets.words}）。"
    raise Invalid(sentence, errors={"cadre": [sentence]})


def _locked(call: Call, by: User) -> Call:
    require(by, "call.manage", call)
    locked = lock_call(call.pk)
    if Call.objects.get(pk=call.pk).status != Call.Status.DRAFT:
        raise WrongMoment("征集已经开始，不能再改推荐范围。")
    return locked
