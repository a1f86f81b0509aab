"""The grammar of the 简历: every way of writing that forms use, what is checked, and writing it back."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadres.cv import CareerEntry, check_career, is_study, read_career, write_career
from core.partial_dates import PartialDate

FULL = """1994.09--1998.07  师范大学中文系汉语言文学专业学习
1998.07--2005.08  示例区第一中学教师
2005.08--2011.03  示例区第一中学教导处副主任、主任
2011.03--2017.08  示例区第二中学副校长
（其间：2012.09--2015.06  师范大学教育管理专业研究生学习，获教育硕士学位）
（其间：2014.03--2014.08  挂任示例县教育局基础教育股副股长）
2017.08--         示例区第二中学党支部书记、校长"""


def told(text):
    """Start, end and text of the lines."""
    return [(e.start.iso(), e.end.iso() if e.end else None, e.text) for e in read_career(text).entries]


def test_a_whole_cv_is_read_and_written_back_exactly():
    career = read_career(FULL)
    assert career.problems == []
    assert [len(entry.within) for entry in career.entries] == [0, 0, 0, 2, 0]
    assert career.entries[3].within[1].text == "挂任示例县教育局基础教育股副股长"
    assert [entry.is_study for entry in career.entries] == [True, False, False, False, False]
    assert career.entries[3].within[0].is_study
    assert write_career(career.entries) == FULL
    assert write_career(career.entries, line_end="\r\n") == FULL.replace("\n", "\r\n")
    assert check_career(career.entries, work_start=dt.date(1998, 7, 1)) == []


@pytest.mark.parametrize(
    "line",
    [
        "1990.01--1996.01  某小学教师",
        "1990.01-1996.01 某小学教师",
        "1990.01—1996.01  某小学教师",
        "1990.01——1996.01　某小学教师",
        "1990.01–1996.01  某小学教师",
        "1990.01～1996.01  某小学教师",
        "1990.01－1996.01  某小学教师",
        "1990.01至1996.01  某小学教师",
        "199001--199601  某小学教师",
        "1990-01--1996-01 某小学教师",
        "1990年1月至1996年1月，某小学教师",
        "　　1990.1--1996.1某小学教师",
        "1990.01 -- 1996.01：某小学教师\r\n",
    ],
)
def test_every_dash_and_date_is_read(line):
    assert told(line) == [("1990-01", "1996-01", "某小学教师")]


@pytest.mark.parametrize(
    "line", ["2016.08--  校长", "2016.08--至今  校长", "2016.08—至今 校长", "201608至今 校长"]
)
def test_until_now(line):
    assert told(line) == [("2016-08", None, "校长")]


def test_line_breaks_as_markup_and_vertical_forms():
    text = "200408--201108  小学教师<br>2011.08～2016.08  教导主任<BR/>2016.08—至今  副校长︵主持工作︶"
    assert told(text) == [
        ("2004-08", "2011-08", "小学教师"),
        ("2011-08", "2016-08", "教导主任"),
        ("2016-08", None, "副校长(主持工作)"),
    ]


def test_a_line_without_a_period_continues_the_one_above():
    text = "2004.08--2011.08  示例县某小学教师、\n                  教导主任\n2011.08--         校长"
    assert told(text) == [
        ("2004-08", "2011-08", "示例县某小学教师、教导主任"),
        ("2011-08", None, "校长"),
    ]


def test_brackets_may_go_on_over_lines_and_hold_several_periods():
    text = (
        "2004.08--2011.08  教师\n（其间：2005.09--2008.07在师范大学（函授）\n学习；2009.01--2009.06  支教）\n"
        "2011.08--         校长"
    )
    career = read_career(text)
    assert [one.text for one in career.entries[0].within] == ["在师范大学（函授）学习", "支教"]
    one_line = "2004.08--2011.08  教师\n（其间：2005.09--2008.07  学习；2009.01--2009.06  支教）\n2011.08--         校长"
    assert [one.text for one in read_career(one_line).entries[0].within] == ["学习", "支教"]
    assert [one.text for one in career.entries] == ["教师", "校长"]


def test_what_is_no_line_is_named():
    career = read_career("主要经历如下\n2004.08--2011.08  教师\n2011.13--2012.01  校长")
    assert [entry.text for entry in career.entries][0].startswith("教师")
    assert career.problems == ["简历第 1 行（主要经历如下）没有起止时间，没有读取。"]


@pytest.mark.parametrize(
    "text, study",
    [
        ("师范大学中文系汉语言文学专业学习", True),
        ("某大学教育学硕士", True),
        ("某省委党校大专班学员", True),
        ("某大学博士后流动站研究人员", False),
        ("某大学教授、博士生导师", False),
        ("示例区第一中学教师", False),
    ],
)
def test_studies_are_told_by_their_words(text, study):
    assert is_study(text) is study


def test_overlaps_gaps_the_last_and_the_first_line_are_checked():
    entries = read_career(
        "1998.07--2005.08  甲校教师\n2005.06--2011.03  乙校主任\n2011.06--2017.08  丙校校长"
    ).entries
    found = check_career(entries, work_start=dt.date(1997, 8, 1))
    assert [sentence.split("，")[0][:12] for sentence in found] == [
        "简历“甲校教师”（到 2",
        "简历在 2011.03 ",
        "简历最后一段到 2017",
        "简历从 1998.07 ",
    ]
    assert "重叠" in found[0]
    assert "空缺 3 个月" in found[1]
    assert check_career(read_career("2005.08--2011.03  甲\n2011.04--  乙").entries) == []


months = st.dates(dt.date(1950, 1, 1), dt.date(2026, 11, 1)).map(lambda day: PartialDate.of(day, "month"))
words = st.text(st.sampled_from("示例区第一中学教师校长主任、（）副学习"), min_size=1, max_size=30).filter(
    lambda text: text.count("（") == text.count("）") and text[0] not in "（）"
)


@st.composite
def entries(draw, nested=True):
    """A line with a period in order and perhaps lines within."""
    first, last = sorted((draw(months), draw(months)), key=lambda one: one.date)
    within = tuple(draw(st.lists(entries(nested=False), max_size=2))) if nested else ()
    return CareerEntry(first, draw(st.sampled_from([last, None])), draw(words), within)


@given(st.lists(entries(), max_size=8))
def test_what_is_written_is_read_again_as_it_was(lines):
    career = read_career(write_career(lines))
    assert career.entries == lines
    assert career.problems == []
