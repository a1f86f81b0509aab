"""Verbs on rounds: create, change while drafted, choose subjects and relations, open, extend, close, publish, cancel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Unit, User
from accounts.scope import require
from assessment import trail
from assessment.models import Instrument, Relation, Round, RoundDecision, RoundSubject
from cadres.models import Cadre
from cadres.services.chosen import insert_chosen
from core import audit
from core.calendar import now, today
from core.errors import Invalid, NotFound, WrongMoment
from core.versions import require_version
from core.workflow import take

audit.register("round.created", "建立评价")
audit.register("round.edited", "修改评价")
audit.register("round.subjects_set", "设定评价对象")
audit.register("round.subject_added", "增加评价对象")
audit.register("round.subject_removed", "移出评价对象")
audit.register("round.relations_set", "设定评价关系")

EDITABLE = (
    "title", "instrument", "purpose", "notice", "period_from", "period_to", "opens_at", "closes_at", "minimum",
)  # fmt: skip
WHOLE = Decimal(100)


def create_round(*, unit: Unit, by: User, **fields: Any) -> Round:
    """Create a drafted round held by a unit. Needs `round.manage` there.

    `fields` are those in EDITABLE; title, instrument, purpose, period and window are required. Raises Invalid.
    """
    require(by, "round.manage", unit)
    round = Round(unit=unit, created_by=by)
    _set(round, fields, by)
    round.save()
    audit.record("round.created", by=by, obj=round, after={"title": round.title}, unit_name=unit.name)
    return round


def update_round(*, round: Round, changes: Mapping[str, Any], by: User, version: str = "") -> Round:
    """Change a drafted round. Raises WrongMoment once it has opened, Stale for an older version, Invalid."""
    with transaction.atomic():
        locked = _locked_draft(round, by, version)
        before = {name: getattr(locked, name) for name in changes if name in EDITABLE}
        _set(locked, changes, by)
        locked.save()
        audit.record("round.edited", by=by, obj=locked, before=before, after=dict(changes),
                     unit_name=locked.unit.name)  # fmt: skip
    round.refresh_from_db()
    return round


def set_subjects(*, round: Round, people: QuerySet[Cadre], words: str, by: User) -> int:
    """Make people, as they are found now, the subjects of a drafted round; one statement however many they are.

    Those chosen before go, with their raters. Only people at or under the round's unit count; `words` say how
    they were chosen. Returns how many. Raises Invalid when nobody is found, WrongMoment once it has opened.
    """
    with transaction.atomic():
        locked = _locked_draft(round, by)
        RoundSubject.objects.filter(round=locked).delete()
        people = people.filter(unit_path__startswith=locked.unit_path)
        count = insert_chosen(RoundSubject, people, copied=("unit_id", "unit_path"), round_id=locked.pk)
        if not count:
            raise Invalid("没有符合条件的干部，不能作为评价对象。")
        locked.words = words
        locked.save()
        audit.record("round.subjects_set", by=by, obj=locked, after={"评价对象": words, "人数": count},
                     unit_name=locked.unit.name)  # fmt: skip
    round.refresh_from_db()
    return count


def add_subject(*, round: Round, cadre: Cadre, by: User) -> RoundSubject:
    """Add one person at or under the round's unit; the same person again is the same subject."""
    with transaction.atomic():
        locked = _locked_draft(round, by)
        if not cadre.unit_path.startswith(locked.unit_path):
            sentence = f"{cadre.name}不在{locked.unit.name}及所属单位。"
            raise Invalid(sentence, errors={"cadre": [sentence]})
        if not Cadre.objects.visible_to(by).filter(pk=cadre.pk).exists():
            raise NotFound
        subject, made = RoundSubject.objects.get_or_create(
            round=locked, cadre=cadre, defaults={"unit": cadre.unit}
        )
        if made:
            audit.record("round.subject_added", by=by, obj=locked, after={"cadre": cadre},
                         unit_name=cadre.unit.name)  # fmt: skip
    return subject


def remove_subject(*, subject: RoundSubject, by: User) -> None:
    """Take a person, and who would have rated them, out of a drafted round."""
    with transaction.atomic():
        locked = _locked_draft(subject.round, by)
        if RoundSubject.objects.filter(pk=subject.pk, round=locked).delete()[0]:
            audit.record("round.subject_removed", by=by, obj=locked, after={"cadre": subject.cadre},
                         unit_name=subject.unit.name)  # fmt: skip


def clear_subjects(*, round: Round, by: User) -> None:
    """Take everybody out of a drafted round."""
    with transaction.atomic():
        locked = _locked_draft(round, by)
        if RoundSubject.objects.filter(round=locked).delete()[0]:
            locked.words = ""
            locked.save()
            audit.record("round.subjects_set", by=by, obj=locked, after={"人数": 0},
                         unit_name=locked.unit.name)  # fmt: skip
    round.refresh_from_db()


def set_relations(
    *, round: Round, rows: Iterable[Mapping[str, Any]], by: User, version: str = ""
) -> list[Relation]:
    """Set the relations of a drafted round: rows with `kind`, `weight` and `anonymous`.

    Raters of a relation that stays are kept, those of one that goes, go. Raises Invalid unless the weights sum to
    100, for a kind twice, for an anonymous self-rating; WrongMoment once the round has opened, Stale.
    """
    wanted = [_relation(row) for row in rows]
    kinds = [each.kind for each in wanted]
    if len(kinds) != len(set(kinds)):
        raise Invalid("同一种评价关系只能设一次。")
    if not wanted or sum((each.weight for each in wanted), Decimal(0)) != WHOLE:
        raise Invalid("评价关系的权重合计须为 100%。", errors={"relations": ["权重合计须为 100%。"]})
    with transaction.atomic():
        locked = _locked_draft(round, by, version)
        Relation.objects.filter(round=locked).exclude(kind__in=kinds).delete()
        for each in wanted:
            Relation.objects.update_or_create(
                round=locked, kind=each.kind,
                defaults={"weight": each.weight, "anonymous": each.anonymous},
            )  # fmt: skip
        after = {
            each.get_kind_display(): f"{each.weight}%，{'匿名' if each.anonymous else '实名'}"
            for each in wanted
        }
        locked.save()  # the version that forms compare
        audit.record("round.relations_set", by=by, obj=locked, after=after, unit_name=locked.unit.name)
    round.refresh_from_db()
    return list(round.relations.all())


def take_round_action(
    *, round: Round, action: str, by: User, comment: str = "", **data: Any
) -> RoundDecision:
    """Open, extend (`closes_at=`), close, publish or cancel; raises what core.workflow.take raises."""
    require(by, "round.view", round)
    return take(round, action, by=by, comment=comment, **data)  # type: ignore[return-value]


def close_due_rounds() -> int:
    """Close every open round whose window has passed; safe to run twice at once. Returns how many closed."""
    closed = 0
    for round in Round.objects.filter(status=Round.Status.OPEN, closes_at__lte=now()):
        if now() < round.window_end:
            continue
        try:
            take(round, "close", by=None, comment="到截止时间，自动截止。")
        except WrongMoment:
            continue
        closed += 1
    return closed


def tell_ballot_days() -> int:
    """Tell the audit trail of anonymous submissions on days before today; returns how many entries it got."""
    return trail.tell_before(today())


def _locked_draft(round: Round, by: User, version: str = "") -> Round:
    require(by, "round.manage", round)
    locked = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if version:
        require_version(locked, version)
    if locked.status != Round.Status.DRAFT:
        raise WrongMoment("评价已经开始，不能再修改；需要更多时间的请用“延长截止时间”。")
    return locked


def _set(round: Round, values: Mapping[str, Any], by: User) -> None:
    """Set fields and check the whole; an instrument must be one that the person sees and that isn't retired."""
    for name, value in values.items():
        if name not in EDITABLE:
            raise Invalid(f"不能修改“{name}”。")
        setattr(round, name, value)
    instrument = values.get("instrument")
    if instrument is not None:
        seen = Instrument.objects.visible_to(by).exclude(status=Instrument.Status.RETIRED)
        if not seen.filter(pk=instrument.pk).exists():
            raise Invalid("请选择一个在用的量表。", errors={"instrument": ["请选择一个在用的量表。"]})
    try:
        round.full_clean(exclude=["unit_path"])
    except ValidationError as error:
        raise Invalid("填写的内容有误，请检查标出的各项。", errors=_by_field(error)) from None


_FIELD_OF = {
    "round_window_in_order": ("closes_at", "截止时间须晚于开始时间。"),
    "round_period_in_order": ("period_to", "评价时段的结束不能早于开始。"),
    "round_minimum_protects": ("minimum", "匿名评价最少 3 人。"),
}


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    """A constraint's refusal in words, at the field that is to be changed."""
    found: dict[str, list[str]] = {}
    for field, texts in error.message_dict.items():
        for text in texts:
            name, words = next(
                (told for constraint, told in _FIELD_OF.items() if constraint in text), (field, text)
            )
            found.setdefault(name, []).append(words)
    return found


def _relation(row: Mapping[str, Any]) -> Relation:
    kind = str(row.get("kind", ""))
    if kind not in Relation.Kind.values:
        raise Invalid("请选择评价关系。", errors={"relations": ["请选择评价关系。"]})
    try:
        weight = Decimal(str(row.get("weight", "")))
    except InvalidOperation:
        weight = Decimal(0)
    label = Relation.Kind(kind).label
    if not weight.is_finite() or not 0 < weight <= WHOLE or weight != round_two(weight):
        words = f"“{label}”的权重须大于 0、不超过 100，最多两位小数。"
        raise Invalid(words, errors={"relations": [words]})
    anonymous = bool(row.get("anonymous"))
    if anonymous and kind == Relation.Kind.SELF:
        raise Invalid("自评只能是实名的。", errors={"relations": ["自评只能是实名的。"]})
    return Relation(kind=kind, weight=weight, anonymous=anonymous)


def round_two(number: Decimal) -> Decimal:
    """Return a number with two decimals (the built-in's name is the documents' here)."""
    return number.quantize(Decimal("0.01"))
