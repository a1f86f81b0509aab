"""The verbs that single histories have: follow-ups, confirmed kin, requests and their answers, publishing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.scope import may_on, require
from cadres.fields import is_own, rows_seen
from cadres.forms.histories.confidential import AskForm, FollowUpForm, ReplyForm
from cadres.kinds import KINDS
from cadres.services import family, oversight, petitions, profiles
from cadres.services.sealed import REFUSED, require_sight, reveal_record
from cadres.views.base import CadreForm, found_or_404
from cadres.views.detail import tab_url, visible_cadre
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment

_PICKED = 10


class VerbPage(CadreForm):
    """The base: a form about one entry of the history `kind`, or of the address's."""

    kind = ""

    def check_sight(self) -> None:
        """As for correcting the entry."""
        self.kind = self.kwargs.get("kind") or self.kind
        if self.kind not in KINDS:
            raise NotFound("没有这种履历。")
        require_sight(self.request.user, self.cadre, KINDS[self.kind].guard)
        self.record = self.load()

    def load(self) -> Any:
        """The entry of the address."""
        rows = KINDS[self.kind].model.objects.filter(cadre=self.cadre, pk=self.kwargs["record"])
        return found_or_404(rows.first())

    def back_url(self) -> str:
        """The history on the person's page."""
        return tab_url(self.cadre, self.kind)

    def after(self, list_name: str) -> str:
        """Where one goes when it is done: on to the next one, if one came from the list of what waits."""
        return reverse(list_name) if self.request.GET.get("from") == "list" else self.back_url()


class FollowUp(VerbPage):
    """What came of an act of oversight."""

    kind, form_class, submit_label = "oversight", FollowUpForm, "登记"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title names the act."""
        self.title = f"{oversight.follow_up_word(self.record)}：{self.record}"
        return super().get_context_data(**kwargs)

    def perform(self, form: FollowUpForm) -> str:
        """Record it."""
        oversight.record_follow_up(record=self.record, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"已登记办结：{self.record}。")
        return self.after("oversight-list")


class PetitionAnswer(VerbPage):
    """HR's answer, with the request in clear above it."""

    kind, form_class, title, submit_label = "petition", ReplyForm, "答复诉求", "答复"
    template_name = "cadres/petition_answer.html"

    def check_sight(self) -> None:
        """Nobody answers their own request, nor one they may not read."""
        super().check_sight()
        if is_own(self.request.user, self.cadre):
            raise NotAllowed("这是您本人的诉求，应当由他人答复。")
        if not may_on(self.request.user, "cadre.view_sensitive", self.cadre):
            raise NotAllowed(REFUSED)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Showing the request is an opening, and noted as one."""
        reveal_record(record=self.record, by=self.request.user, reason="答复诉求")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The request in words."""
        facts = [
            {"label": "事项", "value": self.record.subject},
            {"label": "内容", "value": self.record.content},
        ]
        return super().get_context_data(facts=facts, record=self.record, **kwargs)

    def perform(self, form: ReplyForm) -> str:
        """Answer it."""
        petitions.answer_petition(record=self.record, by=self.request.user, reply=form.cleaned_data["reply"])
        messages.success(self.request, f"已答复，{self.cadre.name}会收到消息。")
        return self.after("petition-list")


class PetitionSubmit(CadreForm):
    """A cadre's own request."""

    form_class, title, submit_label = AskForm, "提出诉求", "提交"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Open to the person alone: what others may do with the record doesn't matter here."""
        self.cadre = visible_cadre(request.user, kwargs["pk"])
        if not is_own(request.user, self.cadre):
            raise NotAllowed("诉求由本人提出。")
        return super(CadreForm, self).dispatch(request, *args, **kwargs)

    def back_url(self) -> str:
        """One's own requests."""
        return tab_url(self.cadre, "petition")

    def perform(self, form: AskForm) -> str:
        """Submit it."""
        made = petitions.submit_petition(cadre=self.cadre, by=self.request.user, **form.cleaned_data)
        day = f"{made.due.year}年{made.due.month}月{made.due.day}日"
        messages.success(self.request, f"诉求已提交局人事，应在{day}前答复，答复后您会收到消息。")
        return self.back_url()


@require_POST
def confirm_kin(request: HttpRequest, pk: int, record: int) -> HttpResponse:
    """HR confirms that a family member is the linked cadre, or takes that back."""
    cadre = visible_cadre(request.user, pk)
    if not may_on(request.user, "cadre.edit", cadre):
        raise NotAllowed("您可以查看，但没有办理这件事的权限。")
    require_sight(request.user, cadre, "family")
    row = found_or_404(KINDS["family"].model.objects.filter(cadre=cadre, pk=record).first())
    action = request.POST.get("action", "")
    if action == "confirm":
        family.confirm_kin(record=row, by=request.user)
        messages.success(request, "亲属关系已核实，今后双方的事项相互回避。")
    elif action == "withdraw":
        family.withdraw_kin(record=row, by=request.user)
        messages.success(request, "已撤销核实，不再作为回避的依据。")
    else:
        raise Invalid("请选择核实或撤销核实。")
    return redirect(tab_url(cadre, "family"))


@require_POST
def publish_profile(request: HttpRequest, pk: int, record: int) -> HttpResponse:
    """HR lets the person read a competence profile, or takes it back."""
    cadre = visible_cadre(request.user, pk)
    if not may_on(request.user, "cadre.edit", cadre):
        raise NotAllowed("您可以查看，但没有办理这件事的权限。")
    require_sight(request.user, cadre, "competences")
    rows = KINDS["competence"].model.objects.filter(cadre=cadre, pk=record)
    row = found_or_404(rows_seen(rows, request.user, cadre, "competences").first())
    action = request.POST.get("action", "")
    verbs = {"publish": profiles.publish_profile, "withdraw": profiles.withdraw_profile}
    if action not in verbs:
        raise Invalid("请选择发布或收回。")
    try:
        verbs[action](record=row, by=request.user)
    except WrongMoment as error:
        messages.error(request, error.message)
    else:
        told = "，已通知本人" if cadre.user_id else ""
        word = "已发布，本人现在可以看到" if action == "publish" else "已收回，本人不再看到"
        messages.success(request, f"{row.get_source_display()}{word}{told}。")
    return redirect(tab_url(cadre, "competence"))


@require_GET
def pick_mentor(request: HttpRequest) -> HttpResponse:
    """Options of the mentor picker: business accounts by name or user name, for whoever keeps records."""
    require(request.user, "cadre.edit")
    people = User.objects.filter(is_active=True, account_class="business")
    found = people.matching(request.GET.get("q", "")[:60]).order_by("name", "pk")[:_PICKED]
    options = [{"value": each.pk, "text": each.name, "detail": f"账号 {each.username}"} for each in found]
    return render(request, "components/_picker_options.html", {"options": options})
