"""Units of the national form beside ours: what is kept of them, and where their leadership headcount differs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from django.db.models import Sum

from accounts.models import Unit
from cadres.models import Post
from cadres.models.collection import KeptCells
from cadres.services.collection_import.sameness import plain

# Heading → category of post.
HEADCOUNTS = {"内设机构领导职数": "middle", "正职领导职数": "head", "副职领导职数": "deputy"}
CODE, KIND = "机构编码", "机构类别"
DIFFERS = "文件中是 {}，系统中是 {}：岗位职数不改，请在单位页面核对；文件中的数按原文保存，随信息提取表导出。"
NONE_HERE = "没有填写"


def headcounts() -> dict[tuple[int, str], int]:
    """How many leaders the open posts of every unit may have, by category; one query."""
    rows = (
        Post.objects.filter(closed_on=None, headcount__isnull=False)
        .values_list("unit_id", "category")
        .order_by()
        .annotate(total=Sum("headcount"))
    )
    return {(unit, category): total for unit, category, total in rows}


def own_words(unit: Unit, counts: dict[tuple[int, str], int]) -> dict[str, str]:
    """What the system says of a unit in the form's columns."""
    told = {CODE: unit.code, KIND: unit.get_kind_display()}
    for heading, category in HEADCOUNTS.items():
        if (count := counts.get((unit.pk, category))) is not None:
            told[heading] = str(count)
    return told


class UnitFacts:
    """Asked unit by unit; everything is loaded once, when the first is asked for."""

    @cached_property
    def kept(self) -> dict[int, KeptCells]:
        """What is kept of units."""
        return {one.unit_id: one for one in KeptCells.objects.filter(slug="unit") if one.unit_id}

    @cached_property
    def _counts(self) -> dict[tuple[int, str], int]:
        return headcounts()

    @cached_property
    def _units(self) -> dict[int, Unit]:
        return Unit.objects.only("code", "kind", "name").in_bulk()

    def differences(self, unit: int, cells: dict[str, str]) -> Iterator[tuple[str, str]]:
        """The headings of headcounts that differ from ours, each with its sentence."""
        for heading, category in HEADCOUNTS.items():
            ours, text = self._counts.get((unit, category)), cells.get(heading, "")
            if text and plain(text).removesuffix(".0") != str(ours if ours is not None else ""):
                yield heading, DIFFERS.format(text, NONE_HERE if ours is None else ours)

    def own(self, unit: int) -> dict[str, str]:
        """What the system says of a unit."""
        return own_words(self._units[unit], self._counts) if unit in self._units else {}
