"""Periodic reviews: of reserve entries once a year, of development plans by their mentors or by HR."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from cadres.kinds import KINDS, REFUSALS, REVIEWS, ReviewKind
from cadres.models import Cadre, DevelopmentPlan, PlanReview, ReserveEntry, ReserveReview
from cadres.services.changes import (
    check,
    check_version,
    lock_cadre,
    lock_row,
    save_changes,
    set_values,
    shown,
    touch,
)
from cadres.services.family import require_unrelated
from cadres.services.mentoring import is_mentor, tell_of_review
from cadres.services.sealed import require_sight
from core import audit
from core.calendar import today
from core.errors import Invalid, NotAllowed

audit.register("review.add", "登记审核评估")
audit.register("review.edit", "修改审核评估")
audit.register("review.delete", "删除误登的审核评估")

_OWN = "这是您本人的审核评估，应当由他人办理。"
_KIN = "对方是您的亲属，应当回避。"
# The yearly review is held in the last quarter and called late until the end of the next one; no source names
# the months, only that it is yearly (1-domain: "yearly review").
FIRST_MONTH, LAST_LATE_MONTH = 10, 3


def review_round(day: dt.date) -> int | None:
    """Return the year whose reserve review is on (or late) on a day, None in between."""
    if day.month >= FIRST_MONTH:
        return day.year
    return day.year - 1 if day.month <= LAST_LATE_MONTH else None


def review_reserve(
    *, record: ReserveEntry, by: User, year: int, status: str, opinion: str = ""
) -> ReserveReview:
    """Record the yearly review of a reserve entry; its conclusion becomes the entry's status.

    Raises Invalid for a year to come, a year before the entry, or one reviewed already; NotAllowed for one's
    own entry and kin's.
    """
    with transaction.atomic():
        review = _add(REVIEWS["reserve"], record, by, year=year, status=status, opinion=opinion)
        _follow(record, by, {review.pk})
        return review


def review_plan(
    *, record: DevelopmentPlan, by: User, on: dt.date, progress: str, advice: str = ""
) -> PlanReview:
    """Record a review of a development plan by its mentor, of which the person hears, or by who keeps the record.

    Raises Invalid for a day to come, before the plan, or reviewed already; NotFound or NotAllowed for others.
    """
    with transaction.atomic():
        by_mentor = is_mentor(by, record)
        values = {"on": on, "progress": progress, "advice": advice, "by_mentor": by_mentor}
        review = _add(REVIEWS["plan"], record, by, **values)
        if by_mentor:
            tell_of_review(review)
        return review


def edit_review(*, review: Any, by: User, version: str = "", **values: Any) -> Any:
    """Correct a review; the entry's status follows its newest one. `values` are columns of the review's kind.

    A mentor's words are changed by the mentor alone. Raises Stale for an older version, Invalid and NotAllowed
    as adding does.
    """
    kind = _kind_of(review)
    unknown = set(values) - set(kind.fields)
    if unknown:
        raise TypeError(f"not a field of {kind.label}: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        entry = getattr(review, kind.link)
        cadre = _locked(entry, kind, by, review)
        locked = lock_row(kind.model.objects.all(), review.pk)
        check_version(locked, version)
        newest = _newest(entry) if kind.parent == "reserve" else None
        probe = kind.model.objects.get(pk=locked.pk)
        set_values(probe, values)
        _check(kind, entry, probe)
        note = f"{cadre.name}：{kind.label}"
        try:
            with transaction.atomic():
                changed = save_changes(
                    locked, values, action="review.edit", by=by, unit_name=cadre.unit.name, note=note
                )  # fmt: skip
        except IntegrityError as error:
            raise _refused(error) from None
        if newest is not None and {"year", "status"} & set(changed):
            _follow(entry, by, {locked.pk, _newest(entry) if newest == locked.pk else None})
        if changed:
            _touch(entry, cadre)
        return locked


def delete_review(*, review: Any, by: User, reason: str) -> None:
    """Take out a review that was entered by mistake; the audit keeps what it said.

    The entry's status goes back to that of the review before, where there is one. For whoever keeps the record
    alone. Raises NotFound where it is gone already.
    """
    if not reason.strip():
        raise Invalid("请写明删除的理由。", errors={"reason": ["请写明删除的理由。"]})
    kind = _kind_of(review)
    with transaction.atomic():
        entry = getattr(review, kind.link)
        cadre = lock_cadre(entry.cadre, by=by)
        require_unrelated(by, cadre, own=_OWN, kin=_KIN)
        require_sight(by, cadre, KINDS[kind.parent].guard)
        locked = lock_row(kind.model.objects.all(), review.pk)
        newest = _newest(entry) if kind.parent == "reserve" else None
        audit.record(
            "review.delete", by=by, obj=review, before=shown(locked, kind.fields), unit_name=cadre.unit.name,
            note=f"{cadre.name}：{reason.strip()}",
        )  # fmt: skip
        gone = locked.pk
        locked.delete()
        if newest == gone:
            _follow(entry, by, {_newest(entry)})
        _touch(entry, cadre)


def may_edit(user: Any, review: Any) -> bool:
    """Whether a review's words are a keeper's to correct, or its author's; the record must be theirs as well."""
    return not getattr(review, "by_mentor", False) or review.reviewed_by_id == user.pk


def _kind_of(review: Any) -> ReviewKind:
    return next(each for each in REVIEWS.values() if isinstance(review, each.model))


def _locked(entry: Any, kind: ReviewKind, by: User, review: Any = None) -> Cadre:
    """The person's row, locked, for whoever keeps the record, and for the plan's mentor (own reviews only)."""
    mentors = isinstance(entry, DevelopmentPlan) and is_mentor(by, entry)
    own_words = review is None or review.reviewed_by_id == by.pk
    locked = lock_cadre(entry.cadre, by=by, capability="" if mentors and own_words else "cadre.edit")
    require_unrelated(by, locked, own=_OWN, kin=_KIN)
    if not (mentors and own_words):
        require_sight(by, locked, KINDS[kind.parent].guard)
    if review is not None and not may_edit(by, review):
        raise NotAllowed("这是导师写的评估，由导师本人修改；误登的可以删除。")
    lock_row(type(entry).objects.all(), entry.pk)  # it may have been taken out meanwhile
    return locked


def _add(kind: ReviewKind, record: Any, by: User, **values: Any) -> Any:
    with transaction.atomic():
        cadre = _locked(record, kind, by)
        review = kind.model(**{kind.link: record}, reviewed_by=by, **values)
        _check(kind, record, review)
        try:
            with transaction.atomic():
                review.save(force_insert=True)
        except IntegrityError as error:
            raise _refused(error) from None
        _touch(record, cadre)
        audit.record(
            "review.add", by=by, obj=review, after=shown(review, kind.fields), unit_name=cadre.unit.name,
            note=f"{cadre.name}：{kind.label}",
        )  # fmt: skip
        return review


def _check(kind: ReviewKind, entry: Any, review: Any) -> None:
    """When a review may have been held, then what the fields themselves refuse."""
    if kind.parent == "reserve":
        year = review.year
        if year > today().year or (entry.start is not None and year < entry.start.year):
            sentence = "审核年度应在列入后备之后，且不晚于今年。"
            raise Invalid(sentence, errors={"year": [sentence]})
    elif review.on > today():
        raise Invalid("评估日期不能晚于今天。", errors={"on": ["评估日期不能晚于今天。"]})
    elif entry.start is not None and review.on < entry.start:
        raise Invalid("评估日期不能早于计划开始。", errors={"on": ["评估日期不能早于计划开始。"]})
    check(review)


def _refused(error: IntegrityError) -> Exception:
    """The database's refusal in words; any other as it came."""
    for constraint, (field, sentence) in REFUSALS.items():
        if constraint in str(error):
            return Invalid(sentence, errors={field: [sentence]})
    return error


def _touch(entry: Any, cadre: Cadre) -> None:
    """An entry is read with its reviews: whoever saw it before sees that it changed."""
    entry.save(update_fields=["updated_at"])
    touch(cadre)


def _newest(entry: ReserveEntry) -> int | None:
    return entry.reviews.order_by("-year").values_list("pk", flat=True).first()


def _follow(entry: ReserveEntry, by: User, concerned: set[int | None]) -> None:
    """The pool's standing follows its newest review, where that is one of those concerned.

    It is a roster code (ZB43), no workflow's state.
    """
    newest = entry.reviews.order_by("-year").first()
    if newest is None or newest.pk not in concerned:
        return
    locked = ReserveEntry.objects.select_for_update().get(pk=entry.pk)
    cadre = entry.cadre
    save_changes(
        locked, {"status": newest.status}, action="history.edit", by=by, unit_name=cadre.unit.name,
        note=f"{cadre.name}：年度审核",
    )  # fmt: skip
