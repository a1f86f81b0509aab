"""Asking for a correction: the form of the thing with explanation and proof, kept while it is typed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Unit
from accounts.views_versioned import compare
from cadres.fields import fields_for, is_own
from cadres.forms.corrections import form_for
from cadres.kinds import KINDS
from cadres.models import Correction
from cadres.services import corrections as services
from cadres.services.askable import ASKABLE, CORRECTABLE, NOT_ASKED, may_ask, model_of, subject_for
from cadres.services.compared import target_of, wished
from cadres.services.sealed import OWN_REASON, reveal_record
from cadres.services.sight import own_record
from cadres.views.base import CadreForm, found_or_404
from cadres.views.corrections import about, in_view
from cadres.views.detail import detail_url, visible_cadre
from core.errors import Invalid, NotAllowed, NotFound, Stale, TooLarge, WrongType
from core.files import StoredFile, store
from core.versions import require_version, version_of

MOST_UNITS = 20
_LEADS = {
    Correction.PHOTO: "上传一张新照片。局人事比对新旧照片后更换，更换之前档案里仍是原来的照片。",
    "competence": "六项能力各打一个分，这是您自己的评价；局人事核对后登记到“培养发展”，与组织、专家的评价并列。",
}


class OwnForm(CadreForm):
    """A form about one's own record, open to nobody else whatever they may do with it.

    What differs from the record is kept as a draft while it is typed; files come with the last press only.
    """

    template_name = "cadres/correction_form.html"
    kind = ""
    record: Any = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Out of view 404, another's record 403."""
        self.cadre = visible_cadre(request.user, kwargs["pk"])
        if not is_own(request.user, self.cadre):
            raise NotAllowed(services.NOT_OWN)
        return super(CadreForm, self).dispatch(request, *args, **kwargs)

    def back_url(self) -> str:
        """One's requests."""
        return f"{detail_url(self.cadre)}?tab=requests"

    @property
    def entry(self) -> Any:
        """The entry of a history it is about, if it is about one."""
        return None if self.kind in Correction.PERSONAL else self.record

    def get_form_class(self) -> Any:
        """The form of the kind, with explanation and proof."""
        return form_for(self.kind, is_missing=self.record is None)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The person and the entry."""
        given = {**super().get_form_kwargs(), "cadre": self.cadre, "user": self.request.user}
        return {**given, "record": self.record}

    def get_initial(self) -> dict[str, Any]:
        """What the record says now, and over it what was wished or typed before."""
        stored = super().get_initial()
        if self.record is not None:
            stored |= {**self.get_form_class().initial_of(self.record), "version": version_of(self.record)}
        if self.request.method != "GET":
            return stored  # what differs is counted from the record
        if self.kind == "family" and self.record is not None:
            reveal_record(record=self.record, by=self.request.user, reason=OWN_REASON)
        return {**stored, **self.begun()}

    def begun(self) -> dict[str, Any]:
        """Hook: what the form is filled with beyond the record."""
        return {}

    def keep(self, typed: dict[str, Any]) -> None:
        """Hook: keep what was typed."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Submit, or only keep: an autosave answers without a page."""
        autosave = request.headers.get("X-Autosave") == "1"
        if not autosave and "draft" not in request.POST:
            return super().post(request, *args, **kwargs)
        self.keep(self.get_form().typed())
        if autosave:
            return JsonResponse({"saved": True})
        messages.success(request, "草稿已保存，在“诉求更正”里可以继续填写。文件请在提交时选择。")
        return redirect(self.back_url())

    def form_valid(self, form: Any) -> HttpResponse:
        """A record that was changed since the form was opened comes back with both versions (412)."""
        sent = form.cleaned_data.get("version", "")
        try:
            if sent and self.record is not None:
                require_version(self.record, sent)
        except Stale:
            form.data = form.data.copy()
            form.data["version"] = version_of(self.record)
            differences = compare(form, self.get_form_class().initial_of(self.record))
            page = self.render_to_response(self.get_context_data(form=form, differences=differences))
            page.status_code = 412
            return page
        return super().form_valid(form)

    def stored(self, form: Any, name: str) -> StoredFile | None:
        """The file that came along, checked and kept; None without one. A wrong one is said at its field."""
        upload = form.cleaned_data.get(name)
        if not upload:
            return None
        try:
            return store(upload, name=upload.name, by=self.request.user, **services.FILES[name])
        except (WrongType, TooLarge) as error:
            raise Invalid(error.message, errors={name: [error.message]}) from None

    def asked(self, form: Any) -> dict[str, Any]:
        """What the form asks for, as the services take it."""
        values = {} if self.kind == Correction.PHOTO else form.values()
        return {
            "values": values, "explanation": form.cleaned_data["explanation"],
            "proof": self.stored(form, "proof"), "photo": self.stored(form, "photo"),
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the form is about, and where it is kept."""
        lead = _LEADS.get(self.kind) or (
            "把要更正的项目改成正确的内容，其他项目不动。局人事核实后才会更新档案。"
            if self.record is not None
            else "按证书、文件如实填写。局人事核实后登记到档案。"
        )
        autosave = "" if self.kind == Correction.PHOTO else self.request.path
        draft = "" if self.kind == Correction.PHOTO else "保存草稿"
        return super().get_context_data(
            **{
                "lead": lead,
                "autosave_url": autosave,
                "draft_label": draft,
                "is_photo": self.kind == Correction.PHOTO,
                "about": about(self.kind, self.record) if self.record is not None else "",
                **kwargs,
            }
        )


class CorrectionAsk(OwnForm):
    """Ask for one's data, an entry or a missing entry to be corrected."""

    submit_label = "提交申请"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Only what one may ask for; a request under way is shown instead of a second one."""
        self.kind, key = kwargs["kind"], kwargs.get("record")
        if self.kind not in ASKABLE:
            raise NotFound("没有这种更正。")
        self.cadre = visible_cadre(request.user, kwargs["pk"])
        self.record = self._found(key)
        if is_own(request.user, self.cadre):
            self._check(key)
            under_way = services.find_open(cadre=self.cadre, kind=self.kind, record=self.entry)
            if under_way is not None and request.method == "GET":
                messages.info(request, services.ONE_OPEN)
                return redirect("correction-detail", pk=under_way.pk)
        return super().dispatch(request, *args, **kwargs)

    def _found(self, key: int | None) -> Any:
        if self.kind in Correction.PERSONAL:
            return self.cadre
        if key is None:
            if not CORRECTABLE[self.kind]:
                raise NotFound("这类记录只能更正，不能补登。")
            return None
        rows = model_of(self.kind).objects.filter(cadre=self.cadre, pk=key).select_related("cadre")
        return found_or_404(rows.first())

    def _check(self, key: int | None) -> None:
        guard = (
            "posts"
            if self.kind == "appointment"
            else KINDS[self.kind].guard
            if self.kind in KINDS
            else "name"
        )
        if key is not None and not may_ask(self.kind, self.record):
            raise NotAllowed(NOT_ASKED)
        if guard not in fields_for(self.request.user, self.cadre):
            raise NotAllowed(NOT_ASKED)

    def begun(self) -> dict[str, Any]:
        """The draft, if one was begun."""
        return services.typed_in(services.find_draft(cadre=self.cadre, kind=self.kind, record=self.entry))

    def keep(self, typed: dict[str, Any]) -> None:
        """Keep the draft."""
        services.keep_draft(
            cadre=self.cadre, by=self.request.user, kind=self.kind, record=self.entry, typed=typed
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title names what is asked; a draft says when it was kept."""
        self.title = f"申请{subject_for(self.kind, self.record.pk if self.record is not None else None)}"
        draft = services.find_draft(cadre=self.cadre, kind=self.kind, record=self.entry)
        return super().get_context_data(saved_at=draft.updated_at if draft else "", **kwargs)

    def perform(self, form: Any) -> str:
        """Submit it."""
        made = services.request_correction(
            cadre=self.cadre, by=self.request.user, kind=self.kind, record=self.entry, **self.asked(form)
        )
        messages.success(self.request, "申请已提交局人事。核实后您会收到消息，进展在这一页。")
        return reverse("correction-detail", args=[made.pk])


class CorrectionSupplement(OwnForm):
    """Complete a returned request."""

    submit_label = "重新提交"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The address names the request; the person follows from it."""
        self.correction = in_view(request, kwargs["pk"])
        self.kind = self.correction.kind
        self.cadre = self.correction.cadre
        if is_own(request.user, self.cadre):
            if self.correction.status != Correction.Status.RETURNED:
                return redirect("correction-detail", pk=self.correction.pk)
            self.record = target_of(self.correction)
            if self.correction.record_id is not None and self.record is None:
                messages.error(request, "原来的记录已经删除，请撤回这份申请，需要的话另行申请补登。")
                return redirect("correction-detail", pk=self.correction.pk)
        return super().dispatch(request, *args, **{**kwargs, "pk": self.correction.cadre_id})

    def begun(self) -> dict[str, Any]:
        """What was asked for and why, and what was typed since."""
        wish = {} if self.kind == Correction.PHOTO else self._wish()
        return {**wish, "explanation": self.correction.explanation, **services.typed_in(self.correction)}

    def _wish(self) -> dict[str, Any]:
        values = wished(self.correction, to_read=True)
        scores = values.pop("scores", None) or []
        return {**values, **{f"score_{at}": score for at, score in enumerate(scores, start=1)}}

    def keep(self, typed: dict[str, Any]) -> None:
        """Keep it with the request."""
        services.keep_returned(correction=self.correction, by=self.request.user, typed=typed)

    def get_form(self, form_class: Any = None) -> Any:
        """A photo that was sent stays unless another one is chosen."""
        form = super().get_form(form_class)
        if "photo" in form.fields:
            form.fields["photo"].required = False
            form.fields["photo"].help_text = "不重新选择，就用上次提交的那张。JPG 或 PNG，不超过 2 MB。"
        if "proof" in form.fields and self.correction.proof is not None:
            form.fields["proof"].required = False
            form.fields["proof"].help_text = f"已附“{self.correction.proof.name}”；重新选择会替换它。"
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What HR asked for."""
        self.title = f"补充申请：{services.subject_of(self.correction)}"
        last = self.correction.decisions.filter(action="return").order_by("-id").first()
        notices = [f"局人事退回：{last.comment}"] if last else []
        return super().get_context_data(notices=notices, saved_at="", **kwargs)

    def back_url(self) -> str:
        """The request."""
        return reverse("correction-detail", args=[self.correction.pk])

    def perform(self, form: Any) -> str:
        """Submit it again."""
        services.supplement_correction(correction=self.correction, by=self.request.user, **self.asked(form))
        messages.success(self.request, "已重新提交，核实后您会收到消息。")
        return reverse("correction-detail", args=[self.correction.pk])


@require_POST
def discard_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw one's draft away."""
    row = in_view(request, pk)
    services.discard_draft(correction=row, by=request.user)
    messages.success(request, "草稿已删除。")
    return redirect(f"{detail_url(row.cadre)}?tab=requests")


@require_GET
def pick_unit(request: HttpRequest) -> HttpResponse:
    """Options of the unit picker for whoever has a record: where one held a post may lie in any township."""
    if own_record(request.user) is None:
        raise NotAllowed("您没有查看单位的权限。")
    found = Unit.objects.matching(request.GET.get("q", "")[:60]).select_related("parent").order_by("path")
    options = [
        {
            "value": unit.pk, "text": unit.name,
            "detail": " · ".join(filter(None, [unit.get_kind_display(), unit.parent.name if unit.parent else ""])),
        }
        for unit in found[:MOST_UNITS]
    ]  # fmt: skip
    return render(request, "components/_picker_options.html", {"options": options})
