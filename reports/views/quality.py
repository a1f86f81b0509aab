"""Pages of the data-quality desk: rules with counts, what breaks a rule, a check now, reminding units."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Unit
from accounts.scope import require
from accounts.views_base import LONGEST_ID, ListPage, ServiceForm
from core.errors import DomainError, NotFound
from core.models import Job
from reports.filters import FindingFilter, WaiverFilter
from reports.models import QualityCheck, QualityFinding, QualityWaiver
from reports.quality import checking, waiving
from reports.quality.rules import GROUPS, RULES
from reports.quality.tables import FindingTable, PostFindingTable, WaiverTable
from reports.quality.waiving import LONGEST_REASON
from reports.views.lists import report_tabs

NO_RULE = "没有这条规则。"


def _unit(request: HttpRequest) -> Unit | None:
    """The unit of the address, when it is in view; raises NotFound for another one."""
    text = (request.POST if request.method == "POST" else request.GET).get("unit", "")
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) < LONGEST_ID:
        found = Unit.objects.visible_to(request.user, "cadre.view_personal").filter(pk=text).first()
        if found is not None:
            return found
    raise NotFound("没有找到这个单位。")


@require_GET
def quality_desk(request: HttpRequest) -> HttpResponse:
    """All rules in their groups with how many records break each."""
    require(request.user, "cadre.view_personal")
    unit = _unit(request)
    counts = checking.counts_for(request.user, within=unit)
    groups = [
        {"label": label, "rules": [each for each in counts if each.rule.group == key]}
        for key, label in GROUPS.items()
    ]
    context = {
        "groups": groups, "unit": unit, "check": QualityCheck.objects.first(),
        "total": sum(each.count for each in counts), "edits": request.user.holds("cadre.edit"),
        "report_tabs": report_tabs("quality-desk"),
    }  # fmt: skip
    return render(request, "reports/quality_desk.html", context)


class QualityList(ListPage):
    """The records that break one rule, with who has to see to them."""

    queryset = QualityFinding.objects.select_related("unit", "cadre", "other", "post")
    capability = "cadre.view_personal"
    template_name = "reports/quality_list.html"
    filterset_class = FindingFilter
    export_name = "数据质量"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """An unknown rule is 404."""
        self.rule = RULES.get(kwargs["rule"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def table_class(self) -> type[FindingTable]:  # type: ignore[override]
        """Posts have columns of their own."""
        return PostFindingTable if self.rule and self.rule.about == "post" else FindingTable

    def get_queryset(self) -> Any:
        """The findings in view, of the unit asked for."""
        if self.rule is None:
            raise NotFound(NO_RULE)
        self.unit = _unit(self.request)
        found = checking.findings(self.request.user, self.rule.name, within=self.unit)
        return found.select_related("unit", "cadre", "other", "post").order_by("unit_path", "id")

    def get_table_kwargs(self) -> dict[str, Any]:
        """The rule, and whether records may be mended."""
        return {"rule": self.rule, "edits": self.request.user.holds("cadre.edit")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Which rows of the page still hold, and the words of the rule."""
        context = super().get_context_data(**kwargs)
        table = context["table"]
        table.broken = checking.still_broken((row.record for row in table.paginated_rows), self.rule)
        return context | {
            "rule": self.rule, "unit": self.unit, "group": GROUPS[self.rule.group],
            "edits": self.request.user.holds("cadre.edit"), "check": QualityCheck.objects.first(),
        }  # fmt: skip


@require_POST
def quality_check(request: HttpRequest) -> HttpResponse:
    """Ask for a check now."""
    job = checking.request_check(by=request.user)
    return redirect("quality-job", job.pk)


@require_GET
def quality_job(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The progress of one's own check: the page, or for htmx the fragment."""
    require(request.user, "cadre.edit")
    job = get_object_or_404(Job.objects.asked_by(request.user).filter(kind=checking.KIND), pk=pk)
    context = {
        "job": job, "title": "检查名册数据", "poll_url": reverse("quality-job", args=[pk]),
        "next_url": reverse("quality-desk"), "next_label": "查看检查结果",
    }  # fmt: skip
    fragment = request.headers.get("HX-Request") == "true"
    template = "components/_job_progress.html" if fragment else "reports/quality_job.html"
    return render(request, template, context)


@require_POST
def quality_remind(request: HttpRequest, rule: str) -> HttpResponse:
    """Tell the units' leaders what is to be mended."""
    require(request.user, "cadre.edit")
    if rule not in RULES:
        raise NotFound(NO_RULE)
    unit = _unit(request)
    try:
        told = checking.remind_units(rule=rule, by=request.user, unit=unit)
    except DomainError as error:
        if error.status != 400:
            raise
        messages.warning(request, error.message)
    else:
        words = f"已提醒 {told} 位单位负责人" if told else "这次检查之后已经提醒过，没有重复发送"
        messages.success(request, f"{words}。")
    address = reverse("quality-list", args=[rule])
    return redirect(f"{address}?unit={unit.pk}" if unit else address)


class WaiveForm(forms.Form):
    """Why a finding is right as it is."""

    reason = forms.CharField(
        label="原因", max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如：档案认定的出生日期与身份证不同，以档案为准。",
    )  # fmt: skip


class QualityWaive(ServiceForm):
    """Leave a finding as it is, with a reason."""

    form_class = WaiveForm
    template_name = "reports/quality_waive.html"
    finding: QualityFinding

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Only for who may mend the record; one out of view isn't there."""
        require(request.user, "cadre.edit")
        rows = QualityFinding.objects.visible_to(request.user, "cadre.edit")
        self.finding = get_object_or_404(
            rows.filter(rule__in=RULES).select_related("unit", "cadre", "post"), pk=kwargs["pk"]
        )
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What it is about."""
        about = self.finding.post or self.finding.cadre
        return super().get_context_data(
            finding=self.finding, rule=RULES[self.finding.rule], about=about, **kwargs
        )

    def perform(self, form: WaiveForm) -> str:
        """Through the service."""
        waiving.waive(finding=self.finding, reason=form.cleaned_data["reason"], by=self.request.user)
        messages.success(self.request, "已忽略，不再列出；可以在“已忽略”中恢复。")
        return reverse("quality-list", args=[self.finding.rule])


class QualityWaived(ListPage):
    """What was left as it is, of one rule."""

    queryset = QualityWaiver.objects.select_related("cadre__unit", "post__unit", "waived_by")
    capability = "cadre.view_personal"
    template_name = "reports/quality_waived.html"
    table_class = WaiverTable
    filterset_class = WaiverFilter
    export_name = "已忽略的数据质量问题"

    def get_queryset(self) -> Any:
        """Those of the rule, in view."""
        if self.kwargs["rule"] not in RULES:
            raise NotFound(NO_RULE)
        return super().get_queryset().visible_to(self.request.user).filter(rule=self.kwargs["rule"])

    def get_table_kwargs(self) -> dict[str, Any]:
        """Whether they may be taken back."""
        return {"edits": self.request.user.holds("cadre.edit")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the rule."""
        return super().get_context_data(**kwargs) | {"rule": RULES[self.kwargs["rule"]]}


@require_POST
def quality_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a waiver back."""
    require(request.user, "cadre.edit")
    rows = QualityWaiver.objects.visible_to(request.user, "cadre.edit").select_related(
        "cadre__unit", "post__unit"
    )
    waiver = get_object_or_404(rows, pk=pk)
    rule = waiver.rule
    is_broken = waiving.take_back(waiver=waiver, by=request.user)
    messages.success(
        request, "已恢复，重新列为待核对。" if is_broken else "已恢复；现在没有这个问题，不再列出。"
    )
    return redirect("quality-waived", rule) if rule in RULES else redirect("quality-desk")
