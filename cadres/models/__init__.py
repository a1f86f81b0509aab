"""The roster's tables: codes, posts, cadres, their dated histories, and roster imports."""

from cadres.models.codes import Code
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
from cadres.models.people import Cadre, Post

__all__ = [
    "AnnualAssessment",
    "Appointment",
    "Cadre",
    "Code",
    "Education",
    "PersonnelRelation",
    "PoliticalStatus",
    "Post",
    "ProfessionalTitle",
    "Rank",
    "RosterImport",
    "RosterImportRow",
]
