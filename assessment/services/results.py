"""Verbs on results: the person rated confirms having read them. They are worked out when the round closes (scoring)."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from assessment.models import Round, SubjectResult
from core import audit
from core.calendar import now
from core.errors import NotAllowed, NotFound, WrongMoment

audit.register("result.confirmed", "确认评价结果")


def confirm(*, result: SubjectResult, by: User) -> SubjectResult:
    """Note that the person rated has read the published result; once confirmed it stays as it was.

    Raises NotFound for whoever may not see it, NotAllowed for anybody but the person, WrongMoment before publishing.
    """
    with transaction.atomic():
        rows = SubjectResult.objects.select_for_update(of=("self",)).select_related(
            "subject__round", "subject__cadre", "subject__unit"
        )
        locked = rows.get(pk=result.pk)
        if not SubjectResult.objects.visible_to(by).filter(pk=locked.pk).exists():
            raise NotFound
        if locked.subject.cadre.user_id != by.pk:
            raise NotAllowed("评价结果由本人确认。")
        if locked.subject.round.status != Round.Status.PUBLISHED:
            raise WrongMoment("结果还没有公布。")
        if locked.confirmed_at is None:
            locked.confirmed_at, locked.confirmed_by = now(), by
            locked.save(update_fields=["confirmed_at", "confirmed_by"])
            audit.record("result.confirmed", by=by, obj=locked.subject.round,
                         unit_name=locked.subject.unit.name)  # fmt: skip
    result.refresh_from_db()
    return result
