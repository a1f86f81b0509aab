"""Telling rows apart: groups, totals, notes, instructions, repeated headers, dittos, merged cells."""

import datetime as dt

import pytest

from core.sheets.headers import Columns, Field, find_header
from core.sheets.reading import Row, Sheet, SheetFacts
from core.sheets.rows import Kind, Table, group_label

COLUMNS = Columns(
    [
        Field("unit", "单位"),
        Field("name", "姓名", required=True),
        Field("post", "职务"),
        Field("since", "任职时间"),
        Field("level", "任级时间"),
        Field("remark", "备注"),
    ]
)
HEADER = ["序号", "单位", "姓名", "职务", "任职时间", "任级时间", "备注"]
PERSON = [1.0, "示例小学", "张三", "校长", "2017.08", "2011.03", ""]


def table(*lines, merged=()):
    rows = [Row(number, list(cells), False) for number, cells in enumerate([HEADER, *lines], start=1)]
    facts = SheetFacts("名册", len(HEADER), tuple(merged))
    sheet = Sheet(facts, iter(rows))
    header = find_header(sheet.head(30), COLUMNS, facts.merged)
    assert header is not None
    return Table(sheet, header, key="name")


def kinds(*lines, merged=()):
    return [record.kind for record in table(*lines, merged=merged)]


def lone(text, at=0):
    return ["" if position != at else text for position in range(7)]


def test_data_and_empty_rows():
    assert kinds(PERSON, lone(""), ["", " ", "　", "", "", "", ""], PERSON) == [
        Kind.DATA,
        Kind.EMPTY,
        Kind.EMPTY,
        Kind.DATA,
    ]


def test_serial_number_alone_is_an_empty_row():
    assert kinds(lone(7.0), lone("8")) == [Kind.EMPTY, Kind.EMPTY]


@pytest.mark.parametrize(
    ("text", "label", "count"),
    [
        ("一、示例区第二中学（3人）", "示例区第二中学", 3),
        ("二、示例区实验小学(2人)", "示例区实验小学", 2),
        ("示例区第二中学", "示例区第二中学", None),
        ("（一）示例小学", "示例小学", None),
        ("1、示例小学", "示例小学", None),
        ("1.示例小学 共12人", "示例小学", 12),
        ("示例小学（东校区）", "示例小学(东校区)", None),
        ("单位：示例小学", "示例小学", None),
        ("单位名称：示例小学（共 4 人）", "示例小学", 4),
        ("十一学校", "十一学校", None),
        ("第一中学（181人)", "第一中学", 181),
        ("　示 例 小 学　", "示例小学", None),
    ],
)
def test_group_row_gives_its_label_to_the_rows_below(text, label, count):
    records = list(table(lone(text), ["", "", "张三", "校长", "2017.08", "", ""]))
    assert [record.kind for record in records] == [Kind.GROUP, Kind.DATA]
    assert (records[0].group, records[0].announced) == (label, count)
    assert (records[1].group, records[1].group_row) == (label, 2)


def test_group_row_in_two_cells_repeated_or_merged_over_the_key_column():
    assert kinds(["一", "示例小学", "", "", "", "", ""]) == [Kind.GROUP]
    assert kinds(["示例小学"] * 7) == [Kind.GROUP]
    assert kinds(lone("示例小学", at=2), merged=[((2, 1), (2, 7))]) == [Kind.GROUP]
    assert group_label(["一", "示例小学", "", ""]) == ("示例小学", None)
    assert group_label([]) == ("", None)


def test_lone_name_is_a_row_that_lacks_the_rest():
    assert kinds(lone("张三", at=2)) == [Kind.DATA]
    assert kinds(lone("张　三", at=2)) == [Kind.DATA]
    assert kinds(lone("示例区第二中学", at=2)) == [Kind.GROUP]


@pytest.mark.parametrize("text", ["火星中学", "县一中", "红旗小学", "幼儿园", "东河完小"])
def test_lone_short_name_of_a_unit_opens_a_group(text):
    """Taken for a person, it would leave those below it to the unit above."""
    assert kinds(lone(text, at=2)) == [Kind.GROUP]


@pytest.mark.parametrize(
    "text", ["合计", "合  计", "小计", "总计：", "合计（5人）", "共计5人", "本页小计", "总人数：12"]
)
def test_totals(text):
    assert kinds(PERSON, lone(text)) == [Kind.DATA, Kind.TOTAL]
    assert kinds(PERSON, [text, "", "", "", 12.0, "", ""]) == [Kind.DATA, Kind.TOTAL]
    assert kinds(PERSON, [text, "", 5.0, "", "", "", ""]) == [Kind.DATA, Kind.TOTAL]
    assert kinds(PERSON, lone(text, at=2)) == [Kind.DATA, Kind.TOTAL]


@pytest.mark.parametrize(
    "text",
    [
        "注：1.出生年月填写格式为“1975.08”；2.任同级时间指任现职务层次的时间。",
        "填表人：            审核人：            联系电话：",
        "说明：本表一式两份",
        "备注：",
        "单位负责人（签字）：",
        "填报日期：2025年6月30日",
        "制表人：李四",
    ],
)
def test_notes_at_the_foot(text):
    assert kinds(PERSON, lone(text)) == [Kind.DATA, Kind.NOTE]


def test_notes_that_go_on_and_notes_over_several_cells():
    assert (
        kinds(lone("注："), lone("1.姓名必须与身份证一致"), lone("（2）单位填全称"), lone("③其他"))
        == [Kind.NOTE] * 4
    )
    assert kinds(PERSON, ["填表人：", "", "李四", "审核人：", "王五", "", ""]) == [Kind.DATA, Kind.NOTE]


def test_instruction_rows():
    assert kinds(["", "必填", "必填", "选填", "格式：1975.08", "", ""]) == [Kind.INSTRUCTION]
    assert kinds(["示例", "示例小学", "张三", "校长", "2017.08", "2011.03", ""]) == [Kind.INSTRUCTION]
    assert kinds(["", "如：示例小学", "如：张三", "", "如：1975.08", "", ""]) == [Kind.INSTRUCTION]


def test_names_that_only_look_like_other_rows_stay_data():
    assert kinds([1.0, "示例区第二中学", "张三", "主任", "", "", ""]) == [Kind.DATA]
    assert kinds([1.0, "合计小学", "单必", "主任", "", "", ""]) == [Kind.DATA]
    assert kinds(["", "", "张三", "", "", "", ""]) == [Kind.DATA]


def test_repeated_header_row():
    assert kinds(PERSON, ["序 号", "单 位", "姓　名", "职务", "任职时间", "任级时间", "备注"], PERSON) == [
        Kind.DATA,
        Kind.HEADER,
        Kind.DATA,
    ]


def test_kinds_far_below_the_header_are_told_as_near_it():
    many = [PERSON] * 40
    tail = [
        HEADER,
        lone("二、示例区第二中学（3人）"),
        PERSON,
        ["", "必填", "必填", "", "", "", ""],
        lone("合计"),
        lone("注："),
    ]
    assert kinds(*many, *tail)[40:] == [
        Kind.HEADER,
        Kind.GROUP,
        Kind.DATA,
        Kind.INSTRUCTION,
        Kind.TOTAL,
        Kind.NOTE,
    ]


def test_same_as_left_and_same_as_above():
    records = list(
        table(
            [1.0, "示例小学", "张三", "校长", "2017.08", "同左", ""],
            [2.0, "同上", "李四", "副校长", 2016.08, "同左", "〃"],
            lone(""),
            [3.0, "同上", "王五", "主任", "同上", "同左", ""],
        )
    )
    data = [record for record in records if record.kind is Kind.DATA]
    assert data[0].cells[5] == "2017.08"
    assert data[1].cells[1] == "示例小学"
    assert data[1].cells[5] == 2016.08
    assert data[1].cells[6] == ""
    assert data[2].cells[1] == "示例小学"
    assert data[2].cells[4:6] == [2016.08, 2016.08]


def test_same_as_above_with_nothing_above_is_empty():
    record = next(iter(table(["同左", "同上", "张三", "校长", "", "", ""])))
    assert record.cells[:2] == ["", ""]


def test_vertically_merged_cells_count_for_every_row_they_cover():
    records = list(
        table(
            [1.0, "示例小学", "张三", "校长", "", "", ""],
            [2.0, "", "李四", "副校长", "", "", ""],
            [3.0, "", "王五", "主任", "", "", ""],
            [4.0, "", "赵六", "主任", "", "", ""],
            merged=[((2, 2), (4, 2))],
        )
    )
    assert [record.cells[1] for record in records] == ["示例小学", "示例小学", "示例小学", ""]


def test_values_are_by_field_and_raw():
    records = table([1.0, "示例小学", "张三", "校长", dt.date(2017, 8, 1)])
    assert records.values(next(records.data())) == {
        "unit": "示例小学",
        "name": "张三",
        "post": "校长",
        "since": dt.date(2017, 8, 1),
        "level": "",
        "remark": "",
    }


def test_row_numbers_are_those_of_the_sheet():
    assert [record.number for record in table(PERSON, lone(""), PERSON)] == [2, 3, 4]
