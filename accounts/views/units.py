"""Pages of the organisation tree: list, one unit, creating, editing, renaming, moving; the picker of units."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.filters import UnitFilter
from accounts.forms import MoveForm, RenameForm, UnitForm
from accounts.models import Unit
from accounts.scope import may_on
from accounts.services import units as verbs
from accounts.tables import UnitTable
from accounts.views_base import CapabilityRequired, ListPage, ScopedDetail, ScopedObject, ServiceForm
from accounts.views_versioned import Versioned
from core.calendar import today
from core.errors import NotAllowed
from core.panels import panels_for
from core.templatetags.shell import chinese_date

MOST_OPTIONS = 10
PLACE = "accounts.unit"


class UnitList(ListPage):
    """The units in view, in the order of the tree."""

    queryset = Unit.objects.select_related("parent")
    capability = "unit.view"
    table_class = UnitTable
    filterset_class = UnitFilter
    template_name = "accounts/unit_list.html"
    unit_word = "个"
    export_name = "单位"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whether a unit may be added."""
        return super().get_context_data(edits=self.request.user.holds("unit.edit"), **kwargs)


class UnitDetail(ScopedDetail):
    """One unit: what it is, where it stands, what stands below it; higher apps add panels."""

    queryset = Unit.objects.select_related("parent")
    capability = "unit.view"
    template_name = "accounts/unit_detail.html"
    context_object_name = "unit"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Ancestors and children only as far as the person sees them."""
        unit, user = self.object, self.request.user
        above = [int(part) for part in unit.path.split("/") if part and int(part) != unit.pk]
        ancestors = Unit.objects.visible_to(user).filter(pk__in=above).order_by("path")
        children = Unit.objects.visible_to(user).filter(parent=unit).order_by("kind", "name")
        names = list(unit.names.all())
        asked = self.request.GET.get("on", "")
        day, problem = _day(asked)
        panels = panels_for(PLACE, user, unit)
        if day is not None:
            panels = [replace(panel, url=f"{panel.url}?on={day.isoformat()}") for panel in panels]
        return super().get_context_data(
            facts=_facts(unit), ancestors=ancestors, children=children,
            names=names if len(names) > 1 else [], successors=unit.successors.visible_to(user),
            panels=panels, edits=may_on(user, "unit.edit", unit), day=day, day_asked=asked if problem else "",
            problem=problem, then=_as_it_was(unit, day) if day else "", **kwargs,
        )  # fmt: skip


def _day(text: str) -> tuple[date | None, str]:
    """The past day a page is asked for, None for today; with a sentence where it can't be shown."""
    if not text:
        return None, ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, "日期请写成 2026-03-05 的样子，下面是今天的情况。"
    if day > today():
        return None, "还没有到这一天，下面是今天的情况。"
    return (day if day < today() else None), ""


def _as_it_was(unit: Unit, day: date) -> str:
    """What the unit was on a past day, in a sentence."""
    if unit.valid_from and day < unit.valid_from:
        return f"这一天还没有{unit.name}（{chinese_date(unit.valid_from)}成立）。"
    if unit.valid_to and day >= unit.valid_to:
        return f"这一天{unit.name}已经撤销（{chinese_date(unit.valid_to)}）。"
    name = unit.name_on(day)
    if name != unit.name:
        return f"当时的名称是{name}。基本情况、上下级单位是现在的。"
    return "基本情况、上下级单位是现在的。"


def _facts(unit: Unit) -> list[dict[str, Any]]:
    school = unit.kind == Unit.Kind.SCHOOL
    marks = [
        word
        for word, holds in (("县直", unit.is_direct), ("农村", unit.is_rural), ("薄弱", unit.is_weak))
        if holds
    ]
    facts = [
        {"label": "单位编码", "value": unit.code},
        {"label": "类别", "value": unit.get_kind_display()},
        {"label": "片区", "value": unit.cluster},
        {"label": "领导职数", "value": unit.headcount},
        {"label": "成立日期", "value": chinese_date(unit.valid_from)},
    ]
    if school:
        facts.insert(2, {"label": "学段", "value": unit.get_stage_display()})
        facts.insert(3, {"label": "学校性质", "value": "、".join(marks) or "——"})
    if unit.is_closed:
        facts.append({"label": "撤销日期", "value": chinese_date(unit.valid_to)})
    return facts


class UnitCreate(CapabilityRequired, ServiceForm):
    """A new unit under a parent."""

    capability = "unit.edit"
    form_class = UnitForm
    template_name = "accounts/unit_form.html"
    extra_context = {"title": "新增单位", "submit_label": "建立单位"}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Parents in reach."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        """Coming from a unit's page, that unit is the parent."""
        chosen = self.request.GET.get("parent", "")
        if not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 18):
            return super().get_initial()
        parent = Unit.objects.visible_to(self.request.user, "unit.edit").filter(pk=chosen).first()
        return {**super().get_initial(), "parent": parent}

    def perform(self, form: UnitForm) -> str:
        """Create it."""
        unit = verbs.create_unit(by=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"已建立{unit.name}，隶属{unit.parent.name}。")
        return reverse("unit-detail", args=[unit.pk])


class _UnitVerb(ScopedObject, ServiceForm):
    """A form about one unit."""

    queryset = Unit.objects.select_related("parent")
    capability = "unit.edit"
    view_capability = "unit.view"
    template_name = "accounts/unit_form.html"
    title = ""
    submit_label = "保存"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The unit whose page it is."""
        words = {"title": f"{self.title}：{self.object.name}", "submit_label": self.submit_label}
        return super().get_context_data(unit=self.object, **words, **kwargs)


class UnitEdit(Versioned, _UnitVerb):
    """The plain facts of a unit."""

    form_class = UnitForm
    title = "修改单位信息"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form of a unit that exists."""
        return {**super().get_form_kwargs(), "user": self.request.user, "unit": self.object}

    def current(self) -> Unit:
        """The unit as stored."""
        return self.get_object()

    def initial_of(self, record: Unit) -> dict[str, Any]:
        """Its values."""
        return {name: getattr(record, name) for name in verbs.EDITABLE}

    def perform(self, form: UnitForm) -> str:
        """Save it."""
        changes = dict(form.cleaned_data)
        version = changes.pop("version")
        unit = verbs.update_unit(by=self.request.user, unit=self.object, changes=changes, version=version)
        messages.success(self.request, f"已保存{unit.name}的信息。")
        return reverse("unit-detail", args=[unit.pk])


class UnitRename(_UnitVerb):
    """A new name from a day on."""

    form_class = RenameForm
    title, submit_label = "单位更名", "更名"

    def perform(self, form: RenameForm) -> str:
        """Rename it."""
        old = self.object.name
        unit = verbs.rename_unit(by=self.request.user, unit=self.object, **form.cleaned_data)
        messages.success(self.request, f"{old}已更名为{unit.name}，原名称保留在曾用名中。")
        return reverse("unit-detail", args=[unit.pk])


class UnitMove(_UnitVerb):
    """A new place in the tree."""

    form_class = MoveForm
    title, submit_label = "调整隶属", "调整"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Parents in reach."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def perform(self, form: MoveForm) -> str:
        """Move it with everything below."""
        unit = verbs.move_unit(by=self.request.user, unit=self.object, parent=form.cleaned_data["parent"])
        messages.success(self.request, f"{unit.name}已调整到{unit.parent.name}，下级单位和人员随迁。")
        return reverse("unit-detail", args=[unit.pk])


@require_GET
def pick_unit(request: HttpRequest) -> HttpResponse:
    """Options of the unit picker: open units in view (for the security administrator, all)."""
    user = request.user
    capability = next((c for c in ("unit.view", "grant.manage") if user.holds(c)), None)
    if capability is None:
        raise NotAllowed("您没有查看单位的权限。")
    found = Unit.objects.visible_to(user, capability).open().matching(request.GET.get("q", "")[:60])
    options = [
        {
            "value": unit.pk, "text": unit.name,
            "detail": " · ".join(filter(None, [unit.get_kind_display(), unit.parent.name if unit.parent else ""])),
        }
        for unit in found.select_related("parent").order_by("path")[:MOST_OPTIONS]
    ]  # fmt: skip
    return render(request, "components/_picker_options.html", {"options": options})
