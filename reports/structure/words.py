"""The one sentence above each chart of a structure analysis: what it shows, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Counts = dict[str, int]


def sentence_of(section: dict[str, Any], total: int, values: dict[str, Any]) -> str:
    """Return the message of a dimension; `values` are the measures (reports.structure.measures)."""
    if not total:
        return "没有人员。"
    counts = {row["key"]: row["count"] for row in section["rows"]}
    tell = _SENTENCES.get(section["key"])
    return tell(counts, total, values) if tell else _largest(section["rows"])


def percent(part: int | float, total: int | float) -> str:
    """Return a part of a whole as 12.5%."""
    return f"{part / total:.1%}" if total else "0.0%"


def _largest(rows: list[dict[str, Any]]) -> str:
    most = max(rows, key=lambda row: row["count"])
    return f"{most['label']}最多，{most['count']:,} 人，占 {most['share']:.1%}。"


def _age(counts: Counts, total: int, values: dict[str, Any]) -> str:
    if values["average_age"] is None:
        return "没有人填写出生年月。"
    young = counts.get("u35", 0) + counts.get("36", 0) + counts.get("41", 0)
    return f"平均 {values['average_age']} 岁，45 岁及以下占 {percent(young, total)}。"


def _party(counts: Counts, total: int, values: dict[str, Any]) -> str:
    return f"中共党员占 {percent(counts.get('party', 0), total)}。"


def _category(counts: Counts, total: int, values: dict[str, Any]) -> str:
    named = [("head", "正职"), ("deputy", "副职"), ("middle", "中层")]
    return "、".join(f"{label} {counts.get(key, 0):,} 人" for key, label in named) + "。"


def _tenure(counts: Counts, total: int, values: dict[str, Any]) -> str:
    dated = sum(number for key, number in counts.items() if key)
    if not dated:
        return "没有登记任现职时间。"
    long = counts.get("6", 0) + counts.get("10", 0)
    return f"任现职满 6 年的占 {percent(long, dated)}。"


def _share_of(label: str, *keys: str) -> Callable[[Counts, int, dict[str, Any]], str]:
    def tell(counts: Counts, total: int, values: dict[str, Any]) -> str:
        return f"{label}占 {percent(sum(counts.get(key, 0) for key in keys), total)}。"

    return tell


_SENTENCES: dict[str, Callable[[Counts, int, dict[str, Any]], str]] = {
    "age": _age,
    "gender": _share_of("女性", "2"),
    "ethnicity": _share_of("少数民族", "minority"),
    "education": _share_of("大学本科及以上", "graduate", "bachelor"),
    "title": _share_of("副高级及以上", "senior", "associate"),
    "party": _party,
    "category": _category,
    "tenure": _tenure,
    "area": _share_of("农村学校", "rural"),
}
