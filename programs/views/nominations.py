"""Pages of nominations: the list, one case, verdicts singly and in bulk."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import TemplateView

from accounts.views_base import REFUSALS_IN_FORM, ListPage
from cadres.models import Cadre
from cadres.summaries import summaries
from core.errors import DomainError, Invalid, NotAllowed, Stale
from core.navigation import tabs_of
from core.versions import version_of
from core.workflow import open_to
from programs import presenting
from programs.avoidance import must_avoid
from programs.filters import NominationFilter
from programs.models import CallStep, Nomination
from programs.services import nominations
from programs.services.pipelines import case_history, places_left
from programs.tables import NominationTable
from programs.views.cases import case_in_view, paper_rows
from programs.views.refusals import refused_context, status_of

_BULK = [
    {"name": "pass", "label": "通过", "tone": "success", "confirm": "勾选的推荐将逐份通过，不能办理的会说明原因。"},
    {"name": "return", "label": "退回", "tone": "secondary", "confirm": "勾选的推荐将退回补正。", "needs_comment": True,
     "due_label": "补正期限"},
    {"name": "reject", "label": "不予推荐", "tone": "danger", "confirm": "勾选的推荐将不予推荐，此事不能撤销。",
     "needs_comment": True},
]  # fmt: skip
# 考察 carries an opinion: whoever inspects gives one that holds for all that are ticked.
_COMMON_OPINION = {"needs_comment": True, "comment_label": "考察意见（写入每一份勾选的推荐）"}


def _bulk_actions(user: Any) -> list[dict[str, Any]]:
    """The verdicts of the bulk bar."""
    passing, *others = _BULK
    return [passing | _COMMON_OPINION if user.holds("nomination.inspect") else passing, *others]


class NominationList(ListPage):
    """The cases in view: those that wait for me, those under way, those decided."""

    capability = "nomination.view"
    template_name = "programs/nomination_list.html"
    queryset = Nomination.objects.select_related(
        "cadre", "nominee_unit", "unit", "call", "step", "participation"
    )
    table_class = NominationTable
    filterset_class = NominationFilter
    unit_word = "份"
    export_name = "推荐"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Nominees hold no grant and still see their own case."""
        if not request.user.holds("nomination.view") and Cadre.objects.filter(user=request.user).exists():
            return TemplateView.dispatch(self, request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    @property
    def tab(self) -> str:
        """The chosen tab; whoever decides starts with what waits for them."""
        chosen = self.request.GET.get("tab", "")
        if chosen in ("mine", "going", "done", "all"):
            return chosen
        return "mine" if self._decides() else "going"

    def _decides(self) -> bool:
        user = self.request.user
        kinds = ("nomination.inspect", "nomination.list", "nomination.check", "nomination.decide")
        return any(user.holds(each) for each in kinds)

    def get_queryset(self) -> QuerySet[Nomination]:
        """The rows of the tab."""
        rows = super().get_queryset()
        if self.tab == "mine":
            return rows & self.queryset.awaiting(self.request.user)
        if self.tab == "going":
            return rows.filter(
                status__in=["draft", "submitted", "in_review", "returned", "waiting", "publicised"]
            )
        if self.tab == "done":
            return rows.filter(status__in=["approved", "rejected", "withdrawn"])
        return rows

    def get_tabs(self) -> list[dict[str, Any]]:
        """Saved views."""
        tabs = [("going", "进行中"), ("done", "已结束"), ("all", "全部")]
        if self._decides():
            tabs.insert(0, ("mine", "待我处理"))
        call = self.request.GET.get("call", "")
        suffix = f"&call={call}" if call.isdecimal() else ""
        return [
            {"label": label, "url": f"?tab={key}{suffix}", "count": None, "active": self.tab == key}
            for key, label in tabs
        ]

    def get_table_kwargs(self) -> dict[str, Any]:
        """Boxes where verdicts can be given."""
        return {"bulk": self.tab == "mine" and self._decides()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list with its bulk bar."""
        bulk = self.tab == "mine" and self._decides()
        return super().get_context_data(
            bulk=bulk, bulk_actions=_bulk_actions(self.request.user), tab=self.tab,
            section_tabs=tabs_of(self.request.user, self.request.path, "programs"), **kwargs,
        )  # fmt: skip


@require_POST
def take_in_bulk(request: HttpRequest) -> HttpResponse:
    """One verdict on many cases: what can be done is done, the rest says why not."""
    if not request.user.holds("nomination.view"):
        raise NotAllowed("您没有办理推荐的权限。")
    ids = [int(each) for each in request.POST.getlist("ids") if each.isdecimal()]
    if not ids:
        raise Invalid("请先勾选推荐。")
    comment = request.POST.get("comment", "")
    results = nominations.take_in_bulk(
        ids=ids, action=request.POST.get("action", ""), by=request.user, comment=comment, due=_day(request.POST.get("due", "")),
    )  # fmt: skip
    done = [each for each in results if each.ok]
    if done:
        messages.success(request, f"已办理{len(done)}份：{'、'.join(each.name for each in done[:10])}。")
    refused = [each for each in results if not each.ok]
    for each in refused:
        messages.error(request, f"{each.name}：{each.message}")
    if refused and comment.strip():
        messages.info(request, f"没有办成的，您写的意见是：“{comment.strip()}”。")
    return redirect(f"{reverse('nomination-list')}?tab=mine")


@require_GET
def nomination_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: who, what, every step and who is next, what I can do now."""
    case = case_in_view(request, pk)
    if case.status == Nomination.Status.DRAFT:
        return redirect("nomination-edit", pk=pk)
    return _case_page(request, case)


def _case_page(request: HttpRequest, case: Nomination, refused: DomainError | None = None) -> HttpResponse:
    """The page of a case; with a refusal its form comes back with the sentence and what was typed (422).

    A refused inspection comes back in its own form, any other verdict in one that stands above the buttons;
    where the verdict isn't open any more (a colleague was faster) the words are there to be copied.
    """
    story = case_history(case, request.user)
    here = case.step.kind if case.step else ""
    buttons = _buttons(case, request.user)
    inspecting = refused is not None and _refused_inspection(case, request)
    context = {
        "case": case,
        "call": case.call,
        "tone": presenting.state_tone(case),
        "words": presenting.state_words(case),
        "person": _person(case, request.user),
        "steps": presenting.stepper(story),
        "entries": presenting.timeline(story),
        "current": story.current,
        "rules": presenting.rule_rows(presenting.verdicts_for(case, request.user)),
        "attestations": _attestations(case, request.user, request.POST if refused else {}),
        "papers": paper_rows(case),
        "open_actions": buttons,
        "may_write": case.status == Nomination.Status.RETURNED
        and case.allows(request.user, "nomination.file"),
        "may_confirm": _may_confirm(case, request.user),
        "is_inspection": here == CallStep.Kind.INSPECT,
        "places_left": places_left(case.call.places_account),
        "participation": getattr(case, "participation", None),
        "extras_template": "programs/_take_extras.html",
        "version": version_of(case)
        if not refused or refused.status == Stale.status
        else request.POST.get("version"),
        "refused": refused if inspecting else None,
        **refused_context(request, buttons, None if inspecting else refused),
        "typed": request.POST if refused else {},
    }
    status = status_of(refused, in_own_form=inspecting)
    return render(request, "programs/nomination_detail.html", context, status=status)


def _refused_inspection(case: Nomination, request: HttpRequest) -> bool:
    """Whether what was refused came from the form of inspection and still can."""
    return request.POST.get("action") == "pass" and _may_confirm(case, request.user)


def _buttons(case: Nomination, user: Any) -> list[Any]:
    """What the side column offers: not what the page has its own form for, nor what belongs to others."""
    here = case.step.kind if case.step else ""
    left_out = {"submit"}
    if _may_confirm(case, user):
        left_out.add("pass")
    if here != CallStep.Kind.DECIDE:
        left_out.add("waitlist")
    buttons = [each for each in open_to(case, user) if each.name not in left_out]
    return [each for each in buttons if each.name != "withdraw" or not each.refusal]


def _person(case: Nomination, user: Any) -> dict[str, Any]:
    found = summaries([case.cadre_id], user=user) if case.cadre_id else []
    return found[0] if found else {}


def _attestations(case: Nomination, user: Any, typed: Any) -> list[Any]:
    """What the school declared; what inspection found of it isn't the nominee's (nor kin's) to read."""
    rows = list(case.attestations.select_related("rule", "confirmed_by"))
    if must_avoid(user, case.cadre):
        for each in rows:
            each.confirmed = None
    found = _confirmations(typed) if typed else {}
    for each in rows:
        each.confirmed = found.get(each.rule_id, each.confirmed)
    return rows


def _may_confirm(case: Nomination, user: Any) -> bool:
    """Inspection confirms declarations; HR's check does where no central school stands between."""
    kinds = (CallStep.Kind.INSPECT, CallStep.Kind.CHECK)
    under_way = case.status in (Nomination.Status.SUBMITTED, Nomination.Status.IN_REVIEW)
    return bool(under_way and case.step and case.step.kind in kinds and case.allows(user, "step"))


@require_POST
def take_on_nomination(request: HttpRequest, pk: int) -> HttpResponse:
    """A verdict or another action on one case."""
    case = case_in_view(request, pk)
    action = request.POST.get("action", "")
    try:
        decision = nominations.take_action(
            nomination=case, action=action, by=request.user, comment=request.POST.get("comment", ""),
            due=_day(request.POST.get("due", "")), score=_score(request.POST.get("score", "")),
            step=request.POST.get("step", ""), version=request.POST.get("version", ""),
            confirmations=_confirmations(request.POST),
        )  # fmt: skip
    except DomainError as error:
        if error.status not in (*REFUSALS_IN_FORM, Stale.status):
            raise
        case = case_in_view(request, pk)
        return _case_page(request, case, error)
    case.refresh_from_db()
    messages.success(request, f"{case.nominee}：{decision.label}，{_what_next(case)}")
    if Nomination.objects.visible_to(request.user).filter(pk=pk).exists():
        return redirect("nomination-detail", pk=pk)
    return redirect("nomination-list")


def _what_next(case: Nomination) -> str:
    """What comes after a decision, in words."""
    words = {
        "approved": "已生成培养经历，等待局人事安排。",
        "waiting": "名额空出时按顺序递补。",
        "publicised": "现进入公示。",
        "returned": "已通知推荐单位补正。",
        "rejected": "已通知推荐单位和本人。",
        "withdrawn": "这份推荐不再办理。",
    }
    return words.get(case.status) or f"转“{case.step.name if case.step else ''}”办理。"


def _day(text: str) -> Any:
    try:
        return parse_date(text) if text else None
    except ValueError as error:
        raise Invalid(f"日期“{text}”不对。", errors={"due": [f"日期“{text}”不对。"]}) from error


def _score(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal() or int(text) > 100:
        raise Invalid("考察得分须是 0 到 100 的整数。", errors={"score": ["须是 0 到 100 的整数。"]})
    return int(text)


def _confirmations(data: Any) -> dict[int, bool]:
    """Boxes named confirm_<rule>, sent beside a hidden list of the rules that were shown."""
    shown = [each for each in data.getlist("confirmable") if each.isdecimal()]
    return {int(each): data.get(f"confirm_{each}") == "yes" for each in shown if data.get(f"confirm_{each}")}
