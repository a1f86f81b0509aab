"""Pages of bases: the list, a new one, changes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from accounts.models import Unit
from accounts.scope import paths
from accounts.views_base import CapabilityRequired, ListPage, ScopedObject, ServiceForm
from core.calendar import today
from core.navigation import tabs_of
from programs.filters import BaseFilter
from programs.forms import BaseForm
from programs.models import Base
from programs.services import bases
from programs.tables import BaseTable


def with_stays(rows: QuerySet[Base]) -> QuerySet[Base]:
    """Annotate how many people are at each base today, as `here`."""
    here = Q(stints__start__lte=today(), stints__end__gte=today()) & ~Q(
        stints__participation__status="cancelled"
    )
    return rows.annotate(here=Count("stints", filter=here))


class BaseList(ListPage):
    """The bases in scope, with how many people are there today."""

    capability = "base.view"
    template_name = "programs/base_list.html"
    queryset = Base.objects.select_related("lead", "host_unit")
    table_class = BaseTable
    filterset_class = BaseFilter
    unit_word = "个"
    export_name = "基地"

    def get_queryset(self) -> QuerySet[Base]:
        """Count today's stays along."""
        return with_stays(super().get_queryset())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whether the reader keeps them."""
        others = tabs_of(self.request.user, self.request.path, "programs")
        return super().get_context_data(
            manages=self.request.user.holds("base.manage"), section_tabs=others, **kwargs
        )


class NewBase(CapabilityRequired, ServiceForm):
    """A new base."""

    capability = "base.manage"
    form_class = BaseForm
    template_name = "programs/base_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The units depend on the user."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def perform(self, form: BaseForm) -> str:
        """Register it under the bureau that manages it."""
        unit = Unit.objects.filter(path__in=paths(self.request.user, "base.manage")).order_by("path").first()
        if unit is None:
            unit = Unit.objects.visible_to(self.request.user, "base.manage").order_by("path")[0]
        base = bases.create_base(unit=unit, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"基地“{base.name}”已登记，现在可以安排人员。")
        return reverse("base-list")


class EditBase(ScopedObject, ServiceForm):
    """Changes to a base."""

    capability = "base.manage"
    view_capability = "base.view"
    queryset = Base.objects.all()
    form_class = BaseForm
    template_name = "programs/base_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form shows what holds."""
        return {**super().get_form_kwargs(), "user": self.request.user, "instance": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page names the base."""
        return super().get_context_data(base=self.object, **kwargs)

    def perform(self, form: BaseForm) -> str:
        """Keep the changes."""
        bases.edit_base(base=self.object, by=self.request.user, changes=form.cleaned_data)
        messages.success(self.request, f"基地“{form.cleaned_data['name']}”已保存。")
        return reverse("base-list")
