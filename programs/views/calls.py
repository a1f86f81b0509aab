"""Pages of calls: the board, one call, a new one from a template, changes before it opens."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts.models import Unit
from accounts.scope import require
from accounts.views_base import CapabilityRequired, ScopedDetail, ScopedObject, ServiceForm
from core.calendar import now
from core.errors import Invalid, NotFound
from core.navigation import tabs_of
from core.versions import version_of
from core.workflow import open_to
from programs import presenting
from programs.forms import CallForm, ExtendForm, NewCallForm
from programs.models import Call, CallTargets, Nomination
from programs.routing import central_of
from programs.services import calls, lists
from programs.services.pipelines import call_pipeline, own_counts
from programs.services.targets import clear_targets

_TABS = (
    ("open", "进行中", ("open", "closed")),
    ("draft", "草拟", ("draft",)),
    ("done", "已办结", ("finished",)),
)
_PER_PAGE = 20
_VERBS = {"open": calls.open_call, "close": calls.close_call, "finish": calls.finish_call}
_SAID = {
    "open": "征集已开始，已通知各单位。",
    "close": "征集已截止，在办的推荐继续办理。",
    "finish": "征集已办结。",
}


class CallBoard(CapabilityRequired, TemplateView):
    """The call board: every call with its pipeline, places, deadline and risks."""

    capability = "call.view"
    template_name = "programs/call_board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The calls of the chosen tab with their numbers, in a constant number of statements."""
        user = self.request.user
        manages = user.holds("call.manage")
        tabs = [each for each in _TABS if manages or each[0] != "draft"]
        chosen = self.request.GET.get("tab", "open")
        states = next((states for key, _, states in tabs if key == chosen), tabs[0][2])
        rows = (
            Call.objects.real().visible_to(user).filter(status__in=states).select_related("program", "unit")
        )
        page = Paginator(rows.order_by("-year", "-opens_at"), _PER_PAGE).get_page(
            self.request.GET.get("page")
        )
        shown = list(page.object_list)
        return super().get_context_data(
            page_obj=page,
            rows=presenting.call_rows(call_pipeline(shown), shown, user, own_counts(shown, user)),
            tabs=[
                {"label": label, "url": f"?tab={key}", "count": None, "active": states == own}
                for key, label, own in tabs
            ],
            manages=manages,
            section_tabs=tabs_of(user, self.request.path, "programs"),
            files=user.holds("nomination.file"),
            **kwargs,
        )


class CallPage(ScopedDetail):
    """One call: notice, window, steps with their numbers, rules, and what the reader may do."""

    capability = "call.view"
    queryset = Call.objects.real().select_related("program", "unit", "places_account")
    template_name = "programs/call_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Everything of the call, and the reader's own part in it."""
        call, user = self.object, self.request.user
        lines = call_pipeline([call])
        line = lines[call.pk]
        row = presenting.call_rows(lines, [call], user, own_counts([call], user))[0]
        own = Nomination.objects.visible_to(user).filter(call=call).select_related("cadre", "unit", "step")
        may_file = user.holds("nomination.file") and call.takes_at(now())
        return super().get_context_data(
            line=line,
            cells=row["cells"],
            whole=row["whole"],
            tone=presenting.CALL_TONES[call.status],
            rules=call.rules.all(),
            papers=call.attachments.all(),
            targets=CallTargets.objects.filter(call=call).first(),
            own=[] if user.holds("call.manage") else _with_words(own.order_by("-updated_at")[:20]),
            may_file=may_file,
            may_list=_may_list(call, user),
            open_actions=[each for each in open_to(call, user) if each.name in _VERBS],
            may_edit=call.allows(user, "call.manage") and call.status == Call.Status.DRAFT,
            may_extend=call.allows(user, "call.manage")
            and call.status in (Call.Status.OPEN, Call.Status.CLOSED),
            version=version_of(call),
            **kwargs,
        )


def _with_words(cases: Any) -> list[dict[str, Any]]:
    return [
        {
            "case": each,
            "words": presenting.state_words(each),
            "tone": presenting.NOMINATION_TONES[each.status],
        }
        for each in cases
    ]


def _may_list(call: Call, user: Any) -> bool:
    """Whether the reader's central school still has its list to file here."""
    if call.status not in (Call.Status.OPEN, Call.Status.CLOSED) or not user.holds("nomination.list"):
        return False
    units = Unit.objects.visible_to(user, "nomination.list").filter(kind=Unit.Kind.CENTRAL)
    return units.exclude(pk__in=call.lists.values("unit_id")).exists()


class NewCall(CapabilityRequired, ServiceForm):
    """A call made from a template."""

    capability = "call.manage"
    form_class = NewCallForm
    template_name = "programs/call_new.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The templates depend on the user."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def perform(self, form: NewCallForm) -> str:
        """Copy the template; go on to the draft."""
        values = form.cleaned_data
        call = calls.create_call_from_template(
            template=values["template"], year=values["year"], title=values["title"], by=self.request.user
        )
        messages.success(self.request, "已按方案建立草拟征集，请核对时间和条件后开始。")
        return reverse("call-edit", args=[call.pk])


class EditCall(ScopedObject, ServiceForm):
    """Changes to a drafted call."""

    capability = "call.manage"
    view_capability = "call.view"
    queryset = Call.objects.real()
    form_class = CallForm
    template_name = "programs/call_edit.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form edits the draft."""
        return {**super().get_form_kwargs(), "instance": Call.objects.get(pk=self.object.pk)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The version the user sees goes along."""
        return super().get_context_data(call=self.object, version=version_of(self.object), **kwargs)

    def perform(self, form: CallForm) -> str:
        """Keep the changes."""
        calls.edit_call(
            call=self.object, by=self.request.user, changes=form.cleaned_data,
            version=self.request.POST.get("version", ""),
        )  # fmt: skip
        messages.success(self.request, "已保存。核对无误后点“开始征集”，系统会通知各单位。")
        return reverse("call-detail", args=[self.object.pk])


class ExtendCall(ScopedObject, ServiceForm):
    """A later end of the window."""

    capability = "call.manage"
    view_capability = "call.view"
    queryset = Call.objects.real()
    form_class = ExtendForm
    template_name = "programs/call_extend.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form starts from what holds."""
        return {**super().get_form_kwargs(), "call": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page names the call."""
        return super().get_context_data(call=self.object, **kwargs)

    def perform(self, form: ExtendForm) -> str:
        """Move the end."""
        before = self.object.closes_at
        call = calls.extend_call(call=self.object, by=self.request.user, **form.cleaned_data)
        words = (
            "名单报送时间已延长，已通知中心校。"
            if call.closes_at == before
            else "截止时间已延长，已通知各单位。"
        )
        messages.success(self.request, words)
        return reverse("call-detail", args=[self.object.pk])


@require_POST
def take_on_call(request: HttpRequest, pk: int) -> HttpResponse:
    """Open, close or finish a call."""
    call = _in_view(request, pk)
    verb = _VERBS.get(request.POST.get("action", ""))
    if verb is None:
        raise Invalid("没有这种办理。")
    verb(call=call, by=request.user, comment=request.POST.get("comment", ""))
    messages.success(request, _SAID[request.POST["action"]])
    return redirect("call-detail", pk=call.pk)


def _in_view(request: HttpRequest, pk: int) -> Call:
    call = Call.objects.real().visible_to(request.user).filter(pk=pk).first()
    if call is None:
        raise NotFound("没有找到这次征集。")
    return call


class FileList(CapabilityRequired, TemplateView):
    """The central school's one list: its inspected cases in rank order."""

    capability = "nomination.list"
    template_name = "programs/file_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The cases at the list step, and the list once it is filed."""
        call = _in_view(self.request, self.kwargs["pk"])
        unit = self._unit(call)
        filed = call.lists.filter(unit=unit).select_related("filed_by").first()
        listed = (
            filed.nominations.select_related("cadre", "unit", "participation").order_by("list_rank")
            if filed
            else []
        )
        standing = lists.cases_for_list(call, unit)
        cases = lists.cases_for_list(call, unit, by=self.request.user)
        return super().get_context_data(
            call=call, unit=unit, cases=cases, avoided=len(standing) - len(cases), filed=filed, listed=listed,
            **kwargs,
        )  # fmt: skip

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """File the ticked cases in the order of their ranks."""
        call = _in_view(request, self.kwargs["pk"])
        unit = self._unit(call)
        ids = [int(each) for each in request.POST.getlist("ids") if each.isdecimal()]
        ranks = {each: request.POST.get(f"rank_{each}", "") for each in ids}
        if not ids:
            raise Invalid("请至少勾选一人列入名单。")
        ordered = sorted(ids, key=lambda each: (int(ranks[each]) if ranks[each].isdecimal() else 999, each))
        lists.file_list(call=call, unit=unit, ids=ordered, by=request.user, note=request.POST.get("note", ""))
        messages.success(request, f"名单已报送，共{len(ordered)}人，转局人事核查。")
        return redirect("call-file-list", pk=call.pk)

    def _unit(self, call: Call) -> Any:
        """The reader's central school; of several, the one named in the address."""
        units = Unit.objects.visible_to(self.request.user, "nomination.list").filter(kind=Unit.Kind.CENTRAL)
        wanted = self.request.GET.get("unit") or self.request.POST.get("unit")
        unit = units.filter(pk=wanted).first() if wanted and wanted.isdecimal() else units.first()
        if unit is None or central_of(unit.path) != unit:
            raise NotFound("没有找到您所在的中心校。")
        require(self.request.user, "nomination.list", unit)
        return unit


@require_POST
def clear_call_targets(request: HttpRequest, pk: int) -> HttpResponse:
    """Lift the limit of a drafted call."""
    call = Call.objects.visible_to(request.user).filter(pk=pk).first()
    if call is None:
        raise NotFound("没有找到这次征集。")
    clear_targets(call=call, by=request.user)
    messages.success(request, "已取消推荐范围，符合资格条件的都可以推荐。")
    return redirect("call-detail", pk)
