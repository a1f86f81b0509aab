"""Pages of a round's people: those rated, the relations, who rates whom, how far the raters are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.scope import require
from accounts.views_base import ScopedObject, ServiceForm
from assessment import presenting
from assessment.filters import SubjectFilter
from assessment.forms import RaterForm, SubjectForm
from assessment.models import Invitation, Relation, Round
from assessment.services import invitations, progress, rounds
from assessment.tables import RaterTable, SubjectTable
from assessment.views.rounds_base import RESULT_STATES, RoundTab, round_in_view, subject_in_view
from core.errors import DomainError, NotFound, Stale
from core.versions import version_of

_OPTIONS = 10
_NAMED_SHOWN = 50
_HIDDEN_ONCE_OPEN = "评价开始后，匿名评价只显示人数。"


class RoundSubjects(RoundTab):
    """The people rated; while the round is prepared, with what is still missing."""

    tab = "subjects"
    template_name = "assessment/round_subjects.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The people, and the ways to choose them."""
        held = self.object
        rows = held.subjects.select_related("cadre", "unit").order_by("unit_path", "id")
        chosen = SubjectFilter(self.request.GET, queryset=rows, request=self.request)
        context = super().get_context_data(
            filter_form=chosen.form, subject_form=SubjectForm(user=self.request.user), **kwargs
        )
        shown = chosen.qs if chosen.is_valid() else rows.none()
        context["table"] = self.paged(SubjectTable(shown, may_remove=context["may_edit"]))
        if context["may_edit"]:
            context["readiness"] = self._readiness(context["relations"])
        return context

    def _readiness(self, relations: list[Relation]) -> list[dict[str, Any]]:
        """What a round needs before it can open, each with the page where it is done."""
        held = self.object
        people, alone = held.subjects.count(), progress.unrated(held).count()
        thin = len(invitations.thin_relations(held))
        own = [reverse(name, args=[held.pk]) for name in ("round-relations", "round-detail", "round-raters")]
        words = relation_words(relations)
        rows = [
            (bool(relations), f"评价关系：{words}" if relations else "还没有设定评价关系", own[0]),
            (bool(people), f"评价对象：{people} 人" if people else "还没有选定评价对象", own[1]),
            (
                bool(people) and not alone,
                f"{alone} 人还没有评价人" if alone else "每人都有评价人" if people else "还没有评价人",
                own[2],
            ),
        ]
        found = [
            {"done": done, "words": words, "url": "" if done or not url else url, "tone": "success" if done else "warning"}
            for done, words, url in rows
        ]  # fmt: skip
        if thin:
            sentence = f"{thin} 处匿名评价不足 {held.minimum} 人，届时不显示结果"
            found.append({"done": False, "words": sentence, "url": own[2], "tone": "warning"})
        return found


@require_POST
def add_subject(request: HttpRequest, pk: int) -> HttpResponse:
    """One more person to be rated."""
    held = round_in_view(request, pk)
    form = SubjectForm(request.POST, user=request.user)
    require(request.user, "round.manage", held)
    if form.is_valid():
        try:
            made = rounds.add_subject(round=held, cadre=form.cleaned_data["cadre"], by=request.user)
            messages.success(request, f"已增加{made.cadre.name}。")
        except DomainError as error:
            if error.status not in (400, 409):
                raise
            messages.error(request, error.message)
    else:
        messages.error(request, form.errors["cadre"][0])
    return redirect("round-detail", pk=pk)


@require_POST
def remove_subject(request: HttpRequest, pk: int, subject: int) -> HttpResponse:
    """Take somebody out, with their raters."""
    found = subject_in_view(request, pk, subject)
    rounds.remove_subject(subject=found, by=request.user)
    messages.success(request, f"已移出{found.cadre.name}。")
    return redirect("round-detail", pk=pk)


@require_POST
def clear_subjects(request: HttpRequest, pk: int) -> HttpResponse:
    """Take everybody out."""
    rounds.clear_subjects(round=round_in_view(request, pk), by=request.user)
    messages.success(request, "已清空评价对象。")
    return redirect("round-detail", pk=pk)


class RoundRelations(ScopedObject, ServiceForm):
    """Which relations rate, with which weight, by name or not: one line a kind."""

    capability = "round.manage"
    view_capability = "round.view"
    queryset = Round.objects.select_related("unit")
    template_name = "assessment/round_relations.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The lines as stored."""
        stored = {each.kind: each for each in self.object.relations.all()}
        rows = [
            {
                "kind": kind, "label": label, "is_self": kind == Relation.Kind.SELF,
                "weight": presenting.plain(stored[kind].weight) if kind in stored else "",
                "anonymous": stored[kind].anonymous if kind in stored else kind in _USUALLY_ANONYMOUS,
            }
            for kind, label in Relation.Kind.choices
        ]  # fmt: skip
        return self._page(rows)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the lines that carry a weight; a refusal comes back above them (422)."""
        rows = [
            {
                "kind": kind, "label": label, "is_self": kind == Relation.Kind.SELF,
                "weight": request.POST.get(f"weight_{kind}", "").strip().rstrip("%％"),
                "anonymous": request.POST.get(f"anonymous_{kind}") == "1",
            }
            for kind, label in Relation.Kind.choices
        ]  # fmt: skip
        if request.POST.get("act") == "sum":
            return self._page(rows)
        try:
            rounds.set_relations(
                round=self.object, rows=[each for each in rows if each["weight"]], by=request.user,
                version=request.POST.get("version", ""),
            )  # fmt: skip
        except DomainError as error:
            if error.status not in (400, 409, Stale.status):
                raise
            return self._page(rows, error)
        messages.success(request, "已保存评价关系。")
        return redirect("round-raters" if self.object.subjects.exists() else "round-detail", self.object.pk)

    def _page(self, rows: list[dict[str, Any]], refusal: DomainError | None = None) -> HttpResponse:
        typed = [{**each, "level": 1, "name": each["label"]} for each in rows if each["weight"]]
        is_stale = isinstance(refusal, Stale)
        held = Round.objects.get(pk=self.object.pk) if is_stale else self.object
        context = {
            "held": held,
            "version": version_of(held)
            if is_stale or self.request.method == "GET"
            else self.request.POST.get("version", ""),
            "stored": relation_words(held.relations.order_by("id")) if is_stale else "",
            "rows": rows,
            "refusal": refusal,
            "sums": [{**each, "name": "权重合计"} for each in presenting.sums_of(typed)],
            "form": None,
        }
        return render(
            self.request,
            self.template_name,
            context,
            status=Stale.status if is_stale else 422 if refusal else 200,
        )


def relation_words(relations: Iterable[Relation]) -> str:
    """Return relations with their weights in one line."""
    return "、".join(f"{each} {presenting.percent(each.weight)}" for each in relations)


_USUALLY_ANONYMOUS = {
    Relation.Kind.PEER.value,
    Relation.Kind.SUBORDINATE.value,
    Relation.Kind.SERVED.value,
}


class RoundRaters(RoundTab):
    """How many raters everybody has in each relation, and where they are missing."""

    tab = "raters"
    template_name = "assessment/round_raters.html"

    states = (Round.Status.DRAFT, Round.Status.OPEN)
    absent = "评价已经截止，不再显示评价人。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The people with their numbers."""
        held = self.object
        context = super().get_context_data(**kwargs)
        rows = held.subjects.select_related("cadre", "unit").order_by("unit_path", "id")
        chosen = SubjectFilter(self.request.GET, queryset=rows, request=self.request)
        shown = chosen.qs if chosen.is_valid() else rows.none()
        may_propose = context["may_edit"] and bool(context["relations"])
        table = self.paged(RaterTable(shown, relations=context["relations"], minimum=held.minimum))
        table.counts = progress.invited_by_subject([row.record for row in table.paginated_rows])
        return context | {
            "table": table,
            "filter_form": chosen.form,
            "alone": progress.unrated(held)[:6],
            "alone_count": progress.unrated(held).count(),
            "empty_count": progress.places_without_raters(held),
            "thin_count": len(invitations.thin_relations(held)),
            "has_people": held.subjects.exists(),
            "may_propose": may_propose,
            "proposed": len(invitations.propose_raters(round=held, by=self.request.user).raters)
            if may_propose
            else 0,
        }


@require_POST
def invite_proposed(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite everybody whom the organisation chart proposes."""
    held = round_in_view(request, pk)
    count = invitations.invite_proposed(round=held, by=request.user)
    if count:
        messages.success(request, f"已按任职关系安排 {count} 人次，请核对，需要的再逐人增减。")
    else:
        messages.info(request, "按任职关系没有更多可以安排的评价人。")
    return redirect("round-raters", pk=pk)


class SubjectRaters(RoundTab):
    """Who rates one person: by relation, with a picker for more."""

    tab = "raters"
    template_name = "assessment/round_subject_raters.html"
    states = RoundRaters.states
    absent = RoundRaters.absent

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The raters by name; those of anonymous relations only while the round is prepared."""
        context = super().get_context_data(**kwargs)
        subject = subject_in_view(self.request, self.object.pk, self.kwargs["subject"])
        relations: list[Relation] = context["relations"]
        counts = progress.invited_by_subject([subject]).get(subject.pk, {})
        is_draft = self.object.status == Round.Status.DRAFT
        shown = [each.pk for each in relations if is_draft or not each.anonymous]
        rows: dict[int, list[Invitation]] = {}
        found = subject.invitations.filter(relation__in=shown).select_related("rater")
        for row in found.order_by("rater__name", "rater_id"):
            rows.setdefault(row.relation_id, []).append(row)
        groups = [
            {
                "relation": each,
                "count": counts.get(each.pk, 0),
                "hidden": "" if each.pk in shown else _HIDDEN_ONCE_OPEN,
                "rows": rows.get(each.pk, []),
                "short": each.anonymous and counts.get(each.pk, 0) < self.object.minimum,
                "is_self": each.kind == Relation.Kind.SELF,
                "form": RaterForm(auto_id=f"id_%s_{each.pk}"),
            }
            for each in relations
        ]
        return context | {"subject": subject, "groups": groups}


@require_POST
def invite_rater(request: HttpRequest, pk: int, subject: int) -> HttpResponse:
    """One more rater of somebody, in one relation."""
    found = subject_in_view(request, pk, subject)
    require(request.user, "round.manage", found.round)
    given = request.POST.get("relation", "")
    relation = (
        found.round.relations.filter(pk=given).first() if given.isascii() and given.isdecimal() else None
    )
    if relation is None:
        raise NotFound("没有找到这种评价关系。")
    try:
        _invite(request, found, relation)
    except DomainError as error:
        if error.status not in (400, 403, 409):
            raise
        messages.error(request, error.message)
    return redirect("round-subject-raters", pk=pk, subject=subject)


def _invite(request: HttpRequest, subject: Any, relation: Relation) -> None:
    """The person picked; of a self-rating the subject's own account."""
    form = RaterForm(request.POST)
    if relation.kind == Relation.Kind.SELF:
        people = User.objects.filter(pk=subject.cadre.user_id or 0)
        if not people:
            messages.error(request, f"{subject.cadre.name}还没有账号，不能自评。")
            return
    elif form.is_valid():
        people = User.objects.filter(pk=form.cleaned_data["rater"].pk)
    else:
        messages.error(request, form.errors["rater"][0])
        return
    count = invitations.invite(
        round=subject.round, relation=relation, subject=subject, raters=people, by=request.user
    )
    name = people[0].name
    messages.success(request, f"已增加{name}。" if count else f"{name}已经在这种关系里。")


@require_POST
def remove_rater(request: HttpRequest, pk: int, subject: int, invitation: int) -> HttpResponse:
    """Take a rater out."""
    found = subject_in_view(request, pk, subject)
    row = found.invitations.filter(pk=invitation).select_related("subject__round", "rater").first()
    if row is None:
        raise NotFound("没有找到这位评价人。")
    invitations.uninvite(invitation=row, by=request.user)
    messages.success(request, f"已移出{row.rater.name}。")
    return redirect("round-subject-raters", pk=pk, subject=subject)


@require_GET
def pick_rater(request: HttpRequest) -> HttpResponse:
    """Options of the rater picker: business accounts in use, with the unit and post of those on the roster."""
    require(request.user, "round.manage")
    people = User.objects.filter(is_active=True, account_class="business")
    found = (
        people.matching(request.GET.get("q", "")[:60]).select_related("cadre__unit").order_by("name", "pk")
    )
    options = [
        {
            "value": each.pk, "text": each.name,
            "detail": getattr(getattr(each, "cadre", None), "unit", None) or f"账号 {each.username}",
        }
        for each in found[:_OPTIONS]
    ]  # fmt: skip
    return render(request, "components/_picker_options.html", {"options": options})


class RoundProgress(RoundTab):
    """How many ballots are in, by relation; names only of those who rate by name."""

    tab = "progress"
    template_name = "assessment/round_progress.html"

    states = (Round.Status.OPEN, *RESULT_STATES)
    absent = "评价还没有开始。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The numbers."""
        held = self.object
        counts = progress.relation_counts(held)
        asked, got = sum(each.invited for each in counts), sum(each.received for each in counts)
        is_open = held.status == Round.Status.OPEN
        named = progress.outstanding_named(held) if is_open else []
        figures = [
            {"label": "应收评价票", "value": asked, "unit": "份"},
            {"label": "已收", "value": got, "unit": "份", "detail": presenting.percent(100 * got // asked) if asked else ""},
            {"label": "还差", "value": asked - got, "unit": "份"},
        ]  # fmt: skip
        return super().get_context_data(
            counts=counts,
            figures=figures,
            named=list(named[:_NAMED_SHOWN]),
            named_count=len(named) if is_open else 0,
            has_anonymous=any(each.relation.anonymous for each in counts),
            **kwargs,
        )
