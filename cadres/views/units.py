"""What the roster adds to a unit's page: merging, splitting, closing, and who works there with which account."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Grant, Unit
from accounts.scope import may_on, require
from accounts.views_base import ServiceForm, add_refusal
from cadres.forms.units import CloseUnitForm, MergeForm, SplitForm
from cadres.models import Cadre, Reorganisation
from cadres.services import reorganising
from cadres.services.consequences import Consequence
from cadres.services.undoing import may_undo, undo_reorganisation
from cadres.services.units import close_unit, people_left, preview_close
from core.errors import DomainError, NotFound
from core.partial_dates import PartialDate


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
        words = {"title": self.title.format(self.unit.name), "submit_label": self.submit_label}
        return super().get_context_data(unit=self.unit, **words, **kwargs)

    def foretell(self, form: Any) -> list[Consequence]:
        """Hook: what the change would do."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        """First what follows is shown; sent again from there it is done."""
        if self.request.POST.get("confirmed") == "1":
            return super().form_valid(form)
        if self.request.POST.get("confirmed") == "0":
            return self.render_to_response(self.get_context_data(form=form))
        try:
            told = self.foretell(form)
        except DomainError as error:
            if error.status not in (400, 409):
                raise
            add_refusal(form, error)
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, told=told, answers=_answers(form)))

    def moved_words(self, moved: reorganising.Moved) -> str:
        """How many went over, in words, and where it is taken back."""
        told = f"{moved.people} 人的人事关系和 {moved.appointments} 条任职已转入，原经历保留"
        return f"{told}。办错了可以在“机构沿革”里撤回"


class UnitMerge(UnitChange):
    """A unit goes into another and is closed."""

    form_class = MergeForm
    title, submit_label = "把{}合并到其他单位", "合并并撤销本单位"

    def foretell(self, form: MergeForm) -> list[Consequence]:
        """What merging would do."""
        return reorganising.preview_merge(by=self.request.user, unit=self.unit, **form.cleaned_data)

    def perform(self, form: MergeForm) -> str:
        """Merge."""
        into = form.cleaned_data["into"]
        moved = reorganising.merge_units(by=self.request.user, unit=self.unit, **form.cleaned_data)
        messages.success(self.request, f"{self.unit.name}已并入{into.name}：{self.moved_words(moved)}。")
        return reverse("unit-detail", args=[into.pk])


class UnitSplit(UnitChange):
    """Some people of a unit go to another."""

    form_class = SplitForm
    title, submit_label = "从{}分设", "分设"

    def foretell(self, form: SplitForm) -> list[Consequence]:
        """What splitting would do."""
        return reorganising.preview_split(by=self.request.user, unit=self.unit, **form.cleaned_data)

    def perform(self, form: SplitForm) -> str:
        """Split."""
        into = form.cleaned_data["into"]
        moved = reorganising.split_unit(by=self.request.user, unit=self.unit, **form.cleaned_data)
        messages.success(self.request, f"已从{self.unit.name}分设到{into.name}：{self.moved_words(moved)}。")
        return reverse("unit-detail", args=[into.pk])


class UnitClose(UnitChange):
    """A unit that no longer exists."""

    form_class = CloseUnitForm
    title, submit_label = "撤销{}", "撤销"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What keeps the unit from being closed."""
        return super().get_context_data(left=people_left(self.unit), **kwargs)

    def values(self, form: CloseUnitForm) -> dict[str, Any]:
        """What the service takes."""
        heir = form.cleaned_data["successor"]
        return {"unit": self.unit, "on": form.cleaned_data["on"], "successors": [heir] if heir else []}

    def foretell(self, form: CloseUnitForm) -> list[Consequence]:
        """What closing would do."""
        return preview_close(by=self.request.user, **self.values(form))

    def perform(self, form: CloseUnitForm) -> str:
        """Close it."""
        close_unit(by=self.request.user, **self.values(form))
        messages.success(self.request, f"{self.unit.name}已撤销，名册和历史仍可查。")
        return reverse("unit-detail", args=[self.unit.pk])


def _answers(form: Any) -> list[dict[str, str]]:
    """What was filled in, in words."""
    return [
        {"label": str(field.label), "value": _answer(form, field.name)}
        for field in form
        if form.cleaned_data.get(field.name) not in (None, "", [])
    ]


def _answer(form: Any, name: str) -> str:
    value = form.cleaned_data[name]
    if isinstance(value, list):
        labels = dict(form.fields[name].choices)
        return "、".join(labels[each] for each in value)
    return PartialDate.of(value).chinese() if isinstance(value, date) else str(value)


@require_GET
def unit_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel: where the unit comes from, what became of it, and what may be done with it."""
    unit = visible_unit(request.user, pk)
    changes = Reorganisation.objects.standing().filter(Q(unit=unit) | Q(into=unit))
    rows = list(
        changes.select_related("unit", "into", "made_by").prefetch_related("unit__names", "into__names")
    )
    others = {key for row in rows for key in (row.unit_id, row.into_id)}
    seen = Unit.objects.visible_to(request.user)
    reachable = set(seen.filter(pk__in=others - {None}).values_list("pk", flat=True))
    return render(
        request, "cadres/_unit_changes.html",
        {
            "unit": unit, "changes": [_told(row, unit, reachable, request.user) for row in rows],
            # What was noted before such changes had rows of their own.
            "predecessors": unit.predecessors.exclude(pk__in=others).order_by("name"),
            "heirs": unit.successors.exclude(pk__in=others).order_by("name"), "reachable": reachable,
            "edits": may_on(request.user, "unit.edit", unit) and not unit.is_closed and unit.parent_id,
        },
    )  # fmt: skip


def _told(change: Reorganisation, unit: Unit, reachable: set[int], user: Any) -> dict[str, Any]:
    """A change as this unit's page tells it: the other unit by its name of that day, linked where in view."""
    left = change.unit_id == unit.pk
    other = change.into if left else change.unit
    return {
        "change": change, "left": left, "other": other,
        "name": other.name_on(change.on - timedelta(days=0 if left else 1)) if other else "",
        "linked": other is not None and other.pk in reachable,
        "undo": may_undo(user, change),
    }  # fmt: skip


@require_POST
def undo_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merger, a split or a closing back."""
    change = (
        Reorganisation.objects.visible_to(request.user).filter(pk=pk).select_related("unit", "into").first()
    )
    if change is None:
        raise NotFound("没有找到这次变动。")
    try:
        undo_reorganisation(change=change, by=request.user)
    except DomainError as error:
        if error.status not in (400, 409):
            raise
        messages.warning(request, error.message)
    else:
        messages.success(request, _taken_back(change))
    return redirect("unit-detail", change.unit_id)


def _taken_back(change: Reorganisation) -> str:
    name = change.unit.name
    if change.kind == Reorganisation.Kind.CLOSE:
        return f"已撤回{name}的撤销，单位和随它撤销的岗位恢复。"
    return f"已撤回{name}的变动：{change.people} 人和 {change.appointments} 条任职回到{name}。"


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
