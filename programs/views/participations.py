"""Pages of undertakings: the list, one undertaking, placing and rearranging, the host's people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import TemplateView

from accounts.models import User
from accounts.roles import AccountClass
from accounts.views_base import REFUSALS_IN_FORM, ListPage, ScopedObject, ServiceForm
from cadres.summaries import summaries
from cadres.views.mentoring import mentoring_tabs
from core.calendar import today
from core.errors import DomainError, NotAllowed, NotFound
from core.navigation import tabs_of
from core.workflow import OpenAction, open_to
from programs import presenting
from programs.avoidance import must_avoid, require_unrelated
from programs.effects.participations import last_day_of_stay
from programs.filters import ParticipationFilter
from programs.forms import PlaceForm, RearrangeForm
from programs.models import Appraisal, Base, Participation
from programs.services import appraisals, participations
from programs.tables import ParticipationTable
from programs.views.bases import with_stays
from programs.views.refusals import refused_context, status_of

_PICKED = 10
_SAID = {"complete": "已办结。", "cancel": "安排已取消；尚未开始的，名额退回并由候补递补。"}


class ParticipationList(ListPage):
    """The undertakings in view: of one's scope, of one's own, of those one hosts or guides."""

    template_name = "programs/participation_list.html"
    queryset = Participation.objects.select_related("cadre", "unit", "program").prefetch_related(
        "stints__base", "appraisals"
    )
    table_class = ParticipationTable
    filterset_class = ParticipationFilter
    unit_word = "人"
    export_name = "培养经历"
    capability = "participation.view"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Hosts, guides and the people themselves hold no grant: the rows decide; administrators have none."""
        if request.user.account_class != AccountClass.BUSINESS:
            raise NotAllowed("您没有打开这个页面的权限。")
        return TemplateView.dispatch(self, request, *args, **kwargs)

    def get_tabs(self) -> list[dict[str, Any]]:
        """Saved views."""
        chosen = self.request.GET.get("tab", "going")
        tabs = (("going", "进行中"), ("late", "鉴定逾期"), ("done", "已结束"), ("all", "全部"))
        return [
            {"label": label, "url": f"?tab={key}", "count": None, "active": key == chosen}
            for key, label in tabs
        ]

    def get_queryset(self) -> QuerySet[Participation]:
        """The rows of the tab."""
        rows = super().get_queryset()
        tab = self.request.GET.get("tab", "going")
        if "status" in self.request.GET or tab == "all":
            return rows
        if tab == "late":
            return rows.filter(pk__in=Appraisal.objects.overdue().values("participation"))
        done = ["completed", "cancelled"]
        return rows.filter(status__in=done) if tab == "done" else rows.exclude(status__in=done)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say what the list is to whom."""
        user = self.request.user
        title = "培养经历"
        if not user.holds("participation.view"):
            title = "我带的人" if Participation.objects.of_host(user).exists() else "我的培养"
        others = mentoring_tabs(self.request) or tabs_of(user, self.request.path, "programs")
        return super().get_context_data(title=title, section_tabs=others, **kwargs)


@require_GET
def participation_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One undertaking: who, where, until when; appraisals; what I can do now."""
    return show_participation(request, in_view(request, pk))


def show_participation(
    request: HttpRequest,
    row: Participation,
    refused: DomainError | None = None,
    *,
    button: OpenAction | None = None,
    take_url: str = "",
) -> HttpResponse:
    """The page of an undertaking; a refused verb comes back on it with the sentence and what was typed.

    `button` and `take_url` name a verb of something on the page that isn't the undertaking's own.
    """
    avoids = must_avoid(request.user, row.cadre)
    papers = row.appraisals.select_related("stint__base", "stint__host", "stint__guide", "author")
    actions = [each for each in open_to(row, request.user) if each.name in ("complete", "cancel")]
    context = {
        "row": row,
        "tone": presenting.PARTICIPATION_TONES[row.status],
        "person": _person(row, request.user),
        "stints": row.stints.select_related("base", "host", "guide", "appointment").order_by("start"),
        "appraisals": [_paper(each, request.user, avoids) for each in papers],
        "problems": getattr(getattr(row, "secondment", None), "problems", ""),
        "open_actions": actions,
        "may_place": not avoids and row.status == "pending" and row.allows(request.user, "participation.place"),
        "may_rearrange": not avoids and row.status in ("placed", "active")
        and row.allows(request.user, "participation.place"),
        "has_begun": row.start is not None and row.start < today(),
        "entries": _entries(row, avoids),
        "sees_case": row.nomination_id is not None and request.user.holds("nomination.view"),
        "refused_url": take_url or reverse("participation-take", args=[row.pk]),
        **refused_context(
            request, [button] if button else actions, refused, action=button.name if button else ""
        ),
    }  # fmt: skip
    return render(request, "programs/participation_detail.html", context, status=status_of(refused))


def _person(row: Participation, user: User) -> dict[str, Any]:
    found = summaries([row.cadre_id], user=user)
    return found[0] if found else {}


def _paper(appraisal: Any, user: User, avoids: bool) -> dict[str, Any]:
    """An appraisal as the page shows it: its state to all, its text to those who may read it."""
    readable = appraisals.may_read(appraisal, user, {appraisal.participation.cadre_id} if avoids else ())
    return {
        "appraisal": appraisal,
        "tone": presenting.APPRAISAL_TONES[appraisal.status],
        "readable": readable,
        "sections": list(appraisal.sections.all()) if readable else [],
        "may_write": not avoids and appraisal.allows(user, "appraisal.file") and appraisal.status != "filed",
        "may_return": appraisal.status == "filed"
        and any(each.name == "return" and not each.refusal for each in open_to(appraisal, user)),
    }


def _entries(row: Participation, avoids: bool) -> list[dict[str, Any]]:
    """What was done, newest first; HR's closing words aren't for the person they are about, nor for kin."""
    closed = {"complete"} if avoids else set()
    return [
        {"at": each.at, "title": each.label, "who": each.actor_name, "tone": "active",
         "text": "" if each.action in closed else each.comment}
        for each in row.decisions.order_by("-id")
    ]  # fmt: skip


class _Arranging(ScopedObject, ServiceForm):
    """What placing and rearranging share."""

    capability = "participation.place"
    view_capability = "participation.view"
    queryset = Participation.objects.select_related("cadre", "unit", "program", "nomination__call")

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Participation:
        """The undertaking, unless it is one's own or kin's (回避)."""
        row = super().get_object(queryset)
        require_unrelated(self.request.user, row.cadre, "这是您本人的培养经历，应当回避。")
        return row

    def get_form_kwargs(self) -> dict[str, Any]:
        """The bases depend on the user."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The person, and how full each base is."""
        seen = Base.objects.visible_to(self.request.user).filter(is_active=True)
        bases = list(with_stays(seen.select_related("lead", "host_unit")).order_by("name"))
        for each in bases:
            each.is_closed = each.closed_by(today())
        return super().get_context_data(
            row=self.object, person=_person(self.object, self.request.user), bases=bases, **kwargs
        )


class Place(_Arranging):
    """Place a person who waits."""

    form_class = PlaceForm
    template_name = "programs/place.html"

    def get_initial(self) -> dict[str, Any]:
        """The call's plan: from when, until when."""
        call = self.object.nomination.call if self.object.nomination else None
        start = (call.planned_start if call else None) or today()
        end = call.planned_end if call and call.planned_start else None
        return {"start": start, "end": end or last_day_of_stay(start, self.object.program.duration_months)}

    def perform(self, form: PlaceForm) -> str:
        """Place; the acting appointment and the appraisal come with it."""
        participations.place_participation(participation=self.object, by=self.request.user, **_values(form))
        messages.success(
            self.request, f"{self.object.cadre.name}已安排，挂任已登记，已通知本人、基地和派出单位。"
        )
        return reverse("participation-detail", args=[self.object.pk])


class Rearrange(_Arranging):
    """Change an arrangement mid-way."""

    form_class = RearrangeForm
    template_name = "programs/place.html"

    def get_initial(self) -> dict[str, Any]:
        """What holds now."""
        stint = self.object.stints.order_by("-start").first()
        if stint is None:
            return {}
        return {
            "base": stint.base_id, "acting_post": stint.acting_post, "start": max(stint.start, today()),
            "end": stint.end, "host": stint.host_id, "guide": stint.guide_id, "guide_name": stint.guide_name,
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The same page, another heading."""
        return super().get_context_data(rearranging=True, **kwargs)

    def perform(self, form: PlaceForm) -> str:
        """Change from a day on."""
        participations.rearrange_participation(
            participation=self.object,
            by=self.request.user,
            comment=form.cleaned_data["comment"],
            **_values(form),
        )
        messages.success(self.request, "安排已调整，已通知有关人员。")
        return reverse("participation-detail", args=[self.object.pk])


def _values(form: PlaceForm) -> dict[str, Any]:
    names = ("base", "acting_post", "start", "end", "host", "guide", "guide_name")
    return {name: form.cleaned_data[name] for name in names}


@require_POST
def take_on_participation(request: HttpRequest, pk: int) -> HttpResponse:
    """Complete or cancel an undertaking."""
    row = in_view(request, pk)
    action = request.POST.get("action", "")
    try:
        participations.take_action(
            participation=row, action=action, by=request.user, comment=request.POST.get("comment", "")
        )
    except DomainError as error:
        if error.status not in REFUSALS_IN_FORM:
            raise
        return show_participation(request, in_view(request, pk), error)
    messages.success(request, f"{row.cadre.name}的培养经历{_SAID.get(action, '已办理。')}")
    return redirect("participation-detail", pk=pk)


@require_GET
def person_picker(request: HttpRequest) -> HttpResponse:
    """Search the business accounts by name or user name, for hosts and guides."""
    if not (request.user.holds("participation.place") or request.user.holds("base.manage")):
        raise NotAllowed("您没有安排人员的权限。")
    text = request.GET.get("q", "").strip()
    people = User.objects.filter(is_active=True, account_class="business")
    found = people.filter(name__contains=text) | people.filter(username__startswith=text.lower())
    options = [
        {"value": each.pk, "text": each.name, "detail": f"账号 {each.username}"}
        for each in found.order_by("name", "pk")[:_PICKED]
    ]
    return render(request, "components/_picker_options.html", {"options": options})


def in_view(request: HttpRequest, pk: int) -> Participation:
    """Return an undertaking the reader may see; raises NotFound for any other."""
    rows = Participation.objects.visible_to(request.user)
    row = (
        rows.filter(pk=pk)
        .select_related("cadre", "unit", "program", "nomination__call", "secondment")
        .first()
    )
    if row is None:
        raise NotFound("没有找到这份培养经历。")
    return row
