"""Pinyin keys: surnames read as surnames, ethnic names, search pieces."""

import pytest

from core.pinyin import SEVERAL_READINGS, fold, grams, initials, pinyin_key, surname_readings


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("欧阳明", "ou yang ming"),
        ("张三", "zhang san"),
        ("张　三", "zhang san"),
        ("单雄信", "shan xiong xin"),
        ("曾国", "zeng guo"),
        ("仇英", "qiu ying"),
        ("解缙", "xie jin"),
        ("查良镛", "zha liang yong"),
        ("区大相", "ou da xiang"),
        ("朴正", "piao zheng"),
        ("任平", "ren ping"),
        ("盖叫天", "ge jiao tian"),
        ("翟志刚", "zhai zhi gang"),
        ("覃辉", "qin hui"),
        ("卜明", "bu ming"),
        ("阚清", "kan qing"),
        ("尉迟恭", "yu chi gong"),
        ("万俟洛", "mo qi luo"),
        ("长孙无忌", "zhang sun wu ji"),
        ("澹台灭明", "tan tai mie ming"),
        ("单于飞", "chan yu fei"),
        ("吕明", "lv ming"),
        ("李长青", "li chang qing"),
        ("王重", "wang zhong"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_pinyin_key_reads_surname_as_surname(name, key):
    assert pinyin_key(name) == key


def test_pinyin_key_of_a_given_name_keeps_the_usual_reading():
    assert pinyin_key("李单") == "li dan"
    assert pinyin_key("王解") == "wang jie"


def test_pinyin_key_of_two_characters_is_no_compound_surname():
    assert pinyin_key("万俟") == "wan qi"
    assert pinyin_key("东方") == "dong fang"


@pytest.mark.parametrize("name", ["买买提·艾力", "买买提•艾力", "买买提・艾力"])
def test_pinyin_key_of_an_ethnic_name_ignores_the_dot(name):
    assert pinyin_key(name) == "mai mai ti ai li"
    assert initials(name) == "mmtal"


def test_pinyin_key_of_an_ethnic_name_has_no_surname():
    assert pinyin_key("单增·卓玛") == "dan zeng zhuo ma"
    assert pinyin_key("单增卓玛") == "dan zeng zhuo ma"


def test_initials():
    assert initials("欧阳明") == "oym"
    assert initials("单 田芳") == "stf"
    assert initials("") == ""


def test_latin_letters_and_unknown_characters_survive():
    assert pinyin_key("Anna李") == "anna li"
    assert initials("Anna李") == "al"
    assert pinyin_key("王\U0003134f") == "wang \U0003134f"


def test_grams_are_the_single_characters_and_pairs_once_each():
    assert grams("张　三") == ["张", "三", "张三"]
    assert grams("丽丽") == ["丽", "丽丽"]
    assert grams("买买提·艾力") == ["买", "提", "艾", "力", "买买", "买提", "提艾", "艾力"]
    assert grams("") == []


def test_grams_of_a_piece_are_contained_in_the_grams_of_the_name():
    whole = set(grams("欧阳明明"))
    for piece in ("欧", "阳明", "欧阳明", "明明", "欧 阳"):
        assert set(grams(piece)) <= whole


def test_fold_is_the_same_for_every_spelling():
    assert fold("买买提· 艾力") == fold("买买提•艾力") == fold("买买提艾力")


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("覃辉", ("qin", "tan")),
        ("缪一", ("miao", "mou", "mu")),
        ("单增卓玛", ("dan", "shan")),
        ("单雄信", ()),
        ("尉迟恭", ()),
        ("尉健行", ("wei", "yu")),
        ("那仁·巴特", ()),
        ("张三", ()),
        ("", ()),
    ],
)
def test_readings_a_surname_may_have(name, readings):
    assert surname_readings(name) == readings


def test_the_assumed_reading_of_each_surname_is_its_first():
    for letter, readings in SEVERAL_READINGS.items():
        assert pinyin_key(f"{letter}明") == f"{readings[0]} ming"
        assert pinyin_key(f"{letter}明", readings[1]) == f"{readings[1]} ming"
    assert pinyin_key("张三", "li") == "zhang san"
    assert initials("覃辉", "tan") == "th"
