"""JSON shapes of the assessment engine."""

from assessment.serializers.ballots import (
    AnswersSerializer,
    BallotDetailSerializer,
    BallotSerializer,
    DraftKeptSerializer,
    ReceiptSerializer,
)
from assessment.serializers.instruments import (
    IndicatorsSerializer,
    InstrumentDetailSerializer,
    InstrumentEditSerializer,
    InstrumentSerializer,
    InstrumentWriteSerializer,
)
from assessment.serializers.results import ResultDetailSerializer, ResultSerializer
from assessment.serializers.rounds import (
    InvitedSerializer,
    InviteSerializer,
    RelationsSerializer,
    RoundDetailSerializer,
    RoundEditSerializer,
    RoundExtendSerializer,
    RoundSerializer,
    RoundWriteSerializer,
    SubjectSerializer,
    SubjectsSerializer,
    SubjectsSetSerializer,
)

__all__ = [
    "AnswersSerializer",
    "BallotDetailSerializer",
    "BallotSerializer",
    "DraftKeptSerializer",
    "IndicatorsSerializer",
    "InstrumentDetailSerializer",
    "InstrumentEditSerializer",
    "InstrumentSerializer",
    "InstrumentWriteSerializer",
    "InviteSerializer",
    "InvitedSerializer",
    "ReceiptSerializer",
    "RelationsSerializer",
    "ResultDetailSerializer",
    "ResultSerializer",
    "RoundDetailSerializer",
    "RoundEditSerializer",
    "RoundExtendSerializer",
    "RoundSerializer",
    "RoundWriteSerializer",
    "SubjectSerializer",
    "SubjectsSerializer",
    "SubjectsSetSerializer",
]
