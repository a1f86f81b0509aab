"""Rows that differ from a record only in their date: a correction or another record, which only a person can say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cadres.services.collection_import.sameness import same
from cadres.services.collection_import.targets import Target
from core.partial_dates import PartialDate

SAME, NEW = "same", "new"
ASKED = "record:"
IS_IT_THE_SAME = "名册中已有一条只有时间不同（{}）：是同一条、时间改为文件中的，还是另一条？请确认。"
LEFT_OUT = "按您的答复，这一行不导入。"
TAKEN = "那一条记录已由文件中的另一行更正，请核对。"
NO_DATE = "没有时间"
# What makes two records of a history the same but for their date; a part in the second tuple may be missing on one side.
_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "education": (("mode", "level"), ("school",)),
    "title": (("title",), ()),
    "certificate": (("kind", "name"), ("number",)),
    "rank": (("kind", "name"), ()),
    "political": (("status",), ()),
    "honour": (("name",), ("issuer",)),
    "career": (("text",), ()),
    "talent": (("tier",), ()),
    "reserve": (("category",), ()),
    "evaluation": (("place",), ()),
    "oversight": (("kind", "sanction"), ("authority",)),
    "appointment": (("place", "title"), ()),
}


def key_of(ordinal: int) -> str:
    """The key of the answer about a row."""
    return f"{ASKED}{ordinal}"


def ask_about_dates(
    target: Target, items: Sequence[Any], free: Sequence[Any], answers: Mapping[str, Any]
) -> Iterator[tuple[Any, Any]]:
    """Ask of every row without a record whether it is the only record with the same key but another date.

    `free` are the records that no row of the file means. Yields the rows that are the same by answer, with
    their records; rows that are asked about get that verdict and the record as `likely`.
    """
    keys = _KEYS.get(target.slug)
    if keys is None:
        return
    taken: set[int] = set()
    for item in items:
        if item.record is not None or item.verdict:
            continue
        found = [record for record in free if _like(item.values, record, *keys)]
        if len(found) != 1:
            continue
        record, key = found[0], key_of(item.ordinal)
        if key not in answers:
            item.likely, item.verdict = record, "ask"
            item.refuse(IS_IT_THE_SAME.format(_when(record)), "start", "warning")
        elif answers[key] is None:
            item.refuse(LEFT_OUT)
        elif answers[key] == SAME and record.pk in taken:
            item.refuse(TAKEN, "start")
        elif answers[key] == SAME:
            taken.add(record.pk)
            yield item, record


def _like(values: dict[str, Any], record: Any, keys: tuple[str, ...], vague: tuple[str, ...]) -> bool:
    if not same(values, record, keys, loose=False):
        return False
    return all(
        not values.get(name) or not getattr(record, name) or same(values, record, (name,), loose=False)
        for name in vague
    )


def _when(record: Any) -> str:
    """The period of a record."""
    start, end = record.start_date, record.end_date
    words: list[PartialDate | None] = [start, end]
    told = [one.dotted() if one else "" for one in words]
    return "—".join(told).removesuffix("—") if any(told) else NO_DATE
