"""The charts of an annual report's page, from its stored figures: one message each, its table beside it."""

from __future__ import annotations

from typing import Any

from core.charts import Chart, Series

# Groups that have an order are read from left to right; the others as a list of bars.
_ORDERED = ("age", "tenure")
_MEANINGS = {
    "gender": {"1": "male", "2": "female"},
    "area": {"rural": "rural", "urban": "town"},
}


def charts(figures: dict[str, Any]) -> list[Chart]:
    """Return the charts of a report: the way of the nominations, then every structure that has rows."""
    found = [_pipeline(figures.get("pipeline") or [])]
    found += [_structure(each) for each in figures.get("structure") or []]
    return [each for each in found if each is not None]


def _structure(section: dict[str, Any]) -> Chart | None:
    rows = section["rows"]
    if not rows:
        return None
    meanings = _MEANINGS.get(section["key"], {})
    return Chart(
        key=f"structure-{section['key']}",
        title=section["title"],
        sentence=f"{section['sentence']}。",
        kind="bar" if section["key"] in _ORDERED else "bars_across",
        categories=[row["label"] for row in rows],
        series=[Series("人数", [row["count"] for row in rows], "main")],
        unit="人",
        category_label="分类",
        meanings=[meanings.get(row["key"], "main") for row in rows] if meanings else (),
        shares=[row["share"] for row in rows],
        size="small",
    )


def _pipeline(rows: list[dict[str, Any]]) -> Chart | None:
    shown = [row for row in rows if row["count"]]
    if not shown:
        return None
    total = sum(row["count"] for row in shown)
    most = max(shown, key=lambda row: row["count"])
    return Chart(
        key="pipeline",
        title="推荐办理情况",
        sentence=f"{total} 份推荐中，{most['label']}的最多，{most['count']} 份。",
        kind="bars_across",
        categories=[row["label"] for row in shown],
        series=[Series("份数", [row["count"] for row in shown], "main")],
        unit="份",
        category_label="所在步骤或结果",
        shares=[row["count"] / total for row in shown],
        size="small",
    )
