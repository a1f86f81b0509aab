"""The 干部大数据信息提取表 both ways: read as it comes, written as it is, nothing lost that it can hold."""

import datetime as dt
import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from cadres.collection.national import national_sheets
from cadres.collection.national_exporting import write_national
from cadres.collection.selecting import Selection
from cadres.models import (
    Appointment,
    Cadre,
    CareerLine,
    CollectionRow,
    Education,
    FamilyMember,
    Honour,
    Oversight,
    PoliticalStatus,
    Post,
    ProfessionalTitle,
    Rank,
    RosterImport,
)
from cadres.services.collection_import.committing import commit
from cadres.services.collection_import.previewing import reconsider
from core.models import AuditEntry
from tests.cadres.collections_made import imported, previewed, rows, sentences
from tests.cadres.factories import identity, make_cadre

pytestmark = pytest.mark.django_db
NUMBER = identity(dt.date(1976, 5, 3), "1")
CAREER = "1998.07--2005.08  示例区实验小学教师\n2005.08--         示例区第二中学副校长\n（其间：2006.09--2009.07  某大学在职学习）"


def national(**sheets):
    """A form as it comes: row 1 a merged title, row 2 headings, data from row 3."""
    made = Workbook()
    made.remove(made.active)
    for name, given in sheets.items():
        page = made.create_sheet(name)
        headings = list(dict.fromkeys(key for row in given for key in row))
        page.append([name])
        page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=max(2, len(headings)))
        page.append(headings)
        for row in given:
            page.append([row.get(key) for key in headings])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def who(**cells):
    """A row of 张三."""
    return {"姓名": "张三", "身份证号": NUMBER, **cells}


FORM = {
    "B01单位": [{"机构名称": "示例区第二中学", "机构编码": "x"}],
    "A01人员": [
        who(性别="男", 出生年月="19760503", 籍贯="浙江宁波", 出生地="浙江杭州", 民族="汉族", 健康状况="健康",
            参加工作时间="199807", 政治面貌="中国共产党党员", 入党时间="20010608", 第二党派="中国民主建国会会员",
            熟悉专业有何特长="语文教学", 统计关系所在单位="示例区第二中学", 简历=CAREER, 成长地="宁波")
    ],
    "A02职务": [
        who(任职机构名称="示例区第二中学", 职务名称="副校长", 任职时间="200508", 任职文号="教人〔2005〕8号", 任职状态="在任",
            主职务="是", 选拔任用方式="委任"),
        who(任职机构名称="示例区实验小学", 职务名称="教导主任", 任职时间="200109", 免职时间="200508", 任职状态="已免",
            主职务="是"),
    ],
    "A05职务职级": [who(**{"类别（职务层次、职级标志）": "职级", "职务层次（职级）": "五级职员", "批准日期": "201001"})],
    "A06专业技术": [who(专业技术资格代码="高级教师", 专业技术资格名称="中学高级教师", 获得资格日期="201012")],
    "A08学历学位": [who(学历名称="大学", 学历代码="大学本科毕业", 教育类别="全日制", 入学时间="199409",
                    **{"毕（肄）业时间": "199807", "学校（单位）名称": "某师范大学", "所学专业名称": "汉语言文学"})],
    "A14奖惩": [who(奖惩名称="优秀教师", 批准日期="20100910", 批准机关="市教育局", 批准机关级别="市（地）级"),
              who(奖惩名称="警告", 批准日期="201505", 批准机关="区监委")],
    "A15考核": [who(考核结论="优秀", 考核年度="2024")],
    "A36家庭及社会关系": [who(家庭成员姓名="李小红", 称谓="妻子", 出生日期="197803", 工作单位及职务="某医院护士", 排序=1)],
    "A99Z1补充": [who(是否考录="否")],
}  # fmt: skip


def exported(by=None, **options):
    """The form of everybody."""
    out = io.BytesIO()
    write_national(out, Selection(national=True, open_numbers=True, reason="年度上报"), by=by, **options)
    return out.getvalue()


def facts():
    """What the form can hold of everybody, as the database has it."""
    person = Cadre.objects.get()
    return {
        "person": (person.name, person.birth, person.birth_precision, person.native_place, person.birthplace,
                   person.health, person.work_start_date, person.speciality, person.unit_id),
        "politics": sorted((one.status.name, one.start, one.start_precision) for one in PoliticalStatus.objects.all()),
        "posts": sorted((one.place, one.title, str(one.start_date), str(one.end_date), one.document_number, one.is_main,
                         str(one.selection)) for one in Appointment.objects.all()),
        "ranks": [(one.kind, one.name, str(one.start_date)) for one in Rank.objects.all()],
        "titles": [(one.title_text, one.title.name, str(one.start_date)) for one in ProfessionalTitle.objects.all()],
        "education": [(one.mode, one.level.name, one.level_text, one.school, one.major, str(one.start_date),
                       str(one.end_date)) for one in Education.objects.all()],
        "honours": [(one.name, one.level, one.issuer, str(one.start_date)) for one in Honour.objects.all()],
        "sanctions": [(one.sanction, one.authority, str(one.start_date)) for one in Oversight.objects.all()],
        "family": [(one.name, one.relation.name, one.birth, one.employment, one.order) for one in FamilyMember.objects.all()],
        "career": sorted((one.text, str(one.start_date), str(one.end_date), bool(one.within_id))
                         for one in CareerLine.objects.all()),
    }  # fmt: skip


def test_a_whole_form_comes_in_with_a_new_person_and_twice_changes_nothing(roster):
    outcome = imported(national(**FORM), roster.bureau)
    assert (outcome.summary["rejected"], outcome.summary["ask"]) == (0, 0)
    found = facts()
    assert found["person"][:6] == ("张三", dt.date(1976, 5, 3), "day", "浙江宁波", "浙江杭州", "健康")
    assert len(found["politics"]) == 2
    assert [post[1] for post in found["posts"]] == ["教导主任", "副校长"]
    assert Post.objects.get().title == "副校长"
    assert found["titles"][0][:2] == ("中学高级教师", "高级教师")
    assert found["sanctions"] == [("admin_warning", "区监委", "2015-05")]
    assert found["honours"][0][1] == "city"
    assert [line for line in found["career"] if line[3]] == [("某大学在职学习", "2006-09", "2009-07", True)]
    made = previewed(national(**FORM), roster.bureau)
    assert [sentences(row) for row in rows(made) if row["status"] != "unchanged"] == []
    notes = str(made.notes)
    assert "按原文保存" in notes
    assert "成长地" in notes
    assert "是否考录" in notes


def test_a_round_trip_loses_nothing_that_the_form_can_hold(roster):
    imported(national(**FORM), roster.bureau)
    before, content = facts(), exported()
    again = previewed(content, roster.bureau)
    assert [(row["sheet"], row["changes"]) for row in rows(again) if row["status"] != "unchanged"] == []
    again.delete()
    Post.objects.all().update(closed_on=None)
    Appointment.objects.all().delete()
    Post.objects.all().delete()
    Cadre.objects.all().delete()
    imported(content, roster.bureau)
    assert facts() == before


def test_the_form_is_written_as_it_is(roster):
    imported(national(**FORM), roster.bureau)
    book = load_workbook(io.BytesIO(exported()))
    assert book.sheetnames == [spec.name for spec in national_sheets()]
    sheet = book["A01人员"]
    assert sheet["A1"].value.startswith("A01人员")
    assert "用途：年度上报" in sheet["A1"].value
    assert len(sheet.merged_cells.ranges) == 1
    headings = [cell.value for cell in sheet[2]]
    assert len(headings) == 36
    row = dict(zip(headings, (cell.value for cell in sheet[3]), strict=True))
    assert (row["身份证号"], row["出生年月"], row["参加工作时间"]) == (NUMBER, "19760503", "199807")
    assert (row["政治面貌"], row["第二党派"]) == ("中国共产党党员", "中国民主建国会会员")
    assert row["现工作单位及职务全称"] == "示例区第二中学副校长"
    assert sheet["A2"].font.color.rgb == "FFFF0000"
    assert [cell.value for cell in book["A36家庭及社会关系"][2]][:3] == ["姓名", "身份证号", "家庭成员姓名"]


def test_an_unknown_organisation_is_asked_and_may_lie_outside(roster):
    content = national(
        A02职务=[who(任职机构名称="某部队", 职务名称="班长", 任职时间="199507", 免职时间="199807")]
    )
    make_cadre(roster.direct_school, "张三", id_number=NUMBER)
    made = previewed(content, roster.bureau)
    assert made.summary["ask"] == 1
    made.answers = {"unit:某部队": "outside"}
    with transaction.atomic():
        reconsider(made)
    assert made.summary["new"] == 1
    with transaction.atomic():
        commit(made.pk, by=None)
    assert Appointment.objects.get().unit_text == "某部队"
    again = previewed(content, roster.bureau)
    assert again.summary["unchanged"] == 1


def test_an_unknown_unit_is_asked_not_made(roster):
    from accounts.models import Unit

    count = Unit.objects.count()
    made = previewed(national(B01单位=[{"机构名称": "火星中学", "机构编码": "m"}]), roster.bureau)
    assert made.summary["ask"] == 1
    made.answers = {"unit:火星中学": None}
    with transaction.atomic():
        reconsider(made)
    assert made.summary["rejected"] == 1
    assert Unit.objects.count() == count


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"任职机构名称": "示例区第二中学", "职务名称": "校长", "任职状态": "已免"}, "请填写免职时间"),
        ({"职务名称": "校长"}, "没有写任职机构名称"),
        (
            {"任职机构名称": "示例区第二中学", "职务名称": "校长", "任职时间": "200001", "主职务": "是"},
            "另一主职务",
        ),
    ],
)
def test_posts_that_cannot_be(roster, cells, message):
    person = make_cadre(roster.direct_school, "张三", id_number=NUMBER)
    Appointment.objects.create(
        cadre=person, unit=roster.direct_school, title="书记", is_main=True, start=dt.date(2010, 1, 1)
    )
    made = previewed(national(A02职务=[who(**cells)]), roster.bureau)
    assert message in sentences(rows(made)[0])


def test_a_sanction_needs_the_right_to_see_oversight(roster):
    from tests.factories import make_holder

    make_cadre(roster.school_east, "张三", id_number=NUMBER)
    central = make_holder("zx", "中心校", "central", roster.central_east)
    made = previewed(national(A14奖惩=FORM["A14奖惩"]), roster.central_east, by=central)
    assert [row["status"] for row in rows(made)] == ["new", "rejected"]
    assert "没有登记这类保密内容的权限" in sentences(rows(made)[1])


def test_the_statements_do_not_grow_with_the_people(roster):
    def counted(number, mark):
        people = [{"姓名": f"{mark}人{n}", "身份证号": identity(dt.date(1970, 1, 1 + n % 28)), "统计关系所在单位": "示例区第二中学"}
                  for n in range(number)]  # fmt: skip
        awards = [
            {"姓名": one["姓名"], "身份证号": one["身份证号"], "奖惩名称": "优秀教师"} for one in people
        ]
        with CaptureQueriesContext(connection) as queries:
            outcome = imported(national(A01人员=people, A14奖惩=awards), roster.bureau)
        assert outcome.summary["new"] == 2 * number
        return len(queries)

    counted(3, "甲")
    assert counted(4, "乙") == counted(20, "丙")
    with CaptureQueriesContext(connection) as few:
        exported()
    make_cadre(roster.direct_school, "又一人")
    with CaptureQueriesContext(connection) as more:
        exported()
    assert len(few) == len(more)


# --- commands ------------------------------------------------------------------------------------------------


@pytest.mark.real_parser
def test_the_commands_both_ways(roster, tmp_path, capsys):
    file, out, listed = tmp_path / "a.xlsx", tmp_path / "b.xlsx", tmp_path / "c.json"
    file.write_bytes(national(**FORM))
    call_command("import_collection", file, json=listed)
    assert not Cadre.objects.exists()
    assert not RosterImport.objects.exists()
    assert not CollectionRow.objects.exists()
    assert capsys.readouterr().out.splitlines()[-1] == "新增 14 更新 1 未变 0 拒绝 0"
    found = json.loads(listed.read_text())
    assert found["summary"]["new"] == 14
    family = next(row for row in found["rows"] if row["values"]["kind"] == "family")
    assert (family["sheet"], family["row"], family["status"]) == ("A36家庭及社会关系", 3, "new")
    assert (family["values"]["name"], family["values"]["family_name"]) == ("张三", "李小红")
    call_command("import_collection", file, commit=True)
    assert Cadre.objects.count() == 1
    call_command("export_collection", unit=roster.bureau.code, out=out)
    assert "已导出" in capsys.readouterr().out
    assert AuditEntry.objects.filter(action="collection.export_open").exists()
    call_command("import_collection", out)
    assert capsys.readouterr().out.splitlines()[-1].startswith("新增 0 更新 0")
    with pytest.raises(CommandError):
        call_command("export_collection", unit="nowhere", out=out)
    with pytest.raises(CommandError):
        call_command("import_collection", tmp_path / "nothing.xlsx")


def test_rejected_rows_end_with_one(roster, tmp_path):
    file = tmp_path / "a.xlsx"
    file.write_bytes(national(A15考核=[who(考核结论="优秀", 考核年度="2024")]))
    with pytest.raises(SystemExit) as ended:
        call_command("import_collection", file)
    assert ended.value.code == 1
