"""Pages of enrolments: one enrolment, consent singly and in bulk, enrolling people, one's own application."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.views_base import REFUSALS_IN_FORM, ListPage, ServiceForm, ticked_ids
from cadres.services.ties import has_record
from cadres.summaries import summaries
from core.errors import DomainError, Invalid, NotAllowed
from core.workflow import open_to
from training import presenting
from training.consent import CAPABILITY, people_asked
from training.filters import PeopleFilter
from training.forms import ApplyForm
from training.listing import people_to_enrol
from training.models import Enrolment, TrainingClass
from training.places import waiting_before
from training.services import enrolments
from training.tables import CandidateTable
from training.views.shared import OfClass, class_in_view, enrolment_in_view, refusal_to_enrol

_TOLD = 8
_BULK = [
    {"name": "enrol", "label": "报名", "tone": "primary",
     "confirm": "为勾选的人员报名：有名额的直接录取，没有名额的按先后候补，本人会收到消息。"},
]  # fmt: skip
_NEXT = {
    Enrolment.Status.ENROLLED: "已录取，已通知本人。",
    Enrolment.Status.WAITING: "名额已满，列入候补；名额空出时按顺序递补。",
    Enrolment.Status.REFUSED: "已通知本人。",
    Enrolment.Status.WITHDRAWN: "已退出；空出的名额由候补递补。",
}


@require_GET
def enrolment_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One enrolment: who, which class, how far it got, what I can do now."""
    return _page(request, enrolment_in_view(request, pk))


def _page(request: HttpRequest, row: Enrolment, refused: DomainError | None = None) -> HttpResponse:
    """The page; a refused action comes back on it with its sentence and what was typed."""
    user, status = request.user, Enrolment.Status
    buttons = open_to(row, user)
    # One's own is withdrawn, never consented to; the school refuses an application rather than withdrawing it.
    is_own = row.cadre.user_id == user.pk
    if is_own or row.status == status.APPLIED:
        buttons = [each for each in buttons if (each.name == "withdraw") == is_own]
    asked = people_asked(row) if row.status == status.APPLIED else []
    context = {
        "row": row,
        "is_own": is_own,
        "training_class": row.training_class,
        "cancelled": row.training_class.status == TrainingClass.Status.CANCELLED,
        "class_state": presenting.state_of(row.training_class),
        "days": presenting.days_of(row.training_class),
        "tone": presenting.ENROLMENT_TONES[row.status],
        "steps": presenting.enrolment_steps(row),
        "entries": presenting.enrolment_entries(row),
        "person": (summaries([row.cadre_id], user=user) or [{}])[0],
        "ahead": waiting_before(row) if row.status == status.WAITING else None,
        "asked": [each.name for each in asked[:_TOLD]],
        "open_actions": buttons,
        "refusal": refused,
        "refused_action": _pressed(request, buttons) if refused and refused.status != 409 else None,
        "typed": request.POST if refused else {},
    }
    code = 200 if refused is None else 409 if refused.status == 409 else 422
    return render(request, "training/enrolment_detail.html", context, status=code)


def _pressed(request: HttpRequest, buttons: list[Any]) -> Any:
    """The button that was pressed in vain, if it may still be pressed."""
    asked = request.POST.get("action", "")
    return next((each for each in buttons if each.name == asked and not each.refusal), None)


@require_POST
def take_on_enrolment(request: HttpRequest, pk: int) -> HttpResponse:
    """Consent, refuse, withdraw."""
    row = enrolment_in_view(request, pk)
    try:
        enrolments.take_enrolment_action(
            enrolment=row, action=request.POST.get("action", ""), by=request.user,
            comment=request.POST.get("comment", ""),
        )  # fmt: skip
    except DomainError as error:
        if error.status not in REFUSALS_IN_FORM:
            raise
        return _page(request, enrolment_in_view(request, pk), error)
    row.refresh_from_db()
    messages.success(request, f"{row.cadre}：{_NEXT.get(Enrolment.Status(row.status), '已办理。')}")
    return redirect("enrolment-detail", pk=pk)


@require_POST
def take_in_bulk(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer to many applications of a class: what can be done is done, the rest says why not."""
    row = class_in_view(request, pk)
    if not request.user.holds(CAPABILITY):
        raise NotAllowed("您没有办理报名的权限。")
    ids = ticked_ids(request)
    if not ids:
        raise Invalid("请先勾选报名。")
    seen = Enrolment.objects.visible_to(request.user).filter(training_class=row.pk, pk__in=ids)
    found = list(seen.select_related("cadre").order_by("created_at", "pk"))
    if len(found) < len(set(ids)):
        messages.error(request, "勾选的报名里有的没有找到，或者不在您的权限范围内。")
    done = 0
    for row in found:
        try:
            enrolments.take_enrolment_action(
                enrolment=row, action=request.POST.get("action", ""), by=request.user,
                comment=request.POST.get("comment", ""),
            )  # fmt: skip
        except DomainError as error:
            messages.error(request, f"{row.cadre}：{error.message}")
        else:
            done += 1
    if done:
        messages.success(request, f"已办理 {done} 份报名，已通知本人。")
    return redirect("class-people", pk=pk)


class Enrol(OfClass, ListPage):
    """Enrol people of one's own units, many at once."""

    needs = capability = CAPABILITY
    template_name = "training/class_enrol.html"
    table_class = CandidateTable
    filterset_class = PeopleFilter
    unit_word = "人"

    def get_queryset(self) -> QuerySet[Any]:
        """The people who may be enrolled."""
        return people_to_enrol(self.training_class, self.request.user)

    def get_table_kwargs(self) -> dict[str, Any]:
        """Boxes while somebody can be enrolled."""
        return {"bulk": refusal_to_enrol(self.training_class, self.request.user) == ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Places and time left, always in view."""
        row = self.training_class
        left = max(row.capacity - row.enrolled, 0)
        return super().get_context_data(bulk_actions=_BULK, left=left, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Enrol those ticked: who can be is, the rest says why not."""
        ids = ticked_ids(request)
        if not ids:
            raise Invalid("请至少勾选一人。")
        outcomes = enrolments.enrol_many(training_class=self.training_class, cadres=ids, by=request.user)
        for each in outcomes:
            if not each.ok:
                messages.error(request, f"{each.name}：{each.message}" if each.name else each.message)
        done = [each for each in outcomes if each.ok]
        if done:
            named = "、".join(f"{each.name}（{each.message.rstrip('。')}）" for each in done[:_TOLD])
            more = f"等 {len(done)} 人" if len(done) > _TOLD else ""
            messages.success(request, f"已报名：{named}{more}。")
        return redirect("class-people" if done else "class-enrol", pk=self.training_class.pk)


class Apply(OfClass, ServiceForm):
    """One's own application."""

    form_class = ApplyForm
    template_name = "training/class_apply.html"

    def admit(self, request: HttpRequest) -> None:
        """Only for somebody on the roster."""
        if not has_record(request.user):
            raise NotAllowed("您没有干部档案，不能本人报名。")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Why it isn't possible now, if it isn't."""
        row = self.training_class
        refusal = enrolments.own_refusal(training_class=row, by=self.request.user)
        left = max(row.capacity - row.enrolled, 0)
        return super().get_context_data(refusal=refusal, left=left, **kwargs)

    def perform(self, form: ApplyForm) -> str:
        """Apply; the enrolment says what comes next."""
        row = enrolments.apply(
            training_class=self.training_class, by=self.request.user, reason=form.cleaned_data["reason"]
        )
        if row.status == Enrolment.Status.APPLIED:
            messages.success(self.request, "报名已提交，等学校同意；结果会发消息告诉您。")
        return reverse("enrolment-detail", args=[row.pk])
