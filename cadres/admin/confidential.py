"""What is kept confidential: family, evaluations, oversight, requests; encrypted columns stay closed here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin_base import whether
from cadres.admin.base import EndingAdmin, HistoryAdmin, SealedMixin, form_for, resource_for
from cadres.models import BureauEvaluation, FamilyMember, Oversight, Petition
from cadres.services import family
from core.calendar import today

_NO_END = whether("end", "是否结束", filled="已有结束时间", empty="未结束")
_PEOPLE = ("cadre__name", "cadre__initials__startswith", "cadre__unit__name")


@admin.register(FamilyMember)
class FamilyAdmin(SealedMixin, HistoryAdmin):
    """Family members by how they are related; only confirmed kin makes people avoid each other's cases."""

    work_order = 270
    form = form_for(FamilyMember)
    readonly_fields = ("cadre", "kin_confirmed_at", "kin_confirmed_by")
    list_display = ("cadre", "home", "relation", "kin", "kin_confirmed_at")
    list_filter = (
        "relation",
        whether("kin", "名册中的干部", filled="已选定", empty="未选定"),
        whether("kin_confirmed_at", "亲属关系", filled="已核实", empty="未核实"),
    )
    list_select_related = ("cadre__unit", "relation", "kin")
    search_fields = (*_PEOPLE, "kin__name")
    resource_class = resource_for(FamilyMember, "relation__name", "kin__name", "kin_confirmed_at")
    autocomplete_fields = ("relation", "kin")
    actions = ("export_ticked", "confirm_ticked", "withdraw_ticked")

    @admin.action(description="核实所选的亲属关系", permissions=["change"])
    def confirm_ticked(self, request: HttpRequest, queryset: QuerySet[FamilyMember]) -> None:
        """Through cadres.services.family."""
        self.take_each(
            request, queryset, lambda row: family.confirm_kin(record=row, by=request.user), "亲属关系已核实"
        )

    @admin.action(description="撤销所选的亲属关系核实", permissions=["change"])
    def withdraw_ticked(self, request: HttpRequest, queryset: QuerySet[FamilyMember]) -> None:
        """Through cadres.services.family."""
        self.take_each(
            request, queryset, lambda row: family.withdraw_kin(record=row, by=request.user), "已撤销核实"
        )


@admin.register(BureauEvaluation)
class EvaluationAdmin(SealedMixin, EndingAdmin):
    """The bureau's evaluations of secondments."""

    work_order = 272
    actions = ("export_ticked",)
    action_fields = {}
    form = form_for(BureauEvaluation)
    resource_class = resource_for(BureauEvaluation)
    list_display = ("cadre", "home", "place", "grade", "score", "begins", "ends")
    list_filter = ("grade",)
    search_fields = (*_PEOPLE, "place")


class OverdueFilter(admin.SimpleListFilter):
    """What should have been done by today, and what still has time; `closed_by` is the column that ends it."""

    title = "办理情况"
    parameter_name = "state"
    closed_by = "done_on"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The three states."""
        return [("late", "已逾期"), ("open", "未办结"), ("done", "已办结")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The rows of a state."""
        still_open = {f"{self.closed_by}__isnull": True}
        if self.value() == "late":
            return queryset.filter(**still_open, due__lt=today())
        if self.value() == "open":
            return queryset.filter(**still_open)
        return queryset.exclude(**still_open) if self.value() == "done" else queryset


class AnswerFilter(OverdueFilter):
    """The same of requests."""

    closed_by = "replied_on"


@admin.register(Oversight)
class OversightAdmin(SealedMixin, EndingAdmin):
    """Acts of oversight by kind, deadline and effect."""

    work_order = 274
    end_label = "登记影响期止（自填写的时间起）"
    ended = "影响期已结束"
    form = form_for(Oversight)
    resource_class = resource_for(Oversight)
    list_display = ("cadre", "home", "kind", "sanction", "begins", "ends", "due", "done_on")
    list_filter = ("kind", "sanction", OverdueFilter)
    search_fields = (*_PEOPLE, "document_number", "authority")


class PetitionForm(forms.ModelForm):
    """The dates of a request; the answer is given on the person's page."""

    class Meta:
        model = Petition
        fields = ("submitted_on", "due")

    def _post_clean(self) -> None:
        """The service checks and writes; the instance isn't touched here."""

    def changed_values(self) -> dict[str, Any]:
        """What was changed, as the service takes it."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


@admin.register(Petition)
class PetitionAdmin(SealedMixin, HistoryAdmin):
    """Requests by their dates."""

    work_order = 276
    form = PetitionForm
    resource_class = resource_for(Petition, "submitted_on", "due", "replied_on")
    readonly_fields = ("cadre", "replied_on", "replied_by")
    list_display = ("cadre", "home", "submitted_on", "due", "replied_on", "replied_by")
    list_filter = (AnswerFilter,)
    list_select_related = ("cadre__unit", "replied_by")
    search_fields = _PEOPLE
    date_hierarchy = "submitted_on"
