"""What the data-quality desk found, to look up and check anew; records are mended at their own forms."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin_base import BureauAdmin
from cadres.admin.people import CadreAdmin
from cadres.models import Cadre
from core.errors import DomainError
from reports.admin.annual import GROUP
from reports.models import QualityCheck, QualityFinding, QualityWaiver
from reports.quality.checking import recheck_people
from reports.quality.rules import GROUPS, RULES
from reports.quality.waiving import take_back


class RuleFilter(admin.SimpleListFilter):
    """Findings by rule, in the rule's words."""

    title = "规则"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All rules."""
        return [(rule.name, rule.label) for rule in RULES.values()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those that break it."""
        return queryset.filter(rule=self.value()) if self.value() else queryset


class GroupFilter(admin.SimpleListFilter):
    """Findings by group of rules."""

    title = "类别"
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All groups."""
        return list(GROUPS.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of its rules."""
        names = [rule.name for rule in RULES.values() if rule.group == self.value()]
        return queryset.filter(rule__in=names) if self.value() else queryset


@admin.register(QualityFinding)
class QualityFindingAdmin(BureauAdmin):
    """Findings of the last check."""

    work_group, work_order = GROUP, 650
    view_capability = "cadre.view_personal"
    may_add = False
    list_display = ("about", "label", "group", "unit", "other")
    list_display_links = ("about",)
    list_filter = (GroupFilter, RuleFilter)
    list_select_related = ("cadre", "post", "other", "unit")
    search_fields = (
        "cadre__name", "cadre__initials__startswith", "post__title", "unit__name", "unit__initials__startswith",
    )  # fmt: skip
    fields = ("about", "label", "group", "advice", "unit", "other")
    readonly_fields = ("about", "label", "group", "advice")
    ordering = ("rule", "id")
    actions = ("recheck_ticked",)

    def tools(self, request: HttpRequest) -> list[dict[str, str]]:
        """The desk, where units are reminded and double records compared."""
        return [*super().tools(request), {"url": reverse("quality-desk"), "label": "数据质量页面"}]

    @admin.display(description="干部或岗位", ordering="cadre__name_key")
    def about(self, obj: QualityFinding) -> str:
        """The person, or the post."""
        return str(obj.cadre or obj.post)

    @admin.display(description="规则", ordering="rule")
    def label(self, obj: QualityFinding) -> str:
        """The rule in words."""
        return RULES[obj.rule].label if obj.rule in RULES else "已取消的规则"

    @admin.display(description="类别")
    def group(self, obj: QualityFinding) -> str:
        """The group in words."""
        return GROUPS[RULES[obj.rule].group] if obj.rule in RULES else ""

    @admin.display(description="怎样更正")
    def advice(self, obj: QualityFinding) -> str:
        """What to do."""
        return RULES[obj.rule].advice if obj.rule in RULES else ""

    @admin.action(description="重新检查所选的干部")
    def recheck_ticked(self, request: HttpRequest, queryset: QuerySet[QualityFinding]) -> None:
        """Through reports.quality.checking; posts are checked with the whole roster."""
        people = Cadre.objects.filter(pk__in=queryset.exclude(cadre=None).order_by().values("cadre"))
        _recheck(self, request, people)


@admin.register(QualityWaiver)
class QualityWaiverAdmin(BureauAdmin):
    """Findings left as they are, with the reason; taken back through the service."""

    work_group, work_order = GROUP, 655
    view_capability = "cadre.view_personal"
    may_add = False
    list_display = ("about", "label", "reason", "waived_by", "waived_at")
    list_filter = (RuleFilter, GroupFilter)
    list_select_related = ("cadre", "post", "waived_by")
    search_fields = ("cadre__name", "cadre__initials__startswith", "post__title", "reason")
    date_hierarchy = "waived_at"
    fields = ("about", "label", "other", "reason", "waived_by", "waived_at")
    readonly_fields = ("about", "label")
    actions = ("take_back_ticked",)

    @admin.display(description="干部或岗位")
    def about(self, obj: QualityWaiver) -> str:
        """The person, or the post."""
        return str(obj.cadre or obj.post)

    @admin.display(description="规则", ordering="rule")
    def label(self, obj: QualityWaiver) -> str:
        """The rule in words."""
        return RULES[obj.rule].label if obj.rule in RULES else "已取消的规则"

    def named(self, obj: QualityWaiver) -> str:
        """Whom or what it is about."""
        return self.about(obj)

    @admin.action(description="撤回忽略，重新列为待核对")
    def take_back_ticked(self, request: HttpRequest, queryset: QuerySet[QualityWaiver]) -> None:
        """Through reports.quality.waiving, which asks the right to edit."""
        self.take_each(request, queryset, lambda row: take_back(waiver=row, by=request.user), "已撤回")


@admin.register(QualityCheck)
class QualityCheckAdmin(BureauAdmin):
    """When the whole roster was last checked."""

    work_group, work_order = GROUP, 660
    view_capability = "cadre.view_personal"
    may_add = False
    list_display = ("on", "checked_at")
    list_filter = ("on",)
    search_fields = ("on",)
    fields = ("on", "checked_at")
    actions = ()


@admin.action(description="重新检查所选干部的数据质量", permissions=["change"])
def recheck_quality(table: Any, request: HttpRequest, queryset: QuerySet[Cadre]) -> None:
    """Offered in the list of people: through reports.quality.checking."""
    _recheck(table, request, queryset)


def _recheck(table: Any, request: HttpRequest, people: QuerySet[Cadre]) -> None:
    try:
        before, after = recheck_people(cadres=people, by=request.user)
    except DomainError as error:
        table.message_user(request, f"没有检查：{error.message}", messages.ERROR)
        return
    sentence = f"已重新检查：之前有 {before} 条待核对，现在有 {after} 条。"
    table.message_user(
        request, sentence, messages.SUCCESS if after < before or not after else messages.WARNING
    )


CadreAdmin.offer(recheck_quality)
