"""Renders an annual report's stored figures into a workbook: no query, no rule, only cells and charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

# One colour per meaning, the same as on the pages (static/js/charts.js).
_BLUE, _ORANGE, _GREEN, _GREY = "#206bc4", "#d9730d", "#2f9e44", "#868e96"
_HEADER, _RULE = "#e7eef8", "#c8d3e1"

ROSTER_COLUMNS: list[tuple[str, str, int]] = [
    ("unit", "单位", 24),
    ("name", "姓名", 10),
    ("gender", "性别", 6),
    ("birth", "出生年月", 10),
    ("ethnicity", "民族", 8),
    ("party", "政治面貌", 12),
    ("work", "参加工作时间", 13),
    ("education", "最高学历", 14),
    ("title", "职称", 14),
    ("post", "现任职务", 22),
    ("post_category", "职务类别", 9),
    ("post_since", "任现职时间", 11),
]


class Book:
    """A workbook under construction with the few cell styles the report uses."""

    def __init__(self, target: str | Path | BinaryIO) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                   "strings_to_numbers": False}  # fmt: skip
        # Imported where a workbook is written: every process would carry its 10 MB otherwise.
        from xlsxwriter import Workbook

        self.book = Workbook(target, options)
        font = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
        edge = {"border": 1, "border_color": _RULE}
        self.title = self.book.add_format({**font, "font_size": 16, "bold": True})
        self.hint = self.book.add_format({**font, "font_color": _GREY})
        self.section = self.book.add_format({**font, "font_size": 12, "bold": True, "font_color": _BLUE})
        self.header = self.book.add_format(
            {**font, **edge, "bold": True, "bg_color": _HEADER, "text_wrap": True, "align": "center"}
        )
        self.text = self.book.add_format({**font, **edge})
        self.wrap = self.book.add_format({**font, "text_wrap": True, "valign": "top"})
        self.number = self.book.add_format({**font, **edge, "num_format": "#,##0"})
        self.decimal = self.book.add_format({**font, **edge, "num_format": "0.0"})
        self.percent = self.book.add_format({**font, **edge, "num_format": "0.0%"})

    def sheet(self, name: str, heading: str, hint: str, widths: Sequence[int]) -> Worksheet:
        """Add a sheet with its title in row 1, a hint in row 2, widths and an A4 landscape print set-up."""
        sheet = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.5, 0.5, 0.6, 0.6)
        sheet.set_footer("&L&A&R第 &P 页 共 &N 页")
        sheet.set_row(0, 28)
        sheet.write_string(0, 0, heading, self.title)
        sheet.write_string(1, 0, hint, self.hint)
        return sheet

    def row(self, sheet: Worksheet, at: int, values: Iterable[Any], share_from: int | None = None) -> None:
        """Write one row; numbers as numbers, from column `share_from` on as percentages, the rest as text."""
        for column, value in enumerate(values):
            if isinstance(value, bool) or value is None:
                sheet.write_string(at, column, "", self.text)
            elif isinstance(value, int | float):
                share = share_from is not None and column >= share_from
                plain = self.decimal if isinstance(value, float) else self.number
                sheet.write_number(at, column, value, self.percent if share else plain)
            else:
                sheet.write_string(at, column, str(value), self.text)

    def heading_row(self, sheet: Worksheet, at: int, titles: Sequence[str]) -> None:
        """Write a header row."""
        sheet.set_row(at, 30)
        for column, title in enumerate(titles):
            sheet.write_string(at, column, title, self.header)

    def notes(self, hint: str, notes: Iterable[Mapping[str, str]]) -> None:
        """A last sheet that says how the figures were counted."""
        sheet = self.sheet("口径说明", "口径说明", hint, [24, 100])
        self.heading_row(sheet, 3, ["项目", "口径"])
        sheet.freeze_panes(4, 0)
        for at, note in enumerate(notes, start=4):
            sheet.write_string(at, 0, note["term"], self.text)
            sheet.write_string(at, 1, note["text"], self.wrap)

    def long_table(self, sheet: Worksheet, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Write a filterable table under a frozen, repeated header in row 4; return the number of rows."""
        self.heading_row(sheet, 3, titles)
        sheet.freeze_panes(4, 2)
        sheet.repeat_rows(3)
        count = 0
        for count, values in enumerate(rows, start=1):
            self.row(sheet, 3 + count, values)
        sheet.autofilter(3, 0, 3 + max(count, 1), len(titles) - 1)
        return count

    def chart(
        self, kind: str, name: str, at: int, rows: Sequence[Any], title: str, colour: str = _BLUE
    ) -> Any:
        """Return a native chart over a table of (label, count) rows on sheet `name`, starting at row `at`.

        The values go into the chart as well, so that viewers which don't recalculate show it filled.
        """
        chart = self.book.add_chart({"type": kind})
        last = at + len(rows) - 1
        chart.add_series(
            {
                "name": title,
                "categories": [name, at, 0, last, 0],
                "values": [name, at, 1, last, 1],
                "categories_data": [row["label"] for row in rows],
                "values_data": [row["count"] for row in rows],
                "data_labels": {"value": True},
                "fill": {"color": colour},
                "gap": 60,
            }
        )
        chart.set_legend({"none": True})
        if kind == "bar":
            chart.set_y_axis({"reverse": True})
        chart.set_title({"name": title, "name_font": {"size": 12}})
        chart.set_size({"width": 520, "height": 300})
        return chart


def render(figures: dict[str, Any], roster: Iterable[Sequence[Any]], target: str | Path | BinaryIO) -> None:
    """Write the annual workbook.

    figures: what reports.annual.figures.compute returned. roster: rows in the order of ROSTER_COLUMNS.
    """
    book = Book(target)
    _overview(book, figures)
    _structure(book, figures)
    _roster(book, figures, roster)
    _nominations(book, figures)
    _secondments(book, figures)
    book.notes(_hint(figures), figures["notes"])
    book.book.close()


def _hint(figures: dict[str, Any]) -> str:
    return f"{figures['unit']['name']} · 统计截止 {figures['as_of_text']} · 生成于 {figures['made_at_text']}"


def _overview(book: Book, figures: dict[str, Any]) -> None:
    name = "概览"
    heading = f"{figures['unit']['name']} {figures['year']}年度干部培养工作报告"
    sheet = book.sheet(name, heading, _hint(figures), [30, 14, 60])
    book.heading_row(sheet, 3, ["指标", "数值", "说明"])
    sheet.freeze_panes(4, 0)
    sheet.repeat_rows(3)
    at = 4
    for item in figures["overview"]:
        book.row(sheet, at, [item["label"], item["value"], item["note"]])
        at += 1
    pipeline = figures["pipeline"]
    sheet.write_string(at + 1, 0, "推荐申报各阶段人数", book.section)
    book.heading_row(sheet, at + 2, ["阶段", "人数"])
    first = at + 3
    for offset, item in enumerate(pipeline):
        book.row(sheet, first + offset, [item["label"], item["count"]])
    if pipeline:
        chart = book.chart("bar", name, first, pipeline, "推荐申报各阶段人数")
        sheet.insert_chart(first + len(pipeline) + 1, 0, chart)


def _structure(book: Book, figures: dict[str, Any]) -> None:
    name = "队伍结构"
    sheet = book.sheet(name, "干部队伍结构", _hint(figures), [20, 10, 10, 4, 14, 14, 14, 14, 14])
    sheet.freeze_panes(3, 0)
    at = 3
    for section in figures["structure"]:
        sheet.write_string(at, 0, section["title"], book.section)
        sheet.write_string(at, 4, section["sentence"], book.hint)
        book.heading_row(sheet, at + 1, ["分类", "人数", "占比"])
        first = at + 2
        for offset, item in enumerate(section["rows"]):
            book.row(sheet, first + offset, [item["label"], item["count"], item["share"]], share_from=2)
        rows = len(section["rows"])
        if rows:
            kind = "column" if rows <= 6 else "bar"
            chart = book.chart(kind, name, first, section["rows"], section["title"])
            chart.set_size({"width": 560, "height": 270})
            sheet.insert_chart(at + 1, 4, chart)
        at = first + max(rows, 14) + 1


def _roster(book: Book, figures: dict[str, Any], roster: Iterable[Sequence[Any]]) -> None:
    widths = [width for _, _, width in ROSTER_COLUMNS]
    sheet = book.sheet("干部名册", "干部名册", _hint(figures), widths)
    book.long_table(sheet, [title for _, title, _ in ROSTER_COLUMNS], roster)


def _nominations(book: Book, figures: dict[str, Any]) -> None:
    name = "推荐申报"
    steps = figures["nomination_steps"]
    widths = [28, 26, *([10] * (len(steps) + 1))]
    sheet = book.sheet(name, "各单位推荐申报情况", _hint(figures), widths)
    titles = ["征集", "推荐单位", "推荐人数", *[step["label"] for step in steps]]
    rows = (
        [row["call"], row["unit"], row["total"], *[row["counts"].get(step["key"], 0) for step in steps]]
        for row in figures["nominations"]
    )
    count = book.long_table(sheet, titles, rows)
    totals = figures["nominations_by_unit"]
    if not totals:
        return
    at = 4 + count + 2
    sheet.write_string(at, 0, "推荐人数较多的单位", book.section)
    book.heading_row(sheet, at + 1, ["推荐单位", "推荐人数"])
    for offset, item in enumerate(totals):
        book.row(sheet, at + 2 + offset, [item["label"], item["count"]])
    chart = book.chart("bar", name, at + 2, totals, "推荐人数较多的单位", _ORANGE)
    sheet.insert_chart(at + 1, 3, chart)


_SECONDMENT_TITLES = [
    "姓名", "派出单位", "批次", "基地", "拟挂职务", "指导人", "开始", "结束", "状态", "鉴定等次",
    "鉴定提交时间", "鉴定情况",
]  # fmt: skip


def _secondments(book: Book, figures: dict[str, Any]) -> None:
    name = "挂职学习"
    widths = [10, 24, 30, 24, 12, 10, 13, 13, 10, 10, 14, 16]
    sheet = book.sheet(name, "挂职学习与书面鉴定", _hint(figures), widths)
    keys = ["name", "unit", "call", "base", "acting_post", "guide", "start", "end", "status", "grade",
            "filed", "remark"]  # fmt: skip
    rows = ([row[key] for key in keys] for row in figures["secondments"])
    count = book.long_table(sheet, _SECONDMENT_TITLES, rows)
    grades = figures["appraisal_grades"]
    at = 4 + count + 2
    sheet.write_string(at, 0, "鉴定等次分布", book.section)
    book.heading_row(sheet, at + 1, ["等次", "人数"])
    for offset, item in enumerate(grades):
        book.row(sheet, at + 2 + offset, [item["label"], item["count"]])
    chart = book.chart("column", name, at + 2, grades, "鉴定等次分布", _GREEN)
    sheet.insert_chart(at + 1, 3, chart)
