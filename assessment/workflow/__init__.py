"""The tables of actions on instruments and rounds; importing registers them."""

from assessment.models import Instrument, Round
from assessment.workflow.instruments import INSTRUMENT_FLOW
from assessment.workflow.rounds import ROUND_FLOW
from core import workflow

__all__ = ["INSTRUMENT_FLOW", "ROUND_FLOW"]

workflow.register(Instrument, INSTRUMENT_FLOW)
workflow.register(Round, ROUND_FLOW)
