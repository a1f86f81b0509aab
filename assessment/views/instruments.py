"""Pages of instruments: the list, one version, its editor, publishing, the next version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.views_base import CapabilityRequired, ListPage, ScopedDetail, ScopedObject, ServiceForm
from assessment import presenting
from assessment.filters import InstrumentFilter
from assessment.forms import InstrumentForm
from assessment.leaves import tree
from assessment.models import Instrument
from assessment.services import instruments
from assessment.tables import InstrumentTable
from assessment.views import indicator_rows
from core.errors import Invalid, NotFound, Stale
from core.navigation import tabs_of
from core.versions import version_of
from core.workflow import open_to

_VERBS = ("publish", "retire")
_SAID = {
    "publish": "量表已定稿，可以用于评价；要改的请建立新版本。",
    "retire": "量表已停用，不再用于新的评价。",
}


class InstrumentList(ListPage):
    """The versions of instruments in view."""

    capability = "round.view"
    template_name = "assessment/instrument_list.html"
    queryset = Instrument.objects.all()
    table_class = InstrumentTable
    filterset_class = InstrumentFilter
    unit_word = "个版本"
    export_name = "量表"

    def get_queryset(self) -> QuerySet[Instrument]:
        """With how many indicators are answered and how many rounds used the version."""
        answered = ~Q(indicators__kind="")
        rows = super().get_queryset().annotate(
            leaves=Count("indicators", filter=answered, distinct=True), used=Count("rounds", distinct=True)
        )  # fmt: skip
        return rows.order_by("name", "-edition")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whether the reader keeps instruments."""
        user = self.request.user
        return super().get_context_data(
            manages=user.holds("round.manage"),
            section_tabs=tabs_of(user, self.request.path, "assessment"),
            **kwargs,
        )


class InstrumentPage(ScopedDetail):
    """One version: what raters read, the tree of indicators with their weights, what may be done."""

    capability = "round.view"
    queryset = Instrument.objects.select_related("unit", "created_by")
    template_name = "assessment/instrument_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Everything of the version, and its neighbours."""
        instrument, user = self.object, self.request.user
        others = Instrument.objects.visible_to(user).filter(unit=instrument.unit, name=instrument.name)
        manages = instrument.allows(user, "round.manage")
        is_draft = instrument.status == Instrument.Status.DRAFT
        return super().get_context_data(
            instrument=instrument,
            tone=presenting.INSTRUMENT_TONES[instrument.status],
            rows=presenting.tree_rows(tree(instrument)),
            rounds=instrument.rounds.visible_to(user).order_by("-opens_at")[:10],
            versions=others.exclude(pk=instrument.pk).order_by("-edition"),
            entries=presenting.timeline(instrument.decisions.order_by("-id")),
            open_actions=[each for each in open_to(instrument, user) if each.name in _VERBS],
            may_edit=manages and is_draft,
            may_copy=manages and not is_draft,
            version=version_of(instrument),
            **kwargs,
        )


class NewInstrument(CapabilityRequired, ServiceForm):
    """A new instrument: its name first, then its indicators."""

    capability = "round.manage"
    form_class = InstrumentForm
    template_name = "assessment/instrument_new.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The units depend on the user."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def perform(self, form: InstrumentForm) -> str:
        """Make the draft; go on to its indicators."""
        made = instruments.create_instrument(by=self.request.user, **form.cleaned_data)
        messages.success(self.request, "已建立量表，请填写指标和权重。")
        return reverse("instrument-edit", args=[made.pk])


class EditInstrument(ScopedObject, ServiceForm):
    """A drafted version: its words and its indicators, saved together.

    The buttons of the rows (`act`) redraw the rows and store nothing.
    """

    capability = "round.manage"
    view_capability = "round.view"
    queryset = Instrument.objects.select_related("unit")
    form_class = InstrumentForm
    template_name = "assessment/instrument_edit.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form edits the draft; whose it is doesn't change."""
        stored = Instrument.objects.get(pk=self.object.pk)
        return {**super().get_form_kwargs(), "instance": stored, "user": self.request.user}

    def get_form(self, form_class: Any = None) -> InstrumentForm:
        """The unit stays."""
        form = super().get_form(form_class)
        del form.fields["unit"]
        return form

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A version that is published isn't edited any more."""
        if self.object.status != Instrument.Status.DRAFT:
            return redirect("instrument-detail", pk=self.object.pk)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Redraw the rows after a small edit, or save."""
        act = request.POST.get("act", "")
        if not act:
            return super().post(request, *args, **kwargs)
        rows = indicator_rows.read_rows(request.POST)
        indicator_rows.edit_rows(rows, act)
        if request.headers.get("HX-Request") == "true":
            return render(request, "assessment/_indicator_rows.html", self._rows(rows))
        return self.render_to_response(self.get_context_data(form=self.get_form(), **self._rows(rows)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The rows as stored, or as they were sent."""
        if "rows" not in kwargs:
            kwargs |= self._rows(
                self._sent() or indicator_rows.rows_of(self.object.indicators.order_by("order"))
            )
        kwargs.setdefault("version", self.request.POST.get("version") or version_of(self.object))
        return super().get_context_data(instrument=self.object, **kwargs)

    def form_valid(self, form: InstrumentForm) -> HttpResponse:
        """Save, or (412) show what a colleague saved beside what was typed; pressing save once more takes one's own."""
        try:
            return super().form_valid(form)
        except Stale:
            stored = Instrument.objects.get(pk=self.object.pk)
            beside = {"stored": stored, "stored_rows": presenting.tree_rows(tree(stored))}
            context = self.get_context_data(form=form, **beside, version=version_of(stored))
            response = self.render_to_response(context)
            response.status_code = Stale.status
            return response

    def perform(self, form: InstrumentForm) -> str:
        """Keep the words and the indicators."""
        values = indicator_rows.values_of(self._sent())
        user, version = self.request.user, self.request.POST.get("version", "")
        instruments.update_instrument(
            instrument=self.object, changes=form.cleaned_data, by=user, version=version
        )
        instruments.set_indicators(instrument=self.object, rows=values, by=user)
        messages.success(self.request, "已保存。核对无误后点“定稿”，才能用于评价。")
        return reverse("instrument-detail", args=[self.object.pk])

    def _sent(self) -> indicator_rows.Rows:
        """The rows that were sent, without empty ones: a refusal counts them as the page shows them."""
        return indicator_rows.filled(indicator_rows.read_rows(self.request.POST))

    def _rows(self, rows: indicator_rows.Rows) -> dict[str, Any]:
        return {
            "rows": indicator_rows.shown_rows(rows),
            "sums": presenting.sums_of(rows),
            "kinds": indicator_rows.KINDS,
            "competences": indicator_rows.COMPETENCES,
        }


@require_POST
def take_on_instrument(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish or retire a version."""
    instrument = _in_view(request, pk)
    action = request.POST.get("action", "")
    if action not in _VERBS:
        raise Invalid("没有这种办理。")
    instruments.take_instrument_action(
        instrument=instrument, action=action, by=request.user, comment=request.POST.get("comment", "")
    )
    messages.success(request, _SAID[action])
    return redirect("instrument-detail", pk=pk)


@require_POST
def copy_instrument(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version as a copy."""
    made = instruments.new_version(instrument=_in_view(request, pk), by=request.user)
    messages.success(request, f"已复制为第{made.edition}版，修改后定稿。正在使用旧版的评价不受影响。")
    return redirect("instrument-edit", pk=made.pk)


def _in_view(request: HttpRequest, pk: int) -> Instrument:
    found = Instrument.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有找到这个量表。")
    return found
