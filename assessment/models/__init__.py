"""Instruments, rounds with their subjects, relations and raters, sealed ballots, and results."""

from assessment.models.ballots import Ballot, BallotDay, BallotDraft, Invitation
from assessment.models.instruments import Indicator, Instrument, InstrumentDecision
from assessment.models.results import IndicatorResult, RelationResult, ResultComment, SubjectResult
from assessment.models.rounds import Relation, Round, RoundDecision, RoundSubject

__all__ = [
    "Ballot",
    "BallotDay",
    "BallotDraft",
    "Indicator",
    "IndicatorResult",
    "Instrument",
    "InstrumentDecision",
    "Invitation",
    "Relation",
    "RelationResult",
    "ResultComment",
    "Round",
    "RoundDecision",
    "RoundSubject",
    "SubjectResult",
]
