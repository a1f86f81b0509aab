"""The verbs that single histories have: follow-ups, confirmed kin, requests and their answers, reviews."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.scope import may_on, require
from cadres.fields import is_own
from cadres.forms.histories.confidential import AskForm, FollowUpForm, ReplyForm
from cadres.forms.histories.growth import PlanReviewForm, ReserveReviewForm
from cadres.forms.people import ReasonForm
from cadres.kinds import KINDS, REVIEWS
from cadres.services import family, oversight, petitions, reviews
from cadres.services.sealed import REFUSED, require_sight, reveal_record
from cadres.views.base import CadreForm, found_or_404
from cadres.views.detail import tab_url, visible_cadre
from core.errors import Invalid, NotAllowed, NotFound

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
        return self.back_url()


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
        return self.back_url()


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


class ReviewAdd(VerbPage):
    """The yearly review of a reserve entry, or a review of a plan."""

    submit_label = "登记"

    def check_sight(self) -> None:
        """Only some histories are reviewed."""
        if self.kwargs["kind"] not in REVIEWS:
            raise NotFound("这种履历没有审核评估。")
        super().check_sight()

    def get_form_class(self) -> Any:
        """The form of the kind."""
        return ReserveReviewForm if self.kind == "reserve" else PlanReviewForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title names the entry."""
        self.title = f"{REVIEWS[self.kind].label}：{self.record}"
        return super().get_context_data(**kwargs)

    def perform(self, form: Any) -> str:
        """Record it."""
        add = reviews.review_reserve if self.kind == "reserve" else reviews.review_plan
        add(record=self.record, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"已登记{self.cadre.name}的{REVIEWS[self.kind].label}。")
        return self.back_url()


class ReviewDelete(ReviewAdd):
    """A review entered by mistake goes; the audit keeps what it said."""

    submit_label = "删除这一条"

    def load(self) -> Any:
        """The review below the entry of the address."""
        entry = super().load()
        return found_or_404(entry.reviews.filter(pk=self.kwargs["review"]).first())

    def get_form_class(self) -> Any:
        """Only a reason."""
        return ReasonForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title names the review."""
        context = super().get_context_data(**kwargs)
        return {**context, "title": f"删除误登的{REVIEWS[self.kind].label}：{self.record}"}

    def perform(self, form: ReasonForm) -> str:
        """Take it out."""
        reviews.delete_review(review=self.record, by=self.request.user, reason=form.cleaned_data["reason"])
        messages.success(self.request, f"已删除误登的{REVIEWS[self.kind].label}，原内容留在审计记录中。")
        return self.back_url()


@require_GET
def pick_mentor(request: HttpRequest) -> HttpResponse:
    """Options of the mentor picker: business accounts by name or user name, for whoever keeps records."""
    require(request.user, "cadre.edit")
    people = User.objects.filter(is_active=True, account_class="business")
    found = people.matching(request.GET.get("q", "")[:60]).order_by("name", "pk")[:_PICKED]
    options = [{"value": each.pk, "text": each.name, "detail": f"账号 {each.username}"} for each in found]
    return render(request, "components/_picker_options.html", {"options": options})
