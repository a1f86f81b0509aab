"""Structure analysis: the page, two analyses side by side, the lists behind its numbers, its workbook."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.scope import require
from accounts.views_base import add_refusal
from core.errors import Invalid
from reports.forms import NO_ENTRY, StructureForm
from reports.structure import charts, exporting, stored
from reports.structure.asking import hurried
from reports.structure.dimensions import DIMENSIONS
from reports.structure.figures import compared_figures, compute
from reports.structure.norms import all_norms, listed_units
from reports.structure.people import listed_people
from reports.structure.population import ANALYSIS, GROUPS, TEAM, Population
from reports.structure.seats import BALANCE_WORDS, STATES, listed_posts
from reports.structure.seats import listed_units as units_by_balance
from reports.tables import PeopleTable, PostTable, UnitTable
from reports.views.lists import Answer, ListBehind, people_rows, report_tabs


@require_GET
@hurried()
def structure(request: HttpRequest) -> HttpResponse:
    """The structure of a unit's subtree on a day, against the norms, perhaps beside another."""
    require(request.user, ANALYSIS)
    form = StructureForm(request.GET, user=request.user)
    context: dict[str, Any] = {"form": form, "report_tabs": report_tabs("structure")}
    try:
        population, other = form.populations()
    except Invalid as error:
        if not form.errors:
            add_refusal(form, error)
        return render(request, "reports/structure.html", context, status=400)
    context["count_url"] = f"{reverse('structure-count')}?{request.GET.urlencode()}"
    figures, second = _figures(request, population, other, context)
    if figures is None:
        return render(request, "reports/structure.html", context)
    if other is None:
        context |= _shown(population, figures) | _seats_shown(population, figures)
        context["charts"] = charts.dimension_charts(figures, _band_link(population))
    else:
        context |= _compared(population, other, figures, second)
    context["export_url"] = f"{reverse('structure-export')}?{request.GET.urlencode()}"
    return render(request, "reports/structure.html", context)


def _figures(
    request: HttpRequest, population: Population, other: Population | None, context: dict[str, Any]
) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The figures of one or two analyses: counted now, or what a job has counted of a large part of the tree."""
    if stored.is_large(population.unit, other.unit if other else None):
        kept = stored.kept(stored.KIND, stored.structure_parameters(population, other), request.user)
        context["kept"] = kept
        return (kept.figures["first"], kept.figures["second"] or {}) if kept.figures else (None, {})
    if other is None:
        return compute(population), {}
    norms = all_norms()
    return compared_figures(population, norms), compared_figures(other, norms)


@require_POST
def count(request: HttpRequest) -> HttpResponse:
    """Ask for the figures of a large part of the tree; the job's page leads back to the analysis."""
    require(request.user, ANALYSIS)
    population, other = StructureForm(request.GET, user=request.user).populations()
    parameters = stored.structure_parameters(population, other)
    units = (population.unit, other.unit if other else None)
    return redirect("job", stored.ask_for(stored.KIND, parameters, *units, by=request.user).pk)


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Ask for the workbook of what the page shows; the job's page follows it."""
    require(request.user, ANALYSIS)
    population, other = StructureForm(request.GET, user=request.user).populations()
    job = exporting.request_workbook(population=population, other=other, by=request.user)
    return redirect("job", job.pk)


def address(name: str, population: Population, **more: str) -> str:
    """The address of a list behind a number."""
    asked = {"unit": population.unit.pk, "on": population.day.isoformat(), "group": population.group}
    chosen = {key: ",".join(band or NO_ENTRY for band in bands) for key, bands in population.chosen.items()}
    return f"{reverse(name)}?{urlencode(asked | chosen | more)}"


def _band_link(population: Population) -> charts.Link:
    return lambda key, band: address("structure-people", population, **{key: band or NO_ENTRY})


def _shown(population: Population, figures: dict[str, Any]) -> dict[str, Any]:
    """What the template gets of one analysis."""
    for row in figures["measures"]:
        bands = ",".join(row["bands"])
        row["url"] = address("structure-people", population, **{row["dimension"]: bands}) if bands else ""
    return {
        "figures": figures,
        "key_figures": _key_figures(population, figures),
        "where": _where(population),
    }


def _where(population: Population) -> str:
    """The unit, with or without those below it."""
    return population.unit_name + ("" if population.group == TEAM else "及下属单位")


def _seats_shown(population: Population, figures: dict[str, Any]) -> dict[str, Any]:
    """What the template gets of posts, places and the teams of the units."""
    for row in figures["team_norms"]:
        row["met_url"], row["missed_url"] = (
            address("structure-units", population, norm=str(row["norm"]), met=met) for met in ("1", "0")
        )
    for row in (*figures["seats"]["by_category"], *figures["seats"]["by_stage"]):
        row["urls"] = {
            state: address("structure-posts", population, state=state, category=row["category"],
                           **({"stage": row["stage"] or NO_ENTRY} if row["stage"] is not None else {}))
            for state in STATES
        }  # fmt: skip
    balance = figures["balance"]
    return {
        "seat_rows": _seat_rows(figures["seats"]),
        "balance_rows": [
            {"label": words, "units": balance[key], "people": balance.get(f"people_{key}", 0),
             "url": address("structure-units", population, balance=key)}
            for key, words in BALANCE_WORDS.items()
        ],
        "seats_chart": charts.seats_chart(
            figures["seats"],
            lambda category, state: address("structure-posts", population, category=category, state=state),
        ),
    }  # fmt: skip


def _seat_rows(seats: dict[str, Any]) -> list[dict[str, Any]]:
    """The places as a table of stages by categories, the sums first; a pair without posts is None."""
    wholes = {row["category"]: row for row in seats["by_category"]}
    lines = [{"label": "合计", "cells": [wholes.get(category) for category in exporting.CATEGORIES]}]
    by_cell = {(row["stage"], row["category"]): row for row in seats["by_stage"]}
    for stage, label in dict.fromkeys((row["stage"], row["stage_label"]) for row in seats["by_stage"]):
        cells = [by_cell.get((stage, category)) for category in exporting.CATEGORIES]
        lines.append({"label": label, "cells": cells})
    order = list(DIMENSIONS["stage"].bands.values())
    return lines[:1] + sorted(lines[1:], key=lambda line: order.index(line["label"]))


def _key_figures(population: Population, figures: dict[str, Any]) -> list[dict[str, Any]]:
    measures = {row["key"]: row for row in figures["measures"]}
    found: list[dict[str, Any]] = [{"label": "人数", "value": f"{figures['total']:,}", "unit": "人",
              "url": address("structure-people", population)}]  # fmt: skip
    for key, label in (
        ("average_age", "平均年龄"), ("women", "女性"), ("bachelor", "本科及以上"), ("senior_title", "副高及以上")
    ):  # fmt: skip
        row = measures[key]
        found.append({
            "label": label, "value": "—" if row["value"] is None else row["value"], "unit": row["unit"],
            "url": row["url"] if row["value"] else "", **_verdict(row),
        })  # fmt: skip
    if "seats" in figures:
        vacant, over = (
            sum(row[name] for row in figures["seats"]["by_category"]) for name in ("vacant", "over")
        )
        url = address("structure-posts", population, state="vacant") if vacant else ""
        detail = f"超配 {over:,} 人" if over else "没有超配"
        found.append(
            {"label": "空缺岗位", "value": f"{vacant:,}", "unit": "个", "url": url, "detail": detail}
        )
    return found


def _verdict(row: dict[str, Any]) -> dict[str, Any]:
    if not row["verdict"]:
        return {}
    met = row["verdict"] == "met"
    return {
        "detail": f"{'达标' if met else '未达标'}，{row['norm']}",
        "tone": "success" if met else "warning",
    }


def _compared(
    population: Population, other: Population, figures: dict[str, Any], second: dict[str, Any]
) -> dict[str, Any]:
    """What the template gets of a comparison; the two are told apart by what differs."""
    shown = _shown(population, figures)
    names = (_name(population, other), _name(other, population))
    for row in second["measures"]:
        bands = ",".join(row["bands"])
        row["url"] = address("structure-people", other, **{row["dimension"]: bands}) if bands else ""
    rows = _seats_compared((population, figures), (other, second))
    for one, two in zip(figures["measures"], second["measures"], strict=True):
        known = one["value"] is not None and two["value"] is not None
        rows.append(
            {"first": one, "second": two, "gap": round(one["value"] - two["value"], 1) if known else None}
        )
    return shown | {
        "charts": charts.comparing_charts(figures, second, names, _band_link(population), _band_link(other)),
        "compared": {
            "names": names, "figures": second, "rows": rows, "gap": figures["total"] - second["total"],
            "urls": [address("structure-people", each) for each in (population, other)],
        },
    }  # fmt: skip


def _seats_compared(*sides: tuple[Population, dict[str, Any]]) -> list[dict[str, Any]]:
    """Vacant places and people beyond the places of the two, each with its list."""
    rows = []
    for state, label, unit in (("vacant", "空缺岗位", "个"), ("over", "超配", "人")):
        one, two = (
            {
                "label": label, "unit": unit, "url": address("structure-posts", population, state=state),
                "value": sum(row[state] for row in figures["seats"]["by_category"]),
            }
            for population, figures in sides
        )  # fmt: skip
        rows.append({"first": one, "second": two, "gap": one["value"] - two["value"]})
    return rows


def _name(own: Population, other: Population) -> str:
    day = f"{own.day.year}年{own.day.month}月{own.day.day}日"
    if own.unit == other.unit:
        return day
    return own.unit.name if own.day == other.day else f"{own.unit.name}（{day}）"


class _Behind(ListBehind):
    """A list behind a number of the analysis."""

    capability = ANALYSIS
    back_name, back_label = "structure", "结构分析"

    def population(self) -> Population:
        """What the number counts."""
        return StructureForm(self.request.GET, user=self.request.user).populations()[0]

    def back_url(self, population: Population) -> str:
        """The analysis the number stands in."""
        whole = Population(population.unit, population.day, population.group)
        return address(self.back_name, whole)

    def words(self, population: Population) -> str:
        """Where and when."""
        day = population.day
        return f"{_where(population)} · {day.year}年{day.month}月{day.day}日 · {GROUPS[population.group]}"


class StructurePeople(_Behind):
    """The people in the chosen bands."""

    table_class = PeopleTable
    export_name, unit_word = "人员名单", "人"

    def answer(self, *, limit: int, offset: int) -> Answer:
        """A page of people."""
        population = self.population()
        people, total = listed_people(population, limit=limit, offset=offset)
        labels = [
            "、".join(DIMENSIONS[name].bands[band] for band in bands)
            for name, bands in population.chosen.items()
        ]
        rows = people_rows(people, user=self.request.user, on=population.day)
        title = " · ".join(labels) or "全部人员"
        return Answer(title, self.words(population), rows, total, self.back_url(population))


class StructurePosts(_Behind):
    """The posts with their places, vacancies and excess."""

    table_class = PostTable
    export_name, unit_word = "岗位名单", "个"

    def answer(self, *, limit: int, offset: int) -> Answer:
        """A page of posts."""
        population, asked = self.population(), self.request.GET
        state, category, stage = exporting.read_post_choice(
            asked.get("state", ""), asked.get("category", ""), asked.get("stage", "")
        )
        rows, sums = listed_posts(
            population, state=state, category=category, stage=stage, limit=limit, offset=offset
        )
        title = " · ".join(exporting.post_choice_words(state, category, stage))
        detail = f"在岗 {sums.get('held', 0):,} 人 · 空缺 {sums.get('vacant', 0):,} 个 · 超配 {sums.get('over', 0):,} 人"
        shown = [row | {"category": exporting.CATEGORIES[row["category"]]} for row in rows]
        return Answer(
            title, f"{_where(population)} · {detail}", shown, sums.get("posts", 0), self.back_url(population)
        )


class StructureUnits(_Behind):
    """The units whose team keeps a norm or doesn't, or that stand over or under their head-count."""

    table_class = UnitTable
    export_name, unit_word = "单位名单", "个"

    def answer(self, *, limit: int, offset: int) -> Answer:
        """A page of units."""
        population, asked = self.population(), self.request.GET
        if asked.get("balance") in BALANCE_WORDS:
            state = asked["balance"]
            rows, total = units_by_balance(population, state, limit=limit, offset=offset)
            shown = [row | {"value": row["leaders"], "wanted": row["headcount"]} for row in rows]
            title = f"领导职数{BALANCE_WORDS[state]}的单位"
        else:
            norm, is_met = exporting.read_norm(asked.get("norm", "")), asked.get("met") == "1"
            rows, total = listed_units(population, norm.pk, is_met=is_met, limit=limit, offset=offset)
            wanted = exporting.norm_words(norm)
            shown = [row | {"wanted": wanted, "value": f"{row['value']:g}"} for row in rows]
            title = f"班子{norm.get_measure_display()}{'达标' if is_met else '未达标'}的单位"
        return Answer(title, self.words(population), shown, total, self.back_url(population))
