"""Code tables: loading twice changes nothing; people's words find their code."""

import csv

import pytest
from django.core.management import call_command

from cadres.codes import CodeMatcher, fold
from cadres.models import Code
from cadres.services.codes import CODE_FILES, load_codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(db):
    load_codes()


def test_loading_twice_changes_nothing_and_keeps_local_values(loaded, capsys, django_assert_max_num_queries):
    first = list(Code.objects.values_list("pk", "list", "code", "name"))
    Code.objects.create(list="title", code="X1", name="本地职称")
    with django_assert_max_num_queries(30):
        call_command("load_codes")
    assert Code.objects.filter(code="X1").exists()
    assert list(Code.objects.exclude(code="X1").values_list("pk", "list", "code", "name")) == first
    assert "education 46" in capsys.readouterr().out


def test_a_code_twice_in_a_file_is_refused(tmp_path, loaded):
    for name in Code.List.values:
        (tmp_path / f"{name}.csv").write_text(
            "code,name,short,aliases,level\n1,甲,,,\n1,乙,,,\n", encoding="utf-8"
        )
    before = Code.objects.count()
    with pytest.raises(ValueError, match="twice"):
        load_codes(directory=tmp_path)
    assert Code.objects.count() == before


@pytest.mark.parametrize(
    ("code_list", "text", "code"),
    [
        ("education", "大学", "21"), ("education", "本科", "21"), ("education", "大学本科学历", "21"),
        ("education", "全日制大专", "31"), ("education", "研究生", "10"), ("education", "硕士研究生", "14"),
        ("education", "中专", "41"), ("education", "中 专", "41"), ("education", "省委党校研究生", "1B"),
        ("ethnicity", "汉", "01"), ("ethnicity", "汉族", "01"), ("ethnicity", "维吾尔", "05"),
        ("political", "党员", "01"), ("political", "中共党员", "01"), ("political", "预备党员", "02"),
        ("political", "民建", "06"), ("political", "九三学社", "10"), ("political", "无党派", "12"),
        ("title", "高级教师", "T412"), ("title", "一级教师", "T420"), ("title", "小学高级教师", "413"),
        ("title", "中学一级", "053"), ("title", "中学高级教师", "052"), ("title", "正高级教师", "T411"),
        ("degree", "教育硕士", "342"), ("degree", "理学学士学位", "407"), ("degree", "MBA", "346"),
        ("post_level", "正科级", "141"), ("selection", "岗位竞聘", "12"), ("health", "健康", "1"),
        ("education", "没听说过", None), ("education", "", None), ("title", "级", None),
    ],
)  # fmt: skip
def test_words_find_their_code(loaded, code_list, text, code):
    found = CodeMatcher(code_list).match(text)
    assert (found.code if found else None) == code


def test_a_matcher_asks_the_database_once(loaded, django_assert_num_queries):
    with django_assert_num_queries(1):
        matcher = CodeMatcher("title")
        for text in ("高级教师", "一级教师", "乱写", "高级教师"):
            matcher.match(text)


@pytest.mark.parametrize(
    ("code_list", "lower", "higher"),
    [
        ("education", "中专", "大专"), ("education", "大专结业", "大专"), ("education", "大专", "本科"),
        ("education", "本科", "研究生"), ("education", "硕士研究生", "博士研究生"),
        ("degree", "学士", "硕士"), ("title", "小学高级教师", "高级教师"), ("title", "高级教师", "正高级教师"),
        ("post_level", "副科", "正科"),
    ],
)  # fmt: skip
def test_levels_make_values_comparable(loaded, code_list, lower, higher):
    matcher = CodeMatcher(code_list)
    names = [
        matcher.match(text) or Code.objects.get(list=code_list, name="大学专科结业")
        for text in (lower, higher)
    ]
    assert names[0].level < names[1].level


@pytest.mark.parametrize("code_list", Code.List.values)
def test_no_alias_means_two_values(code_list):
    if code_list == "region":
        pytest.skip("places of one name exist")
    with (CODE_FILES / f"{code_list}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    said = [fold(alias) for row in rows for alias in row["aliases"].split("|") if alias]
    assert len(said) == len(set(said))
