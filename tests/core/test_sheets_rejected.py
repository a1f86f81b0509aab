"""The workbook of rejected rows: only these, marked and commented, and good for another upload."""

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill

from core.sheets import rejected
from core.sheets.headers import SEARCHED_ROWS, Columns, Field, find_header
from core.sheets.problems import Problems
from core.sheets.reading import open_workbook
from core.sheets.rejected import AUTHOR, write_rejected
from core.sheets.rows import Kind, Table

COLUMNS = Columns(
    [
        Field("unit", "单位"),
        Field("name", "姓名", required=True),
        Field("education", "学历", (("全日制教育", "学历"),)),
        Field("school", "院校", (("全日制教育", "院校"),)),
        Field("identity", "身份证号"),
    ]
)


def upload():
    """Titles, a two-row header, two groups, four people; a merged unit cell and dittos among them."""
    book = Workbook()
    sheet = book.active
    sheet.title = "名册 "
    lines = [
        ["示例区名册", "", "", "", ""],
        ["单位", "姓名", "全日制教育", "", "身份证号"],
        ["", "", "学历", "院校", ""],
        ["一、示例区第二中学（2人）", "", "", "", ""],
        ["示例区第二中学", "张三", "大学", "示例大学", "310107197605031315"],
        ["", "李四", "同上", "同上", "错的号码"],
        ["二、示例区实验小学（2人）", "", "", "", ""],
        ["示例区实验小学", "王五", "大学", "示例大学", "310107197605031315"],
        ["示例区实验小学", "赵六", "大学", "=1+1", 3.1010719791101e17],
        ["合计", "", "", "", ""],
        ["注：写清楚", "", "", "", ""],
    ]
    for line in lines:
        sheet.append(line)
    for cell in sheet[9]:
        if cell.data_type == "f":
            cell.data_type = "s"
    for merged in ("A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3", "A4:E4", "A5:A6", "A7:E7"):
        sheet.merge_cells(merged)
    sheet["A2"].font = Font(bold=True)
    sheet["B6"].fill = PatternFill("solid", start_color="00FF00")
    sheet.column_dimensions["E"].width = 30
    sheet.row_dimensions[1].height = 40
    sheet.freeze_panes = "A4"
    book.create_sheet("其他").append(["无关"])
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def examined(source):
    """Headers by sheet, and the problems of a small check of the identity numbers."""
    headers, problems = {}, Problems()
    with open_workbook(source) as book:
        for sheet in book.sheets():
            header = find_header(sheet.head(SEARCHED_ROWS), COLUMNS, sheet.facts.merged)
            if header is None:
                continue
            headers[sheet.name] = header
            at = header.columns["identity"]
            for record in Table(sheet, header, key="name").data():
                value = record.cells[at]
                place = {"column": header.headings[at], "at": at, "value": value}
                if not isinstance(value, str):
                    problems.add(sheet.name, record.number, "身份证号被存成了数字。", **place)
                    problems.add(sheet.name, record.number, "整行还缺少内容。")
                    problems.add(sheet.name, record.number, "请核对院校。", at=3, severity="warning")
                elif not value.isdigit():
                    problems.add(sheet.name, record.number, "身份证号不对。", **place)
    return headers, problems


def returned(source, **options):
    headers, problems = examined(source)
    out = io.BytesIO()
    count = write_rejected(source, out, problems=problems, headers=headers, key="name", **options)
    out.seek(0)
    return out, count


def as_rows(source):
    with open_workbook(source) as book:
        return {sheet.name: [row.cells for row in sheet] for sheet in book.sheets()}


EXPECTED = [
    ["示例区名册", "", "", "", ""],
    ["单位", "姓名", "全日制教育", "", "身份证号"],
    ["", "", "学历", "院校", ""],
    ["一、示例区第二中学（2人）", "", "", "", ""],
    ["示例区第二中学", "李四", "大学", "示例大学", "错的号码"],
    ["二、示例区实验小学（2人）", "", "", "", ""],
    ["示例区实验小学", "赵六", "大学", "=1+1", 3.1010719791101e17],
]


@pytest.fixture(params=["styled", "plain"])
def way(request, monkeypatch):
    if request.param == "plain":
        monkeypatch.setattr(rejected, "STYLED_BYTES", 0)
    return request.param


def test_only_rejected_rows_stay_with_titles_header_and_their_groups(way):
    out, count = returned(upload())
    assert count == 2
    assert as_rows(out) == {"名册 " if way == "styled" else "名册": EXPECTED}


def test_faulty_cells_are_marked_and_commented(way):
    out, _ = returned(upload())
    sheet = load_workbook(out).worksheets[0]
    assert sheet["E5"].fill.start_color.rgb.endswith("FFC7CE")
    assert sheet["E5"].comment.text.endswith("身份证号不对。")
    assert sheet["E7"].comment.text.endswith("身份证号被存成了数字。")
    assert sheet["A7"].comment.text.endswith("整行还缺少内容。")
    assert sheet["D7"].fill.start_color.rgb.endswith("FFEB9C")
    assert sheet["D7"].comment.text.endswith("请核对院校。")
    assert sheet["B5"].comment is None


def test_text_that_begins_like_a_formula_stays_text(way):
    out, _ = returned(upload())
    with zipfile.ZipFile(out) as package:
        sheets = [package.read(name) for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
    assert all(b"<f>" not in sheet and b"<f " not in sheet for sheet in sheets)


def test_the_look_of_the_upload_is_kept():
    out, _ = returned(upload())
    book = load_workbook(out)
    sheet = book.worksheets[0]
    assert book.sheetnames == ["名册 "]
    assert sheet["A2"].font.bold
    assert sheet["B5"].fill.start_color.rgb.endswith("00FF00")
    assert sheet.column_dimensions["E"].width == 30
    assert sheet.row_dimensions[1].height == 40
    assert sheet.freeze_panes == "A4"
    assert {str(merged) for merged in sheet.merged_cells.ranges} == {
        "A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3", "A4:E4", "A6:E6",
    }  # fmt: skip


def test_corrected_workbook_can_be_uploaded_again(way):
    out, _ = returned(upload())
    book = load_workbook(out)
    book.worksheets[0]["E5"] = "310107197605031315"
    corrected = io.BytesIO()
    book.save(corrected)
    corrected.seek(0)
    headers, problems = examined(corrected)
    (name,) = headers
    assert problems.rejected_rows() == {name: {7}}
    with open_workbook(corrected) as workbook:
        sheet = next(iter(workbook.sheets()))
        records = list(Table(sheet, headers[name], key="name"))
    assert [(record.kind, record.group) for record in records] == [
        (Kind.GROUP, "示例区第二中学"),
        (Kind.DATA, "示例区第二中学"),
        (Kind.GROUP, "示例区实验小学"),
        (Kind.DATA, "示例区实验小学"),
    ]
    again, count = returned(corrected)
    assert count == 1
    assert [row[1] for row in next(iter(as_rows(again).values()))] == ["", "姓名", "", "", "赵六"]


def test_marks_of_the_last_round_are_gone_in_the_next():
    out, _ = returned(upload())
    book = load_workbook(out)
    sheet = book.worksheets[0]
    sheet["E7"] = "还是不对"
    assert sheet["D7"].comment.author == AUTHOR
    second = io.BytesIO()
    book.save(second)
    second.seek(0)
    third, _ = returned(second)
    sheet = load_workbook(third).worksheets[0]
    assert sheet["E7"].comment.text == "身份证号不对。"
    assert sheet["D7"].comment is None
    assert sheet["D7"].fill.fill_type is None


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_text_tables_come_back_as_workbooks(encoding):
    text = "单位,姓名,身份证号\n示例小学,张三,310107197605031315\n示例小学,李四,错的号码\n"
    out, count = returned(io.BytesIO(text.encode(encoding)))
    assert count == 1
    assert as_rows(out) == {"CSV": [["单位", "姓名", "身份证号"], ["示例小学", "李四", "错的号码"]]}
    assert load_workbook(out).worksheets[0]["C2"].comment.text.endswith("身份证号不对。")


def test_a_style_sheet_openpyxl_cannot_read_falls_back_to_the_plain_form(monkeypatch):
    def broken(*arguments, **options):
        raise TypeError("expected <class 'openpyxl.styles.fills.Fill'>")

    monkeypatch.setattr(rejected, "load_workbook", broken)
    out, count = returned(upload())
    assert count == 2
    assert as_rows(out) == {"名册": EXPECTED}


def test_very_many_problems_stand_in_a_column_instead_of_comments(monkeypatch):
    monkeypatch.setattr(rejected, "STYLED_ROWS", 1)
    monkeypatch.setattr(rejected, "MOST_COMMENTS", 1)
    out, _ = returned(upload())
    sheet = load_workbook(out).worksheets[0]
    assert sheet["E5"].comment is None
    assert sheet["E5"].fill.start_color.rgb.endswith("FFC7CE")
    assert sheet["F2"].value == "存在的问题"
    assert sheet["F5"].value == "身份证号：身份证号不对。"
    headers, _ = examined(out)
    header = headers["名册"]
    assert header.rows == (2, 3)
    assert header.columns == {"unit": 0, "name": 1, "education": 2, "school": 3, "identity": 4}
    assert header.unknown == ()


def test_written_to_a_path(tmp_path):
    headers, problems = examined(upload())
    path = tmp_path / "rejected.xlsx"
    assert write_rejected(upload(), path, problems=problems, headers=headers, key="name") == 2
    assert load_workbook(path).sheetnames == ["名册 "]
