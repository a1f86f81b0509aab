"""The admin of the reports: annual reports, saved queries, findings of data quality, norms and the retirement schedule."""

from reports.admin import annual, quality, queries, rules

__all__ = ["annual", "quality", "queries", "rules"]
