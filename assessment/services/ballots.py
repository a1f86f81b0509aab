"""Verbs of raters: open what they filled in, save a draft, submit.

Where the relation is anonymous, what is written here leads from no ballot to its rater (docs/architecture.md): the
ballot carries neither person nor time, the invitation only turns "used", the draft goes, and no second
submission writes anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import User
from assessment import trail
from assessment.answers import LONGEST_TEXT, from_score, is_missing, to_score, to_text
from assessment.leaves import Leaf, leaves
from assessment.models import Ballot, BallotDraft, Indicator, Invitation, Relation, Round
from core import audit
from core.calendar import now
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment
from programs.avoidance import require_unrelated

OWN_CASE = "您是评价对象，应当回避。"
SEALED = "您已经提交，匿名评价提交后不能再查看或修改。"


@dataclass(frozen=True)
class Receipt:
    """What a rater is told after submitting: the same however often it was sent, and nothing about the ballot."""

    round: str
    subject: str
    relation: str
    anonymous: bool


def load(*, invitation: Invitation, by: User) -> dict[int, Any]:
    """Return what a rater has filled in so far: the draft, else a named ballot as it was submitted.

    Out: values by the indicator's id, as `assessment.answers` reads them. Raises NotFound for somebody else's
    invitation, NotAllowed for kin, WrongMoment outside the window and for an anonymous ballot submitted.
    """
    invitation = _own(invitation, by)
    _require_window(invitation.subject.round, now())
    _require_apart(invitation, by)
    if invitation.used and invitation.relation.anonymous:
        raise WrongMoment(SEALED)
    draft = BallotDraft.objects.filter(invitation=invitation).first()
    if draft is not None:
        return {int(key): value for key, value in json.loads(draft.content).items()}
    ballot = Ballot.objects.filter(invitation=invitation).first()
    return _filled_in(ballot, leaves(invitation.subject.round.instrument)) if ballot else {}


def save_draft(*, invitation: Invitation, answers: Mapping[Any, Any], by: User) -> datetime:
    """Keep what has been filled in so far, encrypted, until it is submitted; returns when it was kept.

    Raises what `load` raises, Invalid for an indicator the instrument doesn't have or a text without end.
    """
    with transaction.atomic():
        moment, locked = now(), _locked(invitation, by)
        _require_window(locked.subject.round, moment)
        _require_apart(locked, by)
        if locked.used and locked.relation.anonymous:
            raise WrongMoment(SEALED)
        kept = _kept(answers, leaves(locked.subject.round.instrument))
        BallotDraft.objects.update_or_create(
            invitation=locked, defaults={"content": json.dumps(kept, ensure_ascii=False), "saved_at": moment}
        )
    return moment


def submit(*, invitation: Invitation, answers: Mapping[Any, Any], by: User) -> Receipt:
    """Submit a ballot: every scored indicator answered, 不了解 (None) being an answer; words may stay empty.

    A named ballot may be submitted again until the round closes; an anonymous one answers a second time with the
    same receipt and writes nothing. Raises Invalid with the indicators at fault by their ids, else as `load` does.
    """
    with transaction.atomic():
        moment, locked = now(), _locked(invitation, by)
        relation, round = locked.relation, locked.subject.round
        receipt = Receipt(round.title, locked.subject.cadre.name, str(relation), relation.anonymous)
        if locked.used and relation.anonymous:
            return receipt
        _require_window(round, moment)
        _require_apart(locked, by)
        scores, words = _read(answers, leaves(round.instrument))
        BallotDraft.objects.filter(invitation=locked).delete()
        Invitation.objects.filter(pk=locked.pk).update(used=True)
        values = {"answers": scores, "comments": json.dumps(words, ensure_ascii=False) if words else ""}
        if relation.anonymous:
            Ballot.objects.create(subject=locked.subject, relation=relation, anonymous=True, **values)
            trail.note_day(round, by, moment.date())
        else:
            about = {"subject": locked.subject, "relation": relation, "anonymous": False}
            Ballot.objects.update_or_create(
                invitation=locked, defaults={**about, **values, "submitted_at": moment}
            )
            audit.record(
                "ballot.submitted", by=by, obj=round, unit_name=round.unit.name,
                after={"评价对象": locked.subject.cadre.name, "关系": str(relation)},
            )  # fmt: skip
    return receipt


def _own(invitation: Invitation, by: User) -> Invitation:
    """The invitation read afresh; somebody else's is not to be found."""
    rows = Invitation.objects.select_related("relation", "subject__cadre", "subject__round__instrument")
    found = rows.filter(pk=invitation.pk, rater=by.pk).first()
    if found is None:
        raise NotFound
    return found


def _locked(invitation: Invitation, by: User) -> Invitation:
    """The invitation under lock, its round too, shared: closing waits for ballots under way, and later ones see it."""
    found = _own(invitation, by)
    statement = "SELECT * FROM assessment_round WHERE id = %s FOR SHARE"
    round = Round.objects.raw(statement, [found.subject.round_id])[0]
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("relation", "subject__cadre")
    locked = rows.filter(pk=found.pk).first()
    if locked is None:
        raise NotFound
    locked.subject.round = round
    return locked


def _require_window(round: Round, moment: datetime) -> None:
    if round.takes_at(moment):
        return
    if round.status == Round.Status.OPEN and moment < round.opens_at:
        raise WrongMoment("评价还没有开始。")
    raise WrongMoment("评价已经截止，不能再提交。")


def _require_apart(invitation: Invitation, by: User) -> None:
    """Nobody rates themselves but in the self-rating, nobody kin, also when that was recorded after inviting."""
    cadre = invitation.subject.cadre
    if invitation.relation.kind != Relation.Kind.SELF:
        require_unrelated(by, cadre, OWN_CASE)
    elif cadre.user_id != by.pk:
        raise NotAllowed("自评只能由本人进行。")


def _by_leaf(answers: Mapping[Any, Any], found: list[Leaf]) -> dict[str, Any]:
    """The answers by the indicator's id as text; refuses what the instrument doesn't have."""
    given = {str(key): value for key, value in answers.items()}
    if set(given) - {str(leaf.indicator.pk) for leaf in found}:
        raise Invalid("提交的内容与量表不符，请刷新后再填。")
    return given


def _kept(answers: Mapping[Any, Any], found: list[Leaf]) -> dict[str, str | None]:
    given = _by_leaf(answers, found)
    for leaf in found:
        to_text(leaf.indicator, given.get(str(leaf.indicator.pk)))
    return {key: None if value is None else str(value)[:LONGEST_TEXT] for key, value in given.items()}


def _read(answers: Mapping[Any, Any], found: list[Leaf]) -> tuple[list[Decimal | None], dict[str, str]]:
    """The scores in the order of the leaves and the words by indicator; raises Invalid with all that is wrong."""
    given = _by_leaf(answers, found)
    scores: list[Decimal | None] = []
    words: dict[str, str] = {}
    errors: dict[str, list[str]] = {}
    for leaf in found:
        each, key = leaf.indicator, str(leaf.indicator.pk)
        value = given.get(key, "")
        try:
            if each.kind == Indicator.Kind.TEXT:
                if text := to_text(each, value):
                    words[key] = text
            elif is_missing(value):
                errors[key] = [f"请评价“{each.name}”，不了解的请选“不了解”。"]
            else:
                scores.append(to_score(each, value))
        except Invalid as error:
            errors |= error.errors
    if errors:
        raise Invalid(f"还有 {len(errors)} 项没有填好，请检查标出的各项。", errors=errors)
    return scores, words


def _filled_in(ballot: Ballot, found: list[Leaf]) -> dict[int, Any]:
    words = json.loads(ballot.comments) if ballot.comments else {}
    values: dict[int, Any] = {}
    for leaf in found:
        each = leaf.indicator
        if leaf.place is None:
            values[each.pk] = words.get(str(each.pk), "")
        else:
            values[each.pk] = from_score(each.kind, ballot.answers[leaf.place])
    return values
