"""The tables of actions on classes and enrolments; importing registers them."""

from core import workflow
from training.models import Enrolment, TrainingClass
from training.workflow.classes import CLASS_FLOW
from training.workflow.enrolments import ENROLMENT_FLOW

__all__ = ["CLASS_FLOW", "ENROLMENT_FLOW"]

workflow.register(TrainingClass, CLASS_FLOW)
workflow.register(Enrolment, ENROLMENT_FLOW)
