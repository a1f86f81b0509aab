"""What the reports app stores: annual reports, and what the data-quality desk found."""

from reports.models.annual import AnnualReport
from reports.models.quality import QualityCheck, QualityFinding

__all__ = ["AnnualReport", "QualityCheck", "QualityFinding"]
