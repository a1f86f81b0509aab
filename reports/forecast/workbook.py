"""The workbook of a forecast, rendered from its figures alone: native charts, printable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from reports.annual.workbook import Book

_FIRST_ROW = 6


def render(figures: Mapping[str, Any], target: str | Path | BinaryIO) -> None:
    """Write the workbook of a forecast (reports.forecast.figures.compute)."""
    book = Book(target)
    _demand(book, figures, "总体", figures["by_category"])
    _demand(book, figures, "按学段", figures["by_stage"])
    if figures["reserve"] is not None:
        _reserve(book, figures)
    book.notes(_hint(figures), figures["notes"])
    book.book.close()


def _hint(figures: Mapping[str, Any]) -> str:
    years = figures["years"]
    return f"{figures['unit']['name']} · {years[0]}–{years[-1]} 年 · 生成于 {figures['made_at_text']}"


def _titles(figures: Mapping[str, Any]) -> list[str]:
    titles = [
        "岗位",
        "需补充",
        "现有空缺",
        "此前到龄",
        *[f"{year}年退休" for year in figures["years"]],
        "五年届满",
    ]
    return [*titles, "后备可用", "缺口", "开始缺口"] if figures["reserve"] is not None else titles


def _cells(figures: Mapping[str, Any], row: Mapping[str, Any]) -> list[Any]:
    name = f"{row['stage_label']}{row['label']}"
    cells = [name, row["needed"], row["vacant"], *row["retire"], row["term_total"]]
    if figures["reserve"] is None:
        return cells
    return [
        *cells,
        row["available"],
        "—" if row["gap"] is None else row["gap"],
        f"{row['gap_year']}年" if row["gap_year"] else "—",
    ]


def _demand(book: Book, figures: Mapping[str, Any], name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    titles = _titles(figures)
    heading = f"{figures['unit']['name']}岗位供需预测"
    sheet = book.sheet(name, heading, _hint(figures), [20, *([11] * (len(titles) - 1))])
    sheet.write_string(2, 0, figures["headline"], book.section)
    for at, sentence in enumerate(figures["warnings"] if name == "总体" else []):
        sheet.write_string(3, at * 3, sentence, book.hint)
    book.heading_row(sheet, _FIRST_ROW - 1, titles)
    sheet.freeze_panes(_FIRST_ROW, 1)
    sheet.repeat_rows(_FIRST_ROW - 1)
    for at, row in enumerate(rows, start=_FIRST_ROW):
        book.row(sheet, at, _cells(figures, row))
    if not rows:
        return
    end = _FIRST_ROW + len(rows)
    counted = [{"label": f"{row['stage_label']}{row['label']}", "count": row["needed"]} for row in rows]
    chart = book.chart("bar", name, _FIRST_ROW, counted, "五年需补充人数")
    chart.set_size({"width": 620, "height": max(280, 26 * len(rows) + 90)})
    sheet.insert_chart(end + 1, 0, chart)


def _reserve(book: Book, figures: Mapping[str, Any]) -> None:
    name = "后备"
    sheet = book.sheet(name, "后备干部", _hint(figures), [20, 12, 12, 16, 16])
    book.heading_row(sheet, 3, ["类别", "可用", "合计", "期内到龄", "处分期内"])
    sheet.freeze_panes(4, 0)
    sheet.repeat_rows(3)
    rows = figures["reserve"]
    for at, row in enumerate(rows, start=4):
        book.row(sheet, at, [row["label"], row["available"], row["all"], row["retiring"], row["restricted"]])
    chart = book.chart("column", name, 4, [each | {"count": each["available"]} for each in rows], "可用后备")
    sheet.insert_chart(5 + len(rows), 0, chart)
