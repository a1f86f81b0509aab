"""Editing a person: create, change, transfer, leave, return, tie to an account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages

from accounts.models import Unit
from accounts.views_base import CapabilityRequired, ServiceForm
from accounts.views_versioned import Versioned
from cadres.forms.people import CadreForm as PersonForm
from cadres.forms.people import LeaveForm, ReturnForm, TransferForm
from cadres.models import Cadre
from cadres.services.people import (
    SavedCadre,
    create_cadre,
    edit_cadre,
    end_relation,
    return_cadre,
    transfer_cadre,
)
from cadres.views.base import CadreForm
from cadres.views.detail import detail_url
from core.errors import DomainError


class CadreCreate(CapabilityRequired, ServiceForm):
    """A new person on the roster."""

    capability = "cadre.edit"
    form_class = PersonForm
    template_name = "cadres/cadre_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Units in reach."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        """Coming from a unit's page, that unit."""
        chosen = self.request.GET.get("unit", "")
        if not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 18):
            return super().get_initial()
        unit = Unit.objects.visible_to(self.request.user, "cadre.edit").open().filter(pk=chosen).first()
        return {**super().get_initial(), "unit": unit}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The sections of the form."""
        context = super().get_context_data(**kwargs)
        return {**context, "groups": context["form"].shown_groups(), "title": "新增干部"}

    def perform(self, form: PersonForm) -> str:
        """Enter the person; a namesake is asked about in the form."""
        try:
            saved = create_cadre(by=self.request.user, **form.values())
        except DomainError as error:
            if "namesake_confirmed" in error.errors:
                form.ask_about_namesake()
            raise
        _tell(self.request, saved, f"{saved.cadre.name}已列入{saved.cadre.unit.name}名册，接下来可登记任职。")
        return detail_url(saved.cadre)


class CadreEdit(Versioned, CadreForm):
    """The person's own data."""

    form_class = PersonForm
    template_name = "cadres/cadre_form.html"
    title = "修改基本信息"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form of somebody on the roster."""
        return {**super().get_form_kwargs(), "user": self.request.user, "cadre": self.cadre}

    def current(self) -> Cadre:
        """The person as stored."""
        return Cadre.objects.select_related("unit", "ethnicity").get(pk=self.cadre.pk)

    def initial_of(self, record: Cadre) -> dict[str, Any]:
        """The present values."""
        return PersonForm.initial_of(record)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The sections of the form."""
        context = super().get_context_data(**kwargs)
        return {**context, "groups": context["form"].shown_groups()}

    def perform(self, form: PersonForm) -> str:
        """Save the changes."""
        saved = edit_cadre(
            cadre=self.cadre, by=self.request.user, version=form.cleaned_data["version"], **form.values()
        )
        _tell(self.request, saved, f"已保存{saved.cadre.name}的基本信息。")
        return detail_url(saved.cadre)


class CadreTransfer(CadreForm):
    """To another unit of the district."""

    form_class = TransferForm
    title, submit_label = "区内调动", "调动"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Units in reach."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def perform(self, form: TransferForm) -> str:
        """Move the personnel relation."""
        cadre = transfer_cadre(cadre=self.cadre, by=self.request.user, **form.cleaned_data)
        messages.success(
            self.request,
            f"{cadre.name}的人事关系已转到{cadre.unit.name}。原单位的任职如已免去，请登记免职时间。",
        )
        return detail_url(cadre)


class CadreLeave(CadreForm):
    """Out of the roster's present people."""

    form_class = LeaveForm
    title, submit_label = "结束人事关系", "确认结束"

    def perform(self, form: LeaveForm) -> str:
        """End the personnel relation."""
        cadre = end_relation(cadre=self.cadre, by=self.request.user, **form.cleaned_data)
        messages.success(
            self.request, f"已登记{cadre.name}离开，任职同日结束；档案保留在“已离开”中，可随时恢复。"
        )
        return detail_url(cadre)


class CadreReturn(CadreForm):
    """Back among the present people."""

    form_class = ReturnForm
    title, submit_label = "恢复人事关系", "恢复"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Units in reach."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        """The unit left last."""
        return {**super().get_initial(), "unit": self.cadre.unit}

    def perform(self, form: ReturnForm) -> str:
        """Open a personnel relation again."""
        cadre = return_cadre(cadre=self.cadre, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"{cadre.name}已恢复在{cadre.unit.name}的人事关系。")
        return detail_url(cadre)


def _tell(request: Any, saved: SavedCadre, sentence: str) -> None:
    messages.success(request, sentence)
    for warning in saved.warnings:
        messages.warning(request, warning)


__all__ = ["CadreCreate", "CadreEdit", "CadreLeave", "CadreReturn", "CadreTransfer"]
