"""What the roster adds to a unit's page: merging, splitting, closing, and who works there with which account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import Grant, Unit
from accounts.scope import may_on, require
from accounts.views_base import ServiceForm
from cadres.forms.units import CloseUnitForm, MergeForm, SplitForm
from cadres.models import Cadre
from cadres.services import reorganising
from cadres.services.units import close_unit, people_left
from core.errors import NotFound


def visible_unit(user: Any, pk: int) -> Unit:
    """Return a unit in the user's scope; raises NotFound for any other."""
    unit = Unit.objects.visible_to(user).filter(pk=pk).first()
    if unit is None:
        raise NotFound("没有找到这个单位。")
    return unit


class UnitChange(ServiceForm):
    """The base: a change of a whole unit, for those who maintain units."""

    template_name = "cadres/unit_change.html"
    title = submit_label = ""
    unit: Unit

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Out of view 404, in view without the right 403."""
        self.unit = visible_unit(request.user, kwargs["pk"])
        require(request.user, "unit.edit", self.unit)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The unit, and who belongs to it."""
        people = reorganising.people_of(self.unit)
        return {**super().get_form_kwargs(), "user": self.request.user, "unit": self.unit, "people": people}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the page."""
        words = {"title": f"{self.title}：{self.unit.name}", "submit_label": self.submit_label}
        return super().get_context_data(unit=self.unit, **words, **kwargs)

    def moved_words(self, moved: reorganising.Moved) -> str:
        """How many went over, in words."""
        return f"{moved.people} 人的人事关系和 {moved.appointments} 条任职已转入，原经历保留"


class UnitMerge(UnitChange):
    """A unit goes into another and is closed."""

    form_class = MergeForm
    title, submit_label = "合并到其他单位", "合并并撤销本单位"
    extra_context = {"danger": True}

    def perform(self, form: MergeForm) -> str:
        """Merge."""
        into = form.cleaned_data["into"]
        moved = reorganising.merge_units(by=self.request.user, unit=self.unit, **form.cleaned_data)
        messages.success(self.request, f"{self.unit.name}已并入{into.name}：{self.moved_words(moved)}。")
        return reverse("unit-detail", args=[into.pk])


class UnitSplit(UnitChange):
    """Some people of a unit go to another."""

    form_class = SplitForm
    title, submit_label = "分设", "分设"

    def perform(self, form: SplitForm) -> str:
        """Split."""
        into = form.cleaned_data["into"]
        moved = reorganising.split_unit(by=self.request.user, unit=self.unit, **form.cleaned_data)
        messages.success(self.request, f"已从{self.unit.name}分设到{into.name}：{self.moved_words(moved)}。")
        return reverse("unit-detail", args=[into.pk])


class UnitClose(UnitChange):
    """A unit that no longer exists."""

    form_class = CloseUnitForm
    title, submit_label = "撤销单位", "撤销"
    extra_context = {"danger": True}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What keeps the unit from being closed."""
        return super().get_context_data(left=people_left(self.unit), **kwargs)

    def perform(self, form: CloseUnitForm) -> str:
        """Close it."""
        heir = form.cleaned_data["successor"]
        close_unit(
            by=self.request.user,
            unit=self.unit,
            on=form.cleaned_data["on"],
            successors=[heir] if heir else [],
        )
        messages.success(self.request, f"{self.unit.name}已撤销，名册和历史仍可查。")
        return reverse("unit-detail", args=[self.unit.pk])


@require_GET
def unit_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel: where the unit comes from, what became of it, and what may be done with it."""
    unit = visible_unit(request.user, pk)
    seen = Unit.objects.visible_to(request.user)
    return render(
        request, "cadres/_unit_changes.html",
        {
            "unit": unit, "predecessors": seen.filter(successors=unit).order_by("name"),
            "heirs": seen.filter(predecessors=unit).order_by("name"),
            "edits": may_on(request.user, "unit.edit", unit) and not unit.is_closed and unit.parent_id,
        },
    )  # fmt: skip


@require_GET
def unit_accounts(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel: how many people of the unit have an account, and who holds which role there."""
    unit = visible_unit(request.user, pk)
    require(request.user, "unit.edit", unit)
    people = (
        Cadre.objects.in_service().filter(unit=unit).aggregate(all=Count("pk"), with_account=Count("user"))
    )
    grants = Grant.objects.in_force().filter(unit=unit).select_related("user").order_by("role", "user__name")
    return render(request, "cadres/_unit_accounts.html", {"unit": unit, "people": people, "grants": grants})
