"""The people of a query as a workbook: choose columns and facts, at once when small, else as a job."""

from __future__ import annotations

import io
import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.scope import require
from cadres.facts import FACTS, TOPICS
from cadres.sheets.columns import HEADINGS
from cadres.sheets.exporting import COLUMNS, export_name
from core import jobs
from core.calendar import now
from core.errors import DomainError, Invalid
from core.files import disposition
from core.filetypes import XLSX
from core.models import Job
from reports.models import ColumnChoice
from reports.queries import exporting, saving
from reports.queries.catalog import fact_level
from reports.queries.running import count
from reports.queries.saving import FACT_PREFIX
from reports.queries.sql import NEEDED
from reports.queries.words import describe
from reports.views.queries import asked_query, repair_url

_REFUSED = (400, 403)


@require_http_methods(["GET", "POST"])
def query_export(request: HttpRequest) -> HttpResponse:
    """Choose columns; a saved choice fills the form."""
    require(request.user, "roster.export")
    try:
        query, saved = asked_query(request)
    except Invalid:
        return redirect(repair_url(request, request.GET))
    chosen = _first_choice(request)
    refusal = ""
    act = request.POST.get("act", "")
    if request.method == "POST":
        chosen = _sent(request)
    if request.method == "POST" and not _moved(chosen, act):
        try:
            if act == "template":
                kept = saving.save_columns(
                    by=request.user, name=request.POST.get("template", ""), columns=chosen
                )
                messages.success(request, f"已保存列模板“{kept.name}”。")
                return redirect(f"{reverse('query-export')}?{_kept(request, template=str(kept.pk))}")
            return _make(request, exporting.QueryExport(query, tuple(chosen), *_openness(request)), saved)
        except DomainError as error:
            if error.status not in _REFUSED:
                raise
            refusal = error.message
    number, more = count(query, user=request.user, most=exporting.AT_ONCE)
    context = {
        "words": describe(query), "number": number, "more": more, "refusal": refusal,
        "groups": _groups(request.user, chosen), "order": _order(chosen, act), "templates": _templates(request),
        "may_open": request.user.holds("cadre.view_sensitive"), "sent": request.POST,
        "back_url": _back(request, saved),
    }  # fmt: skip
    return render(request, "reports/query_export.html", context, status=422 if refusal else 200)


@require_POST
def columns_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one's own column choice and go back to the export."""
    require(request.user, "roster.export")
    choice = get_object_or_404(ColumnChoice.objects.owned_by(request.user), pk=pk)
    saving.delete_columns(choice=choice, by=request.user)
    messages.success(request, f"已删除列模板“{choice.name}”。")
    return redirect(f"{reverse('query-export')}?{_kept(request)}")


@require_GET
def query_export_job(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The progress of one's own export: the page, or for htmx the fragment."""
    require(request.user, "roster.export")
    rows = Job.objects.asked_by(request.user).filter(kind=exporting.EXPORT).select_related("result_file")
    job = get_object_or_404(rows, pk=pk)
    context = {
        "job": job, "title": "导出查询结果", "poll_url": reverse("query-export-job", args=[pk]),
        "result_url": reverse("job-file", args=[pk]) if job.result_file_id else "", "result_label": "下载",
        "next_url": reverse("query-list"), "next_label": "回到查询",
    }  # fmt: skip
    fragment = request.headers.get("HX-Request") == "true"
    template = "components/_job_progress.html" if fragment else "reports/query_export_job.html"
    return render(request, template, context)


def _make(request: HttpRequest, asked: exporting.QueryExport, saved: Any) -> HttpResponse:
    """The workbook, or the page of the job that makes it."""
    export = exporting.prepare(asked, by=request.user)
    if not exporting.is_small(export, by=request.user):
        job = jobs.enqueue(exporting.EXPORT, by=request.user, parameters=exporting.as_parameters(asked))
        return redirect("query-export-job", job.pk)
    content = io.BytesIO()
    exporting.write(content, asked, by=request.user)
    response = HttpResponse(content.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = disposition(export_name(now()))
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _sent(request: HttpRequest) -> list[str]:
    """The columns ticked, in the order that was made; those just ticked stand behind, in the order of the page."""
    ticked = set(request.POST.getlist("columns"))
    known = [*COLUMNS, *(f"{FACT_PREFIX}{name}" for name in FACTS)]
    ticked &= set(known)
    ordered = [name for name in dict.fromkeys(request.POST.getlist("order")) if name in ticked]
    return ordered + [name for name in known if name in ticked and name not in ordered]


def _moved(chosen: list[str], act: str) -> bool:
    """Move a column up or down in place, `up:fact:age` for example; whether that was all that was asked."""
    verb, _, name = act.partition(":")
    if verb not in ("up", "down", "order"):
        return False
    if name in chosen and verb != "order":
        at = chosen.index(name)
        to = max(0, at - 1) if verb == "up" else min(len(chosen) - 1, at + 1)
        chosen.insert(to, chosen.pop(at))
    return True


def _order(chosen: list[str], act: str) -> list[dict[str, Any]]:
    """The chosen columns as the list in which they are moved; the one just moved gets the cursor."""
    verb, _, moved = act.partition(":")
    rows = []
    for at, name in enumerate(chosen):
        fact = FACTS.get(name.removeprefix(FACT_PREFIX)) if name.startswith(FACT_PREFIX) else None
        label = fact.label if fact else COLUMNS.get(name, "")
        if label:
            rows.append({
                "name": name, "label": label, "is_first": at == 0, "is_last": at == len(chosen) - 1,
                "fresh": verb if name == moved else "",
            })  # fmt: skip
    return rows


def _openness(request: HttpRequest) -> tuple[bool, str]:
    return bool(request.POST.get("open_numbers")), request.POST.get("reason", "")[:200]


def _first_choice(request: HttpRequest) -> list[str]:
    """The columns ticked at first: those of the chosen template, else the roster's usual ones."""
    key = request.GET.get("template", "")
    if key.isascii() and key.isdecimal() and len(key) < 19:
        found = ColumnChoice.objects.owned_by(request.user).filter(pk=key).first()
        if found is not None:
            return list(found.columns)
    return list(HEADINGS)


def _groups(user: Any, chosen: list[str]) -> list[dict[str, Any]]:
    """Columns to tick: those of the roster, then the facts open to the reader by topic."""
    ticked, known = set(chosen), set(COLUMNS.values())
    groups = [
        {"label": "名册各列", "columns": [(name, label, name in ticked) for name, label in COLUMNS.items()]}
    ]
    for topic, label in TOPICS.items():
        facts = [
            (f"{FACT_PREFIX}{fact.name}", fact.label, f"{FACT_PREFIX}{fact.name}" in ticked)
            for fact in FACTS.values()
            if fact.topic == topic and fact.label not in known and user.holds(NEEDED[fact_level(fact)])
        ]
        if facts:
            groups.append({"label": f"指标：{label}", "columns": facts})
    return groups


def _templates(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"choice": each, "url": f"{reverse('query-export')}?{_kept(request, template=str(each.pk))}",
         "delete_url": f"{reverse('query-columns-delete', args=[each.pk])}?{_kept(request)}",
         "active": request.GET.get("template") == str(each.pk)}
        for each in ColumnChoice.objects.owned_by(request.user)
    ]  # fmt: skip


def _kept(request: HttpRequest, **more: str) -> str:
    names = {name: request.GET[name] for name in ("query", "draft") if request.GET.get(name)}
    return urlencode({**names, **more})


def _back(request: HttpRequest, saved: Any) -> str:
    return reverse("query-run", args=[saved.pk]) if saved else f"{reverse('query-results')}?{_kept(request)}"
