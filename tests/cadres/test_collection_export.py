"""The 履历工作簿 written: whose rows, what its reader may see, the line above confidential content, the template."""

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from cadres.collection.exporting import histories_template, sheets_for, write_histories
from cadres.collection.selecting import Selection, check_selection
from cadres.kinds import KINDS
from cadres.listing import Criteria
from cadres.models import CompetenceProfile, Education, FamilyMember, Honour
from core.errors import Invalid, NotAllowed
from tests.cadres.factories import identity, make_cadre, make_code
from tests.factories import make_holder

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(roster):
    """Somebody with an honour, an education and a family member."""
    cadre = make_cadre(roster.direct_school, "张三", id_number=identity())
    Honour.objects.create(cadre=cadre, name="=优秀教师", start=dt.date(2019, 9, 1), start_precision="month")
    bachelor = make_code("education", "21", "大学本科毕业")
    Education.objects.create(
        cadre=cadre, mode="full_time", level=bachelor, level_text="本科", school="某大学"
    )
    relation = make_code("relation", "13", "妻子")
    FamilyMember.objects.create(cadre=cadre, relation=relation, name="李小红", birth="1981-03")
    CompetenceProfile.objects.create(
        cadre=cadre, on=dt.date(2025, 3, 4), source="expert", scores=[80, None, 90, 70, 60, 50]
    )
    return cadre


def book(selection, by):
    """The sheets of an export as lists of rows."""
    content = io.BytesIO()
    write_histories(content, selection, by=by)
    return {
        page.title: [list(row) for row in page.iter_rows(values_only=True)] for page in load_workbook(content)
    }


def selected(*sheets, **options):
    """A selection of everybody."""
    return Selection(Criteria(), sheets, **options)


def test_a_sheet_has_the_words_of_the_fields_and_text_stays_text(person, hr):
    pages = book(selected("honour", "education"), hr)
    assert list(pages) == ["学历学位", "荣誉表彰"]
    headings, row = pages["荣誉表彰"]
    assert headings[:6] == ["姓名", "身份证号", "出生年月", "单位", "荣誉名称", "级别"]
    assert row[0] == "张三"
    assert row[1].endswith(person.id_number[-4:])
    assert "********" in row[1]
    assert row[4:6] == ["=优秀教师", "县（区）级"]
    assert row[headings.index("授予时间")] == "2019.09"
    headings, row = pages["学历学位"]
    assert row[headings.index("学历")] == "大学本科毕业"
    assert row[headings.index("教育类别")] == "全日制"


def test_confidential_sheets_need_the_right_and_a_reason_and_say_so_above_the_header(person, hr, roster):
    wanted = selected("family", "competence", reason="核对家庭成员")
    specs = sheets_for(hr)
    with pytest.raises(Invalid):
        check_selection(selected("family"), specs, by=hr)
    check_selection(wanted, specs, by=hr)
    pages = book(wanted, hr)
    for rows in pages.values():
        assert "用途：核对家庭成员" in rows[0][0]
    headings, row = pages["家庭成员"][1:]
    assert row[headings.index("家庭成员姓名")] == "李小红"
    headings, row = pages["能力画像"][1:]
    assert [row[headings.index(one)] for one in ("课程领导", "教师队伍培养", "学校文化塑造")] == [
        80,
        None,
        90,
    ]
    central = make_holder("zx", "中心校", "central", roster.central_east)
    assert not {"family", "oversight", "petition"} & {one.code for one in sheets_for(central)}
    with pytest.raises(NotAllowed):
        check_selection(wanted, specs, by=central)


def test_people_out_of_scope_stay_out(person, roster):
    elsewhere = make_holder("zx", "中心校", "central", roster.central_east)
    pages = book(selected("honour"), elsewhere)
    assert len(pages["荣誉表彰"]) == 1


def test_nobody_takes_along_their_own_organisational_record(person, hr):
    person.oversights.create(kind="reminder", start=dt.date(2024, 1, 1))
    wanted = selected("oversight", reason="年度核对")
    assert len(book(wanted, hr)["管理监督"]) == 3
    person.user = hr
    person.save()
    assert len(book(wanted, hr)["管理监督"]) == 2


def test_the_number_of_statements_is_that_of_the_sheets(person, roster, hr):
    wanted = selected(*(one.code for one in sheets_for(hr)), reason="年度核对")
    with CaptureQueriesContext(connection) as few:
        book(wanted, hr)
    for number in range(12):
        Honour.objects.create(cadre=make_cadre(roster.direct_school, f"王{number}"), name="先进")
    with CaptureQueriesContext(connection) as many:
        book(wanted, hr)
    assert len(many) == len(few)


def test_the_template_has_a_sheet_a_history_with_hints_and_drop_downs(roster, hr):
    pages = load_workbook(io.BytesIO(histories_template(hr)))
    wanted = [kind.label for slug, kind in KINDS.items() if slug != "petition"]
    assert pages.sheetnames == [*wanted, "选项"]
    assert pages["选项"].sheet_state == "hidden"
    sheet = pages["荣誉表彰"]
    assert sheet["A2"].value == "必填"
    assert len(sheet.data_validations.dataValidation) == 1
