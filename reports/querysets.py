"""Named filters over stored annual reports and over what the data-quality desk found."""

from __future__ import annotations

from typing import Any

from accounts.scope import ScopedQuerySet


class AnnualReportQuerySet(ScopedQuerySet):
    """Filters over annual reports."""

    view_capability = "report.annual"

    def visible_to(self, user: Any, capability: str = "") -> AnnualReportQuerySet:
        """The user's own requests, while the unit is still in scope: a report holds what its asker may see."""
        return super().visible_to(user, capability).filter(requested_by_id=user.pk)


class QualityFindingQuerySet(ScopedQuerySet):
    """Filters over findings: whoever sees people's personal fields sees what is wrong with them."""

    view_capability = "cadre.view_personal"
