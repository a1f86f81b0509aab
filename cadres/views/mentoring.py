"""The mentor's pages: the plans one mentors, a review written in a minute, one's own review corrected."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.urls import reverse
from django.views.generic import TemplateView

from accounts.roles import AccountClass
from accounts.views_base import ListPage, ServiceForm
from accounts.views_versioned import Versioned
from cadres.filters import MentoredFilter
from cadres.forms.histories.growth import PlanReviewForm
from cadres.models import DevelopmentPlan
from cadres.services import reviews
from cadres.services.mentoring import next_review, plan_of_mentor, plans_of
from cadres.tables import MentoredTable
from cadres.views.base import found_or_404
from core.errors import NotAllowed
from core.navigation import tabs_of
from core.templatetags.shell import chinese_date

# Entries that the apps register for whoever has somebody assigned (core/navigation.py).
PLACE = "mentoring"


class MentoredList(ListPage):
    """The people one mentors."""

    queryset = DevelopmentPlan.objects.all()
    table_class = MentoredTable
    filterset_class = MentoredFilter
    template_name = "cadres/mentored_list.html"
    unit_word = "人"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Mentors hold no grant: the rows decide; administrators have none."""
        if request.user.account_class != AccountClass.BUSINESS:
            raise NotAllowed("您没有打开这个页面的权限。")
        return TemplateView.dispatch(self, request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[DevelopmentPlan]:
        """The plans one mentors now, and those that ended within thirty days."""
        return plans_of(self.request.user)

    def get_tabs(self) -> list[dict[str, Any]]:
        """What else one has people in."""
        return mentoring_tabs(self.request)


def mentoring_tabs(request: Any) -> list[dict[str, Any]]:
    """The tabs over the pages of those who have people assigned; none where there is only one page."""
    return tabs_of(request.user, request.path, PLACE)


class _PlanPage(ServiceForm):
    """A form about a plan that one mentors; any other plan is 404."""

    form_class = PlanReviewForm
    template_name = "cadres/mentored_plan.html"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Find the plan before anything is read of the input."""
        self.plan = plan_of_mentor(request.user, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The plan, its reviews with those that are mine to correct, when the next one is due."""
        held = list(self.plan.reviews.select_related("reviewed_by").order_by("-on"))
        last = held[0].on if held else None
        return super().get_context_data(
            plan=self.plan, person=self.plan.cadre, next=next_review(self.plan, last), reviews=held,
            back_url=self.back_url(), **kwargs,
        )  # fmt: skip

    def back_url(self) -> str:
        """Hook: where one comes from, and goes without saving."""
        return reverse("mentoring")


class MentoredPlan(_PlanPage):
    """One plan with its reviews, and the form of a new one."""

    def perform(self, form: PlanReviewForm) -> str:
        """Record it; the person is told."""
        reviews.review_plan(record=self.plan, by=self.request.user, **form.values())
        told = f"，{self.plan.cadre.name}会收到消息" if self.plan.cadre.user_id else ""
        due = next_review(self.plan, form.values()["on"]).due
        after = f"下次评估 {chinese_date(due)}。" if due else ""
        messages.success(self.request, f"评估已提交{told}。{after}")
        return reverse("mentoring-plan", args=[self.plan.pk])


class MentoredReview(Versioned, _PlanPage):
    """One's own review, corrected."""

    template_name = "cadres/mentored_review.html"

    def current(self) -> Any:
        """The review as stored; somebody else's is none of one's own."""
        rows = self.plan.reviews.filter(pk=self.kwargs["review"], reviewed_by=self.request.user)
        return found_or_404(rows.first())

    def initial_of(self, record: Any) -> dict[str, Any]:
        """Its values, as the form names them."""
        return PlanReviewForm.initial_of(record)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """A review that isn't one's own is 404 for every method."""
        self.plan = plan_of_mentor(request.user, kwargs["pk"])
        self.kwargs = kwargs
        self.request = request
        self.current()
        return super().dispatch(request, *args, **kwargs)

    def back_url(self) -> str:
        """The plan."""
        return reverse("mentoring-plan", args=[self.plan.pk])

    def perform(self, form: PlanReviewForm) -> str:
        """Save it."""
        reviews.edit_review(
            review=self.current(), by=self.request.user, version=form.cleaned_data["version"], **form.values()
        )
        messages.success(self.request, "评估已保存。")
        return self.back_url()
