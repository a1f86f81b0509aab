"""Training classes, whom they are for, their days, and who takes part."""

from training.models.classes import (
    ClassDecision,
    ClassPhase,
    ClassSession,
    ClassTarget,
    ClassTargets,
    Mode,
    TrainingClass,
)
from training.models.enrolments import Enrolment, EnrolmentDecision

__all__ = [
    "ClassDecision",
    "ClassPhase",
    "ClassSession",
    "ClassTarget",
    "ClassTargets",
    "Enrolment",
    "EnrolmentDecision",
    "Mode",
    "TrainingClass",
]
