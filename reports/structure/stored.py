# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Figures of a large part of the tree: counted by a job, kept as its result, shown with the time they were made.

A page counts what it can count within a second; beyond LARGE people its reader asks once and comes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Unit, User
from accounts.scope import require
from core.jobs import enqueue
from core.models import Job
from reports.structure.asking import ask
from reports.structure.exporting import as_parameters, from_parameters
from reports.structure.figures import compared_figures, compute
from reports.structure.norms import all_norms
from reports.structure.population import ANALYSIS, Population

KIND = "report.structure_figures"
LARGE = 20_000


@dataclass(frozen=True)
class Kept:
    """What the asker's last such job found, None without one, and the job that is under way."""

    figures: dict[str, Any] | None
    running: Job | None


def is_large(*units: Unit | None) -> bool:
    """Whether one of the units has more people, with everything below it, than a page counts; one statement."""
    parts = [
        f"(SELECT count(*) FROM (SELECT FROM cadres_cadre WHERE unit_path LIKE %(path{at})s LIMIT %(most)s) c)"
        for at, unit in enumerate(units)
        if unit is not None
    ]
    paths = {f"path{at}": f"{unit.path}%" for at, unit in enumerate(units) if unit is not None}
    ((most,),) = ask(f"SELECT greatest({', '.join(parts)})", paths | {"most": LARGE + 1})
    return bool(most > LARGE)


def kept(kind: str, parameters: dict[str, Any], by: User, *, since: datetime | None = None) -> Kept:
    """Return what there is of the asker's own jobs of a kind with these parameters, perhaps counted since."""
    own = Job.objects.asked_by(by).filter(kind=kind, parameters=parameters)
    finished = own.filter(status=Job.Status.DONE)
    if since is not None:
        finished = finished.filter(finished_at__gte=since)
    done = finished.order_by("-finished_at").first()
    return Kept(done.result["figures"] if done and done.result else None, own.unfinished().first())


def ask_for(kind: str, parameters: dict[str, Any], *units: Unit | None, by: User) -> Job:
    """Ask for figures; the same question asked twice is one job while it runs.

    Raises NotFound or NotAllowed when a unit is not the asker's to analyse.
    """
    for unit in units:
        if unit is not None:
            require(by, ANALYSIS, unit)
    key = ",".join(f"{name}={parameters[name]}" for name in sorted(parameters))
    return enqueue(kind, by=by, parameters=parameters, unique_key=f"{kind}:{key}")


def structure_parameters(population: Population, other: Population | None) -> dict[str, Any]:
    """Return what a job of structure figures is asked with."""
    return {"first": as_parameters(population), "second": as_parameters(other) if other else None}


def count_structure(parameters: dict[str, Any], *, by: User, progress: Any) -> dict[str, Any]:
    """Count an analysis, perhaps two to compare; the asker's rights are asked again. Returns the job's result."""
    first = from_parameters(parameters["first"], by)
    second = from_parameters(parameters["second"], by) if parameters["second"] else None
    progress(5, "正在统计")
    norms = all_norms()
    own = compared_figures(first, norms) if second else compute(first)
    progress(60, "正在统计")
    other = compared_figures(second, norms) if second else None
    return {
        "figures": {"first": own, "second": other}, "message": f"{own['unit']['name']}的结构已统计。",
        "next": _page(first, second), "next_label": "查看结构分析",
    }  # fmt: skip


def _page(first: Population, second: Population | None) -> str:
    """The address of the page that shows the figures."""
    asked: dict[str, Any] = {"unit": first.unit.pk, "on": first.day.isoformat(), "group": first.group}
    if second is not None:
        asked |= {"with_unit": second.unit.pk, "with_on": second.day.isoformat()}
    chosen = {key: ",".join(band or "-" for band in bands) for key, bands in first.chosen.items()}
    return f"{reverse('structure')}?{urlencode(asked | chosen)}"
