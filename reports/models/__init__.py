"""What the reports app stores: annual reports, saved queries, and what the data-quality desk found."""

from reports.models.annual import AnnualReport
from reports.models.quality import QualityCheck, QualityFinding, QualityWaiver
from reports.models.queries import ColumnChoice, SavedQuery

__all__ = ["AnnualReport", "ColumnChoice", "QualityCheck", "QualityFinding", "QualityWaiver", "SavedQuery"]
