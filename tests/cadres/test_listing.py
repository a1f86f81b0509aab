"""The list: search, filters, orders, paging along keys, counts; scope first of all."""

import datetime as dt

import pytest

from cadres import listing
from cadres.listing import SORTS, Criteria, count, list_page
from cadres.models import Cadre, Education, PoliticalStatus
from cadres.names import Characters, Initials, Pinyin, read_search
from cadres.querysets import subtree
from core.calendar import add_months, today
from tests.cadres.factories import make_appointment, make_cadre, make_code, make_post

pytestmark = pytest.mark.django_db


def names(user, criteria=None, **asked):
    ids = list_page(user, criteria or Criteria(**asked)).ids
    found = dict(Cadre.objects.values_list("id", "name"))
    return [found[pk] for pk in ids]


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("张", Characters("张", ("张",))),
        ("张 伟", Characters("张伟", ("张伟",))),
        ("zhangw", Pinyin("zhangw", "zhang w", "zhang w~")),
        ("Zhang Wei", Pinyin("zhangwei", "zhang wei", "zhang wei~")),
        (
            "xian",
            Pinyin(
                "xian", "xi a n", "xian~", (("xi a n~", "xi an"), ("xi an~", "xia n"), ("xia n~", "xian"))
            ),
        ),
        ("zw", Initials("zw")),
        ("z", Initials("z")),
        ("  ", None),
        ("·", None),
    ],
)
def test_search_text_is_characters_pinyin_or_initials(text, reading):
    assert read_search(text) == reading


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("张", ["张建国", "张伟"]),
        ("伟", ["张伟", "周大伟"]),
        ("建国", ["张建国"]),
        ("zhang", ["张建国", "张伟"]),
        ("zhangw", ["张伟"]),
        ("zw", ["张伟"]),
        ("zjg", ["张建国"]),
        ("ouyang", ["欧阳娜"]),
        ("shan", ["单雄"]),
        ("dan", []),
        ("xi'an", []),
        ("%", []),
        ("_", []),
    ],
)
def test_people_are_found_by_name_pinyin_and_initials(tree, hr, text, found):
    for name in ("张伟", "张建国", "周大伟", "欧阳娜", "单雄"):
        make_cadre(tree.school_east, name)
    assert names(hr, search=text) == found


def test_everybody_finds_only_the_own_scope(
    tree,
    hr,
    party,
    central_east,
    principal_east,
    principal_west,
    principal_direct,
    cadre_user,
    auditor,
    sysadmin,
):
    for unit, name in (
        (tree.school_east, "安东"),
        (tree.school_east_2, "白红"),
        (tree.school_west, "陈西"),
        (tree.direct_school, "邓直"),
    ):
        make_cadre(unit, name)
    everybody = ["安东", "白红", "陈西", "邓直"]
    assert names(hr) == everybody
    assert names(party) == everybody
    assert names(central_east) == ["安东", "白红"]
    assert names(principal_east) == ["安东"]
    assert names(principal_west) == ["陈西"]
    assert names(principal_direct) == ["邓直"]
    for user in (cadre_user, auditor, sysadmin, None):
        assert list_page(user, Criteria()).ids == []


def test_a_unit_narrows_the_scope_and_never_widens_it(tree, hr, central_east, principal_east):
    make_cadre(tree.school_east, "安东")
    make_cadre(tree.school_west, "陈西")
    assert names(hr, unit=tree.central_east) == ["安东"]
    assert names(central_east, unit=tree.bureau) == ["安东"]
    assert names(principal_east, unit=tree.central_east) == ["安东"]
    assert names(principal_east, unit=tree.school_west) == []
    assert names(principal_east, unit=tree.central_west) == []


@pytest.mark.parametrize("as_range", [True, False])
def test_a_subtree_does_not_take_in_units_whose_number_merely_begins_alike(tree, as_range):
    cadre = make_cadre(tree.school_east, "安东")
    for unit in (tree.bureau, tree.central_east, tree.school_east):
        assert Cadre.objects.filter(subtree(unit.path, as_range=as_range)).get() == cadre
    for unit in (tree.school_east_2, tree.central_west, tree.section):
        assert not Cadre.objects.filter(subtree(unit.path, as_range=as_range)).exists()
    shortened = tree.school_east.path[:-2] + "/"
    assert not Cadre.objects.filter(subtree(shortened, as_range=as_range)).exists()


def test_age_bands_count_completed_years(tree, hr):
    day = today()
    make_cadre(tree.school_east, "甲", birth=add_months(day, -12 * 36))  # 36 today
    make_cadre(tree.school_east, "乙", birth=add_months(day, -12 * 36) + dt.timedelta(days=1))  # 35 still
    make_cadre(tree.school_east, "丙", birth=None)
    assert names(hr, age="35") == ["乙"]
    assert names(hr, age="36-40") == ["甲"]
    assert names(hr, age="56") == []


def test_filters_by_post_education_party_gender_and_relation(tree, hr):
    college = make_code("education", "31", "大学专科毕业", level=40)
    bachelor = make_code("education", "21", "大学本科毕业", level=50)
    member, masses = make_code("political", "01", "中国共产党党员"), make_code("political", "13", "群众")
    head, other = make_cadre(tree.school_east, "甲"), make_cadre(tree.school_east, "乙", gender="2")
    make_cadre(tree.school_east, "丙", left=dt.date(2020, 1, 1))
    make_appointment(head, "校长", post=make_post(tree.school_east))
    make_appointment(
        other, "校长", post=head.appointments.get().post, start=dt.date(2010, 1, 1), end=dt.date(2019, 8, 1)
    )
    make_appointment(other, "副股长", unit=tree.section, kind="seconded", is_main=False)
    for cadre, level, status in ((head, college, member), (other, bachelor, masses)):
        Education.objects.create(cadre=cadre, mode="full_time", level=level, level_text=level.name)
        PoliticalStatus.objects.create(cadre=cadre, status=status)
    assert names(hr, category="head") == ["甲"]
    assert names(hr, hosted=True) == ["乙"]
    assert names(hr, gender="2") == ["乙"]
    assert names(hr, education="college") == ["甲", "乙"]
    assert names(hr, education="bachelor") == ["乙"]
    assert names(hr, education="below") == []
    assert names(hr, party="party") == ["甲"]
    assert names(hr, party="none") == ["乙"]
    assert names(hr, status="left") == ["丙"]
    assert names(hr, status="all") == ["丙", "甲", "乙"]
    assert count(hr, Criteria(status="all")) == (3, False)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("search", ["", "甲"])
def test_pages_follow_each_other_without_gap_or_repeat_both_ways(tree, hr, sort, search):
    for number in range(11):
        unit = (tree.school_east, tree.school_west, tree.direct_school)[number % 3]
        birth = None if number % 5 == 0 else dt.date(1980, 1 + number % 3, 1)
        cadre = make_cadre(unit, ("甲乙", "丁甲", "赵甲")[number % 3], birth=birth)
        if number % 4:
            make_appointment(cadre, start=dt.date(2015 + number % 3, 1, 1))
    asked = Criteria(sort=sort, search=search)
    whole = list_page(hr, asked, size=50).ids
    assert len(set(whole)) == 11
    forward, pages, cursor = [], [], ""
    while True:
        page = list_page(hr, asked, cursor=cursor, size=3)
        forward += page.ids
        pages.append(page)
        if not page.next:
            break
        cursor = page.next
    assert forward == whole
    assert [len(page.ids) for page in pages] == [3, 3, 3, 2]
    assert pages[0].previous == ""
    for at in (3, 2, 1):
        back = list_page(hr, asked, cursor=pages[at].previous, size=3)
        assert back.ids == pages[at - 1].ids
    assert back.previous == ""


def test_people_without_a_value_come_last_either_way(tree, hr):
    make_cadre(tree.school_east, "甲", birth=None)
    make_cadre(tree.school_east, "乙", birth=dt.date(1990, 1, 1))
    make_cadre(tree.school_east, "丙", birth=dt.date(1970, 1, 1))
    assert names(hr, sort="birth") == ["丙", "乙", "甲"]
    assert names(hr, sort="-birth") == ["乙", "丙", "甲"]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "====",
        "W10",
        "WyJuIiwwXQ",
        "WyJuIiwwLCJhIiwiYiJd",
        "WyJ4IiwwLCJhIiwxXQ",
        "WyJuIiw5LCJhIiwxXQ",
        "bnVsbA",
    ],
)
@pytest.mark.parametrize("sort", ["name", "birth", "unit", "post"])
def test_a_damaged_cursor_is_the_first_page(tree, hr, cursor, sort):
    make_cadre(tree.school_east, "甲")
    assert names(hr, sort=sort) == ["甲"]
    assert len(list_page(hr, Criteria(sort=sort), cursor=cursor).ids) == 1


@pytest.mark.parametrize(("text", "spread"), [("明", True), ("安", False), ("白", False)])
def test_a_common_character_is_found_the_same_whichever_way(tree, hr, monkeypatch, text, spread):
    monkeypatch.setattr("cadres.listing.COUNT_CAP", 3)
    monkeypatch.setattr("cadres.listing.PAGE_SIZE", 3)
    monkeypatch.setattr("cadres.listing._spread", {})
    for number in range(12):
        make_cadre(tree.school_east, f"{'丁安安'[number % 3]}明{number}")
    make_cadre(tree.school_east, "白一")
    asked = Criteria(search=text)
    expected = list(
        Cadre.objects.filter(name__contains=text).order_by("name_key", "id").values_list("pk", flat=True)
    )
    assert list_page(hr, asked, size=50).ids == expected
    first = list_page(hr, asked, size=4)
    second = list_page(hr, asked, cursor=first.next, size=4) if first.next else None
    assert first.ids + (second.ids if second else []) == expected[:8]
    assert [value for _, value in listing._spread.values()] == [spread]
