"""Pages of rounds: the list, a new one, changes while it is prepared, what may be done, its record."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.views_base import CapabilityRequired, ListPage, ScopedObject, ServiceForm
from accounts.views_versioned import Versioned
from assessment import presenting
from assessment.filters import RoundFilter
from assessment.forms import ExtendForm, RoundForm
from assessment.models import Instrument, Round
from assessment.services import rounds
from assessment.services.progress import with_counts
from assessment.tables import RoundTable
from assessment.views.rounds_base import RoundTab, round_in_view
from core.errors import Invalid
from core.navigation import tabs_of

_TABS = (
    ("open", "评价中", ("open",)),
    ("draft", "筹备中", ("draft",)),
    ("closed", "已截止", ("closed",)),
    ("published", "已公布", ("published",)),
    ("all", "全部", ()),
)
_SAID = {
    "open": "评价已开始，已通知评价人。",
    "close": "评价已截止，结果已经算出，核对后可以公布。",
    "publish": "结果已公布，已通知评价对象查看并确认。",
    "cancel": "评价已取消。",
}


class RoundList(ListPage):
    """The rounds in view: those open, prepared, closed, published."""

    capability = "round.view"
    template_name = "assessment/round_list.html"
    queryset = Round.objects.all()
    table_class = RoundTable
    filterset_class = RoundFilter
    unit_word = "次"
    export_name = "评价"

    @property
    def tab(self) -> str:
        """The chosen tab; without one everything is shown."""
        chosen = self.request.GET.get("tab", "")
        return chosen if chosen in {key for key, _, _ in self._tabs()} else "all"

    def _tabs(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Whoever doesn't prepare rounds isn't offered unfinished ones."""
        manages = self.request.user.holds("round.manage")
        return [each for each in _TABS if manages or each[0] != "draft"]

    def get_queryset(self) -> QuerySet[Round]:
        """The rounds of the tab with their numbers."""
        rows, states = super().get_queryset(), {key: states for key, _, states in _TABS}[self.tab]
        if states:
            rows = rows.filter(status__in=states)
        elif not self.request.user.holds("round.manage"):
            rows = rows.exclude(status=Round.Status.DRAFT)
        return with_counts(rows)

    def get_tabs(self) -> list[dict[str, Any]]:
        """Saved views with how many there are."""
        counted = dict(
            super().get_queryset().order_by().values_list("status").annotate(Count("id")).values_list("status", "id__count")
        )  # fmt: skip
        return [
            {
                "label": label,
                "url": f"?tab={key}",
                "count": sum(counted.get(each, 0) for each in states) if states else None,
                "active": self.tab == key,
            }
            for key, label, states in self._tabs()
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whether the reader organises rounds, and has an instrument to do it with."""
        user = self.request.user
        published = Instrument.objects.visible_to(user).filter(status=Instrument.Status.PUBLISHED)
        return super().get_context_data(
            manages=user.holds("round.manage"), may_begin=published.exists(), tab=self.tab,
            section_tabs=tabs_of(user, self.request.path, "assessment"), **kwargs,
        )  # fmt: skip


class NewRound(CapabilityRequired, ServiceForm):
    """A new round: what for, with which instrument, when."""

    capability = "round.manage"
    form_class = RoundForm
    template_name = "assessment/round_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Instruments and units depend on the user."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def perform(self, form: RoundForm) -> str:
        """Make the draft; go on to its relations."""
        made = rounds.create_round(by=self.request.user, **form.cleaned_data)
        messages.success(self.request, "已建立评价。接着设定评价关系，再选定评价对象和评价人。")
        return reverse("round-relations", args=[made.pk])


class EditRound(ScopedObject, Versioned):
    """Changes to a round in preparation; a stale form shows both versions."""

    capability = "round.manage"
    view_capability = "round.view"
    queryset = Round.objects.select_related("unit")
    form_class = RoundForm
    template_name = "assessment/round_form.html"

    def current(self) -> Round:
        """The round as it is stored now."""
        return Round.objects.get(pk=self.object.pk)

    def initial_of(self, record: Round) -> dict[str, Any]:
        """The form's own fields."""
        return {name: getattr(record, name) for name in rounds.EDITABLE}

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form edits the draft."""
        return {**super().get_form_kwargs(), "instance": self.current(), "user": self.request.user}

    def get_form(self, form_class: Any = None) -> RoundForm:
        """Whose it is doesn't change."""
        form = super().get_form(form_class)
        del form.fields["unit"]
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page names the round, and the version the user has seen."""
        form = kwargs.get("form") or self.get_form()
        version = form.data.get("version") or form.initial.get("version", "")
        return super().get_context_data(**{**kwargs, "form": form}, held=self.object, version=version)

    def perform(self, form: RoundForm) -> str:
        """Keep the changes."""
        rounds.update_round(
            round=self.object, changes=form.cleaned_data, by=self.request.user, version=form.data.get("version", "")
        )  # fmt: skip
        messages.success(self.request, "已保存。")
        return reverse("round-detail", args=[self.object.pk])


class ExtendRound(ScopedObject, ServiceForm):
    """A later end of the window."""

    capability = "round.manage"
    view_capability = "round.view"
    queryset = Round.objects.all()
    form_class = ExtendForm
    template_name = "assessment/round_extend.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form starts from what holds."""
        return {**super().get_form_kwargs(), "held": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page names the round."""
        return super().get_context_data(held=self.object, **kwargs)

    def perform(self, form: ExtendForm) -> str:
        """Move the end."""
        rounds.take_round_action(
            round=self.object, action="extend", by=self.request.user, **form.cleaned_data
        )
        messages.success(self.request, "截止时间已延长，已通知评价人。")
        return reverse("round-detail", args=[self.object.pk])


@require_POST
def take_on_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Open, close, publish or cancel a round."""
    held = round_in_view(request, pk)
    action = request.POST.get("action", "")
    if action not in _SAID:
        raise Invalid("没有这种办理。")
    rounds.take_round_action(
        round=held, action=action, by=request.user, comment=request.POST.get("comment", "")
    )
    messages.success(request, _SAID[action])
    return redirect("round-progress" if action == "open" else "round-detail", pk=pk)


class RoundHistory(RoundTab):
    """What was done with the round, by whom, when."""

    tab = "history"
    template_name = "assessment/round_history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The decisions, newest first, and who made the round."""
        entries = presenting.timeline(self.object.decisions.order_by("-id"))
        entries.append(
            {
                "at": self.object.created_at,
                "title": "建立",
                "who": getattr(self.object.created_by, "name", ""),
            }
        )
        return super().get_context_data(entries=entries, **kwargs)
