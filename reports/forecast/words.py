"""What the numbers of a forecast mean, in sentences."""

from __future__ import annotations

from typing import Any

MOST_WARNINGS = 5
# The posts whose want is worth a sentence; middle posts are filled by the schools themselves.
_LEADING = ("head", "deputy")


def headline(by_category: list[dict[str, Any]], by_stage: list[dict[str, Any]], years: list[int]) -> str:
    """Return the one sentence over the page."""
    leaders = [row for row in by_category if row["category"] in _LEADING]
    free = sum(row["needed"] for row in leaders)
    if not free:
        return f"到 {years[-1]} 年没有正副职岗位因退休空出。"
    known = all(row["available"] is not None for row in leaders)
    start = f"到 {years[-1]} 年正副职需补充 {free:,} 人"
    if not known:
        most = max(_leading(by_stage), key=lambda row: row["needed"])
        return f"{start}，{_whose(most)}最多，{most['needed']:,} 人。"
    worst = max(_leading(by_stage), key=lambda row: row["gap"])
    if not worst["gap"]:
        return f"{start}，后备可用 {sum(row['available'] for row in leaders):,} 人，各学段都够用。"
    return f"{start}；{years[-1]} 年{_whose(worst)}缺口 {worst['gap']:,} 人，缺得最多。"


def warnings(by_stage: list[dict[str, Any]]) -> list[str]:
    """Return where and from when the reserve doesn't suffice, the earliest and largest first."""
    short = sorted(
        (row for row in _leading(by_stage) if row["gap_year"]), key=lambda row: (row["gap_year"], -row["gap"])
    )
    return [f"{row['gap_year']} 年{_whose(row)}缺口 {row['gap_then']:,} 人" for row in short[:MOST_WARNINGS]]


def _leading(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["category"] in _LEADING]


def _whose(row: dict[str, Any]) -> str:
    return f"{row['stage_label']}{row['label']}"
