"""Pages of classes: the list, one class with its tabs, what is done with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts.scope import may_on
from accounts.views_base import REFUSALS_IN_FORM, ListPage
from cadres.services.ties import has_record
from core.errors import DomainError, Invalid
from core.workflow import open_to
from training import presenting
from training.consent import asked_of
from training.filters import ClassFilter, EnrolmentFilter, PeopleFilter
from training.listing import (
    awaiting_consent,
    people_of,
    targets_in_view,
    to_settle,
    with_numbers,
)
from training.models import Enrolment, TrainingClass
from training.services import classes
from training.services.enrolments import own_refusal
from training.tables import ClassTable, EnrolmentTable, TargetTable
from training.views.shared import OfClass, class_in_view, own_enrolment

_TABS = (
    ("open", "报名中", ("open",)),
    ("settled", "名单已定", ("settled",)),
    ("done", "已结束", ("finished", "cancelled")),
)
_OVER = (TrainingClass.Status.FINISHED, TrainingClass.Status.CANCELLED)
_VERBS = ("open", "settle", "finish", "cancel")
_SAID = {
    "open": "报名已开始，已通知各单位。",
    "settle": "名单已定，已通知学员；没有录取的也已告知。",
    "finish": "培训班已结束。",
    "cancel": "培训班已取消，已通知报名的人。",
}
_BULK = [
    {"name": "approve", "label": "同意", "tone": "success",
     "confirm": "勾选的报名将逐份同意：有名额的录取，没有名额的按先后候补。"},
    {"name": "refuse", "label": "不同意", "tone": "danger", "confirm": "勾选的报名将不同意，本人会收到您写的意见。",
     "needs_comment": True},
]  # fmt: skip


class ClassList(ListPage):
    """The classes that address the reader's units."""

    capability = "class.view"
    template_name = "training/class_list.html"
    queryset = TrainingClass.objects.select_related("unit")
    table_class = ClassTable
    filterset_class = ClassFilter
    unit_word = "个"
    export_name = "培训班"

    @property
    def manages(self) -> bool:
        """Whether the reader holds classes."""
        return self.request.user.holds("class.manage")

    @property
    def tab(self) -> str:
        """The chosen tab; who manages classes sees drafts too, who consents what waits for them."""
        chosen = self.request.GET.get("tab", "")
        known = {key for key, _, _ in _TABS} | {"all"}
        if self.manages:
            known.add("draft")
        if self.request.user.holds("enrolment.approve"):
            known.add("mine")
        return chosen if chosen in known else "open"

    def get_queryset(self) -> QuerySet[TrainingClass]:
        """The rows of the tab with their numbers, the next first where something is still to come."""
        user, tab = self.request.user, self.tab
        rows = super().get_queryset()
        if tab == "mine":
            asked = Enrolment.objects.filter(pk__in=asked_of(user)).order_by().values("training_class")
            rows = rows.filter(Q(pk__in=asked) | Q(pk__in=to_settle(user).order_by().values("pk")))
        elif tab != "all":
            states = {key: each for key, _, each in _TABS} | {"draft": ("draft",)}
            rows = rows.filter(status__in=states[tab])
        order = {"open": ("enrol_until", "pk"), "mine": ("enrol_until", "pk"), "settled": ("starts_on", "pk")}
        return with_numbers(rows, user).order_by(*order.get(tab, ("-starts_on", "-pk")))

    def get_tabs(self) -> list[dict[str, Any]]:
        """Saved views."""
        tabs = [(key, label) for key, label, _ in _TABS]
        if self.request.user.holds("enrolment.approve"):
            tabs.insert(1, ("mine", "待我处理"))
        if self.manages:
            tabs.insert(0, ("draft", "筹备中"))
        return [
            {"label": label, "url": f"?tab={key}", "count": None, "active": key == self.tab}
            for key, label in [*tabs, ("all", "全部")]
        ]

    def get_table_kwargs(self) -> dict[str, Any]:
        """Who sees everybody has no part of their own."""
        return {"whole": self.manages}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the page says where there is nothing."""
        narrowed = any(self.request.GET.get(name) for name in ("search", "mode"))
        return super().get_context_data(manages=self.manages, tab=self.tab, narrowed=narrowed, **kwargs)


class ClassPage(OfClass, TemplateView):
    """One class: what it is about, its days, and what the reader may do."""

    template_name = "training/class_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Everything of the class, and the reader's own part in it."""
        row, user = self.training_class, self.request.user
        decisions = list(row.decisions.order_by("-id"))
        own = own_enrolment(row, user)
        context = super().get_context_data(
            steps=presenting.steps_of(row, decisions),
            phases=row.phases.all(),
            days_of_sessions=presenting.by_day(row.sessions.select_related("phase")),
            own=own,
            own_tone=presenting.ENROLMENT_TONES[own.status] if own else "",
            own_refusal=own_refusal(training_class=row, by=user) if has_record(user) else None,
            left=max(row.capacity - row.enrolled, 0),
            sees_people=user.holds("class.view"),
            whole=may_on(user, "class.view", row),
            **manager_context(row, user),
            **kwargs,
        )
        context["figures"] = (
            _figures(row, context["whole"]) if context["sees_people"] and not context["is_draft"] else []
        )
        return context


def manager_context(row: TrainingClass, user: Any) -> dict[str, Any]:
    """Return what whoever manages a class may do with it now."""
    manages = row.allows(user, "class.manage")
    status = TrainingClass.Status
    buttons = open_to(row, user)
    return {
        "manages": manages,
        # Settling ends what is under way: it asks first, telling for whom.
        "open_actions": [
            replace(each, tone="secondary") if each.name == "settle" else each
            for each in buttons
            if each.name in _VERBS
        ],
        "may_extend": any(each.name == "extend" and not each.refusal for each in buttons),
        "may_edit": manages and row.status in (status.DRAFT, status.OPEN, status.SETTLED),
        "may_plan": manages and row.status in (status.DRAFT, status.OPEN, status.SETTLED),
        "is_draft": row.status == status.DRAFT,
    }


def _figures(row: Any, whole: bool) -> list[dict[str, Any]]:
    """The numbers of a class, each leading to its people; the applications only where all are in view."""
    people = reverse("class-people", args=[row.pk])
    left, over = max(row.capacity - row.enrolled, 0), row.status in _OVER
    figures = [
        {
            "label": "已录取",
            "value": row.enrolled,
            "unit": f"/ {row.capacity}",
            "detail": "" if over else f"剩 {left} 个名额" if left else "名额已满",
            "tone": "" if left or over else "warning",
            "url": f"{people}?status=enrolled",
        }
    ]
    if row.status == TrainingClass.Status.OPEN:
        waiting = {"label": "候补", "value": row.waiting, "unit": "人", "url": f"{people}?status=waiting"}
        figures.append(waiting)
    if not whole:
        figures.append({"label": "本范围报名", "value": row.seen, "unit": "人", "url": people})
    elif row.status == TrainingClass.Status.OPEN:
        asked = {"label": "待学校同意", "value": row.applied, "unit": "人", "url": f"{people}?status=applied"}
        figures.append(asked)
    return figures


class ClassPeople(OfClass, ListPage):
    """The people of a class as far as the reader sees them, the queue in its order."""

    needs = capability = "class.view"
    template_name = "training/class_people.html"
    table_class = EnrolmentTable
    filterset_class = EnrolmentFilter
    unit_word = "人"
    export_name = "培训班学员"

    def get_queryset(self) -> QuerySet[Any]:
        """The people of this class."""
        return people_of(self.training_class, self.request.user)

    def get_table_kwargs(self) -> dict[str, Any]:
        """Boxes where somebody waits for the reader's answer."""
        waiting = awaiting_consent(self.request.user).filter(training_class=self.training_class)
        self.answerable = set(waiting.order_by().values_list("pk", flat=True))
        return {"answerable": self.answerable}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list with its bulk bar."""
        context = super().get_context_data(bulk_actions=_BULK, **kwargs)
        return context | {"bulk": bool(self.answerable)}


class ClassTargetList(OfClass, ListPage):
    """The people a class is meant for, as far as the reader sees them."""

    needs = capability = "class.view"
    template_name = "training/class_targets.html"
    table_class = TargetTable
    filterset_class = PeopleFilter
    unit_word = "人"
    export_name = "培训对象"

    def get_queryset(self) -> QuerySet[Any]:
        """The people this class is meant for."""
        return targets_in_view(self.training_class, self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whether the limit may still be changed."""
        row = self.training_class
        may_limit = row.status == TrainingClass.Status.DRAFT and row.allows(self.request.user, "class.manage")
        return super().get_context_data(may_limit=may_limit, **kwargs)


class ClassRecords(OfClass, TemplateView):
    """What was done with a class, by whom, when, with which words."""

    needs = "class.view"
    template_name = "training/class_records.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Every decision, newest first."""
        entries = presenting.decision_entries(self.training_class.decisions.order_by("-id"))
        return super().get_context_data(entries=entries, **kwargs)


@require_POST
def take_on_class(request: HttpRequest, pk: int) -> HttpResponse:
    """Open, settle, finish or cancel a class; a refusal comes back as a sentence on its page."""
    row = class_in_view(request, pk)
    action = request.POST.get("action", "")
    if action not in _VERBS:
        raise Invalid("没有这种办理。")
    try:
        classes.take_class_action(
            training_class=row, action=action, by=request.user, comment=request.POST.get("comment", "")
        )
    except DomainError as error:
        if error.status not in REFUSALS_IN_FORM:
            raise
        messages.error(request, error.message)
    else:
        messages.success(request, _SAID[action])
    return redirect("class-detail", pk=pk)
