"""The admin of the nomination engine, for looking things up and correcting what has no page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from accounts.admin_base import BureauAdmin, ReadOnlyInline, decisions
from programs.avoidance import avoided_by
from programs.models import (
    Appraisal,
    AppraisalDecision,
    Base,
    Call,
    CallAttachment,
    CallDecision,
    CallQuota,
    CallStep,
    CentralList,
    EligibilityRule,
    Nomination,
    NominationDecision,
    Participation,
    ParticipationDecision,
    PlacesAccount,
    Program,
    Stint,
)
from programs.services import bases, calls

GROUP = "培养项目"


class ReadOnlyAdmin(BureauAdmin):
    """Records that are worked on at their own pages; here they are found and looked at."""

    work_group = GROUP
    may_add = False
    edit_capability = ""


@admin.register(Program)
class ProgramAdmin(ReadOnlyAdmin):
    """Programmes; they come with their scheme, from a file."""

    work_order = 300
    view_capability = "program.manage"
    list_display = ("name", "kind", "unit", "yearly_places", "duration_months", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("unit",)
    search_fields = ("name",)


@admin.register(PlacesAccount)
class PlacesAccountAdmin(BureauAdmin):
    """The places of a year: made with the year's first call, changed here, never below what is held."""

    work_group, work_order = GROUP, 310
    view_capability = edit_capability = "program.manage"
    may_add = False
    list_display = ("program", "year", "places", "held")
    list_filter = ("year",)
    list_select_related = ("program",)
    search_fields = ("program__name",)
    fields = ("program", "year", "places", "held")
    readonly_fields = ("program", "year", "held")

    def visible_rows(self, user: Any, capability: str) -> QuerySet[PlacesAccount]:
        """Those of the programmes in scope, with the number of places that are held."""
        programs = Program.objects.visible_to(user, capability)
        return PlacesAccount.objects.filter(program__in=programs).annotate(in_use=Count("holders"))

    @admin.display(description="已占用")
    def held(self, account: PlacesAccount) -> int:
        """How many cases hold one of the places."""
        return account.in_use  # type: ignore[attr-defined]

    def service_save(self, request: HttpRequest, obj: PlacesAccount, form: Any, change: bool) -> None:
        """Through programs.services.calls, under the account's lock."""
        calls.set_places(account=obj, places=form.cleaned_data["places"], by=request.user)


class DraftInline(admin.TabularInline):
    """Rows of a call that may be edited until it opens."""

    extra = 0
    ordering: Any = ("order",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the call sees its rows."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """While the call is a draft."""
        return bool(obj and obj.status == Call.Status.DRAFT and obj.allows(request.user, "call.manage"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """While the call is a draft."""
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """While the call is a draft."""
        return self.has_add_permission(request, obj)


class StepInline(DraftInline):
    """Steps."""

    model = CallStep
    fields = ("order", "kind", "name", "level", "due")


class RuleInline(DraftInline):
    """Rules."""

    model = EligibilityRule
    fields = ("order", "name", "mode", "group", "fact", "operator", "value", "basis", "verified")


class PaperInline(DraftInline):
    """Papers."""

    model = CallAttachment
    fields = ("order", "name", "required")


class QuotaInline(DraftInline):
    """Quotas of single units."""

    model = CallQuota
    ordering = ("unit__path",)
    fields = ("unit", "quota")
    autocomplete_fields = ("unit",)


_ROWS = {CallStep: "steps", EligibilityRule: "rules", CallAttachment: "attachments"}


@admin.register(Call)
class CallAdmin(BureauAdmin):
    """Calls and their templates: edited until they open, looked at afterwards."""

    work_group, work_order = GROUP, 320
    view_capability = edit_capability = "call.manage"
    may_add = False
    list_display = ("title", "year", "program", "status", "is_template", "opens_at", "closes_at")
    list_filter = ("status", "year", "is_template")
    list_select_related = ("program",)
    search_fields = ("title",)
    date_hierarchy = "opens_at"
    fields = ("program", "year", "status", "is_template", *calls.EDITABLE)
    readonly_fields = ("program", "year", "is_template")
    inlines = (StepInline, RuleInline, PaperInline, QuotaInline, decisions(CallDecision))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A call that has opened is changed no more."""
        return super().has_change_permission(request, obj) and (
            obj is None or obj.status == Call.Status.DRAFT
        )

    def service_save(self, request: HttpRequest, obj: Call, form: Any, change: bool) -> None:
        """Through programs.services.calls."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in calls.EDITABLE}
        calls.edit_call(call=obj, by=request.user, changes=changes)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Steps, rules and papers are replaced as a whole, quotas set one by one, all through the service."""
        rows: dict[str, list[dict[str, Any]]] = {}
        for formset in formsets:
            if not formset.has_changed():
                continue
            if formset.model is CallQuota:
                self._set_quotas(request, form.instance, formset)
            elif formset.model in _ROWS:
                rows[_ROWS[formset.model]] = _kept(formset)
        if rows:
            calls.edit_call(call=form.instance, by=request.user, **rows)

    def construct_change_message(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Nothing: what changed stands in the one trail, and the rows weren't saved by the formsets."""
        return []

    def _set_quotas(self, request: HttpRequest, call: Call, formset: BaseInlineFormSet) -> None:
        for each in formset.forms:
            if not each.has_changed() or not each.cleaned_data.get("unit"):
                continue
            data = each.cleaned_data
            if "unit" in each.changed_data and each.initial.get("unit"):
                former = QuotaInline.model.objects.get(pk=each.instance.pk).unit
                calls.set_quota(call=call, unit=former, quota=None, by=request.user)
            quota = None if data.get("DELETE") else data["quota"]
            calls.set_quota(call=call, unit=data["unit"], quota=quota, by=request.user)


def _kept(formset: BaseInlineFormSet) -> list[dict[str, Any]]:
    """The rows of a formset that stay, in their order, as the service takes them."""
    names = formset.form.base_fields
    rows = [
        {name: each.cleaned_data[name] for name in names if name in each.cleaned_data}
        for each in formset.forms
        if each.cleaned_data and not each.cleaned_data.get("DELETE")
    ]
    return sorted(rows, key=lambda row: row.get("order") or 0)


@admin.register(Nomination)
class NominationAdmin(ReadOnlyAdmin):
    """Nominations, with every decision."""

    work_order = 330
    view_capability = "nomination.view"
    list_display = ("cadre", "unit", "call", "status", "step", "submitted_at")
    list_filter = ("status", "call__year", "step__kind")
    list_select_related = ("cadre", "unit", "call", "step", "nominee_unit")
    search_fields = ("cadre__name", "cadre__initials__startswith", "unit__name", "call__title")
    fields = (
        "call", "unit", "cadre", "status", "step", "filed_by", "submitted_at", "return_due", "statement",
        "problems", "advisory_reason", "override_reason", "central_list", "list_rank", "place",
        "waiting_since",
    )  # fmt: skip
    inlines = (decisions(NominationDecision, "step"),)

    def visible_rows(self, user: Any, capability: str) -> QuerySet[Nomination]:
        """Those in scope but one's own and kin's: the deciders' words stay closed (回避)."""
        return Nomination.objects.visible_to(user, capability).exclude(cadre__in=avoided_by(user))


class ListedInline(ReadOnlyInline):
    """The cases of a list, in the order of their ranks."""

    model = Nomination
    fk_name = "central_list"
    verbose_name_plural = "列入名单"
    fields = ("list_rank", "cadre", "unit", "status")
    ordering = ("list_rank",)


@admin.register(CentralList)
class CentralListAdmin(ReadOnlyAdmin):
    """The central schools' lists."""

    work_order = 340
    view_capability = "nomination.view"
    list_display = ("unit", "call", "filed_by", "filed_at")
    list_filter = ("call__year",)
    list_select_related = ("unit", "call", "filed_by")
    search_fields = ("unit__name", "call__title")
    fields = ("call", "unit", "filed_by", "filed_at", "note")
    inlines = (ListedInline,)


class StintInline(ReadOnlyInline):
    """The stays of an undertaking."""

    model = Stint
    fields = ("base", "acting_post", "host", "guide", "guide_name", "start", "end")
    ordering = ("start",)


@admin.register(Participation)
class ParticipationAdmin(ReadOnlyAdmin):
    """Undertakings, with their stays and every decision."""

    work_order = 350
    view_capability = "participation.view"
    list_display = ("cadre", "unit", "program", "year", "status", "start", "end")
    list_filter = ("status", "year")
    list_select_related = ("cadre", "unit", "program")
    search_fields = ("cadre__name", "cadre__initials__startswith", "unit__name")
    date_hierarchy = "start"
    fields = ("cadre", "unit", "program", "year", "nomination", "status", "start", "end")
    inlines = (StintInline, decisions(ParticipationDecision))


@admin.register(Stint)
class StintAdmin(ReadOnlyAdmin):
    """Stays at bases."""

    work_order = 360
    view_capability = "participation.view"
    list_display = ("participation", "base", "acting_post", "host", "guide", "start", "end")
    list_filter = (("appointment", admin.EmptyFieldListFilter),)
    list_select_related = ("participation__cadre", "participation__program", "base", "host", "guide")
    search_fields = ("participation__cadre__name", "base__name")
    date_hierarchy = "start"
    fields = ("participation", "base", "acting_post", "host", "guide", "guide_name", "start", "end")

    def visible_rows(self, user: Any, capability: str) -> QuerySet[Stint]:
        """Those of the undertakings in scope."""
        seen = Participation.objects.visible_to(user, capability)
        return Stint.objects.filter(participation__in=seen.values("pk"))


@admin.register(Base)
class BaseAdmin(BureauAdmin):
    """Bases; who leads one is chosen on its page."""

    work_group, work_order = GROUP, 370
    view_capability = "base.view"
    edit_capability = "base.manage"
    may_add = False
    list_display = ("name", "unit", "host_unit", "place", "lead", "capacity", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("unit", "host_unit", "lead")
    search_fields = ("name", "place", "host_unit__name")
    autocomplete_fields = ("host_unit",)
    fields = ("unit", "name", "host_unit", "place", "lead", "capacity", "features", "is_active")
    readonly_fields = ("unit", "lead")

    def service_save(self, request: HttpRequest, obj: Base, form: Any, change: bool) -> None:
        """Through programs.services.bases."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        bases.edit_base(base=Base.objects.get(pk=obj.pk), by=request.user, changes=changes)


@admin.register(Appraisal)
class AppraisalAdmin(ReadOnlyAdmin):
    """Appraisals: whose, until when, how far; the text is read on the case's page."""

    work_order = 380
    view_capability = "appraisal.view"
    list_display = ("participation", "stint", "status", "due", "filed_at", "author")
    list_filter = ("status",)
    list_select_related = (
        "participation__cadre", "participation__program", "stint__base", "stint__host", "author",
    )  # fmt: skip
    search_fields = ("participation__cadre__name", "stint__base__name")
    date_hierarchy = "due"
    fields = ("participation", "stint", "status", "filed_grade", "due", "author", "filed_at")
    readonly_fields = ("filed_grade",)
    inlines = (decisions(AppraisalDecision),)

    def visible_rows(self, user: Any, capability: str) -> QuerySet[Appraisal]:
        """Those in scope but those about oneself and kin (回避)."""
        seen = Appraisal.objects.visible_to(user, capability)
        return seen.exclude(participation__cadre__in=avoided_by(user))

    @admin.display(description="等次")
    def filed_grade(self, appraisal: Appraisal) -> str:
        """The grade once it is signed: a draft's is the host's own."""
        filed = appraisal.status == Appraisal.Status.FILED
        return appraisal.get_grade_display() if filed else "尚未提交"
