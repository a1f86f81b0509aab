"""Builders of the assessment engine: a published instrument, rounds in every state, ballots."""

import datetime as dt
from typing import Any

from accounts.models import Unit, User
from assessment.leaves import leaves
from assessment.models import Instrument, Invitation, Relation, Round, RoundSubject
from assessment.services.ballots import Receipt, submit
from assessment.services.instruments import create_instrument, set_indicators, take_instrument_action
from assessment.services.invitations import invite
from assessment.services.rounds import create_round, set_relations, take_round_action
from tests.factories import make_user
from tests.programs.factories import moment

ROWS: list[dict[str, Any]] = [
    {"level": 1, "name": "政治素质", "kind": "words", "weight": 40},
    {"level": 1, "name": "工作实绩", "weight": 60},
    {"level": 2, "name": "教学管理", "kind": "score", "weight": 50},
    {"level": 2, "name": "队伍建设", "kind": "score", "weight": 50},
    {"level": 1, "name": "意见建议", "kind": "text"},
]


def make_instrument(unit: Unit, by: User, rows: list[dict[str, Any]] | None = None) -> Instrument:
    """A published instrument: 40 + 2 × 30 and a field for words."""
    name = f"考核表{Instrument.objects.count() + 1}"
    instrument = create_instrument(unit=unit, by=by, name=name, instructions="请如实评价。")
    set_indicators(instrument=instrument, rows=ROWS if rows is None else rows, by=by)
    take_instrument_action(instrument=instrument, action="publish", by=by)
    return instrument


WINDOW = {"opens_at": moment("2026-11-10 08:00"), "closes_at": moment("2026-11-30 23:59")}
PERIOD = {"period_from": dt.date(2026, 1, 1), "period_to": dt.date(2026, 12, 31)}
RELATIONS = [
    {"kind": "superior", "weight": 40, "anonymous": False},
    {"kind": "peer", "weight": 30, "anonymous": True},
    {"kind": "subordinate", "weight": 30, "anonymous": True},
]


def make_round(unit: Unit, by: User, relations: list[dict[str, Any]] | None = None, **fields: Any) -> Round:
    """A drafted round of November 2026 with relations and nobody in it."""
    instrument = fields.pop("instrument", None) or make_instrument(unit, by)
    values = {"title": "2026年度考核", "purpose": "appraisal", **WINDOW, **PERIOD, **fields}
    round = create_round(unit=unit, by=by, instrument=instrument, **values)
    set_relations(round=round, rows=RELATIONS if relations is None else relations, by=by)
    return round


def relation_of(round: Round, kind: str) -> Relation:
    """A relation of a round by its kind."""
    return round.relations.get(kind=kind)


def make_raters(count: int, prefix: str = "评价人") -> list[User]:
    """Some accounts without any right of their own."""
    return [make_user(name=f"{prefix}{number}") for number in range(1, count + 1)]


def invite_raters(
    round: Round, subject: RoundSubject, kind: str, raters: int | list[User], by: User
) -> list[User]:
    """Invite accounts (new ones for a number) in a relation and return them."""
    people = make_raters(raters) if isinstance(raters, int) else raters
    invite(round=round, relation=relation_of(round, kind), subject=subject, raters=people, by=by)
    return people


def open_round(round: Round, by: User) -> Round:
    """Open a drafted round."""
    take_round_action(round=round, action="open", by=by)
    return round


def answers_of(round: Round, *scores: Any, words: str = "") -> dict[int, Any]:
    """Answers to the leaves in order: one value each, words for the text."""
    given = iter(scores)
    return {
        leaf.indicator.pk: words if leaf.place is None else next(given) for leaf in leaves(round.instrument)
    }


def rate(round: Round, rater: User, *scores: Any, words: str = "") -> Receipt:
    """Submit a rater's only ballot of a round; 好, 90, 80 when nothing is given."""
    invitation = Invitation.objects.get(subject__round=round, rater=rater)
    answers = answers_of(round, *(scores or ("good", 90, 80)), words=words)
    return submit(invitation=invitation, answers=answers, by=rater)
