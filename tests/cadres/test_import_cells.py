"""Cells as people write them: posts, education, politics, dates, and what whole rows tell."""

import csv
import io

import pytest

from cadres.codes import CodeMatcher
from cadres.models import Code
from cadres.sheets.politics import PoliticsReader
from cadres.sheets.posts import read_posts
from cadres.sheets.schooling import SchoolingReader
from core.calendar import today
from core.errors import Invalid
from tests.cadres.rosters import (
    ZHANG,
    excel_date,
    number,
    people,
    previewed,
    rows_by_name,
    sentences,
    workbook,
)

SCHOOL = "示例区第二中学"


@pytest.mark.parametrize(
    "cell, titles, months",
    [
        ("校长", ("校长",), None),
        ("党支部书记、校长", ("党支部书记", "校长"), None),
        ("书记，校长", ("书记", "校长"), None),
        ("书记/校长", ("书记", "校长"), None),
        ("副校长；工会主席", ("副校长", "工会主席"), None),
        ("副校长\n工会主席", ("副校长", "工会主席"), None),
        ("副校长兼工会主席", ("副校长", "工会主席"), None),
        ("副校长兼任总务主任", ("副校长", "总务主任"), None),
        ("兼职教研员", ("兼职教研员",), None),
        ("校长（试用期一年）", ("校长",), 12),
        ("校长(试用期1年)", ("校长",), 12),
        ("校长（试用）", ("校长",), 12),
        ("副校长（试用期半年）、工会主席", ("副校长", "工会主席"), 6),
        ("副校长（试用期六个月）", ("副校长",), 6),
        ("副校长（分管教学、德育）", ("副校长（分管教学、德育）",), None),
        ("书记、书记", ("书记",), None),
        ("校长（兼书记）", ("校长", "书记"), None),
        ("校长(兼任党支部书记)、工会主席", ("校长", "党支部书记", "工会主席"), None),
        ("书记 校长", ("书记", "校长"), None),
        ("党支部书记　副校长", ("党支部书记", "副校长"), None),
        ("教 务 主 任", ("教务主任",), None),
        (f"{SCHOOL} 校长", (f"{SCHOOL}校长",), None),
    ],
)
def test_posts(cell, titles, months):
    found = read_posts(cell)
    assert (found.titles, found.probation_months) == (titles, months)


def test_a_title_beyond_measure_is_refused():
    with pytest.raises(ValueError, match="过长"):
        read_posts("校" * 121)


@pytest.fixture
def schooling(codes):
    """The reader of education cells."""
    return SchoolingReader(CodeMatcher(Code.List.EDUCATION), CodeMatcher(Code.List.DEGREE))


@pytest.mark.parametrize(
    "cell, level, degree",
    [
        ("大学\n文学学士", "大学", "文学学士"),
        ("本科/学士", "本科", "学士"),
        ("本科、理学学士", "本科", "理学学士"),
        ("大学文学学士", "大学", "文学学士"),
        ("研究生 教育硕士", "研究生", "教育硕士"),
        ("大专", "大专", ""),
        ("中央党校大学", "中央党校大学", ""),
        ("文学学士", "", "文学学士"),
    ],
)
def test_education_and_degree_in_one_cell(schooling, cell, level, degree):
    found = schooling.both(cell)
    assert (found.level.text, found.degree.text) == (level, degree)
    assert (found.level.code is not None) == bool(level)


def test_unknown_education_is_kept_as_written(schooling):
    found = schooling.level("某某研修")
    assert (found.level.text, found.level.code, found.unknown) == ("某某研修", None, ("某某研修",))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cell, status, democratic, joined",
    [
        ("2001.08；民建", None, "06", "2001-08"),
        ("中共预备党员", "02", None, None),
        ("无党派", "12", None, None),
        ("中共党员（2000.06）", "01", None, "2000-06"),
        ("中共党员、九三学社", "01", "10", None),
        ("2000.06入党", None, None, "2000-06"),
        ("群众", "13", None, None),
        ("民建（2008.05）", None, "06", None),
        (2001.08, None, None, "2001-08"),
    ],
)
def test_politics(codes, cell, status, democratic, joined):
    found = PoliticsReader(CodeMatcher(Code.List.POLITICAL)).read(cell)
    assert (found.status.code if found.status else None) == status
    assert (found.democratic.code if found.democratic else None) == democratic
    assert (found.joined.iso() if found.joined else None) == joined


@pytest.mark.django_db
def test_politics_that_are_none_are_refused(codes):
    assert "不是政治面貌" in PoliticsReader(CodeMatcher(Code.List.POLITICAL)).read("优秀").refused


def one(roster, **cells):
    """The JSON row of a file with one person."""
    given = {"姓名": "张三", "单位": SCHOOL, "出生年月": "1976.05", **cells}
    return next(iter(rows_by_name(previewed(people(given), roster.bureau)).values()))


@pytest.mark.parametrize(
    "heading, field",
    [("出生年月", "birth"), ("出生日期", "birth"), ("生日", "birth"), ("出生\n年月", "birth")],
)
@pytest.mark.parametrize("cell", ["1975.08", "75.8", "1975-8", "1975年8月", "197508", excel_date(1975, 8)])
@pytest.mark.django_db
def test_dates_under_every_heading(roster, heading, field, cell):
    file = people({"姓名": "张三", "单位": SCHOOL, heading: cell})
    row = next(iter(rows_by_name(previewed(file, roster.bureau)).values()))
    assert row["values"][field] == "1975-08"
    assert row["problems"] == []


@pytest.mark.django_db
def test_a_day_is_kept_where_the_heading_asks_for_one(roster):
    file = people({"姓名": "张三", "单位": SCHOOL, "出生日期": "1975-8-3", "参加工作时间": "1996.8.15"})
    values = rows_by_name(previewed(file, roster.bureau))["张三"]["values"]
    assert (values["birth"], values["work"]) == ("1975-08-03", "1996-08-15")


@pytest.mark.django_db
def test_a_number_1975_1_is_october_with_a_warning(roster):
    row = one(roster, 出生年月=1975.1)
    assert row["values"]["birth"] == "1975-10"
    assert row["status"] == "new"
    assert "按10月读取" in sentences(row, "warning")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["张　三", "张 三", " 张三 "])
def test_names_are_closed_up(roster, name):
    assert one(roster, 姓名=name)["values"]["name"] == "张三"


@pytest.mark.django_db
@pytest.mark.parametrize("cell", [ZHANG, f"'{ZHANG}", f" {ZHANG} ", "31010719760503 1315"])
def test_identity_numbers_are_cleaned(roster, cell):
    values = one(roster, 身份证号=cell)["values"]
    assert (values["id"], values["id_valid"], values["id_sex"]) == (ZHANG, True, "男")


@pytest.mark.django_db
def test_a_small_x_is_read(roster):
    row = one(roster, 出生年月="1982.09", 身份证号="52232519820917038x")
    assert row["values"]["id"] == "52232519820917038X"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cell, words", [(3.10107197605031e17, "存成了数字"), ("310107197605031316", "校验码")]
)
def test_a_wrong_number_rejects_the_row_but_not_its_values(roster, cell, words):
    row = one(roster, 身份证号=cell, 职称="高级教师")
    assert row["status"] == "rejected"
    assert words in sentences(row, "error")
    assert row["values"]["title"] == "高级教师"
    assert row["values"]["birth"] == "1976-05"


@pytest.mark.django_db
def test_birth_and_gender_that_differ_from_the_number_are_warnings(roster):
    row = one(roster, 身份证号=ZHANG, 出生年月="1977.05", 性别="女")
    assert row["status"] == "new"
    assert "1976.05" in sentences(row, "warning")
    assert "性别" in sentences(row, "warning")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cells, words",
    [
        ({"性别": "未知"}, "男"),
        ({"民族": "火星族"}, "民族"),
        ({"出生年月": "不详细"}, "不是日期"),
        ({"出生年月": "2090.01"}, "还没有到"),
        ({"参加工作时间": "1970.01"}, "早于出生"),
        ({"入党时间": "2090.06"}, "还没有到"),
        ({"身份证号": number("20900115"), "出生年月": ""}, "还没有到"),
        ({"职务类别": "其他"}, "职务类别"),
        ({"籍贯": "长" * 61}, "过长"),
        ({"姓名": "名" * 61}, "姓名过长"),
        ({"备注": "长" * 2001}, "备注过长"),
        ({"职称": "长" * 61}, "职称过长"),
        ({"政治面貌": "优秀"}, "政治面貌"),
        ({"姓名": ""}, "没有写姓名"),
    ],
)
def test_what_cannot_be_right_rejects_the_row(roster, cells, words):
    row = (
        one(roster, 籍贯="浙江", 性别="男")
        if not cells
        else one(roster, **{"民族": "汉", "手机": "x", **cells})
    )
    assert row["status"] == "rejected"
    assert words in sentences(row, "error")


@pytest.mark.django_db
def test_what_is_only_odd_is_a_warning(roster):
    row = one(
        roster,
        职称="特约研究员",
        手机="12",
        任现职时间="2090.01",
        现任职务="校长（试用期一年）",
        全日制学历="自学",
    )
    assert row["status"] == "new"
    warnings = sentences(row, "warning")
    for words in ("按原文登记", "电话号码", "还没有到"):
        assert words in warnings
    assert row["values"]["phone"] is None
    assert row["values"]["full_time_education"] == "自学"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cells, words",
    [
        ({"入党时间": "1970.06"}, "早于出生年月"),
        ({"任现职时间": "1970.06"}, "早于出生年月"),
        ({"任同级时间": "1970.06"}, "早于出生年月"),
        ({"身份证号": "", "出生年月": f"{today().year - 15}.01"}, "不满 18 岁"),
    ],
)
def test_what_hardly_fits_the_birth_is_a_warning(roster, cells, words):
    row = one(roster, **cells)
    assert row["status"] == "new"
    assert words in sentences(row, "warning")


@pytest.mark.django_db
@pytest.mark.parametrize("heading", ["身份证件号码", "公民身份证号", "身份证件号", "公民身份号码（18位）"])
def test_a_number_is_read_under_every_usual_heading(roster, heading):
    file = people({"单位": SCHOOL, "姓名": "张三", heading: ZHANG})
    assert rows_by_name(previewed(file, roster.bureau))["张三"]["values"]["id"] == ZHANG


@pytest.mark.django_db
def test_a_number_of_the_first_generation_is_completed_with_a_remark(roster):
    row = one(roster, 身份证号="310107760503131")
    assert row["values"]["id"] == "310107197605031315"
    assert "补全" in sentences(row, "warning")
    assert "补全" not in sentences(one(roster, 身份证号=" 3101071976 05031315"))


@pytest.mark.django_db
def test_a_post_at_another_unit_is_pointed_out(roster):
    assert "示例区实验小学" in sentences(one(roster, 现任职务="校长、示例区实验小学书记"), "warning")
    assert "另一个单位" not in sentences(one(roster, 现任职务=f"{SCHOOL}校长、书记"))


@pytest.mark.django_db
def test_a_unit_alone_is_no_post(roster):
    file = people({"姓名": "张三", "出生年月": "1976.05", "工作单位及职务": SCHOOL})
    values = rows_by_name(previewed(file, roster.bureau))["张三"]["values"]
    assert (values["unit"], values["post"]) == (SCHOOL, None)


@pytest.mark.django_db
def test_probation_without_a_date_is_pointed_out(roster):
    assert "试用期满" in sentences(one(roster, 现任职务="校长（试用期一年）"), "warning")


@pytest.mark.django_db
def test_a_date_of_joining_needs_a_member(roster):
    row = one(roster, 政治面貌="群众", 入党时间="2000.06")
    assert row["values"]["party_join"] is None
    assert "入党时间没有读取" in sentences(row, "warning")


@pytest.mark.django_db
def test_the_unit_in_front_of_a_post_is_dropped(roster):
    assert one(roster, 现任职务=f"{SCHOOL}校长、书记")["values"]["posts"] == ["校长", "书记"]


@pytest.mark.django_db
def test_the_unit_is_taken_from_the_post_when_nothing_else_names_it(roster):
    file = people({"姓名": "张三", "出生年月": "1976.05", "工作单位及职务": f"{SCHOOL}副校长"})
    values = rows_by_name(previewed(file, roster.bureau))["张三"]["values"]
    assert (values["unit"], values["post"]) == (SCHOOL, "副校长")


@pytest.mark.django_db
def test_columns_in_any_order_two_row_headers_and_further_sheets(roster):
    file = workbook(
        ["干部名册"],
        ["备注", "身份证号码", "单位名称", "姓  名", "全日制教育", None, "在职教育", None, "年龄"],
        [None, None, None, None, "学历学位", "毕业院校系及专业", "学历学位", "毕业院校系及专业", None],
        ["x", ZHANG, SCHOOL, "张三", "大学\n文学学士", "示例大学", "无", None, 49],
        ["合计", None, "1人"],
        空表=[[None]],
        说明=[["填表说明"], ["一、请如实填写"]],
        更多=[["姓名", "单位", "出生年月"], ["李四", "示例区实验小学", "1980.01"]],
    )
    roster_import = previewed(file, roster.bureau)
    rows = rows_by_name(roster_import)
    assert set(rows) == {"张三", "李四"}
    assert (rows["张三"]["sheet"], rows["张三"]["row"]) == ("名册", 4)
    assert rows["李四"]["sheet"] == "更多"
    assert rows["张三"]["values"]["full_time_degree"] == "文学学士"
    assert rows["张三"]["values"]["in_service_education"] is None
    assert any(note["sheet"] == "说明" and "没有找到表头" in note["message"] for note in roster_import.notes)


@pytest.mark.django_db
def test_a_group_that_announces_another_number_is_noted(roster):
    file = workbook(
        ["姓名", "出生年月", "性别"],
        [f"一、{SCHOOL}（3人）"],
        ["张三", "1976.05", "男"],
        ["李四", "1980.01", "女"],
    )
    roster_import = previewed(file, roster.bureau)
    assert [row["values"]["unit"] for row in rows_by_name(roster_import).values()] == [SCHOOL, SCHOOL]
    assert any("写明 3 人，下面实际有 2 人" in note["message"] for note in roster_import.notes)


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_files_in_both_encodings(roster, encoding):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["姓名", "单位", "身份证号", "出生年月", "任现职时间"])
    writer.writerow(["张三", SCHOOL, ZHANG, "1976.05", "2019.1"])
    row = rows_by_name(previewed(out.getvalue().encode(encoding), roster.bureau, name="a.csv"))["张三"]
    assert (row["values"]["id"], row["values"]["post_since"]) == (ZHANG, "2019-10")
    assert "按10月读取" in sentences(row)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "rows, words",
    [
        ([["a", "b"], [1, 2]], "没有找到表头"),
        ([[None]], "没有可以导入的人员"),
        ([["姓名", "单位", "出生年月"]], "没有可以导入的人员"),
        ([["单位", "出生年月", "性别"], [SCHOOL, "1976.05", "男"]], "缺少“姓名”列"),
        ([["单位", "姓名", "性别"], [SCHOOL, "张三", "男"]], "缺少“身份证号”或“出生年月”列"),
    ],
)
def test_a_file_without_a_roster_is_refused_in_a_sentence(roster, rows, words):
    with pytest.raises(Invalid) as refusal:
        previewed(workbook(*rows), roster.bureau)
    assert words in refusal.value.message


@pytest.mark.django_db
def test_unused_columns_are_named(roster):
    roster_import = previewed(
        people({"姓名": "张三", "单位": SCHOOL, "出生年月": "1976.05", "年龄": 49, "血型": "A"}),
        roster.bureau,
    )
    assert ["血型" in note["message"] and "年龄" not in note["message"] for note in roster_import.notes] == [
        True
    ]


@pytest.mark.django_db
def test_masked_numbers_say_nothing(roster):
    row = one(roster, 身份证号="3101********1315", 手机号码="138****0001")
    assert row["status"] == "new"
    assert row["values"]["id"] is None
    assert row["values"]["phone"] is None


def test_numbers_for_tests_are_valid():
    assert number("19760503", 131, "310107")[:17] == "31010719760503131"
