"""Pages of the reports app: home, and the annual reports."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from core import audit
from core.errors import DomainError, NotAllowed, NotFound
from core.files import download_response
from core.templatetags.shell import thousands
from core.todo import todos_for
from reports import home as home_lines
from reports import pictures, services
from reports.forms import AnnualReportForm
from reports.models import AnnualReport
from reports.views.lists import report_tabs

_PAGE = 20


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The to-do list: what waits for me, what I started, what is coming."""
    return render(
        request,
        "reports/home.html",
        {
            "todos": todos_for(request.user),
            "started": home_lines.started(request.user),
            "coming": home_lines.coming(request.user),
        },
    )


@require_http_methods(["GET", "POST"])
def report_list(request: HttpRequest) -> HttpResponse:
    """Ask for an annual report, and find the ones asked for earlier."""
    if not request.user.holds("report.annual"):
        raise NotAllowed("您没有生成年度报告的权限。")
    form = AnnualReportForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            report, _ = services.request_annual_report(
                unit=form.cleaned_data["unit"], year=form.cleaned_data["year"], by=request.user
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("report-detail", pk=report.pk)
    reports = AnnualReport.objects.visible_to(request.user).select_related("unit", "job", "file")
    page = Paginator(reports, _PAGE).get_page(request.GET.get("page"))
    status = 422 if form.errors else 200
    context = {"form": form, "page_obj": page, "report_tabs": report_tabs("report-list")}
    return render(request, "reports/report_list.html", context, status=status)


@require_GET
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One report: its progress while it is built, then its figures and the workbook."""
    report = _own(request, pk)
    overview = (report.figures or {}).get("overview", [])
    figures = [
        {"label": row["label"], "value": thousands(row["value"]), "detail": row["note"]} for row in overview
    ]
    charts = pictures.charts(report.figures or {})
    context = {"report": report, "job": report.job, "key_figures": figures, "charts": charts}
    return render(request, "reports/report_detail.html", context)


@require_GET
def report_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of a report being built, polled by its page."""
    report = _own(request, pk)
    return render(
        request,
        "components/_job_progress.html",
        {
            "job": report.job,
            "title": "生成年度报告",
            "poll_url": reverse("report-progress", args=[pk]),
            "result_url": reverse("report-file", args=[pk]) if report.file_id else "",
            "result_label": "下载工作簿",
            "next_url": reverse("report-detail", args=[pk]),
            "next_label": "查看数据",
            "leave_text": "可以离开这一页，报告会留在“报表”里。",
        },
    )


@require_GET
def report_file(request: HttpRequest, pk: int) -> FileResponse:
    """The workbook, to the one who asked for it."""
    report = _own(request, pk)
    if report.file is None:
        raise NotFound("这份报告还没有生成。")
    audit.record("report.downloaded", by=request.user, obj=report, unit_name=report.unit.name)
    return download_response(report.file, services.report_name(report))


def _own(request: HttpRequest, pk: int) -> AnnualReport:
    rows = AnnualReport.objects.visible_to(request.user).select_related("unit", "job", "file")
    return get_object_or_404(rows, pk=pk)
