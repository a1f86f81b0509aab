"""Cleaning cells: text, names, identity numbers (GB 11643), telephones, yes and no."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sheets import values


@pytest.mark.parametrize(
    ("cell", "clean"),
    [
        ("  张三　", "张三"),
        ("'0123", "0123"),
        ("‘0123", "0123"),
        ("大学\n文学学士", "大学\n文学学士"),
        ("大学 \r\n  文学学士", "大学\n文学学士"),
        ("上  海", "上 海"),
        ("a\u200bb\ufeff", "ab"),
        (5.0, "5"),
        (13800001111.0, "13800001111"),
        (0.5, "0.5"),
        (1e-7, "0.0000001"),
        (True, "是"),
        (False, "否"),
        (None, ""),
        (float("nan"), ""),
        (dt.date(1979, 11, 1), "1979-11-01"),
        (7, "7"),
    ],
)
def test_text(cell, clean):
    assert values.text(cell) == clean


@pytest.mark.parametrize("empty", ["", " ", "　", "无", "——", "—", "-", "/", "／", None, "N/A"])
def test_empty_words(empty):
    assert values.is_empty(empty)
    assert values.text(empty) == ""


def test_words_that_only_begin_with_an_empty_word_stay():
    assert values.text("无党派") == "无党派"
    assert not values.is_empty("无党派")
    assert not values.is_empty(0.0)


def test_one_line():
    assert values.one_line("毕业院校系\n及专业") == "毕业院校系及专业"
    assert values.one_line("John\nSmith") == "John Smith"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("张　三", "张三"),
        ("张 三", "张三"),
        ("李  四", "李四"),
        ("欧阳 明明", "欧阳明明"),
        ("张\n三", "张三"),
        ("买买提·艾力", "买买提·艾力"),
        ("买买提 • 艾力", "买买提·艾力"),
        ("买买提・艾力", "买买提·艾力"),
        ("John  Smith", "John Smith"),
        ("", ""),
        ("——", ""),
        ("\U00020bb7三", "\U00020bb7三"),
    ],
)
def test_person_name(written, name):
    assert values.clean_person_name(written) == name


@pytest.mark.parametrize(
    ("written", "number", "birth", "male"),
    [
        ("11010519491231002X", "11010519491231002X", dt.date(1949, 12, 31), False),
        ("440524188001010014", None, None, None),
        ("310107197605031315", "310107197605031315", dt.date(1976, 5, 3), True),
        ("'52232519820917038x", "52232519820917038X", dt.date(1982, 9, 17), False),
        (" 310107 19760503 1315 ", "310107197605031315", dt.date(1976, 5, 3), True),
        ("３１０１０７１９７６０５０３１３１５", "310107197605031315", dt.date(1976, 5, 3), True),
        ("310107760503131", "310107197605031315", dt.date(1976, 5, 3), True),
        (310107760503131.0, "310107197605031315", dt.date(1976, 5, 3), True),
    ],
)
def test_identity_number(written, number, birth, male):
    if number is None:
        with pytest.raises(ValueError, match="出生日期"):
            values.identity_number(written)
        return
    assert values.identity_number(written) == values.IdentityNumber(number, birth, male)


@pytest.mark.parametrize(
    "lossy",
    [
        3.1010719791101e17,
        310107197605031315.0,
        310107197605031315,
        "3.10107E+17",
        "3.1010719791101e+17",
        1e300,
    ],
)
def test_identity_number_kept_as_a_number_is_refused(lossy):
    with pytest.raises(ValueError, match="末几位已丢失"):
        values.identity_number(lossy)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("310107198810022848", "校验码"),
        ("310107197613031315", "出生日期"),
        ("31010719760503131", "17 位"),
        ("3101071976050313155", "19 位"),
        ("31010719760503131Y", "字符"),
        (12345.0, "5 位"),
        (0.5, "字符"),
        (True, "不是身份证号"),
        (dt.date(2020, 1, 1), "不是身份证号"),
        (float("nan"), "丢失"),
    ],
)
def test_identity_number_refusals(wrong, why):
    with pytest.raises(ValueError, match=why):
        values.identity_number(wrong)


@pytest.mark.parametrize(
    "masked", ["3101********0311", "310107********1315", "3101**********1315", "3101＊＊＊＊＊＊＊＊0311"]
)
def test_masked_identity_number_is_no_change(masked):
    read = values.identity_number(masked)
    assert read is not None
    assert read.masked
    assert read.birth is None


@pytest.mark.parametrize("empty", ["", "无", None, "——"])
def test_identity_number_of_an_empty_cell(empty):
    assert values.identity_number(empty) is None


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2030, 12, 31)),
    st.integers(0, 999),
    st.integers(0, 16),
    st.integers(1, 9),
)
def test_check_digit_finds_every_single_wrong_digit(birth, serial, at, shift):
    body = f"310107{birth:%Y%m%d}{serial:03d}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    check = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
    read = values.identity_number(body + check)
    assert read is not None
    assert (read.birth, read.male) == (birth, serial % 2 == 1)
    wrong = body[:at] + str((int(body[at]) + shift) % 10) + body[at + 1 :] + check
    with pytest.raises(ValueError):
        values.identity_number(wrong)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (13800001111.0, "13800001111"),
        ("138 0000 1111", "13800001111"),
        ("138-0000-1111", "13800001111"),
        ("+8613800001111", "13800001111"),
        ("021-52564588", "021-52564588"),
        ("52564588", "52564588"),
        ("138****1111", "138****1111"),
        ("", ""),
        (None, ""),
        ("无", ""),
    ],
)
def test_phone_number(cell, number):
    assert values.phone_number(cell) == number


@pytest.mark.parametrize("wrong", ["1380000111", "12800001111", "abc", 5.0])
def test_phone_number_refusals(wrong):
    with pytest.raises(ValueError, match="电话号码"):
        values.phone_number(wrong)


def test_yes_no():
    assert [values.yes_no(cell) for cell in ("是", "√", "Y", 1.0, True, "有")] == [True] * 6
    assert [values.yes_no(cell) for cell in ("否", "×", "n", 0.0, False, "无")] == [False] * 6
    assert [values.yes_no(cell) for cell in ("", None, "——", " ")] == [None] * 4
    with pytest.raises(ValueError):
        values.yes_no("也许")


def test_whole_number():
    assert [values.whole_number(cell) for cell in (5.0, "5", "5.0", " 5 人", "１２", "-3")] == [
        5,
        5,
        5,
        5,
        12,
        -3,
    ]
    assert values.whole_number("——") is None
    for wrong in (5.5, "五", "5.5", True):
        with pytest.raises(ValueError):
            values.whole_number(wrong)


@given(st.one_of(st.none(), st.text(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.integers()))
def test_text_of_anything_is_clean_text(cell):
    clean = values.text(cell)
    assert clean == clean.strip()
    assert values.text(clean) in (clean, "") or clean[:1] in "'‘’`＇"
