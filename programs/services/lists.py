"""The one list (名单) that a central school files for its schools in a call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction

from accounts.models import Unit, User
from accounts.scope import require
from core import audit
from core.calendar import now, today
from core.errors import Invalid, WrongMoment
from core.workflow import take
from programs.avoidance import avoided_by
from programs.models import Call, CallStep, CentralList, Nomination

audit.register("list.filed", "报送名单")

NOT_LISTED = "未列入名单。"


def cases_for_list(call: Call, unit: Unit, *, by: User | None = None) -> Sequence[Nomination]:
    """Return the cases of a central school's subtree that stand at the list step, in their present order.

    With `by` those are left out that this person has to avoid (回避): a colleague adds them later (补报).
    """
    cases = Nomination.objects.under_way().filter(
        call=call, unit_path__startswith=unit.path, step__kind=CallStep.Kind.LIST
    )
    if by is not None:
        cases = cases.exclude(cadre__in=avoided_by(by))
    return list(cases.select_related("cadre", "unit").order_by("list_rank", "submitted_at", "pk"))


def file_list(
    *,
    call: Call,
    unit: Unit,
    ids: Iterable[int],
    by: User,
    note: str = "",
    reject_ids: Iterable[int] = (),
    comment: str = "",
) -> CentralList:
    """File a central school's one list: the cases in rank order go on to the bureau, all or none.

    Cases in `reject_ids` are turned down with „未列入名单“; those in neither stay at the step and may be
    added later by passing them (补报). Raises WrongMoment when a list was filed or is past its due date,
    Invalid when a case isn't at this step of this central school, else as passing does.
    """
    require(by, "nomination.list", unit)
    ranked, dropped = list(ids), list(dict.fromkeys(reject_ids))
    if unit.kind != Unit.Kind.CENTRAL:
        raise Invalid("名单由中心校报送。", errors={"unit": ["名单由中心校报送。"]})
    if not ranked or len(set(ranked)) != len(ranked) or set(ranked) & set(dropped):
        words = "请至少列入一人，每人只列一次。"
        raise Invalid(words, errors={"ids": [words]})
    if call.list_due and today() > call.list_due:
        due = call.list_due
        raise WrongMoment(f"名单报送已于{due.year}年{due.month}月{due.day}日截止，请联系局人事延长。")
    if CentralList.objects.filter(call=call, unit=unit).exists():
        raise WrongMoment(_filed(unit))
    with transaction.atomic():
        standing = {case.pk: case for case in cases_for_list(call, unit)}
        if set(ranked + dropped) - set(standing):
            words = "有的推荐已不在“名单”步骤，请刷新后重新排序。"
            raise Invalid(words, errors={"ids": [words]})
        filed = _create(call, unit, by, note)
        for rank, pk in enumerate(ranked, start=1):
            take(standing[pk], "pass", by=by, comment=comment, rank=rank)
        for pk in dropped:
            take(standing[pk], "reject", by=by, comment=NOT_LISTED)
        names = [str(standing[pk].nominee) for pk in ranked]
        audit.record("list.filed", by=by, obj=filed, after={"names": names}, unit_name=unit.name)
    return filed


def _create(call: Call, unit: Unit, by: User, note: str) -> CentralList:
    try:
        with transaction.atomic():
            return CentralList.objects.create(call=call, unit=unit, filed_by=by, filed_at=now(), note=note)
    except IntegrityError:
        raise WrongMoment(_filed(unit)) from None


def _filed(unit: Unit) -> str:
    return f"{unit.name}的名单已经报送；之后补正的推荐可以单独通过（补报）。"
