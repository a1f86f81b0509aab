"""The workbook of a structure analysis, rendered from its figures alone: native charts, printable."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from reports.annual.workbook import Book

_VERDICTS = {"met": "达标", "missed": "未达标", "": ""}


def render(first: Mapping[str, Any], second: Mapping[str, Any] | None, target: str | Path | BinaryIO) -> None:
    """Write the workbook of an analysis (reports.structure.figures.compute), perhaps with another beside it."""
    book = Book(target)
    _measures(book, first)
    _dimensions(book, first)
    if second is not None:
        _comparison(book, first, second)
    _seats(book, first)
    if first["team_norms"]:
        _teams(book, first)
    book.notes(_hint(first), first["notes"])
    book.book.close()


def _hint(figures: Mapping[str, Any]) -> str:
    return (
        f"{figures['unit']['name']} · {figures['group_text']} · 统计日 {figures['on_text']} · "
        f"生成于 {figures['made_at_text']}"
    )


def _measures(book: Book, figures: Mapping[str, Any]) -> None:
    heading = f"{figures['unit']['name']}结构分析"
    sheet = book.sheet("对照标准", heading, _hint(figures), [26, 12, 8, 22, 10, 60])
    book.heading_row(sheet, 3, ["指标", "数值", "单位", "标准", "结论", "依据"])
    sheet.freeze_panes(4, 0)
    sheet.repeat_rows(3)
    book.row(sheet, 4, ["人数", figures["total"], "人", "", "", ""])
    for at, row in enumerate(figures["measures"], start=5):
        basis = f"{row['basis']}（未核对）" if row["is_unverified"] else row["basis"]
        value = "—" if row["value"] is None else row["value"]
        cells = [
            row["label"],
            value,
            row["unit"],
            row["norm"] or "未设标准",
            _VERDICTS[row["verdict"]],
            basis,
        ]
        book.row(sheet, at, cells)


def _dimensions(book: Book, figures: Mapping[str, Any]) -> None:
    name = "结构"
    sheet = book.sheet(name, "队伍结构", _hint(figures), [20, 10, 10, 4, 14, 14, 14, 14, 14])
    sheet.freeze_panes(3, 0)
    at = 3
    for section in figures["sections"]:
        rows = section["rows"]
        sheet.write_string(at, 0, section["title"], book.section)
        sheet.write_string(at, 4, section["sentence"], book.hint)
        book.heading_row(sheet, at + 1, ["分类", "人数", "占比"])
        first = at + 2
        for offset, row in enumerate(rows):
            book.row(sheet, first + offset, [row["label"], row["count"], row["share"]], share_from=2)
        if rows:
            chart = book.chart("column" if len(rows) <= 7 else "bar", name, first, rows, section["title"])
            chart.set_size({"width": 560, "height": 270})
            sheet.insert_chart(at + 1, 4, chart)
        at = first + max(len(rows), 14) + 1


def _comparison(book: Book, first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
    name = "对比"
    labels = [f"{each['unit']['name']} {each['on_text']}" for each in (first, second)]
    sheet = book.sheet(name, "结构对比", f"{labels[0]} 与 {labels[1]}", [16, 20, 12, 12, 12, 12, 12])
    book.heading_row(
        sheet, 3, ["项目", "分类", f"{labels[0]}人数", f"{labels[1]}人数", f"{labels[0]}占比", f"{labels[1]}占比",
                   "占比相差"],
    )  # fmt: skip
    sheet.freeze_panes(4, 2)
    sheet.repeat_rows(3)
    sheet.set_row(3, 60)
    book.row(sheet, 4, ["合计", "", first["total"], second["total"]])
    at = 5
    for state, label in (("vacant", "空缺岗位"), ("over", "超配")):
        sums = [sum(row[state] for row in each["seats"]["by_category"]) for each in (first, second)]
        book.row(sheet, at, [label, "", *sums])
        at += 1
    for one, two in zip(first["sections"], second["sections"], strict=True):
        rows = [{row["key"]: row for row in each["rows"]} for each in (one, two)]
        labels_of = {row["key"]: row["label"] for row in (*one["rows"], *two["rows"])}
        for key, label in labels_of.items():
            counts = [own.get(key, {}).get("count", 0) for own in rows]
            shares = [float(own.get(key, {}).get("share", 0.0)) for own in rows]
            gap = round(shares[0] - shares[1], 4)
            book.row(sheet, at, [one["title"], label, *counts, *shares, gap], share_from=4)
            at += 1


def _seats(book: Book, figures: Mapping[str, Any]) -> None:
    name = "职数与空缺"
    sheet = book.sheet(name, "职数与空缺", _hint(figures), [14, 14, 10, 10, 10, 10, 10])
    book.heading_row(sheet, 3, ["岗位类别", "空缺", "学段", "岗位", "已登记职数", "在岗", "超配"])
    sheet.freeze_panes(4, 0)
    sheet.repeat_rows(3)
    seats = figures["seats"]
    rows = [*seats["by_category"], *seats["by_stage"]]
    for at, row in enumerate(rows, start=4):
        stage = row["stage_label"] or "合计"
        book.row(
            sheet,
            at,
            [row["label"], row["vacant"], stage, row["posts"], row["places"], row["held"], row["over"]],
        )
    if seats["by_category"]:
        chart_rows = [{"label": row["label"], "count": row["vacant"]} for row in seats["by_category"]]
        chart = book.chart("bar", name, 4, chart_rows, "空缺岗位")
        sheet.insert_chart(4, 8, chart)


def _teams(book: Book, figures: Mapping[str, Any]) -> None:
    name = "班子达标"
    sheet = book.sheet(name, "各单位领导班子对照标准", _hint(figures), [36, 10, 10, 22, 60])
    book.heading_row(sheet, 3, ["指标", "未达标", "达标", "标准", "依据"])
    sheet.freeze_panes(4, 0)
    sheet.repeat_rows(3)
    rows = [
        row | {"label": f"{row['label']}（{row['whose']}）", "count": row["missed"]}
        for row in figures["team_norms"]
    ]
    for at, row in enumerate(rows, start=4):
        basis = f"{row['basis']}（未核对）" if row["is_unverified"] else row["basis"]
        book.row(sheet, at, [row["label"], row["missed"], row["met"], row["words"], basis])
    chart = book.chart("bar", name, 4, rows, "未达标的单位数")
    sheet.insert_chart(5 + len(rows), 0, chart)
