"""The workbook of a structure analysis: asked for, built by a job, noted in the trail; choices of its lists."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from accounts.models import Unit, User
from accounts.scope import require
from cadres.models import Norm, Post
from core import audit
from core.errors import NotFound
from core.jobs import enqueue
from core.models import Job
from reports.structure.figures import compared_figures, compute
from reports.structure.norms import all_norms, norm_words
from reports.structure.population import ANALYSIS, Population
from reports.structure.seats import ALL, STATES
from reports.structure.workbook import render

KIND = "report.structure"
CATEGORIES = dict(Post.Category.choices)

audit.register("structure.exported", "导出结构分析")


def request_workbook(*, population: Population, other: Population | None, by: User) -> Job:
    """Ask for the workbook of an analysis, perhaps beside another; a job builds it.

    Raises NotFound or NotAllowed when a unit is not the asker's to analyse.
    """
    parameters = {"first": as_parameters(population), "second": as_parameters(other) if other else None}
    for each in (population, other):
        if each is not None:
            require(by, ANALYSIS, each.unit)
    return enqueue(KIND, by=by, parameters=parameters)


def build_workbook(
    parameters: dict[str, Any], *, by: User, progress: Any
) -> tuple[dict[str, Any], Path, str]:
    """Compute the figures and render the workbook; return figures, path and name. The caller removes the file.

    The asker's rights are asked again: they may have ended since.
    """
    first = from_parameters(parameters["first"], by)
    second = from_parameters(parameters["second"], by) if parameters["second"] else None
    progress(5, "正在统计")
    own = compute(first)
    other = compared_figures(second, all_norms()) if second else None
    progress(60, "正在生成工作簿")
    with tempfile.NamedTemporaryFile(suffix=".xlsx", delete=False) as target:
        path = Path(target.name)
    try:
        render(own, other, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    audit.record(
        "structure.exported", by=by, obj=first.unit, unit_name=first.unit.name,
        after={"统计日": first.day.isoformat(), "对象": own["group_text"], "人数": own["total"]},
    )  # fmt: skip
    return {"first": own, "second": other}, path, f"{first.unit.name}结构分析{first.day:%Y%m%d}.xlsx"


def as_parameters(population: Population) -> dict[str, Any]:
    """Return a population as a job's parameters."""
    return {
        "unit": population.unit.pk, "on": population.day.isoformat(), "group": population.group,
        "chosen": {name: list(bands) for name, bands in population.chosen.items()},
    }  # fmt: skip


def from_parameters(values: dict[str, Any], by: User) -> Population:
    """Return the population of a job's parameters. Raises when its unit is no longer the asker's to analyse."""
    unit = Unit.objects.get(pk=values["unit"])
    require(by, ANALYSIS, unit)
    chosen = {name: tuple(bands) for name, bands in values["chosen"].items()}
    return Population(unit, date.fromisoformat(values["on"]), values["group"], chosen)


def read_post_choice(state: str, category: str, stage: str) -> tuple[str, str, str | None]:
    """Return which posts an address asks for; "-" stands for posts outside schools. Raises NotFound."""
    known = dict.fromkeys(("", "-", *Unit.Stage.values))
    if (state and state not in STATES) or (category and category not in CATEGORIES) or stage not in known:
        raise NotFound("没有这样的岗位名单。")
    return state or ALL, category, {"": None, "-": ""}.get(stage, stage)


def post_choice_words(state: str, category: str, stage: str | None) -> list[str]:
    """Return the choice in words."""
    words = [STATES[state]]
    if stage is not None:
        words.insert(0, dict(Unit.Stage.choices).get(stage, "非学校"))
    return [*words[:-1], *([CATEGORIES[category]] if category else []), words[-1]]


def read_norm(text: str) -> Norm:
    """Return the norm of an address. Raises NotFound."""
    norm = (
        Norm.objects.filter(pk=int(text)).first()
        if text.isascii() and text.isdecimal() and len(text) < 18
        else None
    )
    if norm is None:
        raise NotFound("没有找到这条标准。")
    return norm


__all__ = [
    "CATEGORIES", "KIND", "as_parameters", "build_workbook", "from_parameters", "norm_words", "post_choice_words", "read_norm", "read_post_choice",
    "request_workbook",
]  # fmt: skip
