"""Forms of the dated histories: one per kind, each naming its service's values."""

from __future__ import annotations

from typing import Any

from cadres.forms.histories.appointments import AppointmentForm
from cadres.forms.histories.base import HistoryForm
from cadres.forms.histories.careers import (
    AssessmentForm,
    CareerForm,
    CertificateForm,
    EducationForm,
    HonourForm,
    PoliticalForm,
    RankForm,
    TitleForm,
)
from cadres.forms.histories.confidential import EvaluationForm, FamilyForm, OversightForm, PetitionForm
from cadres.forms.histories.growth import CompetenceForm, PlanForm, ReserveForm, TalentForm
from cadres.kinds import KINDS
from cadres.models import Appointment

_BY_SLUG: dict[str, type[HistoryForm]] = {
    "education": EducationForm,
    "title": TitleForm,
    "certificate": CertificateForm,
    "rank": RankForm,
    "political": PoliticalForm,
    "assessment": AssessmentForm,
    "honour": HonourForm,
    "career": CareerForm,
    "talent": TalentForm,
    "reserve": ReserveForm,
    "plan": PlanForm,
    "competence": CompetenceForm,
    "evaluation": EvaluationForm,
    "family": FamilyForm,
    "oversight": OversightForm,
    "petition": PetitionForm,
}

# Kind → model and form; a history without a form would be a history that pages can't fill.
FORMS: dict[str, tuple[type[Any], type[HistoryForm]]] = {
    "appointment": (Appointment, AppointmentForm),
    **{slug: (kind.model, _BY_SLUG[slug]) for slug, kind in KINDS.items()},
}

__all__ = ["FORMS", "HistoryForm"]
