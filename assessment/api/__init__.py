"""The resources of the assessment engine: every verb goes to the same service as the pages."""

from assessment.api.ballots import BallotViewSet, ResultViewSet
from assessment.api.rounds import InstrumentViewSet, RoundViewSet

router_entries = [
    ("instruments", InstrumentViewSet),
    ("rounds", RoundViewSet),
    ("ballots", BallotViewSet),
    ("results", ResultViewSet),
]
