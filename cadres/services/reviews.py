"""Periodic reviews: of reserve entries once a year, of development plans on any day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from cadres.kinds import KINDS, REFUSALS, REVIEWS, ReviewKind
from cadres.models import Cadre, DevelopmentPlan, PlanReview, ReserveEntry, ReserveReview
from cadres.services.changes import check, lock_cadre, save_changes, shown, touch
from cadres.services.sealed import require_sight
from core import audit
from core.calendar import today
from core.errors import Invalid

audit.register("review.add", "登记审核评估")
audit.register("review.delete", "删除误登的审核评估")


def review_reserve(
    *, record: ReserveEntry, by: User, year: int, status: str, opinion: str = ""
) -> ReserveReview:
    """Record the yearly review of a reserve entry; its conclusion becomes the entry's status.

    Raises Invalid for a year to come, a year before the entry, or one reviewed already.
    """
    if year > today().year or (record.start is not None and year < record.start.year):
        sentence = "审核年度应在列入后备之后，且不晚于今年。"
        raise Invalid(sentence, errors={"year": [sentence]})
    with transaction.atomic():
        review = _add(REVIEWS["reserve"], record, by, year=year, status=status, opinion=opinion)
        newest = record.reviews.order_by("-year").first()
        if newest is not None and newest.pk == review.pk:
            _follow(record, status, by)
        return review


def review_plan(
    *, record: DevelopmentPlan, by: User, on: dt.date, progress: str, advice: str = ""
) -> PlanReview:
    """Record a review of a development plan; raises Invalid for a day to come or one reviewed already."""
    if on > today():
        raise Invalid("评估日期不能晚于今天。", errors={"on": ["评估日期不能晚于今天。"]})
    return _add(REVIEWS["plan"], record, by, on=on, progress=progress, advice=advice)


def delete_review(*, review: Any, by: User, reason: str) -> None:
    """Take out a review that was entered by mistake; the audit keeps what it said."""
    if not reason.strip():
        raise Invalid("请写明删除的理由。", errors={"reason": ["请写明删除的理由。"]})
    kind = next(each for each in REVIEWS.values() if isinstance(review, each.model))
    with transaction.atomic():
        cadre = _locked(getattr(review, kind.link).cadre, kind, by)
        audit.record(
            "review.delete", by=by, obj=review, before=shown(review, kind.fields), unit_name=cadre.unit.name,
            note=f"{cadre.name}：{reason.strip()}",
        )  # fmt: skip
        review.delete()
        touch(cadre)


def _locked(cadre: Cadre, kind: ReviewKind, by: User) -> Cadre:
    locked = lock_cadre(cadre, by=by)
    require_sight(by, locked, KINDS[kind.parent].guard)
    return locked


def _add(kind: ReviewKind, record: Any, by: User, **values: Any) -> Any:
    with transaction.atomic():
        cadre = _locked(record.cadre, kind, by)
        review = kind.model(**{kind.link: record}, reviewed_by=by, **values)
        check(review)
        try:
            with transaction.atomic():
                review.save(force_insert=True)
        except IntegrityError as error:
            for constraint, (field, sentence) in REFUSALS.items():
                if constraint in str(error):
                    raise Invalid(sentence, errors={field: [sentence]}) from None
            raise
        touch(cadre)
        audit.record(
            "review.add", by=by, obj=review, after=shown(review, kind.fields), unit_name=cadre.unit.name,
            note=f"{cadre.name}：{kind.label}",
        )  # fmt: skip
        return review


def _follow(entry: ReserveEntry, status: str, by: User) -> None:
    """The pool's standing follows its newest review; it is a roster code (ZB43), no workflow's state."""
    locked = ReserveEntry.objects.select_for_update().get(pk=entry.pk)
    cadre = entry.cadre
    save_changes(
        locked, {"status": status}, action="history.edit", by=by, unit_name=cadre.unit.name,
        note=f"{cadre.name}：年度审核",
    )  # fmt: skip
