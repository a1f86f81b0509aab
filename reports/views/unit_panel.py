"""The panel of a unit's page that tells its structure in sentences and leads to the analysis."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import Unit
from accounts.scope import require
from core.calendar import today
from core.errors import NotFound
from reports.structure.figures import people_figures
from reports.structure.norms import all_norms
from reports.structure.population import ANALYSIS, Population


@require_GET
def unit_structure(request: HttpRequest, pk: int) -> HttpResponse:
    """Today's structure of a unit with everything below it; of the whole tree only the way to the analysis."""
    unit = Unit.objects.visible_to(request.user).filter(pk=pk).first()
    if unit is None:
        raise NotFound("没有找到这个单位。")
    require(request.user, ANALYSIS, unit)
    # The root's figures read every person: they are asked for on the analysis' own page.
    figures = people_figures(Population(unit, today()), all_norms()) if unit.parent_id else None
    context = {"unit": unit, "figures": figures, "url": f"{reverse('structure')}?unit={unit.pk}"}
    return render(request, "reports/_unit_structure.html", context)
