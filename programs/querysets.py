"""Named filters over calls, nominations and undertakings; assigned people see what they are assigned to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.scope import ScopedQuerySet, concerning, path_filter, paths
from core.calendar import today
from programs.avoidance import avoided_by

# Hosts and guides keep sight of a person for this long after the stay (3-trust: +30 days).
ASSIGNMENT_TAIL = timedelta(days=30)


class ProgramQuerySet(ScopedQuerySet):
    """Filters over programmes: they concern every unit below the one that runs them."""

    view_capability = "call.view"

    def visible_to(self, user: Any, capability: str = "") -> ProgramQuerySet:
        """Programmes run in the user's scope, or by a unit above it."""
        return self.filter(concerning(user, capability or self.view_capability))


class CallQuerySet(ScopedQuerySet):
    """Filters over calls."""

    view_capability = "call.view"

    def visible_to(self, user: Any, capability: str = "") -> CallQuerySet:
        """Calls that address the user's units; drafts only for those who manage calls."""
        if capability and capability != self.view_capability:
            return super().visible_to(user, capability)
        mine = path_filter(user, "call.manage")
        return self.filter(mine | (concerning(user, self.view_capability) & ~Q(status="draft")))

    def real(self) -> CallQuerySet:
        """Calls proper, without the templates they are copied from."""
        return self.filter(is_template=False)

    def templates(self) -> CallQuerySet:
        """Templates (方案) that new calls are copied from."""
        return self.filter(is_template=True)


class NominationQuerySet(ScopedQuerySet):
    """Filters over nominations."""

    model: Any
    view_capability = "nomination.view"

    def visible_to(self, user: Any, capability: str = "") -> NominationQuerySet:
        """Cases filed in the user's scope (drafts: only at the unit that files), and the user's own case."""
        if capability and capability != self.view_capability:
            return super().visible_to(user, capability)
        scoped = path_filter(user, self.view_capability) & ~Q(status="draft")
        drafts = path_filter(user, "nomination.file") & Q(status="draft")
        own = Q(cadre__user_id=user.pk) & ~Q(status="draft") if user and user.pk else Q(pk__in=[])
        return self.filter(scoped | drafts | own)

    def counted(self) -> NominationQuerySet:
        """Nominations that use up their unit's quota."""
        return self.filter(status__in=self.model.COUNTED)

    def under_way(self) -> NominationQuerySet:
        """Nominations that wait for somebody's verdict."""
        return self.filter(status__in=["submitted", "in_review"])

    def awaiting(self, user: Any) -> NominationQuerySet:
        """Cases at a step which the user's capability and scope cover, without the user's own and kin's (回避)."""
        condition = Q(pk__in=[])
        for kind, capability in _step_capabilities():
            if paths(user, capability):
                condition |= Q(step__kind=kind) & path_filter(user, capability)
        return self.under_way().filter(condition).exclude(cadre__in=avoided_by(user))


def _step_capabilities() -> list[tuple[str, str]]:
    from programs.models.calls import STEP_CAPABILITIES

    return list(STEP_CAPABILITIES.items())


class CentralListQuerySet(ScopedQuerySet):
    """Filters over the central schools' lists."""

    view_capability = "nomination.view"


class BaseQuerySet(ScopedQuerySet):
    """Filters over bases."""

    view_capability = "base.view"

    def visible_to(self, user: Any, capability: str = "") -> BaseQuerySet:
        """Bases managed in the user's scope, and those the user leads."""
        led = Q(lead_id=user.pk) if user and user.pk and capability in ("", "base.view") else Q(pk__in=[])
        return self.filter(path_filter(user, capability or self.view_capability) | led)

    def usable(self) -> BaseQuerySet:
        """Bases in use whose host unit, if it is one of the district's, hasn't been closed."""
        gone = Q(host_unit__valid_to__lte=today())
        return self.filter(is_active=True).exclude(gone)


def assigned_to(user: Any, prefix: str = "stints__") -> Q:
    """The condition that a user hosts or guides a stint now, or did until 30 days ago."""
    if user is None or not user.pk:
        return Q(pk__in=[])
    ended = {f"{prefix}end__gte": today() - ASSIGNMENT_TAIL}
    return (Q(**{f"{prefix}host_id": user.pk}) | Q(**{f"{prefix}guide_id": user.pk})) & Q(**ended)


class ParticipationQuerySet(ScopedQuerySet):
    """Filters over undertakings."""

    model: Any
    view_capability = "participation.view"

    def visible_to(self, user: Any, capability: str = "") -> ParticipationQuerySet:
        """Undertakings sent from the user's scope, assigned to the user, or the user's own."""
        if capability and capability != self.view_capability:
            return super().visible_to(user, capability)
        own = Q(cadre__user_id=user.pk) if user and user.pk else Q(pk__in=[])
        assigned = self.model.objects.filter(assigned_to(user)).values("pk")
        return self.filter(path_filter(user, self.view_capability) | own | Q(pk__in=assigned))

    def of_host(self, user: Any) -> ParticipationQuerySet:
        """Undertakings that the user hosts or guides."""
        return self.filter(pk__in=self.model.objects.filter(assigned_to(user)).values("pk"))


class AppraisalQuerySet(models.QuerySet):
    """Filters over appraisals."""

    def visible_to(self, user: Any, capability: str = "appraisal.view") -> AppraisalQuerySet:
        """Appraisals of people in the user's scope, and those the user has to write, however late."""
        scoped = path_filter(user, capability, "participation__unit_path")
        mine = Q(stint__host_id=user.pk) | Q(stint__guide_id=user.pk) if user and user.pk else Q(pk__in=[])
        return self.filter(scoped | assigned_to(user, "stint__") | (mine & ~Q(status="filed")))

    def written_by(self, user: Any) -> AppraisalQuerySet:
        """Appraisals that the user writes as host or guide, however long ago the stay was."""
        return self.filter(Q(stint__host_id=user.pk) | Q(stint__guide_id=user.pk))

    def outstanding(self) -> AppraisalQuerySet:
        """Appraisals not yet filed."""
        return self.exclude(status="filed")

    def overdue(self) -> AppraisalQuerySet:
        """Appraisals whose due date has passed."""
        return self.outstanding().filter(due__lt=today())
