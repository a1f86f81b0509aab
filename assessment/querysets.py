"""Named filters over instruments, rounds, invitations and results."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.scope import ScopedQuerySet, path_filter


class InstrumentQuerySet(ScopedQuerySet):
    """Filters over instruments."""

    view_capability = "round.view"


class RoundQuerySet(ScopedQuerySet):
    """Filters over rounds."""

    view_capability = "round.view"


class SubjectQuerySet(ScopedQuerySet):
    """Filters over the people rated."""

    view_capability = "round.view"


class InvitationQuerySet(models.QuerySet):
    """Filters over invitations: they are the rater's own."""

    def visible_to(self, user: Any) -> InvitationQuerySet:
        """The user's invitations in rounds that have opened."""
        if user is None or not user.pk:
            return self.none()
        return self.filter(rater_id=user.pk).exclude(subject__round__status__in=["draft", "cancelled"])

    def outstanding(self) -> InvitationQuerySet:
        """Invitations not used yet, in rounds that are open."""
        return self.filter(used=False, subject__round__status="open")


class ResultQuerySet(models.QuerySet):
    """Filters over results."""

    def visible_to(self, user: Any, capability: str = "result.view") -> ResultQuerySet:
        """Results of rounds held in the user's scope, and the user's own once published."""
        scoped = path_filter(user, capability, "subject__round__unit_path")
        own = Q(pk__in=[])
        if user is not None and user.pk:
            own = Q(subject__cadre__user_id=user.pk, subject__round__status="published")
        return self.filter(scoped | own)
