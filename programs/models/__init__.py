"""The nomination engine's tables and what an approved nomination becomes."""

from programs.models.appraisals import Appraisal, AppraisalDecision, AppraisalSection
from programs.models.calls import (
    Call,
    CallAttachment,
    CallDecision,
    CallQuota,
    CallStep,
    EligibilityRule,
    PlacesAccount,
    Program,
)
from programs.models.nominations import (
    Attestation,
    CentralList,
    Nomination,
    NominationDecision,
    NominationFile,
)
from programs.models.participations import (
    Base,
    Participation,
    ParticipationDecision,
    SecondmentDetail,
    Stint,
)
from programs.models.targets import CallTarget, CallTargets

__all__ = [
    "Appraisal",
    "AppraisalDecision",
    "AppraisalSection",
    "Attestation",
    "Base",
    "Call",
    "CallAttachment",
    "CallDecision",
    "CallQuota",
    "CallStep",
    "CallTarget",
    "CallTargets",
    "CentralList",
    "EligibilityRule",
    "Nomination",
    "NominationDecision",
    "NominationFile",
    "Participation",
    "ParticipationDecision",
    "PlacesAccount",
    "Program",
    "SecondmentDetail",
    "Stint",
]
