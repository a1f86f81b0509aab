"""Requests for correction: the cadre asks, HR checks and decides, both see where it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.views_base import ListPage
from cadres.fields import is_own
from cadres.forms.corrections import ExplainForm, form_for
from cadres.models import Correction
from cadres.services import corrections as services
from cadres.services.correction_flow import model_of
from cadres.services.corrections import CORRECTABLE, Difference
from cadres.services.sealed import OWN_REASON, reveal_record
from cadres.tables import CORRECTION_TONES, CorrectionTable
from cadres.timeline import tab_of
from cadres.views.base import CadreForm, found_or_404
from cadres.views.detail import detail_url, visible_cadre
from core.errors import DomainError, NotAllowed, NotFound
from core.files import download_response, store
from core.workflow import open_to

_TABS = (
    ("", "待核实", ("submitted",)),
    ("returned", "待补充", ("returned",)),
    ("done", "已结束", ("accepted", "declined", "withdrawn")),
)


class OwnForm(CadreForm):
    """A form about one's own record, open to nobody else whatever they may do with it."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Out of view 404, another's record 403."""
        self.cadre = visible_cadre(request.user, kwargs["pk"])
        if not is_own(request.user, self.cadre):
            raise NotAllowed("更正由本人申请。")
        return super(CadreForm, self).dispatch(request, *args, **kwargs)

    def back_url(self) -> str:
        """One's requests."""
        return f"{detail_url(self.cadre)}?tab=requests"

    def stored_proof(self, form: Any) -> Any:
        """The file that came along, kept; None without one."""
        upload = form.cleaned_data.get("proof")
        return store(upload, name=upload.name, kind="any", by=self.request.user) if upload else None


class CorrectionAsk(OwnForm):
    """Ask for one's data, an entry or a missing entry to be corrected."""

    submit_label = "提交申请"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Only what one may ask for."""
        kind, key = kwargs["kind"], kwargs.get("record")
        if kind != Correction.BASIC and kind not in CORRECTABLE:
            raise NotFound("没有这种更正。")
        self.kind, self.record = kind, None
        self.cadre = visible_cadre(request.user, kwargs["pk"])
        if kind == Correction.BASIC:
            self.record = self.cadre
        elif key is not None:
            rows = model_of(kind).objects.filter(cadre=self.cadre, pk=key).select_related("cadre")
            self.record = found_or_404(rows.first())
        elif not CORRECTABLE[kind]:
            raise NotFound("这类记录只能更正，不能补登。")
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> Any:
        """The form of the kind, with explanation and proof."""
        return form_for(self.kind)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The person and the entry."""
        given = {**super().get_form_kwargs(), "cadre": self.cadre, "user": self.request.user}
        return {**given, "record": self.record}

    def get_initial(self) -> dict[str, Any]:
        """What the record says now; one's own encrypted words are opened for this, and noted."""
        if self.record is None:
            return super().get_initial()
        if self.kind == "family" and self.request.method == "GET":
            reveal_record(record=self.record, by=self.request.user, reason=OWN_REASON)
        return {**super().get_initial(), **self.get_form_class().initial_of(self.record)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title names what is asked."""
        word = "基本信息" if self.kind == Correction.BASIC else str(model_of(self.kind)._meta.verbose_name)
        self.title = f"申请{'更正' if self.record is not None else '补登'}{word}"
        lead = "把要更正的项目改成正确的内容，其他项目不动。局人事核实后才会更新档案。"
        return super().get_context_data(lead=lead, **kwargs)

    def perform(self, form: Any) -> str:
        """Submit it."""
        values = form.values()
        made = services.request_correction(
            cadre=self.cadre, by=self.request.user, kind=self.kind, values=values,
            record=None if self.kind == Correction.BASIC else self.record,
            explanation=form.cleaned_data["explanation"], proof=self.stored_proof(form),
        )  # fmt: skip
        messages.success(self.request, "申请已提交局人事，核实后您会收到消息。")
        return reverse("correction-detail", args=[made.pk])


class CorrectionSupplement(OwnForm):
    """Complete a returned request."""

    form_class, title, submit_label = ExplainForm, "补充更正申请", "重新提交"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The address names the request; the person follows from it."""
        self.correction = in_view(request, kwargs["pk"])
        return super().dispatch(request, *args, **{**kwargs, "pk": self.correction.cadre_id})

    def get_initial(self) -> dict[str, Any]:
        """What was written."""
        return {**super().get_initial(), "explanation": self.correction.explanation}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What HR asked for."""
        last = self.correction.decisions.filter(action="return").order_by("-id").first()
        notices = [f"局人事退回：{last.comment}"] if last else []
        return super().get_context_data(notices=notices, **kwargs)

    def perform(self, form: ExplainForm) -> str:
        """Submit it again."""
        services.supplement_correction(
            correction=self.correction, by=self.request.user, explanation=form.cleaned_data["explanation"],
            proof=self.stored_proof(form),
        )  # fmt: skip
        messages.success(self.request, "已重新提交，核实后您会收到消息。")
        return reverse("correction-detail", args=[self.correction.pk])


class CorrectionList(ListPage):
    """Requests about the people one keeps."""

    capability = "cadre.edit"
    queryset = Correction.objects.select_related("cadre__unit").exclude(status="draft")
    table_class = CorrectionTable
    template_name = "cadres/correction_list.html"
    unit_word = "份"
    export_name = "更正申请"

    def get_queryset(self) -> Any:
        """Those of the chosen tab."""
        chosen = next((each for each in _TABS if each[0] == self.request.GET.get("tab", "")), _TABS[0])
        return super().get_queryset().filter(status__in=chosen[2])

    def get_tabs(self) -> list[dict[str, Any]]:
        """Saved views."""
        asked = self.request.GET.get("tab", "")
        base = reverse("correction-list")
        return [
            {"label": label, "url": f"{base}?tab={key}" if key else base, "active": key == asked}
            for key, label, _ in _TABS
        ]


@require_GET
def correction_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what it would change, why, how it went."""
    row = in_view(request, pk)
    own = row.allows(request.user, "own")
    context = {
        "correction": row, "own": own, "subject": services.subject_of(row),
        "tone": CORRECTION_TONES.get(row.status, "muted"),
        "differences": _worded(row, services.differences_of(correction=row, by=request.user)),
        "open_actions": open_to(row, request.user),
        "entries": [
            {"at": each.at, "title": each.label, "who": each.actor_name, "text": each.comment}
            for each in row.decisions.order_by("-id")
        ],
        "person_url": f"{detail_url(row.cadre)}?tab={_tab(row)}",
    }  # fmt: skip
    return render(request, "cadres/correction_detail.html", context)


@require_POST
def take_on_correction(request: HttpRequest, pk: int) -> HttpResponse:
    """A verdict of HR's, or the asker's withdrawal."""
    row = in_view(request, pk)
    try:
        services.take_on_correction(
            correction=row, action=request.POST.get("action", ""), by=request.user,
            comment=request.POST.get("comment", ""),
        )  # fmt: skip
    except DomainError as error:
        if error.status not in (400, 409):
            raise
        details = "".join(text for texts in error.errors.values() for text in texts)
        messages.error(request, details or error.message)
    else:
        words = {"accepted": "档案已按申请更新，已通知申请人。", "withdrawn": "申请已撤回。"}
        messages.success(request, words.get(row.status, "已办理，已通知申请人。"))
    return redirect("correction-detail", pk=pk)


@require_GET
def correction_proof(request: HttpRequest, pk: int) -> FileResponse:
    """The proof, for those who may read the request."""
    row = in_view(request, pk)
    if not services.may_read(request.user, row):
        raise NotAllowed("您没有查看这项内容的权限。")
    if row.proof is None:
        raise NotFound("没有证明材料。")
    return download_response(row.proof)


def in_view(request: HttpRequest, pk: int) -> Correction:
    """Return a request in the reader's scope, or the reader's own; raises NotFound for any other."""
    rows = Correction.objects.in_view_of(request.user).select_related("cadre__unit", "cadre__user", "proof")
    return found_or_404(rows.filter(pk=pk).first())


def _worded(row: Correction, differences: list[Difference]) -> list[Difference]:
    """With the labels of the form in which they were typed."""
    labels = {name: field.label for name, field in form_for(row.kind).base_fields.items()}
    return [replace(each, label=labels.get(each.name) or each.label) for each in differences]


def _tab(row: Correction) -> str:
    return "" if row.kind == Correction.BASIC else tab_of(row.kind)
