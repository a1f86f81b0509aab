"""The rater's pages: what I have to rate, the ballot on a phone, the receipt."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.generic import TemplateView, View

from accounts.roles import AccountClass
from assessment.models import Invitation
from assessment.questionnaire import USUAL_SCORES, answers_in, sections_of
from assessment.rating import next_to_rate, progress_of, rounds_that_ended, rounds_to_rate, to_rate
from assessment.services import ballots
from core.calendar import now
from core.errors import DomainError, Invalid, NotAllowed, NotFound


class BallotList(TemplateView):
    """Whom I have to rate, round by round."""

    template_name = "assessment/ballot_list.html"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Raters hold no grant: the invitations decide; administrators have none."""
        if request.user.account_class != AccountClass.BUSINESS:
            raise NotAllowed("您没有打开这个页面的权限。")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The open rounds with their people, the ended ones as numbers."""
        user = self.request.user
        return super().get_context_data(rounds=rounds_to_rate(user), ended=rounds_that_ended(user), **kwargs)


class BallotPage(View):
    """One ballot: autosaved while it is filled in, submitted once it is whole."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Only one's own invitation; an anonymous ballot that was submitted never opens again."""
        self.invitation = invitation_in_view(request, kwargs["pk"])
        self.sealed = self.invitation.used and self.invitation.relation.anonymous
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form with what was filled in so far."""
        if self.sealed:
            return redirect("ballot-receipt", pk=pk)
        return self._page(ballots.load(invitation=self.invitation, by=request.user))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep, or submit; an autosave answers without a page."""
        given = answers_in(self.invitation.subject.round.instrument, request.POST)
        if request.headers.get("X-Autosave") == "1":
            return self._keep(given)
        try:
            ballots.submit(invitation=self.invitation, answers=given, by=request.user)
        except Invalid as error:
            return self._page(given, error)
        return redirect("ballot-receipt", pk=pk)

    def _keep(self, given: dict[int, Any]) -> HttpResponse:
        try:
            ballots.save_draft(invitation=self.invitation, answers=given, by=self.request.user)
        except DomainError as error:
            return JsonResponse({"saved": False, "message": error.message}, status=error.status)
        return JsonResponse({"saved": True})

    def _page(self, answers: dict[int, Any], error: Invalid | None = None) -> HttpResponse:
        invitation = self.invitation
        sections = sections_of(invitation.subject.round.instrument, answers, error.errors if error else {})
        questions = [each for section in sections for each in section.questions]
        context = {
            "invitation": invitation,
            "subject": invitation.subject,
            "round": invitation.subject.round,
            "own": invitation.relation.kind == "self",
            "anonymous": invitation.relation.anonymous,
            "sections": sections,
            "required": sum(1 for each in questions if each.is_required),
            "answered": sum(1 for each in questions if each.is_required and each.is_answered),
            "saved_at": invitation.saved_at,
            "error": error,
            "faulty": [each for each in questions if each.errors],
            "usual_scores": USUAL_SCORES,
        }
        return render(self.request, "assessment/ballot.html", context, status=422 if error else 200)


class BallotReceipt(View):
    """What a rater keeps of a submitted ballot: that it has come in, and who is next."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The receipt; a ballot that wasn't submitted has none."""
        invitation = invitation_in_view(request, pk)
        if not invitation.used:
            return redirect("ballot", pk=pk)
        context = {
            "invitation": invitation,
            "subject": invitation.subject,
            "round": invitation.subject.round,
            "own": invitation.relation.kind == "self",
            "anonymous": invitation.relation.anonymous,
            "submitted_at": invitation.submitted_at,
            "changeable": not invitation.relation.anonymous and invitation.subject.round.takes_at(now()),
            "progress": progress_of(request.user, invitation.subject.round),
            "next": next_to_rate(request.user, after=invitation),
        }
        return render(request, "assessment/ballot_receipt.html", context)


def invitation_in_view(request: HttpRequest, pk: int) -> Invitation:
    """Return one's own invitation; raises NotFound for any other."""
    found = to_rate(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有找到这张评价票。")
    return found
