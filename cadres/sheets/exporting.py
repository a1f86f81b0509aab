"""Roster workbooks: the export, and the template to fill in."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

from accounts.models import User
from cadres.facts import FACTS
from cadres.services.exports import Export, export_rows
from cadres.sheets.columns import FURTHER, HEADINGS, HINTS
from core.calendar import now
from core.sheets.writing import Column, Kind, write_table

SHEET = "干部名册"
COLUMNS: dict[str, str] = {**HEADINGS, **FURTHER}
_WIDTHS = {
    "unit": 24, "name": 10, "gender": 6, "ethnicity": 9, "birth": 11, "id": 21, "party": 14, "full_school": 28,
    "service_school": 28, "post": 20, "title": 14, "phone": 14, "note": 24,
}  # fmt: skip
_KINDS: dict[str, Kind] = {"id": "identity", "age": "integer"}


def write_export(
    target: str | Path | IO[bytes],
    export: Export,
    *,
    by: User,
    progress: Callable[[int], None] | None = None,
    title: str = "",
    order: Sequence[int] = (),
) -> int:
    """Write an export as a workbook and return the number of people.

    `order` says in which order the columns stand, by their places in the roster's columns with the facts behind;
    without it they stand so. With open identity numbers or sensitive facts the first row says who exported when, and what for; `title`
    stands above it.
    """
    note = ""
    if export.open_numbers or export.is_sensitive:
        what = "完整身份证号" if export.open_numbers else "敏感信息"
        note = f"{by.name} 于 {chinese_moment(now())} 导出，含{what}，用途：{export.reason.strip()}。请妥善保管。"
    rows = export_rows(export, by=by, progress=progress)
    columns = [*(_column(name) for name in export.columns), *(_fact_column(name) for name in export.facts)]
    if order and list(order) != sorted(order):
        columns = [columns[at] for at in order]
        return write_table(
            target, SHEET, columns, ([row[at] for at in order] for row in rows), title=title, note=note
        )
    return write_table(target, SHEET, columns, rows, title=title, note=note)


def export_name(moment: datetime) -> str:
    """The file name of an export."""
    return f"干部名册_{moment:%Y%m%d}.xlsx"


def template() -> bytes:
    """The empty workbook with the system's headings and a row that says how each column is filled in."""
    content = io.BytesIO()
    columns = [_column(name) for name in HEADINGS]
    hints = [HINTS.get(name, "选填") for name in HEADINGS]
    write_table(content, SHEET, columns, [hints])
    return content.getvalue()


def chinese_moment(moment: datetime) -> str:
    """A moment as 2026年3月5日 14:03."""
    local = moment.astimezone(now().tzinfo)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def _fact_column(name: str) -> Column:
    """A fact's column; a roster column of the same label keeps its name, the fact says that it is one."""
    fact = FACTS[name]
    label = f"{fact.label}（{fact.unit}）" if fact.unit else fact.label
    title = f"{label}（指标）" if label in COLUMNS.values() else label
    return Column(title, max(10, 2 * len(title) + 2), "integer" if fact.kind == "number" else "text")


def _column(name: str) -> Column:
    return Column(COLUMNS[name], _WIDTHS.get(name, 12), _KINDS.get(name, "text"))
