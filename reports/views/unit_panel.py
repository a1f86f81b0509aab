"""The panel of a unit's page that tells its structure in sentences and leads to the analysis."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import Unit
from accounts.scope import require
from core.calendar import today
from core.errors import Invalid, NotFound
from reports.structure import stored
from reports.structure.asking import hurried
from reports.structure.figures import people_figures
from reports.structure.norms import all_norms
from reports.structure.population import ANALYSIS, Population


@require_GET
@hurried()
def unit_structure(request: HttpRequest, pk: int) -> HttpResponse:
    """The structure of a unit with everything below it today, or on the day that the unit's page shows.

    Of the whole tree, and for a day that can't be analysed, only the way to the analysis.
    """
    unit = Unit.objects.visible_to(request.user).filter(pk=pk).first()
    if unit is None:
        raise NotFound("没有找到这个单位。")
    require(request.user, ANALYSIS, unit)
    population = _population(unit, request.GET.get("on", ""))
    # The figures of a large part of the tree are asked for on the analysis' own page.
    counted = population and unit.parent_id and not stored.is_large(unit)
    figures = people_figures(population, all_norms()) if population and counted else None
    day = population.day if population else today()
    query = {"unit": str(unit.pk)} | ({"on": day.isoformat()} if day != today() else {})
    context = {
        "unit": unit, "figures": figures, "day": day if day != today() else None,
        "url": f"{reverse('structure')}?{urlencode(query)}",
    }  # fmt: skip
    return render(request, "reports/_unit_structure.html", context)


def _population(unit: Unit, text: str) -> Population | None:
    try:
        return Population(unit, date.fromisoformat(text) if text else today())
    except (ValueError, Invalid):
        return None
