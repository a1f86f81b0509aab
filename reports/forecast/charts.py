"""The charts of a forecast, from its figures: what becomes free by year, and what is needed against the reserve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.charts import Chart, Series
from reports.forecast.outlook import KINDS, RETIRE

# (kind, category, year) → the address of the people.
Link = Callable[[str, str, int], str]
_COLOURS = {"head": "a", "deputy": "b", "middle": "c"}


def leaving_chart(figures: Mapping[str, Any], kind: str, link: Link) -> Chart | None:
    """Return those who retire, or whose terms end, by year and category; None when there are none."""
    rows = [row for row in figures["by_category"] if row[f"{kind}_total"]]
    if not rows:
        return None
    years = [figures["before"], *figures["years"]]
    shown = range(0 if any(row[kind][0] for row in rows) else 1, len(years))
    sums = [sum(row[kind][at] for row in rows) for at in shown]
    most = max(range(len(sums)), key=lambda at: sums[at])
    labels = ["此前" if at == 0 else f"{years[at]}年" for at in shown]
    action = "到龄退休" if kind == RETIRE else "任期届满"
    return Chart(
        key=f"forecast-{kind}", title=f"{KINDS[kind]}（按年）",
        sentence=f"五年共 {sum(sums):,} 人{action}，{labels[most]}最多，{sums[most]:,} 人。", kind="stacked",
        categories=labels,
        series=[Series(row["label"], [row[kind][at] for at in shown], _COLOURS[row["category"]]) for row in rows],
        unit="人", category_label="年份",
        links=[[link(kind, row["category"], years[at]) for row in rows] for at in shown],
    )  # fmt: skip


def reserve_chart(figures: Mapping[str, Any], available: Callable[[str], str]) -> Chart | None:
    """Return what is needed against the reserve at hand, by category; `available` (category) is the list of the reserve."""
    rows = [row for row in figures["by_category"] if row["gap"] is not None]
    if figures["reserve"] is None or not any(row["needed"] or row["available"] for row in rows):
        return None
    short = [row for row in rows if row["needed"] > row["available"]]
    sentence = "各类岗位的后备总数够用。"
    if short:
        worst = max(short, key=lambda row: row["needed"] - row["available"])
        sentence = f"{worst['label']}需补充 {worst['needed']:,} 人，后备可用 {worst['available']:,} 人。"
    return Chart(
        key="forecast-reserve", title="需求与后备", sentence=sentence, kind="bar",
        categories=[row["label"] for row in rows],
        series=[
            Series("需补充", [row["needed"] for row in rows], "main"),
            Series("后备可用", [row["available"] for row in rows], "good"),
        ],
        unit="人", category_label="岗位类别",
        # What is needed is the sum of two numbers that have lists of their own.
        links=[["", available(row["category"])] for row in rows],
    )  # fmt: skip
