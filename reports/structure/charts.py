"""The charts of a structure analysis, from its figures: one message each, every number leading to its people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.charts import Chart, Series
from reports.structure.dimensions import DIMENSIONS

# (dimension, band) → the address of the people.
Link = Callable[[str, str], str]


def dimension_charts(figures: Mapping[str, Any], link: Link) -> list[Chart]:
    """Return a chart for every dimension."""
    return [_one(section, link) for section in figures["sections"] if section["rows"]]


def _one(section: Mapping[str, Any], link: Link) -> Chart:
    rows, key = section["rows"], section["key"]
    return Chart(
        key=f"structure-{key}", title=section["title"], sentence=section["sentence"], kind="bars_across",
        categories=[row["label"] for row in rows],
        series=[Series("人数", [row["count"] for row in rows], "main")], unit="人", category_label="分类",
        meanings=_meanings(key, [row["key"] for row in rows]), shares=[row["share"] for row in rows],
        links=[[link(key, row["key"])] for row in rows], size="small",
    )  # fmt: skip


def comparing_charts(
    first: Mapping[str, Any], second: Mapping[str, Any], names: tuple[str, str], link: Link, other: Link
) -> list[Chart]:
    """Return a chart of shares for every dimension, the two side by side: sizes differ, shares compare."""
    found = []
    for one, two in zip(first["sections"], second["sections"], strict=True):
        shares = [{row["key"]: row["share"] for row in each["rows"]} for each in (one, two)]
        key = one["key"]
        bands = [band for band in DIMENSIONS[key].bands if any(band in each for each in shares)]
        if not bands:
            continue
        values = [[round(100 * each.get(band, 0), 1) for band in bands] for each in shares]
        found.append(
            Chart(
                key=f"structure-{key}", title=one["title"], sentence=_difference(key, bands, *values),
                kind="bars_across", categories=[DIMENSIONS[key].bands[band] for band in bands],
                series=[Series(names[0], values[0], "main"), Series(names[1], values[1], "compare")],
                unit="%", category_label="分类",
                links=[[link(key, band), other(key, band)] for band in bands],
            )
        )  # fmt: skip
    return found


def _difference(key: str, bands: list[str], first: list[float], second: list[float]) -> str:
    """The band in which the two differ most."""
    gaps = [round(one - two, 1) for one, two in zip(first, second, strict=True)]
    at = max(range(len(bands)), key=lambda index: abs(gaps[index]))
    label = DIMENSIONS[key].bands[bands[at]]
    if not gaps[at]:
        return "两者的结构相同。"
    return f"{label}相差最多，{'高' if gaps[at] > 0 else '低'} {abs(gaps[at])} 个百分点。"


def seats_chart(seats: Mapping[str, Any], link: Callable[[str, str], str]) -> Chart | None:
    """Return the chart of places: those in post and the vacancies by category; `link` (category, state)."""
    rows = seats["by_category"]
    if not rows:
        return None
    vacant, over = (sum(row[name] for row in rows) for name in ("vacant", "over"))
    sentence = f"空缺 {vacant:,} 个" + (f"，超配 {over:,} 人" if over else "，没有超配") + "。"
    return Chart(
        key="structure-seats", title="职数与空缺", sentence=sentence, kind="stacked_across",
        categories=[row["label"] for row in rows],
        series=[
            Series("在岗", [row["held"] for row in rows], "main"),
            Series("空缺", [row["vacant"] for row in rows], "waiting"),
        ],
        unit="人", category_label="岗位类别",
        links=[[link(row["category"], "all"), link(row["category"], "vacant")] for row in rows], size="small",
    )  # fmt: skip


def _meanings(key: str, bands: list[str]) -> list[str]:
    own = dict(zip(DIMENSIONS[key].bands, DIMENSIONS[key].meanings, strict=False))
    return [own.get(band, "main") for band in bands] if own else []
