"""Builders of the assessment engine: a published instrument, rounds in every state, ballots."""

from typing import Any

from accounts.models import Unit, User
from assessment.models import Instrument
from assessment.services.instruments import create_instrument, set_indicators, take_instrument_action

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
