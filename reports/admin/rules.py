"""Norms of structure and the schedule of retirement: edited, imported and exported, saved by one service."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin_base import ConfigResource, ImportingAdmin, whether
from accounts.admin_base.resources import column
from cadres.models import Norm, RetirementRule
from cadres.services import configuring
from core.partial_dates import PartialDateFormField
from reports.admin.annual import GROUP


class RuleRowAdmin(ImportingAdmin):
    """Rule rows: saved by the service, marked as compared with their source."""

    work_group = GROUP
    view_capability = "cadre.view"
    edit_capability = export_capability = "cadre.edit"
    actions: Any = ("export_ticked", "verify_ticked")

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.configuring."""
        configuring.save_row(row=obj, by=request.user, version=self.seen(request))

    @admin.action(description="标为已核对", permissions=["change"])
    def verify_ticked(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Through cadres.services.configuring."""
        self.take_each(
            request, queryset, lambda row: configuring.mark_verified(row=row, by=request.user), "已标为已核对"
        )


class RuleResource(ConfigResource):
    """A table of rules as a workbook, both ways."""

    def write(self, instance: Any, stored: Any, changed: tuple[str, ...]) -> None:
        """Through cadres.services.configuring."""
        configuring.save_row(row=instance, by=self.by)


class RetirementResource(RuleResource):
    """The retirement schedule; a row is found by its category and first month."""

    category = column(RetirementRule, "category")
    start = column(RetirementRule, "start")
    step_months = column(RetirementRule, "step_months")
    most_months = column(RetirementRule, "most_months")
    basis = column(RetirementRule, "basis")
    is_unverified = column(RetirementRule, "is_unverified")

    class Meta:
        model = RetirementRule
        fields = configuring.FIELDS[RetirementRule]
        import_id_fields = ("category", "start")


@admin.register(RetirementRule)
class RetirementRuleAdmin(RuleRowAdmin):
    """The schedule of retirement: a change of the law is a further row with its own first month."""

    work_order = 620
    resource_class = RetirementResource
    list_display = ("category", "start", "step_months", "most_months", "is_unverified", "basis")
    list_filter = ("category", "is_unverified")
    search_fields = ("basis",)
    fields = configuring.FIELDS[RetirementRule]


class NormResource(RuleResource):
    """Norms; one is found by what it is about, for whom, and its first day."""

    measure = column(Norm, "measure")
    population = column(Norm, "population")
    unit_kind = column(Norm, "unit_kind")
    stage = column(Norm, "stage")
    direction = column(Norm, "direction")
    limit = column(Norm, "limit")
    start = column(Norm, "start")
    end = column(Norm, "end")
    basis = column(Norm, "basis")
    is_unverified = column(Norm, "is_unverified")

    class Meta:
        model = Norm
        fields = configuring.FIELDS[Norm]
        import_id_fields = ("measure", "population", "unit_kind", "stage", "direction", "start")


@admin.register(Norm)
class NormAdmin(RuleRowAdmin):
    """Norms of structure; one that no longer applies is ended, so that earlier days keep theirs."""

    work_order = 610
    resource_class = NormResource
    list_display = (
        "measure", "population", "unit_kind", "stage", "direction", "limit", "start", "end", "is_unverified",
    )  # fmt: skip
    list_filter = (
        "population", "measure", "unit_kind", "stage", "is_unverified", whether("end", "是否结束", filled="已有结束日期", empty="未结束"),
    )  # fmt: skip
    search_fields = ("basis",)
    fields = configuring.FIELDS[Norm]
    actions = ("export_ticked", "verify_ticked", "end_ticked")
    action_fields = {"on": PartialDateFormField(label="从哪一天起不再适用", required=False)}

    @admin.action(description="不再适用（自填写的日期起）", permissions=["change"])
    def end_ticked(self, request: HttpRequest, queryset: QuerySet[Norm]) -> None:
        """Through cadres.services.configuring."""
        try:
            on = PartialDateFormField(required=False).clean(request.POST.get("on", ""))
        except forms.ValidationError as problem:
            self.message_user(request, " ".join(problem.messages), messages.ERROR)
            return
        if on is None or on.precision != "day":
            self.message_user(request, "请先填写从哪一天起不再适用，年月日都要写。", messages.ERROR)
            return
        self.take_each(
            request, queryset, lambda row: configuring.end_norm(norm=row, on=on.date, by=request.user),
            f"自{on.chinese()}起不再适用",
        )  # fmt: skip
