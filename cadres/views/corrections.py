"""Requests for correction: HR's list, one request with what it would change, verdicts, its files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.scope import may_on
from accounts.views_base import ListPage
from cadres.describing import words_of
from cadres.fields import fields_for
from cadres.forms.corrections import CorrectionFilter, form_for
from cadres.forms.people import RevealForm
from cadres.models import Correction
from cadres.services import corrections as services
from cadres.services.compared import mark_of, moved_in, target_of
from cadres.services.compared import words_of as fields_in_words
from cadres.services.correction_flow import ACCEPTING
from cadres.services.oversight import promotion_restrictions
from cadres.tables import CORRECTION_TONES, CorrectionTable
from cadres.timeline import Row, histories_of, tab_of
from cadres.views.base import found_or_404
from cadres.views.detail import detail_url
from core.calendar import today
from core.errors import DomainError, Invalid, NotAllowed, NotFound
from core.files import download_response

Status = Correction.Status
_TABS = (
    ("", "待核实", (Status.SUBMITTED,)),
    ("returned", "待补充", (Status.RETURNED,)),
    ("done", "已结束", (Status.ACCEPTED, Status.DECLINED, Status.WITHDRAWN)),
)
_DONE = {
    Status.ACCEPTED: ("done", "已采纳，档案已更新"),
    Status.DECLINED: ("rejected", "不予采纳"),
    Status.WITHDRAWN: ("skipped", "本人已撤回"),
}


class CorrectionList(ListPage):
    """Requests about the people one keeps."""

    capability = "cadre.edit"
    queryset = Correction.objects.select_related("cadre__unit").exclude(status=Status.DRAFT)
    table_class = CorrectionTable
    filterset_class = CorrectionFilter
    template_name = "cadres/correction_list.html"
    unit_word = "份"
    export_name = "更正申请"

    def get_queryset(self) -> Any:
        """Those of the chosen tab."""
        return super().get_queryset().filter(status__in=self._tab()[2])

    def get_table_kwargs(self) -> dict[str, Any]:
        """What waits stands in the order of its deadlines, everything else newest first."""
        return {"order_by": ("due", "created_at")} if self._tab() is _TABS[0] else {}

    def get_tabs(self) -> list[dict[str, Any]]:
        """Saved views."""
        base = reverse("correction-list")
        return [
            {
                "label": each[1],
                "url": f"{base}?tab={each[0]}" if each[0] else base,
                "active": each is self._tab(),
            }
            for each in _TABS
        ]

    def _tab(self) -> tuple[str, str, tuple[str, ...]]:
        asked = self.request.GET.get("tab", "")
        return next((each for each in _TABS if each[0] == asked), _TABS[0])


@require_GET
def correction_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what it would change, why, how it went; what is sensitive asks for a reason first."""
    row = in_view(request, pk)
    if row.status == Status.DRAFT:
        return redirect(_form_url(row))
    if services.is_sealed_for(row, request.user) and services.may_read(request.user, row):
        return _sealed_page(request, row, RevealForm())
    return _open_page(request, row, "")


@require_POST
def open_correction(request: HttpRequest, pk: int) -> HttpResponse:
    """The same page with what is sensitive, this once, after a reason."""
    row = _readable(request, pk)
    if row.status == Status.DRAFT:
        raise NotFound
    form = RevealForm(request.POST)
    if services.is_sealed_for(row, request.user) and not form.is_valid():
        return _sealed_page(request, row, form)
    try:
        return _open_page(request, row, request.POST.get("reason", ""))
    except Invalid as error:
        form.add_error("reason", error.message)
        return _sealed_page(request, row, form)


def _sealed_page(request: HttpRequest, row: Correction, form: RevealForm) -> HttpResponse:
    """What it is about, without a word of what it says."""
    context = {**_head(row, own=False), "is_sealed": True, "form": form, "touched": fields_in_words(row)}
    return render(request, "cadres/correction_detail.html", context, status=422 if form.is_bound else 200)


def _open_page(request: HttpRequest, row: Correction, reason: str) -> HttpResponse:
    own = row.allows(request.user, "own")
    differences = _worded(row, services.differences_of(correction=row, by=request.user, reason=reason))
    is_open = row.status in Correction.OPEN
    context = {
        **_head(row, own=own), "differences": differences, "reason": reason if services.is_sealed_for(row, request.user) else "",
        "is_missing": row.record_id is None and row.kind not in Correction.PERSONAL, "is_open": is_open,
        "moved": is_open and bool(moved_in(row)),
        "shows_before": any(each.before for each in differences),
        "shows_now": is_open and any(each.before and each.before != each.stored for each in differences),
        "open_actions": services.actions_on(row, request.user), "version": "" if own else mark_of(row),
        "beside": [] if own or not is_open else _beside(row, request.user),
        "notices": [] if own or not is_open else _notices(row, request.user),
    }  # fmt: skip
    return render(request, "cadres/correction_detail.html", context)


def _head(row: Correction, *, own: bool) -> dict[str, Any]:
    """What a request is about and how it went."""
    return {
        "correction": row, "own": own, "subject": services.subject_of(row),
        "tone": CORRECTION_TONES.get(row.status, "muted"), "is_photo": row.kind == Correction.PHOTO,
        "steps": _steps(row), "person_url": _person_url(row),
        "about": about(row.kind, target_of(row)) if row.record_id else "",
        "entries": [
            {"at": each.at, "title": each.label, "who": each.actor_name, "text": each.comment}
            for each in row.decisions.order_by("-id")
        ],
    }  # fmt: skip


@require_POST
def take_on_correction(request: HttpRequest, pk: int) -> HttpResponse:
    """A verdict of HR's, or the asker's withdrawal."""
    row = in_view(request, pk)
    try:
        services.take_on_correction(
            correction=row, action=request.POST.get("action", ""), by=request.user,
            comment=request.POST.get("comment", ""), seen=request.POST.get("version", ""),
        )  # fmt: skip
    except DomainError as error:
        if error.status not in (400, 409):
            raise
        details = "".join(text for texts in error.errors.values() for text in texts)
        written = "档案没有改动。" if request.POST.get("action") in ACCEPTING else ""
        messages.error(request, f"{details or error.message}{written}")
    else:
        words = {
            Status.ACCEPTED: "档案已按申请更新，已通知申请人。",
            Status.WITHDRAWN: "申请已撤回，档案没有改动。",
        }
        messages.success(request, words.get(row.status, "已办理，已通知申请人。"))
    return redirect("correction-detail", pk=pk)


@require_http_methods(["GET", "POST"])
def correction_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The proof, for those who may read the request; of what is sensitive by a press that brings the reason."""
    row = _readable(request, pk)
    if row.proof is None:
        raise NotFound("没有证明材料。")
    if request.method == "GET" and services.is_sealed_for(row, request.user):
        messages.info(request, "证明材料属于保密内容，请写明理由打开申请后再下载。")
        return redirect("correction-detail", pk=pk)
    services.note_opening(correction=row, by=request.user, reason=request.POST.get("reason", ""))
    return download_response(row.proof)


@require_GET
def correction_photo(request: HttpRequest, pk: int, which: str) -> FileResponse:
    """The photo that is asked for, or the one that stood when it was asked for."""
    row = _readable(request, pk)
    stored = {"new": row.photo, "old": row.photo_before}.get(which)
    if stored is None:
        raise NotFound("没有照片。")
    response = download_response(stored)
    response["Content-Disposition"] = "inline"
    return response


def in_view(request: HttpRequest, pk: int) -> Correction:
    """Return a request in the reader's scope, or the reader's own; raises NotFound for any other."""
    rows = Correction.objects.in_view_of(request.user)
    rows = rows.select_related("cadre__unit", "cadre__user", "cadre__photo", "proof", "photo", "photo_before")
    return found_or_404(rows.filter(pk=pk).first())


def about(kind: str, record: Any) -> str:
    """Which entry is meant, without what is encrypted; "" for one's own data and missing entries."""
    if kind in Correction.PERSONAL:
        return ""
    if record is None:
        return "原来的记录已经删除"
    words = words_of(kind, record)
    period = words.period if words.period is not None else record.period
    return "　".join(filter(None, [words.title, period]))


def _readable(request: HttpRequest, pk: int) -> Correction:
    row = in_view(request, pk)
    if not services.may_read(request.user, row):
        raise NotAllowed("您没有查看这项内容的权限。")
    return row


def _form_url(row: Correction) -> str:
    """Where a draft is written."""
    if row.record_id is None:
        return reverse("correction-add", args=[row.cadre_id, row.kind])
    return reverse("correction-ask", args=[row.cadre_id, row.kind, row.record_id])


def _person_url(row: Correction) -> str:
    """The thing on the person's page."""
    if row.kind in Correction.PERSONAL:
        return detail_url(row.cadre)
    return f"{detail_url(row.cadre)}?tab={tab_of(row.kind)}#section-{row.kind}"


def _steps(row: Correction) -> list[dict[str, Any]]:
    """Where it stands: submitted, checked, settled."""
    if row.status == Status.SUBMITTED:
        return [_step("提交", "done"), _step("局人事核实", "current"), _step("结果", "todo")]
    if row.status == Status.RETURNED:
        return [_step("提交", "returned", "退回补充"), _step("局人事核实", "todo"), _step("结果", "todo")]
    state, word = _DONE[Status(row.status)]
    checked = "skipped" if row.status == Status.WITHDRAWN else "done"
    return [_step("提交", "done"), _step("局人事核实", checked), _step("结果", state, word)]


def _step(label: str, state: str, verdict: str = "") -> dict[str, Any]:
    return {"label": label, "state": state, "verdict": verdict}


def _beside(row: Correction, user: Any) -> list[Row]:
    """What the record holds already of the kind that is said to be missing: nothing is entered twice unseen."""
    if row.record_id is not None or row.kind in Correction.PERSONAL:
        return []
    sections = histories_of(row.cadre, fields_for(user, row.cadre), (row.kind,), reader=user)
    return [entry for section in sections for entry in section.rows]


def _notices(row: Correction, user: Any) -> list[str]:
    """Running sanctions beside a missing post, as on HR's own form, for those who may read them."""
    if row.kind != "appointment" or "oversight" not in fields_for(user, row.cadre):
        return []
    if not may_on(user, "cadre.view_sensitive", row.cadre):
        return []
    return [
        f"{each.words}：影响期内不得晋升职务、职级、职称。"
        for each in promotion_restrictions(row.cadre, today())
    ]


def _worded(row: Correction, differences: list[services.Difference]) -> list[services.Difference]:
    """With the labels of the form in which they were typed."""
    is_missing = row.record_id is None and row.kind not in Correction.PERSONAL
    fields = form_for(row.kind, is_missing=is_missing).base_fields
    labels = {name: field.label for name, field in fields.items()}
    return [replace(each, label=labels.get(each.name) or each.label) for each in differences]
