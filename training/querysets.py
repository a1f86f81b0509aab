"""Named filters over classes and enrolments."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.scope import ScopedQuerySet, concerning, path_filter, paths_above
from cadres.models import Cadre


class ClassQuerySet(ScopedQuerySet):
    """Filters over classes: they concern every unit below the one that holds them."""

    model: Any
    view_capability = "class.view"

    def visible_to(self, user: Any, capability: str = "") -> ClassQuerySet:
        """Classes that address the user's units, and the user's own; drafts only for those who manage classes."""
        if capability and capability != self.view_capability:
            return super().visible_to(user, capability)
        mine = path_filter(user, "class.manage")
        addressed = concerning(user, self.view_capability) | self._for_person(user)
        return self.filter(mine | (addressed & ~Q(status="draft")))

    def _for_person(self, user: Any) -> Q:
        """Classes held at or above the unit of the user's own record, and those the user is or was enrolled in."""
        if user is None or not user.pk:
            return Q(pk__in=[])
        condition = Q(pk__in=self.model.objects.filter(enrolments__cadre__user_id=user.pk).values("pk"))
        for path in Cadre.objects.filter(user_id=user.pk).values_list("unit_path", flat=True):
            condition |= Q(unit_path__in=paths_above(path))
        return condition


class EnrolmentQuerySet(ScopedQuerySet):
    """Filters over enrolments."""

    view_capability = "class.view"

    def visible_to(self, user: Any, capability: str = "") -> EnrolmentQuerySet:
        """Enrolments of people in the user's scope, and the user's own."""
        if capability and capability != self.view_capability:
            return super().visible_to(user, capability)
        own = Q(cadre__user_id=user.pk) if user is not None and user.pk else Q(pk__in=[])
        return self.filter(path_filter(user, self.view_capability) | own)


class SessionQuerySet(models.QuerySet):
    """Filters over the sessions on timetables, reached through their classes."""

    def visible_to(self, user: Any, capability: str = "") -> SessionQuerySet:
        """Sessions of the classes in view (for another capability: in the user's scope)."""
        classes = self.model._meta.get_field("training_class").related_model._default_manager
        return self.filter(training_class__in=classes.visible_to(user, capability).values("pk"))
