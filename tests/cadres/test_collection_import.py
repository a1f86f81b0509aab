"""The 履历工作簿 into the roster: whose rows, which records, what differs; twice changes nothing; sealed stays sealed."""

import datetime as dt
import io

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cadres.collection.exporting import sheets_for, write_histories
from cadres.collection.selecting import Selection
from cadres.models import (
    AnnualAssessment,
    CareerLine,
    CollectionRow,
    CompetenceProfile,
    Education,
    FamilyMember,
    Honour,
    Oversight,
    RosterImportRow,
    TalentEntry,
)
from cadres.services.collection_import.committing import commit
from core.models import AuditEntry
from tests.cadres.collections_made import book, imported, previewed, rows, sentences
from tests.cadres.factories import identity, make_cadre

pytestmark = pytest.mark.django_db
NUMBER = identity()


@pytest.fixture
def person(roster):
    """张三 at the direct school."""
    return make_cadre(roster.direct_school, "张三", id_number=NUMBER)


def who(**cells):
    """A row of 张三."""
    return {"姓名": "张三", "身份证号": NUMBER, **cells}


EVERYTHING = {
    "学历学位": [who(教育类别="全日制", 学历="大学本科毕业", 学位="文学学士", 毕业院校系及专业="某大学中文系", 毕业时间="2002.07")],
    "职称": [who(职称="高级教师", 取得时间="2015.12")],
    "资格证书": [who(证书类别="教师资格证书", 证书名称="高中教师资格", 发证时间="2002.08.15", 培训学时=None)],
    "职级": [who(类别="职级", **{"职级（层次）": "五级职员"}, 起始时间="2016.01")],
    "政治面貌": [who(政治面貌="中共党员", 加入时间="2001.06")],
    "年度考核": [who(年度=2024, 等次="优秀"), who(年度=2025, 等次="合格")],
    "荣誉表彰": [who(荣誉名称="优秀教师", 级别="市级", 授予时间="2019.09")],
    "简历": [
        who(内容="某校教师", 起始时间="2002.08", 截止时间="2010.08"),
        who(内容="某大学在职学习", 学习经历="是", 其间所属="某校教师", 起始时间="2005.09", 截止时间="2008.07"),
    ],
    "领军梯队": [who(梯队="骨干校长", 认定时间="2020.01")],
    "后备干部": [who(后备类别="正职", 状态="后备", 列入时间="2022.03")],
    "个性化培养计划": [who(培养目标="成为领军校长", 起始时间="2023.01")],
    "能力画像": [who(评价日期="2025.03.04", 来源="专家评价", 课程领导=80, 战略规划=90)],
    "统一考评": [who(挂职单位及职务="实验小学副校长", 等次="优秀", 得分=92.5, 评语="踏实肯干", 起始时间="2021.09")],
    "家庭成员": [who(称谓="妻子", 家庭成员姓名="李小红", 家庭成员出生年月="1981.03", 政治面貌="群众")],
    "管理监督": [who(类别="处分", 处分种类="警告", 事由="迟报材料", **{"实施（生效）时间": "2024.05.06"})],
}  # fmt: skip


def test_every_history_comes_in_and_the_second_time_changes_nothing(person, roster):
    outcome = imported(book(**EVERYTHING), roster.bureau)
    assert outcome.summary == {"new": 17, "changed": 0, "unchanged": 0, "rejected": 0, "ask": 0}
    education = Education.objects.get()
    assert (education.cadre, education.level.name, education.level_text) == (person, "大学本科毕业", "大学")
    assert (education.end, education.end_precision) == (dt.date(2002, 7, 1), "month")
    assert AnnualAssessment.objects.get(year=2025).grade == "qualified"
    assert CompetenceProfile.objects.get().scores == [80, None, None, 90, None, None]
    family = FamilyMember.objects.get()
    assert (family.name, family.birth, family.employment) == ("李小红", "1981-03", "")
    sanction = Oversight.objects.get()
    assert (sanction.content, sanction.end) == ("迟报材料", dt.date(2024, 11, 6))
    inner = CareerLine.objects.get(is_study=True)
    assert inner.within.text == "某校教师"
    again = previewed(book(**EVERYTHING), roster.bureau)
    assert again.summary == {"new": 0, "changed": 0, "unchanged": 17, "rejected": 0, "ask": 0}


def test_what_was_exported_comes_back_unchanged(person, roster, hr):
    imported(book(**EVERYTHING), roster.bureau)
    out = io.BytesIO()
    wanted = tuple(one.code for one in sheets_for(hr))
    write_histories(out, Selection(sheets=wanted, reason="核对履历"), by=hr)
    again = previewed(out.getvalue(), roster.bureau)
    assert [sentences(row) for row in rows(again) if row["status"] != "unchanged"] == []
    assert again.summary["unchanged"] == 17
    assert "只能导出" in str(again.notes)


def test_what_differs_is_shown_and_changed_and_the_rest_stays(person, roster):
    imported(book(**EVERYTHING), roster.bureau)
    changed = book(
        荣誉表彰=[
            who(荣誉名称="优秀教师", 级别="省级", 授予时间="2019.09"),
            who(荣誉名称="先进工作者", 授予时间="2020"),
        ],
        年度考核=[who(年度=2025, 等次="优秀", 说明="经复核")],
    )
    made = previewed(changed, roster.bureau)
    found = {row["values"].get("honour_name", row["values"].get("year")): row for row in rows(made)}
    assert found["优秀教师"]["changes"] == {"level": ["市级", "省级"]}
    assert found["先进工作者"]["status"] == "new"
    assert found["2025"]["changes"] == {"grade": ["合格（称职）", "优秀"], "note": [None, "经复核"]}
    with transaction.atomic():
        commit(made.pk, by=None)
    assert Honour.objects.get(name="优秀教师").level == "province"
    assert AnnualAssessment.objects.count() == 2


def test_a_date_missing_before_completes_the_record(person, roster):
    Honour.objects.create(cadre=person, name="优秀教师")
    made = previewed(book(荣誉表彰=[who(荣誉名称="优秀教师", 授予时间="2019.09")]), roster.bureau)
    assert rows(made)[0]["changes"] == {"start": [None, "2019-09"]}


def test_the_same_record_twice_in_a_file_comes_in_once(person, roster):
    made = previewed(book(荣誉表彰=[who(荣誉名称="甲", 授予时间="2019.09")] * 2), roster.bureau)
    assert [row["status"] for row in rows(made)] == ["new", "rejected"]
    assert "同一条记录" in sentences(rows(made)[1])


@pytest.mark.parametrize(
    ("sheet", "cells", "message"),
    [
        ("年度考核", {"年度": 2099, "等次": "优秀"}, "不能晚于今年"),
        ("年度考核", {"年度": 2024, "等次": "好"}, "没有“好”这个等次"),
        ("学历学位", {"教育类别": "全日制"}, "至少填写一项"),
        ("荣誉表彰", {"级别": "市级", "荣誉名称": None}, "此字段不能为空"),
        ("荣誉表彰", {"荣誉名称": "甲", "授予时间": "2020", "撤销时间": "2019"}, "不能早于"),
        ("领军梯队", {"梯队": "知名校长", "认定时间": "2021.01"}, "已在另一梯队"),
        ("管理监督", {"类别": "处分"}, "处分须"),
        ("统一考评", {"挂职单位及职务": "甲", "等次": "优秀", "得分": 120}, "0 到 100"),
    ],
)
def test_what_the_pages_refuse_is_refused_with_its_sentence(person, roster, sheet, cells, message):
    TalentEntry.objects.create(cadre=person, tier="backbone", start=dt.date(2020, 1, 1))
    row = rows(previewed(book(**{sheet: [who(**cells)]}), roster.bureau))[0]
    assert row["status"] == "rejected"
    assert message in sentences(row)
    if "不能为空" in message:
        assert row["problems"][0]["column"] == "荣誉名称"


# --- whose row it is ---------------------------------------------------------------------------------------


def test_without_a_number_name_birth_and_unit_decide(person, roster):
    row = {"姓名": "张三", "出生年月": "1980.05", "单位": "示例区第二中学", "荣誉名称": "甲"}
    assert imported(book(荣誉表彰=[row]), roster.bureau).summary["new"] == 1
    assert Honour.objects.get().cadre == person


def test_somebody_not_on_the_roster_is_rejected_not_made(person, roster):
    made = previewed(
        book(荣誉表彰=[{"姓名": "李四", "身份证号": identity(), "荣誉名称": "甲"}]), roster.bureau
    )
    found = rows(made)[0]["problems"][0]
    assert "名册中没有这位干部" in found["message"]
    assert (found["column"], found["value"]) == ("姓名", "")


def test_a_number_with_another_name_is_asked_once_and_answered(person, roster):
    from cadres.services.collection_import.previewing import reconsider

    content = book(荣誉表彰=[{"姓名": "章三", "身份证号": NUMBER, "荣誉名称": one} for one in ("甲", "乙")])
    made = previewed(content, roster.bureau)
    assert made.summary["ask"] == 2
    asked = RosterImportRow.objects.get(verdict="ask")
    assert asked.candidates == [person.pk]
    made.answers = {f"row:荣誉表彰!{asked.row}": person.pk}
    with transaction.atomic():
        reconsider(made)
    assert made.summary["new"] == 2
    made.answers = {f"row:荣誉表彰!{asked.row}": "new"}
    with transaction.atomic():
        reconsider(made)
    assert made.summary["rejected"] == 2


def test_another_name_beside_the_same_number_is_noticed_row_by_row(person, roster):
    content = book(荣誉表彰=[who(荣誉名称="甲"), {"姓名": "章三", "身份证号": NUMBER, "荣誉名称": "乙"}])
    assert [row["status"] for row in rows(previewed(content, roster.bureau))] == ["new", "ask"]


def test_people_outside_the_import_s_units_are_refused(person, roster):
    made = previewed(book(荣誉表彰=[who(荣誉名称="甲")]), roster.central_east)
    assert rows(made)[0]["status"] == "rejected"


# --- confidential ------------------------------------------------------------------------------------------


def test_sealed_cells_lie_nowhere_in_clear(person, roster):
    words = ("李小红", "迟报材料", "踏实肯干", "1981-03")
    made = previewed(book(**EVERYTHING), roster.bureau)
    assert not any(word in str(row) for row in CollectionRow.objects.values() for word in words)
    with transaction.atomic():
        commit(made.pk, by=None)
    changed = {**EVERYTHING, "管理监督": [{**EVERYTHING["管理监督"][0], "事由": "另一事由"}]}
    made = previewed(book(**changed), roster.bureau)
    assert rows(made)[-1]["changes"] == {"content": ["（保密内容）", "（保密内容）"]}
    with transaction.atomic():
        commit(made.pk, by=None)
    trail = str(list(AuditEntry.objects.values()))
    assert not any(word in trail for word in (*words, "另一事由"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM cadres_oversight")
        assert cursor.fetchone()[0].startswith("v1.")


def test_who_may_not_see_it_does_not_bring_it_in(person, roster):
    from accounts.models import Grant
    from tests.factories import make_holder

    made = previewed(
        book(**EVERYTHING), roster.bureau, by=make_holder("zx", "中心校", "central", roster.central_east)
    )
    assert "没有查看这类保密内容的权限" in str(made.notes)
    assert {row["values"]["kind"] for row in rows(made)} & {"family", "oversight", "evaluation"} == set()
    assert Grant.objects.count()


def test_nobody_enters_their_own_organisational_record(person, roster, hr):
    person.user = hr
    person.save()
    made = previewed(
        book(管理监督=EVERYTHING["管理监督"], 荣誉表彰=EVERYTHING["荣誉表彰"]), roster.bureau, by=hr
    )
    assert {row["values"]["kind"]: row["status"] for row in rows(made)} == {
        "honour": "new",
        "oversight": "rejected",
    }


# --- the commit --------------------------------------------------------------------------------------------


def test_nothing_is_written_when_the_roster_has_changed_since(person, roster):
    made = previewed(book(荣誉表彰=[who(荣誉名称="甲")]), roster.bureau)
    Honour.objects.create(cadre=person, name="甲", level="city")
    with transaction.atomic():
        assert commit(made.pk, by=None).renewed
    assert Honour.objects.count() == 1
    made.refresh_from_db()
    assert made.summary["unchanged"] == 1


def test_the_number_of_statements_does_not_grow_with_the_rows(roster):
    people = [make_cadre(roster.direct_school, f"干部{n}", id_number=identity()) for n in range(20)]

    def content(number, level, mark):
        return book(
            荣誉表彰=[
                {
                    "姓名": people[n % 20].name,
                    "身份证号": people[n % 20].id_number,
                    "荣誉名称": f"荣誉{mark}{n}",
                    "级别": level,
                }
                for n in range(number)
            ],
            家庭成员=[
                {
                    "姓名": people[n % 20].name,
                    "身份证号": people[n % 20].id_number,
                    "称谓": "父亲",
                    "家庭成员姓名": f"某{mark}{n}",
                }
                for n in range(number)
            ],
        )

    def counted(number, level, mark):
        with CaptureQueriesContext(connection) as queries:
            imported(content(number, level, mark), roster.bureau)
        return len(queries)

    counted(10, "市级", "甲")
    assert counted(100, "市级", "乙") == counted(10, "市级", "丙")
    assert counted(100, "省级", "乙") == counted(10, "省级", "丙")
    assert Honour.objects.filter(level="province").count() == 110
