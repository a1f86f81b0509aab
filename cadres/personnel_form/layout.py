"""The printed 任免审批表 as a Word template: A4, two pages, the labels and boxes of the national form."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

FONT, TITLE_FONT = "宋体", "方正小标宋简体"
# Where the columns of each page begin and end, in millimetres.
FIRST = (0, 22, 48, 66, 90, 116, 142, 172)
SECOND = (0, 22, 42, 66, 84, 108, 172)
CAREER_INDENT = Pt(95)
CAREER_BOX = 40
_CENTER, _TOP = "center", "top"
_SMALL = Pt(10.5)


@lru_cache(maxsize=1)
def template() -> bytes:
    """The template with its placeholders; made once a process."""
    document = Document()
    _page(document)
    _title(document)
    _first_page(document)
    document.add_section(WD_SECTION.NEW_PAGE)
    _second_page(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(19)
    section.top_margin, section.bottom_margin = Mm(16), Mm(12)
    style = document.styles["Normal"]
    style.font.name = FONT
    style.font.size = Pt(12)
    properties = style.element.get_or_add_rPr()
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "zh-CN")
    language.set(qn("w:eastAsia"), "zh-CN")
    properties.append(language)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)


def _title(document: Any) -> None:
    paragraph = document.paragraphs[0] if document.paragraphs else document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = Pt(8)
    run = paragraph.add_run("干 部 任 免 审 批 表")
    run.font.size = Pt(22)
    run.font.name = TITLE_FONT
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), TITLE_FONT)


def _first_page(document: Any) -> None:
    grid = _Grid(document, FIRST, (13, 13, 13, 15, 18, 18, 13, 13, 13, 112))
    grid.row(0, "姓  名", "{{ XingMing }}", "性  别", "{{ XingBie }}", "出生年月\n（岁）", "{{ born }}")
    grid.row(1, "民  族", "{{ MinZu }}", "籍  贯", "{{ JiGuan }}", "出 生 地", "{{ ChuShengDi }}")
    grid.row(
        2,
        "入  党\n时  间",
        "{{ party }}",
        "参加工\n作时间",
        "{{ work }}",
        "健康状况",
        "{{ JianKangZhuangKuang }}",
    )
    grid.cell(3, 0, 1, "专业技\n术职务")
    grid.cell(3, 1, 3, "{{ ZhuanYeJiShuZhiWu }}")
    grid.cell(3, 3, 4, "熟悉专业\n有何专长")
    grid.cell(3, 4, 6, "{{ ShuXiZhuanYeYouHeZhuanChang }}")
    _without_margins(grid.cell(0, 6, 7, "{{ photo }}", down=3))
    grid.cell(4, 0, 1, "学  历\n学  位", down=5)
    for at, mode, label in ((4, "full", "全日制\n教  育"), (5, "service", "在  职\n教  育")):
        grid.cell(at, 1, 2, label)
        grid.cell(at, 2, 4, f"{{{{ {mode}_level }}}}")
        grid.cell(at, 4, 5, "毕业院校\n系及专业")
        grid.cell(at, 5, 7, f"{{{{ {mode}_school }}}}", size=_SMALL)
    for at, label, element in (
        (6, "现任职务", "XianRenZhiWu"), (7, "拟任职务", "NiRenZhiWu"), (8, "拟免职务", "NiMianZhiWu"),
    ):  # fmt: skip
        grid.cell(at, 0, 1, label)
        grid.cell(at, 1, 7, f"{{{{ {element} }}}}", align="left")
    grid.cell(9, 0, 1, "简\n\n\n历")
    _career(grid.cell(9, 1, 7, "", align="left", vertical=_TOP), "career")


def _second_page(document: Any) -> None:
    rows = (44, 44, 24, 30, 9.5, 9.5, 9.5, 9.5, 22, 46)
    grid = _Grid(document, SECOND, rows)
    grid.cell(0, 0, 1, "简  历\n（续）")
    _career(grid.cell(0, 1, 6, "", align="left", vertical=_TOP), "career_more")
    for at, label, name in (
        (1, "奖\n惩\n情\n况", "rewards"), (2, "年度考\n核结果", "years"), (3, "任\n免\n理\n由", "reason"),
    ):  # fmt: skip
        grid.cell(at, 0, 1, label)
        grid.cell(at, 1, 6, f"{{{{ {name} }}}}", align="left", size=_SMALL)
    _family(grid)
    grid.cell(8, 0, 1, "呈  报\n单  位")
    grid.cell(8, 1, 6, "{{ ChengBaoDanWei }}")
    grid.cell(9, 0, 1, "审批机\n关意见")
    grid.cell(9, 1, 4, "\n\n\n\n（盖章）\n年    月    日", align="right")
    grid.cell(9, 4, 5, "行政机\n关任免\n意见")
    grid.cell(9, 5, 6, "\n\n\n\n（盖章）\n年    月    日", align="right")
    grid.only_if(0, "has_more")
    foot = document.add_paragraph("填表人：{{ TianBiaoRen }}        填表时间：{{ filled }}")
    foot.paragraph_format.space_before = Pt(4)
    _overleaf(document)


def _overleaf(document: Any) -> None:
    """A page for the members beyond the seven rows of the form, where there are such."""
    document.add_paragraph("{%p if family_more %}")
    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    heading.paragraph_format.page_break_before = True
    heading.paragraph_format.space_after = Pt(6)
    heading.add_run("{{ XingMing }} 家庭主要成员及重要社会关系（续）").font.size = Pt(14)
    _family(_Grid(document, SECOND, (9.5, 9.5, 9.5, 9.5)), 0, "family_more")
    document.add_paragraph("{%p endif %}")


def _family(grid: _Grid, top: int = 4, members: str = "family") -> None:
    """Headings, then a row for each member: four template rows, of which the loop's own two vanish."""
    label = "家\n庭\n主\n要\n成\n员\n及\n重\n要\n社\n会\n关\n系" if members == "family" else "续"
    grid.cell(top, 0, 1, label, down=top + 3, size=_SMALL)
    for at, words in enumerate(("称 谓", "姓 名", "年 龄", "政治\n面貌", "工 作 单 位 及 职 务"), 1):
        grid.cell(top, at, at + 1, words, size=_SMALL)
    grid.cell(top + 1, 1, 6, f"{{%tr for member in {members} %}}")
    for at, name in enumerate(("relation", "name", "age", "party", "post"), 1):
        grid.cell(
            top + 2,
            at,
            at + 1,
            f"{{{{ member.{name} }}}}",
            size=_SMALL,
            align="left" if at == 5 else "center",
        )
    grid.cell(top + 3, 1, 6, "{%tr endfor %}")


def _career(cell: Any, name: str) -> None:
    """Lines that hang below their text, not below their period."""
    cell.paragraphs[0].add_run(f"{{%p for line in {name} %}}")
    line = cell.add_paragraph()
    line.paragraph_format.left_indent = CAREER_INDENT
    line.paragraph_format.first_line_indent = -CAREER_INDENT
    line.add_run("{{ line }}").font.size = _SMALL
    cell.add_paragraph("{%p endfor %}")
    # A cell must hold a paragraph even when there is no line.
    cell.add_paragraph().add_run("").font.size = Pt(2)


def _without_margins(cell: Any) -> None:
    """A cell that its photo fills."""
    margins = OxmlElement("w:tcMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "0")
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    properties = cell._element.get_or_add_tcPr()
    properties.insert_element_before(margins, "w:textDirection", "w:tcFitText", "w:vAlign", "w:hideMark")


class _Grid:
    """A bordered table of fixed columns and least row heights whose cells are merged as they are filled."""

    def __init__(self, document: Any, cuts: Sequence[float], heights: Sequence[float]) -> None:
        self._table = document.add_table(rows=len(heights), cols=len(cuts) - 1, style="Table Grid")
        self._table.autofit = False
        self._table.alignment = WD_TABLE_ALIGNMENT.CENTER
        widths = [end - start for start, end in zip(cuts, cuts[1:], strict=False)]
        for column, width in zip(self._table.columns, widths, strict=True):
            column.width = Mm(width)
        for row, height in zip(self._table.rows, heights, strict=True):
            row.height, row.height_rule = Mm(height), WD_ROW_HEIGHT_RULE.AT_LEAST
            if height < CAREER_BOX:
                # Only the box of the CV may go on overleaf; any other row stays whole.
                row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Mm(width)

    def row(self, at: int, *texts: str) -> None:
        """Fill the cells of a row from the left."""
        for column, text in enumerate(texts):
            self.cell(at, column, column + 1, text)

    def cell(
        self, row: int, first: int, last: int, text: str, *, down: int = -1, align: str = "center",
        vertical: str = _CENTER, size: Any = None,
    ) -> Any:  # fmt: skip
        """Merge from (row, first) to before column `last`, down to row `down`, and write a text into it."""
        cell = self._table.cell(row, first).merge(self._table.cell(max(row, down), last - 1))
        properties = cell._element.get_or_add_tcPr()
        anchor = OxmlElement("w:vAlign")
        anchor.set(qn("w:val"), vertical)
        properties.append(anchor)
        for number, line in enumerate(text.split("\n")):
            paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
            paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
            if line:
                run = paragraph.add_run(line)
                run.font.size = size
        return cell

    def only_if(self, row: int, name: str) -> None:
        """Show a row only under a condition: docxtpl drops the rows that hold the tags."""
        source = self._table.rows[row]._tr
        for position, tag in ((0, f"{{%tr if {name} %}}"), (1, "{%tr endif %}")):
            marker = OxmlElement("w:tr")
            holder = OxmlElement("w:tc")
            paragraph = OxmlElement("w:p")
            run = OxmlElement("w:r")
            words = OxmlElement("w:t")
            words.text = tag
            run.append(words)
            paragraph.append(run)
            holder.append(paragraph)
            marker.append(holder)
            if position == 0:
                source.addprevious(marker)
            else:
                source.addnext(marker)
