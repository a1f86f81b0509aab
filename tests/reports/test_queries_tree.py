"""The tree of conditions: hard checks with Chinese sentences, and how a query reads back."""

import datetime as dt

import pytest

from core.errors import Invalid
from reports.queries.tree import Query, dump, parse, read_as_of
from reports.queries.words import conditions, describe
from tests.cadres.factories import make_code
from tests.factories import make_unit

pytestmark = pytest.mark.django_db
AGE = {"fact": "age", "op": "at_most", "value": 35}


@pytest.fixture
def codes(db):
    make_code("title", "T420", "一级教师", level=30)
    make_code("title", "010", "高等学校教师")
    make_code("political", "01", "中国共产党党员", short="中共党员")
    make_code("political", "06", "民建会员")


def words(*items, **group):
    """Conditions in words."""
    return conditions(*parse({"items": list(items), **group}))


def nested(depth):
    """A group in a group …"""
    node = AGE
    for _ in range(depth):
        node = {"join": "and", "items": [node]}
    return node


def test_a_query_reads_back(codes):
    read = words(
        AGE,
        {
            "join": "or",
            "items": [
                {"fact": "title_level", "op": "at_least", "value": "T420"},
                {"fact": "excellent_years_3", "op": "at_least", "value": 1},
            ],
        },
        {"fact": "seconded_now", "op": "is", "value": True, "not": True},
    )
    assert read == "年龄 ≤ 35 岁 且（职称 ≥ 一级教师 或 近三年考核优秀次数 ≥ 1 次）且非在挂职"


@pytest.mark.parametrize(
    ("node", "read"),
    [
        ({"fact": "age", "op": "between", "value": [30, 35]}, "年龄在 30–35 岁之间"),
        ({"fact": "age", "op": "unknown", "not": True}, "非（年龄未登记）"),
        ({"fact": "has_plan", "op": "is", "value": False}, "没有个性化培养计划"),
        ({"fact": "political", "op": "one_of", "value": ["01", "06", "01"]}, "政治面貌为中共党员或民建会员"),
        ({"fact": "native_place", "op": "contains", "value": " 道真 "}, "籍贯含“道真”"),
        ({"fact": "birth", "op": "since", "value": "1980"}, "出生年月自1980年起"),
        ({"fact": "birth", "op": "between", "value": ["1980-01", "1985-12-31"]}, "出生年月在1980年1月至1985年12月31日"),
        ({"fact": "highest_honour", "op": "at_least", "value": 4}, "最高荣誉级别 ≥ 市级"),
        ({"fact": "talent_tier", "op": "is", "value": 1}, "领军梯队为骨干校长"),
        (
            {"history": "honour", "where": [
                {"field": "level", "op": "at_least", "value": "city"},
                {"field": "start", "op": "since", "value": "2022"},
            ]},
            "有过荣誉表彰（级别 ≥ 市级，开始时间自2022年起）",
        ),
        (
            {"history": "appointment", "when": "in_force", "count": 2,
             "where": [{"field": "title", "op": "contains", "value": "教务主任"}], "not": True},
            "非“现有 2 条以上任职（职务名称含“教务主任”）”",
        ),
        ({"history": "family"}, "有家庭成员"),
        ({"join": "or", "items": [AGE, {"fact": "on_team", "op": "is", "value": True}], "not": True},
         "非（年龄 ≤ 35 岁 或 现任学校领导班子成员）"),
    ],
)  # fmt: skip
def test_each_kind_of_condition_has_words(codes, node, read):
    assert words(node) == read


def test_the_whole_query_names_unit_and_day():
    group, names = parse(AGE)
    query = Query(group, make_unit("东河镇中心校"), dt.date(2025, 8, 31), "all", names)
    assert describe(query) == "年龄 ≤ 35 岁；单位：东河镇中心校及其下属；截至2025年8月31日；含已离开的人"


def test_a_tree_is_stored_as_it_was_read(codes):
    tree = {
        "join": "or",
        "items": [
            {"fact": "title_level", "op": "at_least", "value": "T420"},
            {"fact": "birth", "op": "between", "value": ["1980", "1985-06"], "not": True},
            {"history": "assessment", "where": [{"field": "grade", "op": "one_of", "value": ["excellent"]}],
             "when": "ever", "count": 3},
        ],
    }  # fmt: skip
    assert dump(parse(tree)[0]) == tree


@pytest.mark.parametrize(
    ("tree", "place", "sentence"),
    [
        (None, "where", "格式不对"),
        ([], "where", "格式不对"),
        ({}, "where", "指标或履历"),
        ({"items": []}, "where.items", "至少要有一个"),
        ({"items": "x"}, "where.items", "至少要有一个"),
        ({"join": "xor", "items": [AGE]}, "where.join", "且”或“或"),
        ({"join": ["and"], "items": [AGE]}, "where.join", "且”或“或"),
        ({**AGE, "not": 1}, "where.not", "非"),
        ({**AGE, "evil": 1}, "where", "不认识"),
        ({"fact": "", "op": "is", "value": 1}, "where.fact", "请选择指标"),
        ({"fact": "password", "op": "is", "value": 1}, "where.fact", "没有这个指标"),
        ({"fact": ["age"], "op": "is", "value": 1}, "where.fact", "没有这个指标"),
        ({"fact": "age", "op": "contains", "value": "3"}, "where.op", "不能这样比较"),
        ({"fact": "age", "op": {}, "value": 3}, "where.op", "不能这样比较"),
        ({"fact": "age", "op": "at_most", "value": "35"}, "where.value", "整数"),
        ({"fact": "age", "op": "at_most", "value": True}, "where.value", "整数"),
        ({"fact": "age", "op": "at_most", "value": 10**30}, "where.value", "整数"),
        ({"fact": "age", "op": "at_most", "value": 35.5}, "where.value", "整数"),
        ({"fact": "age", "op": "between", "value": [36, 35]}, "where.value", "起值"),
        ({"fact": "age", "op": "between", "value": 35}, "where.value", "起止"),
        ({"fact": "on_team", "op": "unknown"}, "where.op", "不能这样比较"),
        ({"fact": "on_team", "op": "is", "value": "yes"}, "where.value", "是或否"),
        ({"fact": "gender", "op": "one_of", "value": []}, "where.value", "至少选择一项"),
        ({"fact": "gender", "op": "one_of", "value": ["9"]}, "where.value", "没有这个选项"),
        ({"fact": "gender", "op": "one_of", "value": [["1"]]}, "where.value", "没有这个选项"),
        ({"fact": "title_level", "op": "at_least", "value": "010"}, "where.value", "没有这个选项"),
        ({"fact": "native_place", "op": "contains", "value": "\x00"}, "where.value", "1 到 60"),
        ({"fact": "native_place", "op": "contains", "value": "\ud800"}, "where.value", "1 到 60"),
        ({"fact": "native_place", "op": "contains", "value": "长" * 61}, "where.value", "1 到 60"),
        ({"fact": "birth", "op": "since", "value": "2026-02-30"}, "where.value", "日期"),
        ({"fact": "birth", "op": "since", "value": "0000"}, "where.value", "日期"),
        ({"fact": "birth", "op": "since", "value": "２０２２"}, "where.value", "日期"),
        ({"history": "user"}, "where.history", "没有这种履历"),
        ({"history": "honour", "where": {}}, "where.where", "格式"),
        ({"history": "honour", "where": [{"field": "cadre__name", "op": "is", "value": "x"}]}, "where.where.0.field", "没有这一项"),
        ({"history": "oversight", "where": [{"field": "content", "op": "contains", "value": "x"}]}, "where.where.0.field", "没有这一项"),
        ({"history": "honour", "count": 0}, "where.count", "1 以上"),
        ({"history": "honour", "when": "never"}, "where.when", "现在有效"),
        ({"history": "assessment", "when": "in_force"}, "where.when", "现在有效"),
        ({"history": "family", "when": "in_force"}, "where.when", "现在有效"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_at_its_place(codes, tree, place, sentence):
    with pytest.raises(Invalid) as refused:
        parse(tree)
    assert sentence in refused.value.message
    assert list(refused.value.errors) == [place]


def test_five_levels_and_forty_conditions_are_the_most():
    parse(nested(5))
    with pytest.raises(Invalid, match="5 层"):
        parse(nested(6))
    parse({"items": [AGE] * 40})
    with pytest.raises(Invalid, match="最多 40"):
        parse({"items": [AGE] * 41})
    honours = {"history": "honour", "where": [{"field": "level", "op": "is", "value": "city"}] * 20}
    with pytest.raises(Invalid, match="最多 40"):
        parse({"items": [honours, honours]})


def test_the_day_of_a_query():
    assert read_as_of("") is None
    assert read_as_of("2026-02-28") == dt.date(2026, 2, 28)
    for wrong in ("2026-02", "x", 3, "2026-02-30", ["2026-01-01"]):
        with pytest.raises(Invalid, match="统计日"):
            read_as_of(wrong)
