"""The tables of actions on calls, nominations, undertakings and appraisals; importing registers them."""

from core import workflow
from programs.models import Appraisal, Call, Nomination, Participation
from programs.workflow.appraisals import APPRAISAL_FLOW
from programs.workflow.calls import CALL_FLOW
from programs.workflow.nominations import NOMINATION_FLOW
from programs.workflow.participations import PARTICIPATION_FLOW

__all__ = ["APPRAISAL_FLOW", "CALL_FLOW", "NOMINATION_FLOW", "PARTICIPATION_FLOW"]

workflow.register(Call, CALL_FLOW)
workflow.register(Nomination, NOMINATION_FLOW)
workflow.register(Participation, PARTICIPATION_FLOW)
workflow.register(Appraisal, APPRAISAL_FLOW)
