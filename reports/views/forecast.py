"""Supply and demand: the page for five years, the people behind its numbers, its workbook."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.scope import require
from accounts.views_base import add_refusal
from core.calendar import today
from core.errors import Invalid, NotAllowed, NotFound
from reports.forecast import charts, exporting
from reports.forecast.figures import CATEGORIES, STAGES, compute, listed_leaving, listed_pool
from reports.forecast.outlook import KINDS, POOL, RETIRE, TERM, Outlook, month_words, sees_reserve
from reports.forms import NO_ENTRY, ForecastForm
from reports.structure import stored
from reports.structure.asking import hurried
from reports.structure.population import ANALYSIS
from reports.tables import LeavingTable
from reports.views.lists import Answer, ListBehind, people_rows, report_tabs


@require_GET
@hurried()
def forecast(request: HttpRequest) -> HttpResponse:
    """Who leaves which posts in five years, and whom the reserve offers."""
    require(request.user, ANALYSIS)
    form = ForecastForm(request.GET, user=request.user)
    context: dict[str, Any] = {"form": form, "report_tabs": report_tabs("forecast")}
    try:
        outlook = form.outlook()
    except Invalid as error:
        if not form.errors:
            add_refusal(form, error)
        return render(request, "reports/forecast.html", context, status=400)
    context["count_url"] = f"{reverse('forecast-count')}?{request.GET.urlencode()}"
    if stored.is_large(outlook.unit):
        context["kept"] = stored.kept(exporting.FIGURES, exporting.forecast_parameters(outlook), request.user)
        figures = context["kept"].figures
    else:
        figures = compute(outlook, with_reserve=sees_reserve(request.user, outlook.unit))
    if figures is None:
        return render(request, "reports/forecast.html", context)
    for row in (figures["total"], *figures["by_category"], *figures["by_stage"]):
        _link(outlook, row)
    for row in figures["reserve"] or []:
        row["urls"] = {state: _pool(outlook, state=state, category=row["category"]) for state in POOL}
    context |= {
        "figures": figures,
        "key_figures": _key_figures(outlook, figures),
        "wanted": [row for row in figures["by_stage"] if row["needed"]],
        "unwanted": [row for row in figures["by_stage"] if not row["needed"]],
        "charts": [each for each in _charts(outlook, figures) if each is not None],
        "export_url": f"{reverse('forecast-export')}?{request.GET.urlencode()}",
    }
    return render(request, "reports/forecast.html", context)


@require_POST
def count(request: HttpRequest) -> HttpResponse:
    """Ask for the figures of a large part of the tree; the job's page leads back to the forecast."""
    require(request.user, ANALYSIS)
    outlook = ForecastForm(request.GET, user=request.user).outlook()
    parameters = exporting.forecast_parameters(outlook)
    return redirect("job", stored.ask_for(exporting.FIGURES, parameters, outlook.unit, by=request.user).pk)


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Ask for the workbook of what the page shows; the job's page follows it."""
    require(request.user, ANALYSIS)
    outlook = ForecastForm(request.GET, user=request.user).outlook()
    return redirect("job", exporting.request_workbook(outlook=outlook, by=request.user).pk)


def _address(name: str, outlook: Outlook, **more: Any) -> str:
    return f"{reverse(name)}?{urlencode({'unit': outlook.unit.pk, 'from': outlook.first, **more})}"


def _people(outlook: Outlook, kind: str, **more: Any) -> str:
    return _address("forecast-people", outlook, kind=kind, **more)


def _pool(outlook: Outlook, **more: Any) -> str:
    return _address("forecast-reserve", outlook, **more)


def _link(outlook: Outlook, row: dict[str, Any]) -> None:
    """Add the addresses of a line's numbers."""
    cell: dict[str, Any] = {"category": row["category"]} if row["category"] else {}
    if row["stage"] is not None:
        cell["stage"] = row["stage"] or NO_ENTRY
    years = [outlook.before, *outlook.years]
    row["retire_cells"] = [
        {
            "count": number,
            "label": "此前到龄" if year == outlook.before else f"{year}年退休",
            "url": _people(outlook, RETIRE, year=year, **cell),
        }
        for year, number in zip(years, row["retire"], strict=True)
    ]
    row["retire_url"], row["term_url"] = (_people(outlook, kind, **cell) for kind in (RETIRE, TERM))
    seats = {"unit": outlook.unit.pk, "state": "vacant", **cell}
    row["vacant_url"] = f"{reverse('structure-posts')}?{urlencode(seats)}"
    row["available_url"] = _pool(outlook, state="available", **cell)


def _key_figures(outlook: Outlook, figures: dict[str, Any]) -> list[dict[str, Any]]:
    total = figures["total"]
    found = [
        ("现有空缺", total["vacant"], "个", total["vacant_url"], ""),
        ("五年到龄退休", total["retire_total"], "人", total["retire_url"], ""),
        ("五年任期届满", total["term_total"], "人", total["term_url"], "可以续聘"),
        ("需补充", total["needed"], "人", "", "空缺加退休"),
    ]
    if figures["reserve"] is not None:
        found.append(("可用后备", total["available"], "人", total["available_url"], ""))
        found.append(("缺口", total["gap"], "人", "", "按学段分别计算"))
    return [
        {"label": label, "value": f"{value:,}", "unit": unit, "url": url if value else "", "detail": detail}
        for label, value, unit, url, detail in found
    ]


def _charts(outlook: Outlook, figures: dict[str, Any]) -> list[Any]:
    def people(kind: str, category: str, year: int) -> str:
        return _people(outlook, kind, category=category, year=year)

    def available(category: str) -> str:
        return _pool(outlook, state="available", category=category)

    return [
        charts.leaving_chart(figures, RETIRE, people),
        charts.leaving_chart(figures, TERM, people),
        charts.reserve_chart(figures, available),
    ]


class _Behind(ListBehind):
    """A list behind a number of the forecast."""

    capability = ANALYSIS
    back_label = "供需预测"
    table_class = LeavingTable
    unit_word = "人"

    def outlook(self) -> Outlook:
        """What the number counts in."""
        return ForecastForm(self.request.GET, user=self.request.user).outlook()

    def choice(self) -> tuple[dict[str, Any], list[str]]:
        """The cell of the table that was opened, with its words. Raises NotFound for one that doesn't exist."""
        asked, choice, words = self.request.GET, {}, []
        if asked.get("stage"):
            choice["stage"] = "" if asked["stage"] == NO_ENTRY else asked["stage"]
            words.append(STAGES.get(choice["stage"], ""))
        if asked.get("category"):
            choice["category"] = asked["category"]
            words.append(CATEGORIES.get(asked["category"], ""))
        if not all(words):
            raise NotFound("没有这样的名单。")
        return choice, words

    def rows(self, outlook: Outlook, people: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """People with the day on which they leave."""
        rows = people_rows([row[:2] for row in people], user=self.request.user, on=today())
        return [row | {"on_day": month_words(day)} for row, (_, _, day) in zip(rows, people, strict=True)]

    def words(self, outlook: Outlook) -> str:
        """Where and for which years."""
        return f"{outlook.unit.name}及下属单位 · {outlook.years[0]}–{outlook.years[-1]} 年"


class ForecastPeople(_Behind):
    """Those who retire, or whose terms end."""

    export_name = "供需预测名单"

    def answer(self, *, limit: int, offset: int) -> Answer:
        """A page of people."""
        outlook, asked = self.outlook(), self.request.GET
        choice, words = self.choice()
        kind = asked.get("kind", RETIRE)
        if kind not in KINDS:
            raise NotFound("没有这样的名单。")
        choice["kind"] = kind
        if asked.get("year"):
            year = (
                int(asked["year"])
                if asked["year"] in {str(y) for y in (outlook.before, *outlook.years)}
                else 0
            )
            if not year:
                raise NotFound("没有这样的名单。")
            choice["year"] = year
            words.insert(0, f"{year} 年" if year != outlook.before else f"{outlook.first} 年以前")
        people, total = listed_leaving(outlook, choice, limit=limit, offset=offset)
        title = "".join([*words, KINDS[kind]])
        rows = self.rows(outlook, people)
        return Answer(title, self.words(outlook), rows, total, _address("forecast", outlook))


class ForecastReserve(_Behind):
    """The reserve: all, at hand, retiring within the years, restricted; it leaves by the histories' export alone."""

    def answer(self, *, limit: int, offset: int) -> Answer:
        """A page of people, for those who may see the reserve."""
        outlook, state = self.outlook(), self.request.GET.get("state", "all")
        if not sees_reserve(self.request.user, outlook.unit):
            raise NotAllowed("您没有查看后备干部的权限。")
        choice, words = self.choice()
        if state not in POOL:
            raise NotFound("没有这样的名单。")
        people, total = listed_pool(outlook, choice, state=state, limit=limit, offset=offset)
        title = " · ".join([*words, POOL[state][0]])
        rows = self.rows(outlook, people)
        return Answer(title, self.words(outlook), rows, total, _address("forecast", outlook))
