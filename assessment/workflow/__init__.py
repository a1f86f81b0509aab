"""The tables of actions on instruments and rounds; importing registers them."""

from assessment.models import Instrument
from assessment.workflow.instruments import INSTRUMENT_FLOW
from core import workflow

__all__ = ["INSTRUMENT_FLOW"]

workflow.register(Instrument, INSTRUMENT_FLOW)
