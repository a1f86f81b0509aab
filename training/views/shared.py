"""What the pages of one class share: finding it, its head, its tabs, the reader's own part in it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.generic.base import View

from core.calendar import now
from core.errors import DomainError, NotAllowed, NotFound
from training import consent, presenting
from training.listing import with_numbers
from training.models import ClassTargets, Enrolment, TrainingClass
from training.workflow.enrolments import require_taking

Status = TrainingClass.Status

_TABS = (
    ("class-detail", "内容与日程", ""),
    ("class-people", "学员", "class.view"),
    ("class-targets", "培训对象", "class.view"),
    ("class-records", "办理记录", "class.view"),
)


def class_in_view(request: HttpRequest, pk: int) -> Any:
    """Return a class the reader may see, with its numbers; raises NotFound for any other."""
    rows = TrainingClass.objects.visible_to(request.user).filter(pk=pk).values("pk")
    found = TrainingClass.objects.filter(pk__in=rows).select_related("unit")
    row = with_numbers(found, request.user).first()
    if row is None:
        raise NotFound("没有找到这个培训班。")
    return row


def enrolment_in_view(request: HttpRequest, pk: int) -> Enrolment:
    """Return an enrolment the reader may see; raises NotFound for any other."""
    rows = Enrolment.objects.visible_to(request.user).filter(pk=pk)
    row = rows.select_related("training_class__unit", "cadre", "unit", "applied_by").first()
    if row is None:
        raise NotFound("没有找到这份报名。")
    return row


class OfClass(View):
    """A page about one class: out of sight is 404, in sight without `needs` is 403."""

    needs = ""
    training_class: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The class first, so that a stranger's class is 404 even for whoever may do nothing."""
        self.training_class = class_in_view(request, kwargs["pk"])
        self.admit(request)
        return super().dispatch(request, *args, **kwargs)

    def admit(self, request: HttpRequest) -> None:
        """Refuse (NotAllowed) whoever sees the class but not this page."""
        if self.needs and not request.user.holds(self.needs):
            raise NotAllowed("您没有打开这个页面的权限。")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the head of every page of the class shows."""
        context: Any = super()
        return context.get_context_data(**head_of(self.request, self.training_class), **kwargs)


def head_of(request: HttpRequest, row: Any) -> dict[str, Any]:
    """Return what the head of a class's pages shows: state, days, window, the tabs."""
    words, tone = presenting.state_of(row)
    user, here = request.user, request.resolver_match
    return {
        "training_class": row,
        "state": words,
        "tone": tone,
        "days": presenting.days_of(row),
        "takes": row.takes_at(now()),
        "is_before": row.status == Status.OPEN and now() < row.enrol_from,
        "limit": ClassTargets.objects.filter(training_class=row).first(),
        "enrol_refusal": refusal_to_enrol(row, user),
        "class_tabs": [
            {
                "label": label,
                "url": reverse(name, args=[row.pk]),
                "count": row.seen if name == "class-people" else None,
                "active": here is not None and here.url_name == name,
            }
            for name, label, needs in _TABS
            if not needs or user.holds(needs)
        ],
    }


def refusal_to_enrol(row: TrainingClass, user: Any) -> str | None:
    """Why the reader can't enrol people now, "" where they can, None where they never could."""
    if not user.holds(consent.CAPABILITY) or row.status in (Status.DRAFT, Status.FINISHED, Status.CANCELLED):
        return None
    try:
        require_taking(row, user, now())
    except DomainError as error:
        return error.message
    return ""


def own_enrolment(row: TrainingClass, user: Any) -> Enrolment | None:
    """The reader's own enrolment in a class: the live one, else the newest."""
    rows = Enrolment.objects.filter(training_class=row, cadre__user=user.pk)
    return rows.filter(status__in=Enrolment.LIVE).first() or rows.order_by("-pk").first()
