"""A list as a workbook: what its table shows, with the filters and the order of the page, dates in full."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote

import django_tables2 as tables
from django.http import HttpResponse
from django.utils.html import strip_tags

from core import audit
from core.calendar import now
from core.sheets.writing import Column, write_table
from core.templatetags.shell import chinese_datetime

MOST_ROWS = 10_000
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NARROWEST, _WIDEST, _MEASURED = 8, 48, 200

audit.register("list.export", "导出列表")


def list_workbook(table: tables.Table, *, name: str, by: Any) -> HttpResponse:
    """Return the rows of a sorted, unpaged table as a download, at most MOST_ROWS, and note it in the trail.

    The reader gets what the page shows them and nothing else: the rows come from the page's own table. Columns
    without a heading (boxes), and those that say so themselves (buttons), stay out.
    """
    table.data.data = table.data.data[: MOST_ROWS + 1]
    shown = [
        each for each in table.columns
        if str(each.verbose_name).strip() and not each.column.exclude_from_export
    ]  # fmt: skip
    rows = list(islice(_rows(table, [each.name for each in shown]), MOST_ROWS + 1))
    cut = len(rows) > MOST_ROWS
    del rows[MOST_ROWS:]
    titles = [str(each.verbose_name) for each in shown]
    columns = [Column(title, width=_width([title, *(row[at] for row in rows[:_MEASURED])]))
               for at, title in enumerate(titles)]  # fmt: skip
    note = f"{by.name} 于 {chinese_datetime(now())} 导出" + (f"，只含前 {MOST_ROWS:,} 行" if cut else "")
    file = io.BytesIO()
    write_table(file, name, columns, rows, note=note)
    audit.record("list.export", by=by, after={"列表": name, "行数": len(rows)})
    answer = HttpResponse(file.getvalue(), content_type=_WORKBOOK)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}.xlsx')}"
    return answer


def _rows(table: tables.Table, names: list[str]) -> Iterator[list[str]]:
    for row in table.rows:
        yield [_plain(row.get_cell_value(name)) for name in names]


def _plain(value: Any) -> str:
    """A cell without its colours and links."""
    if value is None:
        return ""
    safe = hasattr(value, "__html__")
    text = " ".join(strip_tags(str(value)).split()) if safe else str(value)
    return "" if text == "—" else text


def _width(texts: list[str]) -> int:
    """Wide enough for what stands in a column; a Chinese character takes two places."""
    longest = max(sum(2 if ord(each) > 0x2E7F else 1 for each in text) for text in texts)
    return min(max(longest + 2, _NARROWEST), _WIDEST)
