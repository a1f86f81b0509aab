"""Workbooks of histories on their pages: upload, preview, questions, confirmation, result, template, export."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from cadres.models import Appointment, CollectionRow, FamilyMember, Honour, RosterImport
from core.models import AuditEntry, Job
from tests.cadres.collections_made import book
from tests.cadres.factories import identity, make_cadre
from tests.cadres.test_collection_national import national
from tests.cadres.uploading import work
from tests.factories import make_holder

pytestmark = pytest.mark.django_db
NUMBER = identity()


@pytest.fixture
def client(roster, hr, signed_in):
    """The browser of bureau HR."""
    return signed_in(hr)


@pytest.fixture
def person(roster):
    """张三 at the direct school."""
    return make_cadre(roster.direct_school, "张三", id_number=NUMBER)


def who(**cells):
    """A row of 张三."""
    return {"姓名": "张三", "身份证号": NUMBER, **cells}


def opened(client, content):
    """Upload a workbook and have its preview made."""
    file = SimpleUploadedFile("履历.xlsx", content, content_type="application/octet-stream")
    assert client.post(reverse("cadre-import-histories"), {"file": file}).status_code == 302
    made = RosterImport.objects.latest("pk")
    work(made.preview_job)
    made.refresh_from_db()
    return made


def page(client, made, **query):
    """The import's page as text."""
    return client.get(reverse("cadre-import-detail", args=[made.pk]), query).content.decode()


@pytest.mark.real_parser
def test_the_whole_way(client, person):
    Honour.objects.create(cadre=person, name="优秀教师", level="city")
    made = opened(
        client,
        book(
            荣誉表彰=[
                who(荣誉名称="优秀教师", 级别="省级"),
                who(荣誉名称="先进", 授予时间="2020"),
                who(级别="市级"),
            ],
            家庭成员=[who(称谓="妻子", 家庭成员姓名="李小红")],
        ),
    )
    text = page(client, made, show="new")
    assert "将新增 2 条，更新 1 条。被拒绝的 1 行不导入" in text
    assert "家庭成员姓名 （保密内容）" in text
    assert "李小红" not in text
    changed = page(client, made, show="changed")
    assert "<del>市级</del>" in changed
    assert "<ins>省级</ins>" in changed
    rejected = client.get(reverse("cadre-import-rejected", args=[made.pk])).content
    sheet = load_workbook(io.BytesIO(rejected))["荣誉表彰"]
    assert [row[0].value for row in sheet.iter_rows()] == ["姓名", "张三"]
    client.post(reverse("cadre-import-confirm", args=[made.pk]))
    made.refresh_from_db()
    assert "正在导入信息集" in page(client, made)
    work(made.commit_job)
    result = page(client, made)
    assert "已导入" in result
    assert "有 1 行没有导入" in result
    assert Honour.objects.count() == 2
    assert FamilyMember.objects.get().name == "李小红"
    assert AuditEntry.objects.filter(action="collection.commit").exists()
    assert "履历" in client.get(reverse("cadre-import-histories")).content.decode()
    assert "履历" not in client.get(reverse("cadre-import")).content.decode().split("最近的导入")[1]


def test_questions_are_answered_on_the_page(client, person, roster):
    content = national(
        B01单位=[{"机构名称": "火星中学", "机构编码": "m"}],
        A02职务=[
            {
                "姓名": "章三",
                "身份证号": NUMBER,
                "任职机构名称": "某部队",
                "职务名称": "班长",
                "免职时间": "199807",
            }
        ],
    )
    made = opened(client, content)
    text = page(client, made)
    assert "“某部队”" in text
    assert "系统以外的机构" in text
    assert "章三" in text
    answers = {
        "question-0": "unit:某部队", "answer-0": "outside", "question-1": "unit:火星中学", "answer-1": "leave",
        "question-2": "row:A02职务!3", "answer-2": str(person.pk),
    }  # fmt: skip
    client.post(reverse("cadre-import-answer", args=[made.pk]), answers)
    made.refresh_from_db()
    assert made.summary == {"new": 1, "changed": 0, "unchanged": 0, "rejected": 1, "ask": 0}
    client.post(reverse("cadre-import-confirm", args=[made.pk]))
    made.refresh_from_db()
    work(made.commit_job)
    assert Appointment.objects.get().unit_text == "某部队"


def test_a_roster_s_unit_cannot_be_answered_as_outside(client, person):
    from tests.cadres.rosters import people
    from tests.cadres.uploading import BASE, open_import

    made = open_import(client, people({**BASE, "单位": "某校"}))
    data = {"question-0": "unit:某校", "answer-0": "outside"}
    client.post(reverse("cadre-import-answer", args=[made.pk]), data)
    made.refresh_from_db()
    assert made.answers == {}


def test_what_is_given_up_leaves_nothing_staged(client, person):
    made = opened(client, book(荣誉表彰=[who(荣誉名称="甲")]))
    assert CollectionRow.objects.exists()
    client.post(reverse("cadre-import-discard", args=[made.pk]))
    assert not CollectionRow.objects.exists()
    assert not Honour.objects.exists()


def test_a_file_of_something_else_is_refused_at_the_door(client):
    file = SimpleUploadedFile("a.xlsx", book(别的=[{"甲": 1, "乙": 2}]))
    answer = client.post(reverse("cadre-import-histories"), {"file": file})
    assert answer.status_code == 422
    assert "没有可以导入的内容" in answer.content.decode()
    assert not RosterImport.objects.exists()


def test_the_template_comes_as_a_file(client):
    answer = client.get(reverse("cadre-histories-template"))
    assert load_workbook(io.BytesIO(answer.content)).sheetnames[0] == "学历学位"


def exported(client, **data):
    """Ask for an export; the job when it was taken, else the page."""
    answer = client.post(reverse("cadre-histories"), data)
    if answer.status_code != 302:
        return answer
    job = Job.objects.get(kind="roster.export_histories")
    work(job)
    return job


def test_an_export_is_a_job_that_its_asker_alone_sees(client, person, roster, signed_in):
    Honour.objects.create(cadre=person, name="优秀教师")
    job = exported(client, workbook="own", sheets=["honour"])
    assert job.status == "done"
    address = reverse("cadre-histories-job", args=[job.pk])
    assert "下载工作簿" in client.get(address).content.decode()
    assert AuditEntry.objects.filter(action="collection.export").exists()
    other = signed_in(make_holder("hr2", "乙", "hr", roster.bureau))
    assert other.get(address).status_code == 404


def test_confidential_exports_need_a_reason(client, person):
    refused = exported(client, workbook="own", sheets=["family"])
    assert "须写明用途" in refused.content.decode()
    assert "须写明用途" in exported(client, workbook="national").content.decode()
    assert not Job.objects.filter(kind="roster.export_histories").exists()
    assert exported(client, workbook="national", reason="年度上报").status == "done"
    assert AuditEntry.objects.get(action="collection.export_open").note == "年度上报"


def test_a_school_is_offered_no_confidential_sheet(person, roster, signed_in):
    make_cadre(roster.school_east, "王五")
    central = signed_in(make_holder("zx", "中心校", "central", roster.central_east))
    text = central.get(reverse("cadre-histories")).content.decode()
    assert "荣誉表彰" in text
    assert "家庭成员" not in text
    assert "信息提取表" not in text
    answer = central.post(reverse("cadre-histories"), {"sheets": ["family"], "workbook": "national"})
    assert answer.status_code == 422
