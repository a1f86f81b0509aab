"""Named filters over instruments, rounds, invitations and results."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.scope import ScopedQuerySet, path_filter
from cadres.models import Cadre


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
        """The user's invitations in rounds that have opened, without those about kin confirmed since (回避)."""
        if user is None or not user.pk:
            return self.none()
        unrelated = Q(relation__kind="self") | ~Q(subject__cadre__in=Cadre.objects.avoided_by(user))
        mine = self.filter(unrelated, rater_id=user.pk)
        return mine.exclude(subject__round__status__in=["draft", "cancelled"])

    def outstanding(self) -> InvitationQuerySet:
        """Invitations not used yet, in rounds that are open."""
        return self.filter(used=False, subject__round__status="open")


class ResultQuerySet(models.QuerySet):
    """Filters over results."""

    def visible_to(self, user: Any, capability: str = "result.view") -> ResultQuerySet:
        """Results of rounds held in the user's scope but for kin's (回避), and the user's own once published."""
        if user is None or not user.pk:
            return self.none()
        scoped = path_filter(user, capability, "subject__round__unit_path")
        unrelated = ~Q(subject__cadre__in=Cadre.objects.avoided_by(user).order_by().values("pk"))
        return self.filter(scoped & unrelated | _own(user))

    def own(self, user: Any) -> ResultQuerySet:
        """The user's own results, once published."""
        return self.none() if user is None or not user.pk else self.filter(_own(user))


def _own(user: Any) -> Q:
    return Q(subject__cadre__user=user.pk, subject__round__status="published")
