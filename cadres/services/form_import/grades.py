"""The yearly grades that a form's 年度考核结果 names."""

from __future__ import annotations

import re

MOST_YEARS = 20

# `2023年度考核为合格`, `2021、2022、2023年均为优秀`, `2021—2023年年度考核结果均为合格`.
_YEAR = re.compile(
    r"(?P<first>(?:19|20)\d{2})\s*年?度?(?P<more>(?:\s*[、,，和及]\s*(?:19|20)\d{2}\s*年?度?)*"
    r"|\s*(?:[-—–~～至到]+)\s*(?P<last>(?:19|20)\d{2})\s*年?度?)"
    r"\s*(?:连续)?(?:[二两三四五]年)?(?:年度)?(?:工作)?(?:考核)?(?:结果|等次)?(?:均|都|皆)?(?:被)?(?:评定|确定|评)?[为是：:\s]*"
    r"(?P<grade>优秀|基本合格|基本称职|不合格|不称职|合格|称职|不定等次|未定等次)"
)
_GRADES = {
    "优秀": ("excellent", ""), "合格": ("qualified", "institution"), "称职": ("qualified", "civil"),
    "基本合格": ("basic", "institution"), "基本称职": ("basic", "civil"), "不合格": ("unqualified", "institution"),
    "不称职": ("unqualified", "civil"), "不定等次": ("ungraded", ""), "未定等次": ("ungraded", ""),
}  # fmt: skip


def read_years(text: str) -> list[tuple[int, str, str]]:
    """The yearly grades that a text names: year, grade, label set ("" where the word fits both)."""
    return [(year, *_GRADES[found["grade"]]) for found in _YEAR.finditer(text) for year in _years(found)]


def _years(found: re.Match[str]) -> list[int]:
    """One year, several, or all from the first to the last."""
    first = int(found["first"])
    if found["last"]:
        last = int(found["last"])
        return list(range(first, last + 1)) if first < last <= first + MOST_YEARS else []
    return [first, *map(int, re.findall(r"(?:19|20)\d{2}", found["more"]))]
