"""Named filters over stored annual reports and over what the data-quality desk found."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Grant
from accounts.roles import roles_with
from accounts.scope import ScopedQuerySet, path_filter, paths


class AnnualReportQuerySet(ScopedQuerySet):
    """Filters over annual reports."""

    view_capability = "report.annual"

    def visible_to(self, user: Any, capability: str = "") -> AnnualReportQuerySet:
        """The user's own requests, while the unit is still in scope: a report holds what its asker may see."""
        return super().visible_to(user, capability).filter(requested_by_id=user.pk)


class QualityFindingQuerySet(ScopedQuerySet):
    """Filters over findings: whoever sees people's personal fields sees what is wrong with them."""

    view_capability = "cadre.view_personal"


class QualityWaiverQuerySet(models.QuerySet):
    """Filters over waivers, reached through the person or the post they are about."""

    view_capability = "cadre.view_personal"

    def visible_to(self, user: Any, capability: str = "") -> QualityWaiverQuerySet:
        """Waivers about people and posts in the user's scope."""
        asked = capability or self.view_capability
        return self.filter(
            path_filter(user, asked, "cadre__unit_path") | path_filter(user, asked, "post__unit_path")
        )


class SavedQueryQuerySet(ScopedQuerySet):
    """Filters over saved queries."""

    view_capability = "cadre.view"

    def visible_to(self, user: Any, capability: str = "") -> SavedQueryQuerySet:
        """One's own, and those shared at a unit where one holds a role; without a role none."""
        reach = paths(user, capability or self.view_capability)
        if not reach:
            return self.none()
        return self.filter(Q(owner_id=user.pk) | Q(is_shared=True, unit_path__in=self._units(user)))

    def owned_by(self, user: Any) -> SavedQueryQuerySet:
        """One's own: only these one changes."""
        return self.visible_to(user).filter(owner_id=user.pk)

    @staticmethod
    def _units(user: Any) -> Any:
        """The paths of the units at which the user holds a role that sees the roster."""
        return (
            Grant.objects.in_force()
            .filter(user_id=user.pk, role__in=roles_with("cadre.view"))
            .values("unit__path")
        )


class ColumnChoiceQuerySet(models.QuerySet):
    """Filters over column choices."""

    def owned_by(self, user: Any) -> ColumnChoiceQuerySet:
        """One's own."""
        return self.filter(owner_id=user.pk)
