"""Reviews below reserve entries and plans: recording, correcting, taking out; lists of those that are due."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.urls import reverse

from accounts.scope import may_on
from accounts.views_base import ListPage
from cadres.filters import PlanFilter, ReserveFilter
from cadres.forms.histories.growth import PlanReviewForm, ReserveReviewForm
from cadres.forms.people import ReasonForm
from cadres.kinds import REVIEWS
from cadres.models import DevelopmentPlan, ReserveEntry
from cadres.services import reviews
from cadres.services.sealed import REFUSED
from cadres.services.sight import kept
from cadres.tables import PlanReviewTable, ReserveReviewTable
from cadres.todos import plans_to_review, reserve_to_review
from cadres.views.base import NotedForm, found_or_404
from cadres.views.histories import SEALED_NOTICE
from cadres.views.verbs import VerbPage
from core.calendar import today
from core.errors import NotAllowed, NotFound

FORMS = {"reserve": ReserveReviewForm, "plan": PlanReviewForm}


class ReviewPage(VerbPage):
    """The base: about the entry of the address."""

    def check_sight(self) -> None:
        """Only some histories are reviewed."""
        if self.kwargs["kind"] not in REVIEWS:
            raise NotFound("这种履历没有审核评估。")
        super().check_sight()

    @property
    def word(self) -> str:
        """What its review is called."""
        return REVIEWS[self.kind].label


class ReviewAdd(ReviewPage):
    """The yearly review of a reserve entry, or a review of a plan."""

    submit_label = "登记"

    def get_form_class(self) -> Any:
        """The form of the kind."""
        return FORMS[self.kind]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title names the kind, the sentence below it the entry."""
        self.title = self.word
        return super().get_context_data(lead=f"{self.record._meta.verbose_name}：{self.record}", **kwargs)

    def perform(self, form: Any) -> str:
        """Record it."""
        add = reviews.review_reserve if self.kind == "reserve" else reviews.review_plan
        add(record=self.record, by=self.request.user, **form.values())
        messages.success(self.request, f"已登记{self.cadre.name}的{self.word}。")
        return self.after("reserve-reviews" if self.kind == "reserve" else "plan-reviews")


class _OneReview(ReviewPage):
    """About a review below the entry of the address."""

    def load(self) -> Any:
        """The review, read afresh."""
        entry = super().load()
        entry.cadre = self.cadre
        found = found_or_404(entry.reviews.filter(pk=self.kwargs["review"]).first())
        setattr(found, REVIEWS[self.kind].link, entry)
        return found


class ReviewEdit(NotedForm, _OneReview):
    """A correction."""

    submit_label = "保存"

    def check_sight(self) -> None:
        """A mentor's words are the mentor's; a sealed opinion is shown to those who may open it."""
        super().check_sight()
        if not reviews.may_edit(self.request.user, self.record):
            raise NotAllowed("这是导师写的评估，由导师本人修改；误登的可以删除。")
        if self.sealed and not may_on(self.request.user, "cadre.view_sensitive", self.cadre):
            raise NotAllowed(REFUSED)

    @property
    def sealed(self) -> bool:
        """Whether there is something encrypted in it."""
        return bool(REVIEWS[self.kind].sealed)

    def get_form_class(self) -> Any:
        """The form of the kind."""
        return FORMS[self.kind]

    def current(self) -> Any:
        """The review as stored."""
        return self.load()

    def initial_of(self, record: Any) -> dict[str, Any]:
        """Its values, as the form names them."""
        return self.get_form_class().initial_of(record)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title names the review."""
        self.title = f"修改{self.word}：{self.record}"
        notices = [SEALED_NOTICE] if self.sealed else []
        return super().get_context_data(notices=notices, **kwargs)

    def perform(self, form: Any) -> str:
        """Save it."""
        reviews.edit_review(
            review=self.record, by=self.request.user, version=form.cleaned_data["version"], **form.values()
        )
        messages.success(self.request, f"已保存{self.cadre.name}的{self.word}。")
        return self.back_url()


class ReviewDelete(_OneReview):
    """A review entered by mistake goes; the audit keeps what it said."""

    submit_label = "删除这一条"
    form_class = ReasonForm
    extra_context = {"danger": True}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title names the review."""
        self.title = f"删除误登的{self.word}：{self.record}"
        return super().get_context_data(**kwargs)

    def perform(self, form: ReasonForm) -> str:
        """Take it out."""
        reviews.delete_review(review=self.record, by=self.request.user, reason=form.cleaned_data["reason"])
        messages.success(self.request, f"已删除误登的{self.word}，原内容留在审计记录中。")
        return self.back_url()


class DueList(ListPage):
    """What two lists of reviews share: the tabs lead from one to the other."""

    capability = "cadre.edit"
    template_name = "cadres/review_list.html"
    unit_word = "人"
    title = ""
    empty_text = ""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The pool is sensitive: whoever keeps records without seeing it has no list of it."""
        if not request.user.holds("cadre.view_sensitive"):
            raise NotAllowed("您没有打开这个页面的权限。")
        return super().dispatch(request, *args, **kwargs)

    @property
    def tab(self) -> str:
        """The chosen tab."""
        return self.request.GET.get("tab", "")

    def get_tabs(self) -> list[dict[str, Any]]:
        """Both lists, what is due and the others."""
        wanted = (
            ("reserve-reviews", "", f"后备待审核（{_year()}年度）"), ("reserve-reviews", "done", "后备已审核"),
            ("plan-reviews", "", "计划待评估"), ("plan-reviews", "all", "全部培养计划"),
        )  # fmt: skip
        here = self.request.resolver_match.url_name
        return [
            {"label": label, "url": reverse(name) + (f"?tab={key}" if key else ""), "count": None,
             "active": (name, key) == (here, self.tab)}
            for name, key, label in wanted
        ]  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the page."""
        return super().get_context_data(title=self.title, empty_text=self.empty_text, **kwargs)


class ReserveReviews(DueList):
    """The reserve pool by whether this year's review was held; the pool leaves by its own exports alone."""

    queryset = ReserveEntry.objects.select_related("cadre__unit")
    table_class = ReserveReviewTable
    filterset_class = ReserveFilter
    title = "后备年度审核"
    empty_text = "年度审核每年十月开始；当年十月以前列入后备、还在后备库中的人员会列在这里。"

    def get_queryset(self) -> QuerySet[ReserveEntry]:
        """Those without the review of the year, or those with it."""
        rows = self.queryset.all()
        if self.tab == "done":
            return kept(rows, self.request.user).under_review(_year()).reviewed_in(_year())
        return reserve_to_review(self.request.user, _year())

    def get_table_kwargs(self) -> dict[str, Any]:
        """Whether anything is to be done."""
        return {"done": self.tab == "done"}


class PlanReviews(DueList):
    """Development plans by when they are reviewed next."""

    queryset = DevelopmentPlan.objects.select_related("cadre__unit", "mentor")
    table_class = PlanReviewTable
    filterset_class = PlanFilter
    export_name = "培养计划评估"
    title = "培养计划评估"
    empty_text = "距下次评估不到 30 天的培养计划会列在这里。"

    def get_queryset(self) -> QuerySet[DevelopmentPlan]:
        """Those due within the month, or all that are in force."""
        if self.tab == "all":
            return kept(self.queryset.all(), self.request.user).on(today()).with_next_due()
        return plans_to_review(self.request.user)


def _year() -> int:
    """The year whose review is on, else the present one."""
    return reviews.review_round(today()) or today().year
