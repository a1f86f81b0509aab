"""The workbook of a forecast: asked for, built by a job, noted in the audit trail."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Unit, User
from accounts.scope import require
from core import audit
from core.jobs import enqueue
from core.models import Job
from reports.forecast.figures import compute
from reports.forecast.outlook import Outlook, sees_reserve
from reports.forecast.workbook import render
from reports.structure.population import ANALYSIS

KIND, FIGURES = "report.forecast", "report.forecast_figures"

audit.register("forecast.exported", "导出供需预测")


def request_workbook(*, outlook: Outlook, by: User) -> Job:
    """Ask for the workbook of a forecast; a job builds it.

    Raises NotFound or NotAllowed when the unit is not the asker's to analyse.
    """
    require(by, ANALYSIS, outlook.unit)
    return enqueue(KIND, by=by, parameters={"unit": outlook.unit.pk, "from": outlook.first})


def build_workbook(
    parameters: dict[str, Any], *, by: User, progress: Any
) -> tuple[dict[str, Any], Path, str]:
    """Compute the figures and render the workbook; return figures, path and name. The caller removes the file.

    What the asker may see is asked again: it may have ended since.
    """
    unit = Unit.objects.get(pk=parameters["unit"])
    require(by, ANALYSIS, unit)
    progress(5, "正在统计")
    outlook = Outlook(unit, parameters["from"], by)
    figures = compute(outlook, with_reserve=sees_reserve(by, unit))
    progress(60, "正在生成工作簿")
    with tempfile.NamedTemporaryFile(suffix=".xlsx", delete=False) as target:
        path = Path(target.name)
    try:
        render(figures, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    audit.record(
        "forecast.exported", by=by, obj=unit, unit_name=unit.name,
        after={"起始年份": outlook.first, "含后备": "是" if figures["reserve"] is not None else "否"},
    )  # fmt: skip
    return figures, path, f"{unit.name}供需预测{outlook.first}-{outlook.years[-1]}.xlsx"


def forecast_parameters(outlook: Outlook) -> dict[str, Any]:
    """Return what a job of forecast figures is asked with, and whether they tell of the reserve.

    Whoever no longer sees the reserve doesn't find figures that were counted with it.
    """
    reserve = sees_reserve(outlook.reader, outlook.unit)
    return {"unit": outlook.unit.pk, "from": outlook.first, "reserve": reserve}


def count_forecast(parameters: dict[str, Any], *, by: User, progress: Any) -> dict[str, Any]:
    """Count a forecast as its asker may see it; rights are asked again. Returns the job's result."""
    unit = Unit.objects.get(pk=parameters["unit"])
    require(by, ANALYSIS, unit)
    progress(5, "正在统计")
    outlook = Outlook(unit, parameters["from"], by)
    figures = compute(outlook, with_reserve=parameters["reserve"] and sees_reserve(by, unit))
    page = f"{reverse('forecast')}?{urlencode({'unit': unit.pk, 'from': outlook.first})}"
    return {
        "figures": figures, "message": f"{unit.name}的供需已统计。", "next": page, "next_label": "查看供需预测",
    }  # fmt: skip
