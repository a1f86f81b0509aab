"""The roster's tables: codes, posts, cadres, their dated histories, and roster imports."""

from cadres.models.approval import ApprovalForm
from cadres.models.careers import CareerLine
from cadres.models.codes import Code
from cadres.models.collection import CollectionRow
from cadres.models.corrections import Correction, CorrectionDecision
from cadres.models.credentials import Certificate, Honour
from cadres.models.family import FamilyMember
from cadres.models.growth import (
    Competence,
    CompetenceProfile,
    DevelopmentPlan,
    PlanReview,
    ReserveEntry,
    ReserveReview,
    TalentEntry,
)
from cadres.models.histories import (
    AnnualAssessment,
    Appointment,
    Education,
    PersonnelRelation,
    PoliticalStatus,
    ProfessionalTitle,
    Rank,
)
from cadres.models.imports import RosterImport, RosterImportRow
from cadres.models.merging import CadreMerge
from cadres.models.norms import Norm
from cadres.models.oversight import BureauEvaluation, Oversight, Petition
from cadres.models.people import Cadre, Post
from cadres.models.reorganising import Reorganisation
from cadres.models.retirement import RetirementRule

__all__ = [
    "AnnualAssessment",
    "Appointment",
    "ApprovalForm",
    "BureauEvaluation",
    "Cadre",
    "CadreMerge",
    "CareerLine",
    "Certificate",
    "Code",
    "CollectionRow",
    "Competence",
    "CompetenceProfile",
    "Correction",
    "CorrectionDecision",
    "DevelopmentPlan",
    "Education",
    "FamilyMember",
    "Honour",
    "Norm",
    "Oversight",
    "PersonnelRelation",
    "Petition",
    "PlanReview",
    "PoliticalStatus",
    "Post",
    "ProfessionalTitle",
    "Rank",
    "Reorganisation",
    "ReserveEntry",
    "ReserveReview",
    "RetirementRule",
    "RosterImport",
    "RosterImportRow",
    "TalentEntry",
]
