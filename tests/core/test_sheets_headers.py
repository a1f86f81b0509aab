"""Finding the header: titles above, blanks and breaks inside, two rows with groups, unknown and missing columns."""

import pytest

from core.sheets.headers import SEARCHED_ROWS, Columns, Field, find_header, heading, no_header_sentence
from core.sheets.reading import Row

COLUMNS = Columns(
    [
        Field("name", "姓名", required=True),
        Field("unit", "单位", ("工作单位", "所在单位")),
        Field("birth", "出生年月", ("出生日期", "生日")),
        Field("full_time", "全日制学历学位", (("全日制教育", "学历学位"), "全日制学历")),
        Field("full_time_school", "全日制毕业院校", (("全日制教育", "毕业院校系及专业"),)),
        Field("in_service", "在职学历学位", (("在职教育", "学历学位"), "在职学历")),
        Field("in_service_school", "在职毕业院校", (("在职教育", "毕业院校系及专业"),)),
        Field("phone", "手机号码", ("电话",)),
    ]
)


def rows(*lines):
    return [Row(number, list(cells), False) for number, cells in enumerate(lines, start=1)]


def test_header_in_the_first_row():
    header = find_header(rows(["单位", "姓名", "生日"], ["示例小学", "张三", "1975.08"]), COLUMNS)
    assert header is not None
    assert header.columns == {"unit": 0, "name": 1, "birth": 2}
    assert header.rows == (1,)
    assert header.last_row == 1
    assert header.titles == ()


def test_header_below_titles_with_columns_in_any_order():
    header = find_header(
        rows(
            ["名册", "", ""],
            ["", "", ""],
            ["填报单位：示例区", "", ""],
            ["出生日期", "姓名", "工作单位"],
            ["", "张三", ""],
        ),
        COLUMNS,
    )
    assert header is not None
    assert header.columns == {"birth": 0, "name": 1, "unit": 2}
    assert header.rows == (4,)
    assert header.titles == ("名册", "填报单位：示例区")


@pytest.mark.parametrize(
    "written",
    ["姓  名", "姓　名", "姓\n名", "姓名*", "＊姓名", "姓名：", "姓名（必填）", "姓名(必填)", "姓名【必填】"],
)
def test_headings_with_blanks_breaks_and_remarks(written):
    header = find_header(rows([written, "出生\n年月（岁）", "序\n号"]), COLUMNS)
    assert header is not None
    assert header.columns == {"name": 0, "birth": 1}
    assert header.unknown == ()


def two_row_header():
    return rows(
        ["名册", "", "", "", "", ""],
        ["姓  名", "全日制教育", "", "在职教育", "", "备注"],
        ["", "学历\n学位", "毕业院校系\n及专业", "学历\n学位", "毕业院校系\n及专业", ""],
        ["张三", "大学", "示例师范大学", "研究生", "示例大学", ""],
    )


MERGED = (((1, 1), (1, 6)), ((2, 1), (3, 1)), ((2, 2), (2, 3)), ((2, 4), (2, 5)), ((2, 6), (3, 6)))


@pytest.mark.parametrize("merged", [MERGED, ()])
def test_two_row_header_resolves_group_and_sub_heading(merged):
    header = find_header(two_row_header(), COLUMNS, merged)
    assert header is not None
    assert header.rows == (2, 3)
    assert header.columns == {
        "name": 0,
        "full_time": 1,
        "full_time_school": 2,
        "in_service": 3,
        "in_service_school": 4,
    }
    assert header.unknown == (5,)
    assert header.headings[1] == "全日制教育 / 学历学位"
    assert header.heading_of("full_time") == "全日制教育 / 学历学位"
    assert header.titles == ("名册",)


def test_group_and_sub_heading_read_as_one():
    header = find_header(
        rows(["姓名", "全日制", "", "在职", ""], ["", "学历", "专业", "学历", "专业"]),
        COLUMNS,
        (((1, 2), (1, 3)), ((1, 4), (1, 5)), ((1, 1), (2, 1))),
    )
    assert header is not None
    assert header.columns == {"name": 0, "full_time": 1, "in_service": 3}
    assert header.unknown == (2, 4)


def test_a_row_of_data_is_no_second_header_row():
    header = find_header(
        rows(["姓名", "单位", ""], ["张三", "示例小学", "电话"], ["李四", "示例小学", ""]), COLUMNS
    )
    assert header is not None
    assert header.rows == (1,)
    assert "phone" not in header.columns


def test_wide_title_above_is_no_group():
    header = find_header(rows(["名册", "", ""], ["姓名", "单位", "生日"]), COLUMNS, (((1, 1), (1, 3)),))
    assert header is not None
    assert header.rows == (2,)


def test_unknown_and_repeated_columns_are_reported_not_refused():
    header = find_header(rows(["姓名", "单位", "血型", "所在单位", 2018.0]), COLUMNS)
    assert header is not None
    assert header.columns == {"name": 0, "unit": 1}
    assert header.unknown == (2, 4)
    assert header.repeated == (3,)
    assert header.headings[4] == "2018"


def test_missing_required_column_is_one_sentence_that_lists_what_was_found():
    header = find_header(rows(["单位", "生日", "性 别"]), COLUMNS)
    assert header is not None
    assert header.missing == ("姓名",)
    assert header.complaint() == "缺少“姓名”列。第 1 行找到的列有：单位、生日、性别。"


def test_complete_header_has_no_complaint():
    header = find_header(rows(["姓名", "单位"]), COLUMNS)
    assert header is not None
    assert header.complaint() == ""


def test_no_header_gives_none_and_a_sentence():
    nothing = rows(["说明", "请先阅读"], ["第一条", ""])
    assert find_header(nothing, COLUMNS) is None
    sentence = no_header_sentence(COLUMNS, nothing)
    assert "“姓名”" in sentence
    assert "请先阅读" in sentence
    assert find_header([], COLUMNS) is None


def test_header_is_searched_in_the_first_rows_only():
    filler = [["文字", ""]] * SEARCHED_ROWS
    assert find_header(rows(*filler, ["姓名", "单位"]), COLUMNS) is None
    assert find_header(rows(*filler[1:], ["姓名", "单位"]), COLUMNS) is not None


def test_repeated_header_row_is_recognised():
    header = find_header(two_row_header(), COLUMNS, MERGED)
    assert header is not None
    assert header.repeats_in(["姓 名", "全日制教育", "", "在职教育", "", "备 注"])
    assert header.repeats_in(["", "学历\n学位", "毕业院校系及专业", "", "", ""])
    assert not header.repeats_in(["张三", "大学", "示例大学", "", "", ""])
    assert not header.repeats_in(["备注", "", "", "", "", ""])


def test_two_fields_may_not_claim_one_heading():
    with pytest.raises(ValueError, match="birth"):
        Columns([Field("birth", "出生年月"), Field("born", "出生 年月")])


def test_heading_is_the_same_for_full_width_and_spaced_forms():
    assert heading("姓　名＊") == heading("姓名") == "姓名"
    assert heading("Ｎｏ．") == "no"


def test_label_of_a_field():
    assert COLUMNS.label("birth") == "出生年月"
