"""The bureau's pages of results: everybody in a round, one person, words after a reason, the workbook."""

from __future__ import annotations

import io
from collections import Counter
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.views_base import ScopedObject, ServiceForm, add_refusal
from assessment import presenting
from assessment.filters import ResultFilter
from assessment.forms import ReasonForm
from assessment.leaves import tree
from assessment.models import IndicatorResult, Relation, Round, SubjectResult
from assessment.services import sight
from assessment.tables import ResultTable
from assessment.views.rounds_base import RESULT_STATES, RoundTab, round_in_view
from core.calendar import now
from core.charts import Chart, Series
from core.errors import DomainError, Invalid, NotFound
from core.files import disposition
from core.filetypes import XLSX

_BANDS = ((90, "90 分以上"), (80, "80—90 分"), (70, "70—80 分"), (60, "60—70 分"), (0, "60 分以下"))


class RoundResults(RoundTab):
    """Everybody's total, coverage and rank."""

    tab = "results"
    capability = "result.view"
    view_capability = "round.view"
    states = RESULT_STATES
    absent = "评价截止之后才有结果。"
    template_name = "assessment/round_results.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The people with their figures."""
        held = self.object
        context = super().get_context_data(**kwargs)
        rows = sight.results_of(held, self.request.user)
        sight.note_reading(by=self.request.user, round=held)
        chosen = ResultFilter(self.request.GET, queryset=rows, request=self.request)
        shown = chosen.qs if chosen.is_valid() else rows.none()
        table = self.paged(ResultTable(shown, relations=context["relations"]))
        table.lines = sight.lines_by_relation([row.record for row in table.paginated_rows])
        totals = list(rows.exclude(total=None).values_list("total", flat=True))
        people = held.subjects.count()
        figures = [
            {"label": "评价对象", "value": people, "unit": "人"},
            {"label": "有总分", "value": len(totals), "unit": "人"},
            {"label": "平均分", "value": f"{sum(totals) / len(totals):.2f}" if totals else "—"},
        ]
        if held.status == Round.Status.PUBLISHED:
            confirmed = rows.exclude(confirmed_at=None).count()
            figures.append({"label": "本人已确认", "value": confirmed, "unit": "人"})
        return context | {
            "table": table, "filter_form": chosen.form, "figures": figures, "chart": _bands(totals),
            "exports": [{"label": "导出结果", "url": reverse("round-results-export", args=[held.pk])}],
        }  # fmt: skip


def _bands(totals: list[Decimal]) -> Chart | None:
    """How many totals fall into each band of ten."""
    if len(totals) < 2:
        return None
    counted = Counter(next(label for least, label in _BANDS if total >= least) for total in totals)
    labels = [label for _, label in _BANDS]
    best = max(labels, key=lambda label: counted[label])
    return Chart(
        key="bands", title="总分分布", sentence=f"{len(totals)} 人有总分，{best}的最多，{counted[best]} 人。",
        kind="bar", categories=labels, series=[Series("人数", [counted[label] for label in labels], "main")],
        unit="人", category_label="分数段", size="small",
    )  # fmt: skip


class RoundResult(RoundTab):
    """One person: every relation's score, every indicator by relation; what is held back says why."""

    tab = "results"
    capability = "result.view"
    view_capability = "round.view"
    states = RESULT_STATES
    absent = "评价截止之后才有结果。"
    template_name = "assessment/round_result.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The figures of one result."""
        context = super().get_context_data(**kwargs)
        result = _result(self.request, self.object, self.kwargs["subject"])
        sight.note_reading(by=self.request.user, result=result)
        lines = sight.lines_by_relation([result])
        relations: list[Relation] = context["relations"]
        rows = [(each, lines.get((result.subject_id, each.pk))) for each in relations]
        indicators = self._indicators(result, relations)
        ranked = SubjectResult.objects.filter(subject__round=self.object).exclude(rank=None).count()
        figures = [
            {
                "label": "总分",
                "value": f"{result.total:.2f}" if result.total is not None else "—",
                "unit": "分",
            },
            {"label": "名次", "value": f"{result.rank} / {ranked}" if result.rank else "—"},
            {"label": "覆盖权重", "value": presenting.percent(result.coverage), "detail": _coverage(result)},
        ]
        return context | {
            "result": result, "subject": result.subject, "figures": figures, "chart": _chart(indicators),
            "lines": [
                {"relation": each, "line": line, "score": sight.shown_score(line) if line else "没有评价人",
                 "is_shown": bool(line and line.score is not None)}
                for each, line in rows
            ],
            "indicators": indicators,
            "shown_relations": [each for each, line in rows if line and line.score is not None],
            "comment_count": result.subject.comments.count(),
        }  # fmt: skip

    def _indicators(self, result: SubjectResult, relations: list[Relation]) -> list[dict[str, Any]]:
        """The tree of indicators with the overall mean and those of the relations that are shown."""
        found = {
            (key, relation): score
            for key, relation, score in IndicatorResult.objects.filter(subject=result.subject_id).values_list(
                "indicator_id", "relation_id", "score"
            )
        }
        shown = [each.pk for each in relations if any(key[1] == each.pk for key in found)]
        rows = presenting.tree_rows(tree(self.object.instrument))
        return [
            {
                **row,
                "overall": found.get((row["indicator"].pk, None)),
                "scores": [found.get((row["indicator"].pk, relation)) for relation in shown],
            }
            for row in rows
            if row["is_scored"]
        ]


def _coverage(result: SubjectResult) -> str:
    return "全部关系都有结果" if result.coverage == presenting.FULL else "总分按显示的关系重新折算"


def _chart(indicators: list[dict[str, Any]]) -> Chart | None:
    """The means of the indicators as bars."""
    shown = [each for each in indicators if each["overall"] is not None]
    if len(shown) < 2:
        return None
    best, least = (pick(shown, key=lambda each: each["overall"]) for pick in (max, min))
    words = (
        f"“{best['indicator'].name}”最高（{presenting.plain(best['overall'])} 分），"
        f"“{least['indicator'].name}”最低（{presenting.plain(least['overall'])} 分）。"
    )
    return Chart(
        key="indicators", title="各指标得分", sentence=words, kind="bars_across",
        categories=[each["indicator"].name for each in shown],
        series=[Series("得分", [float(each["overall"]) for each in shown], "main")],
        unit="分", category_label="指标", maximum=100,
    )  # fmt: skip


def _result(request: HttpRequest, held: Round, subject: int) -> SubjectResult:
    """The result of a person whom the reader may look at; else NotFound."""
    found = sight.results_of(held, request.user).filter(subject=subject).first()
    if found is None:
        raise NotFound("没有找到这份结果，或者您应当回避。")
    found.subject.round = held
    return found


@require_http_methods(["GET", "POST"])
def result_comments(request: HttpRequest, pk: int, subject: int) -> HttpResponse:
    """Ask for a reason, then show what raters wrote this once."""
    held = round_in_view(request, pk)
    result = _result(request, held, subject)
    form = ReasonForm(request.POST if request.method == "POST" else None, auto_id="id_comments_%s")
    opened, is_open = [], False
    if form.is_valid():
        try:
            opened = sight.open_comments(result=result, by=request.user, reason=form.cleaned_data["reason"])
            is_open = True
        except Invalid as error:
            add_refusal(form, error)
    context = {"form": form, "held": held, "subject": result.subject, "opened": opened, "is_open": is_open}
    status = 422 if request.method == "POST" and not is_open else 200
    return render(request, "assessment/_result_comments.html", context, status=status)


class ResultsExport(ScopedObject, ServiceForm):
    """The results as a workbook, for a reason that stands on top of it."""

    capability = "result.view"
    view_capability = "round.view"
    queryset = Round.objects.select_related("unit")
    form_class = ReasonForm
    template_name = "assessment/round_results_export.html"

    def get_object(self, queryset: Any = None) -> Round:
        """Nothing leaves before there is anything."""
        held: Round = super().get_object(queryset)
        if held.status not in RESULT_STATES:
            raise NotFound("评价截止之后才有结果。")
        return held

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Of how many people."""
        count = sight.results_of(self.object, self.request.user).count()
        return super().get_context_data(held=self.object, count=count, **kwargs)

    def form_valid(self, form: ReasonForm) -> HttpResponse:
        """The workbook, or the form again with what is missing."""
        content = io.BytesIO()
        try:
            sight.write_results(
                content, round=self.object, by=self.request.user, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            if error.status != Invalid.status:
                raise
            add_refusal(form, error)
            return self.form_invalid(form)
        answer = HttpResponse(content.getvalue(), content_type=XLSX)
        answer["Content-Disposition"] = disposition(f"评价结果_{now():%Y%m%d_%H%M}.xlsx")
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Cache-Control"] = "private, no-store"
        return answer
