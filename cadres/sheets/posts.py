"""Reading the cell of present posts: „书记、校长“ is two appointments, „（试用期一年）“ a probation."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_TITLE = 120
YEAR = 12
_NUMBERS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "半": 6, "十二": 12}
_PROBATION = re.compile(
    r"[(（\[【]\s*(?:任职)?试用(?:期)?\s*(?:(?P<number>\d{1,2}|十二|[一二两三四五六半])\s*(?P<unit>个月|月|年))?[^)）\]】]{0,10}"
    r"[)）\]】]"
)
_SEPARATORS = "、，,/；;\n"
_OPENING, _CLOSING = "(（[【", ")）]】"
# „兼“ joins two posts, but is part of words such as „兼职教研员“ or „兼任“ before a title.
_ALSO = re.compile(r"(?<=[^、，,/；;\s(（\[【])\s*兼(?!职)任?\s*")
# „校长（兼书记）“ names the second post in brackets.
_ALSO_IN_BRACKETS = re.compile(r"[(（\[【]\s*兼(?!职)任?\s*(?P<also>[^()（）\[\]【】]+)[)）\]】]")
# Titles parted by nothing but a blank: each is a title of its own only when all end as titles do.
_WHOLE_TITLE = re.compile(r".{0,20}(?:书记|校长|园长|院长|主任|主席|局长|股长|科长|所长|站长|组长)$")


@dataclass(frozen=True)
class Posts:
    """The titles of a cell in order, the first one being the main post, and the months of probation."""

    titles: tuple[str, ...]
    probation_months: int | None = None


def read_posts(text: str) -> Posts:
    """Split a cell into titles. Raises ValueError with a Chinese sentence for a title that is too long."""
    months: int | None = None
    found = _PROBATION.search(text)
    if found:
        months = _months(found)
        text = text[: found.start()] + text[found.end() :]
    titles: list[str] = []
    text = _ALSO_IN_BRACKETS.sub(r"、\g<also>", text)
    for piece in _parted(_split(_ALSO.sub("、", text))):
        title = _one_line(piece).removeprefix("兼任").removeprefix("现任")
        if len(title) > 1 and title.startswith("兼") and not title.startswith("兼职"):
            title = title[1:]
        if not title or title in titles:
            continue
        if len(title) > LONGEST_TITLE:
            raise ValueError(f"职务名称过长，最多 {LONGEST_TITLE} 个字。")
        titles.append(title)
    return Posts(tuple(titles), months)


def _one_line(text: str) -> str:
    return "".join(text.split())


def _months(found: re.Match[str]) -> int:
    number, unit = found["number"], found["unit"]
    if not number:
        return YEAR
    if number == "半":
        return YEAR // 2
    count = int(number) if number.isdecimal() else _NUMBERS[number]
    return count * YEAR if unit == "年" else count


def _parted(pieces: list[str]) -> list[str]:
    """Pieces such as `书记 校长` parted at their blanks; `教 务 主 任` stays one title."""
    found: list[str] = []
    for piece in pieces:
        words = piece.split()
        several = len(words) > 1 and all(len(word) > 1 and _WHOLE_TITLE.fullmatch(word) for word in words)
        found += words if several else [piece]
    return found


def _split(text: str) -> list[str]:
    """Split at separators outside brackets."""
    pieces, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        if letter in _OPENING:
            depth += 1
        elif letter in _CLOSING:
            depth = max(0, depth - 1)
        elif letter in _SEPARATORS and not depth:
            pieces.append(text[start:at])
            start = at + 1
    return [*pieces, text[start:]]
