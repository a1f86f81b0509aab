"""The yearly grades that a form's 年度考核结果 names."""

from __future__ import annotations

import re

_YEAR = re.compile(
    r"(?P<year>(?:19|20)\d{2})\s*年?度?(?:年度)?(?:考核)?(?:结果|等次)?[为是：:\s]*"
    r"(?P<grade>优秀|基本合格|基本称职|不合格|不称职|合格|称职|不定等次|未定等次)"
)
_GRADES = {
    "优秀": ("excellent", ""), "合格": ("qualified", "institution"), "称职": ("qualified", "civil"),
    "基本合格": ("basic", "institution"), "基本称职": ("basic", "civil"), "不合格": ("unqualified", "institution"),
    "不称职": ("unqualified", "civil"), "不定等次": ("ungraded", ""), "未定等次": ("ungraded", ""),
}  # fmt: skip


def read_years(text: str) -> list[tuple[int, str, str]]:
    """The yearly grades that a text names: year, grade, label set ("" where the word fits both)."""
    return [(int(found["year"]), *_GRADES[found["grade"]]) for found in _YEAR.finditer(text)]
