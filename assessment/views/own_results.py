"""The pages of whoever was rated: one's own published results, read and confirmed; HR's panel on a person's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import TemplateView

from accounts.roles import AccountClass
from assessment.feedback import feedback_of
from assessment.models import SubjectResult
from assessment.services import results
from cadres.models import Cadre
from core.errors import NotAllowed, NotFound

_SHOWN = 20


class OwnResults(TemplateView):
    """The rounds one was rated in, whose results are published."""

    template_name = "assessment/own_result_list.html"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """People hold no grant for what is their own; administrators have no business here."""
        if request.user.account_class != AccountClass.BUSINESS:
            raise NotAllowed("您没有打开这个页面的权限。")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One's own, those to be confirmed first."""
        rows = SubjectResult.objects.own(self.request.user).select_related("subject__round")
        rows = rows.order_by("-confirmed_at", "-subject__round__closes_at", "-pk")
        return super().get_context_data(results=list(rows), **kwargs)


@require_GET
def own_result(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own result of a round."""
    result = own_in_view(request, pk)
    return render(request, "assessment/own_result.html", {"result": result, "feedback": feedback_of(result)})


@require_POST
def confirm_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm that one has read it."""
    results.confirm(result=own_in_view(request, pk), by=request.user)
    messages.success(request, "已确认阅读。结果随时可以在“测评反馈”里再看。")
    return redirect("own-result", pk=pk)


def own_in_view(request: HttpRequest, pk: int) -> SubjectResult:
    """Return one's own published result; raises NotFound for any other."""
    rows = SubjectResult.objects.own(request.user)
    found = (
        rows.select_related("subject__round__instrument", "subject__cadre", "subject__unit")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("没有找到这份测评反馈。")
    return found


@require_GET
def cadre_results(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's results on the person's page, as far as the reader sees them; 404 where not even the person."""
    seen = Cadre.objects.visible_to(request.user) | Cadre.objects.filter(user_id=request.user.pk)
    if not seen.filter(pk=pk).exists():
        raise NotFound("没有找到这位干部。")
    rows = SubjectResult.objects.visible_to(request.user).filter(subject__cadre_id=pk)
    rows = rows.select_related("subject__round", "subject__cadre").order_by(
        "-subject__round__closes_at", "-pk"
    )[:_SHOWN]
    own = Cadre.objects.filter(pk=pk, user_id=request.user.pk).exists()
    entries = [_entry(each, own=own) for each in rows]
    return render(request, "assessment/_cadre_results.html", {"entries": entries})


def _entry(result: SubjectResult, *, own: bool) -> dict[str, Any]:
    """A result on the person's page: one's own leads to the feedback, others' to the round."""
    held = result.subject.round
    words = "人数不足，不显示" if result.total is None else f"{result.total} 分"
    rank = f"，第 {result.rank} 名" if result.rank else ""
    url = reverse("own-result", args=[result.pk])
    if not own:
        url = reverse("round-result", args=[held.pk, result.subject_id])
    return {
        "at": held.closes_at,
        "title": held.title,
        "who": f"{words}{rank}　{held.get_status_display()}",
        "url": url,
        "tone": "success" if held.status == held.Status.PUBLISHED else "active",
    }
