"""A row that differs from a record only in its date is asked about: the same one, corrected, or another."""

import datetime as dt

import pytest
from django.db import transaction
from django.urls import reverse

from cadres.models import Appointment, CareerLine, Education, Honour
from cadres.services import imports
from cadres.services.collection_import.committing import commit
from cadres.services.collection_import.previewing import reconsider
from core.errors import Invalid
from tests.cadres.collections_made import book, imported, previewed, rows, sentences
from tests.cadres.factories import identity, make_cadre

pytestmark = pytest.mark.django_db
NUMBER = identity()


@pytest.fixture
def person(roster):
    """张三 with an honour of 2015."""
    cadre = make_cadre(roster.direct_school, "张三", id_number=NUMBER)
    Honour.objects.create(
        cadre=cadre, name="优秀教师", issuer="某局", start=dt.date(2015, 9, 1), start_precision="month"
    )
    return cadre


def who(**cells):
    """A row of 张三."""
    return {"姓名": "张三", "身份证号": NUMBER, **cells}


CORRECTED = {"荣誉名称": "优秀教师", "批准机关": "某局", "级别": "县（区）级", "授予时间": "2016.09"}


def answered(made, value):
    """The preview after an answer to its only question."""
    row = made.records.get(verdict="ask")
    made.answers = {f"record:{row.ordinal}": value}
    with transaction.atomic():
        reconsider(made)
    return rows(made)[0]


def test_the_only_record_with_another_date_is_asked_about(person, roster):
    made = previewed(book(荣誉表彰=[who(**CORRECTED)]), roster.bureau)
    row = rows(made)[0]
    assert (row["status"], made.summary["ask"]) == ("ask", 1)
    assert "只有时间不同（2015.09）" in sentences(row)
    with transaction.atomic():
        commit(made.pk, by=None)
    # What nobody answered stays out.
    assert [one.start.year for one in Honour.objects.all()] == [2015]


def test_the_same_one_is_corrected(person, roster):
    made = previewed(book(荣誉表彰=[who(**CORRECTED)]), roster.bureau)
    row = answered(made, "same")
    assert (row["status"], row["changes"]) == ("changed", {"start": ["2015-09", "2016-09"]})
    with transaction.atomic():
        commit(made.pk, by=None)
    assert [one.start.year for one in Honour.objects.all()] == [2016]
    assert previewed(book(荣誉表彰=[who(**CORRECTED)]), roster.bureau).summary["unchanged"] == 1


def test_another_one_is_new_and_none_is_left_out(person, roster):
    made = previewed(book(荣誉表彰=[who(**CORRECTED)]), roster.bureau)
    assert answered(made, "new")["status"] == "new"
    made = previewed(book(荣誉表彰=[who(**CORRECTED)]), roster.bureau)
    row = answered(made, None)
    assert (row["status"], "按您的答复" in sentences(row)) == ("rejected", True)


def test_nothing_is_asked_when_the_file_has_the_old_one_too(person, roster):
    both = [who(**CORRECTED), who(**{**CORRECTED, "授予时间": "2015.09"})]
    assert [row["status"] for row in rows(previewed(book(荣誉表彰=both), roster.bureau))] == [
        "new",
        "unchanged",
    ]


def test_nothing_is_asked_when_several_or_none_are_like_it(person, roster):
    other = {**CORRECTED, "批准机关": "另一局"}
    assert rows(previewed(book(荣誉表彰=[who(**other)]), roster.bureau))[0]["status"] == "new"
    Honour.objects.create(cadre=person, name="优秀教师", issuer="某局", start=dt.date(2012, 9, 1))
    assert rows(previewed(book(荣誉表彰=[who(**CORRECTED)]), roster.bureau))[0]["status"] == "new"


def test_two_rows_for_one_record_are_both_asked_and_only_one_can_be_it(person, roster):
    two = [who(**CORRECTED), who(**{**CORRECTED, "授予时间": "2018.09"})]
    made = previewed(book(荣誉表彰=two), roster.bureau)
    assert made.summary["ask"] == 2
    made.answers = {f"record:{one.ordinal}": "same" for one in made.records.all()}
    with transaction.atomic():
        reconsider(made)
    assert [row["status"] for row in rows(made)] == ["changed", "rejected"]


def test_the_histories_that_are_asked_about(person, roster):
    cells = {
        "学历学位": {"教育类别": "全日制", "学历": "大学本科毕业", "毕业院校系及专业": "某大学", "毕业时间": "2002.07"},
        "职称": {"职称": "高级教师", "取得时间": "2015.12"},
        "资格证书": {"证书类别": "教师资格证书", "证书名称": "高中教师资格", "发证时间": "2002.08.15"},
        "职级": {"类别": "职级", "职级（层次）": "五级职员", "起始时间": "2016.01"},
        "政治面貌": {"政治面貌": "中共党员", "加入时间": "2001.06"},
        "领军梯队": {"梯队": "骨干校长", "认定时间": "2020.01"},
        "后备干部": {"后备类别": "正职", "状态": "后备", "列入时间": "2022.03"},
        "简历": {"内容": "某校教师", "起始时间": "2002.08"},
    }  # fmt: skip
    imported(book(**{sheet: [who(**row)] for sheet, row in cells.items()}), roster.bureau)
    moved = {}
    for sheet, row in cells.items():
        when = next(name for name in row if name.endswith("时间"))
        moved[sheet] = [who(**{**row, when: "1999.03"})]
    found = rows(previewed(book(**moved), roster.bureau))
    assert {row["values"]["kind"]: row["status"] for row in found} == dict.fromkeys(
        ("education", "title", "certificate", "rank", "political", "talent", "reserve", "career"), "ask"
    )
    assert Education.objects.count() == CareerLine.objects.count() == 1


def test_posts_of_the_national_form(person, roster):
    from tests.cadres.test_collection_national import national

    Appointment.objects.create(
        cadre=person, unit=roster.direct_school, title="副校长", start=dt.date(2010, 8, 1), is_main=True,
        start_precision="month",
    )  # fmt: skip
    row = who(任职机构名称="示例区第二中学", 职务名称="副校长", 任职时间="201108", 主职务="是")
    assert rows(previewed(national(A02职务=[row]), roster.bureau))[0]["status"] == "ask"


def test_the_page_asks_and_takes_the_answer(person, roster, hr, client):
    made = previewed(book(荣誉表彰=[who(**CORRECTED)]), roster.bureau, by=hr)
    client.force_login(hr)
    page = client.get(reverse("cadre-import-detail", args=[made.pk]) + "?show=ask").content.decode()
    assert "是同一条吗？" in page
    assert "只有时间不同（2015.09）" in page
    key = f"record:{made.records.get().ordinal}"
    assert key in page
    client.post(
        reverse("cadre-import-answer", args=[made.pk]),
        {"question-0": key, "answer-0": "same", "show": "ask"},
    )
    assert made.records.get().verdict == "changed"


@pytest.mark.parametrize("key, value", [("record:1", 5), ("record:99", "same"), ("record:x", "new")])
def test_only_what_was_asked_can_be_answered(person, roster, hr, key, value):
    made = previewed(book(荣誉表彰=[who(**CORRECTED)]), roster.bureau, by=hr)
    with pytest.raises(Invalid):
        imports.answer(roster_import=made, by=hr, answers={key: value})
