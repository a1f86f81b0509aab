"""The sheets of the 干部大数据信息提取表, and what is said of those without a home here."""

from __future__ import annotations

from functools import lru_cache

from cadres.collection.columns import SheetSpec

REMARKS_ON_SHEETS = {"A99Z1": "系统中没有考录、选调的记录，这个工作表没有读取。"}


@lru_cache(maxsize=1)
def national_sheets() -> tuple[SheetSpec, ...]:
    """The national sheets that are known, in the order of the workbook."""
    return ()
