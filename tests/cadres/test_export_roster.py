"""The roster export: what it holds, who sees what in it, and that it goes back in unchanged."""

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts import roles
from accounts.models import Grant, Unit
from cadres import tasks
from cadres.listing import Criteria
from cadres.models import Appointment, Cadre, Code, Education, ProfessionalTitle
from cadres.services.appointments import record_appointment
from cadres.services.exports import EXPRESSIONS, Export, check_export, export_rows, from_parameters
from cadres.services.histories import add_history
from cadres.services.people import create_cadre
from cadres.sheets.columns import HEADINGS
from cadres.sheets.exporting import COLUMNS
from cadres.views import exports as views
from core import jobs
from core.calendar import completed_years, today
from core.errors import Invalid, NotAllowed
from core.models import AuditEntry, Job
from core.partial_dates import PartialDate
from tests.cadres.rosters import SAMPLE, ZHANG, cells, imported, number, people, previewed, rows_by_name
from tests.factories import make_holder

pytestmark = pytest.mark.django_db

FULL = {
    "单位": "示例区第二中学", "姓名": "张三", "性别": "男", "民族": "汉族", "籍贯": "浙江宁波", "出生年月": "1976.05",
    "身份证号": ZHANG, "参加工作时间": "1998.07", "政治面貌": "中共党员；民建", "入党时间": "2000.06", "全日制学历": "大学",
    "全日制学位": "文学学士", "全日制毕业院校及专业": "示例师范大学中文系", "在职学历": "研究生", "在职学位": "教育硕士",
    "在职毕业院校及专业": "示例师范大学", "现任职务": "党支部书记、校长", "任现职时间": "2017.08", "职务类别": "正职",
    "职称": "高级教师", "职级": "四级", "手机号码": "13800000001", "备注": "=1+1",
}  # fmt: skip


@pytest.fixture
def client(roster, hr, signed_in):
    """The browser of bureau HR, with the sample and one full record on the roster."""
    imported(people(FULL), roster.bureau)
    return signed_in(hr)


def download(client, columns=tuple(HEADINGS), query="", **data):
    """The cells of an export made at once."""
    answer = client.post(reverse("cadre-export") + query, {"columns": columns, **data})
    assert answer.status_code == 200, answer.content.decode()[:500]
    return cells(answer.content)


def test_every_column_is_written_as_the_template_names_it(client):
    heading, row = download(client)
    assert heading == list(HEADINGS.values())
    found = dict(zip(heading, row, strict=True))
    assert found == {**FULL, "身份证号": "3101********1315", "政治面貌": "中共党员；民建会员"}


def test_an_export_goes_back_in_unchanged(client, roster):
    imported(SAMPLE, roster.bureau)
    answer = client.post(reverse("cadre-export"), {"columns": list(COLUMNS)})
    again = previewed(answer.content, roster.bureau)
    assert again.summary == {"new": 0, "changed": 0, "unchanged": 3, "rejected": 0, "ask": 0}, rows_by_name(
        again
    )


def test_an_open_export_goes_back_in_unchanged_too(client, roster):
    data = {"columns": list(HEADINGS), "open_numbers": "on", "reason": "核对档案用"}
    answer = client.post(reverse("cadre-export"), data)
    again = previewed(answer.content, roster.bureau)
    assert again.summary["unchanged"] == 1, rows_by_name(again)


def test_posts_elsewhere_and_days_survive_the_round_trip(client, roster):
    cadre = Cadre.objects.get()
    Cadre.objects.update(birth=dt.date(1976, 5, 3), birth_precision="day")
    Appointment.objects.create(
        cadre=cadre, unit=roster.section, title="督学", kind="concurrent", start=dt.date(2020, 1, 1), order=2
    )
    Appointment.objects.create(
        cadre=cadre,
        unit_text="省教育学会",
        title="理事",
        kind="concurrent",
        start=dt.date(2020, 1, 1),
        order=3,
    )
    heading, row = download(client)
    found = dict(zip(heading, row, strict=True))
    assert found["现任职务"] == "党支部书记、校长、人事教育股督学、省教育学会理事"
    assert found["出生年月"] == "1976.05.03"
    answer = client.post(reverse("cadre-export"), {"columns": list(HEADINGS)})
    assert previewed(answer.content, roster.bureau).summary["unchanged"] == 1


def test_what_was_typed_in_forms_goes_back_in_unchanged(client, roster, hr):
    """Blanks, line breaks, separators and like-named codes are as they were typed; a file tells only words."""
    typed = create_cadre(
        by=hr, unit=Unit.objects.get(name="示例区第二中学"), name="买买提·艾力", native_place="贵州 遵义",
        note="'第一行\r\n\r\n第二行   有空格\t制表",
    ).cadre  # fmt: skip
    Cadre.objects.filter(pk=typed.pk).update(phone="+86 138-0000-1111")
    start = PartialDate.of(dt.date(2019, 8, 15))
    record_appointment(cadre=typed, by=hr, unit=typed.unit, title="党支部书记兼校长", kind="regular", is_main=True,
                       start=start)  # fmt: skip
    add_history(ProfessionalTitle, cadre=typed, by=hr, title=None, title_text="特约讲师 (副高)", start=start)
    master = Code.objects.get(list=Code.List.EDUCATION, name="硕士研究生毕业")
    add_history(Education, cadre=typed, by=hr, mode="in_service", level=master, level_text="研究生",
                school="某 大学\n中文系")  # fmt: skip
    answer = client.post(reverse("cadre-export"), {"columns": list(HEADINGS)})
    again = previewed(answer.content, roster.bureau)
    assert again.summary == {"new": 0, "changed": 0, "unchanged": 2, "rejected": 0, "ask": 0}, rows_by_name(
        again
    )


def test_formulas_are_strings(client):
    answer = client.post(reverse("cadre-export"), {"columns": ["name", "note"]})
    cell = load_workbook(io.BytesIO(answer.content)).worksheets[0]["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_numbers_are_open_only_with_a_reason_and_noted(client, hr):
    refused = client.post(reverse("cadre-export"), {"columns": ["name", "id"], "open_numbers": "on"})
    assert refused.status_code == 422
    assert "写明用途" in refused.content.decode()
    rows = download(client, ["name", "id"], open_numbers="on", reason="核对档案用")
    assert "何人事" in rows[0][0]
    assert "核对档案用" in rows[0][0]
    assert rows[2] == ["张三", ZHANG]
    entry = AuditEntry.objects.get(action="roster.export_open")
    assert (entry.actor_id, entry.note, entry.after["人数"]) == (hr.pk, "核对档案用", 1)


def test_a_plain_export_is_noted_as_well(client):
    download(client, ["name"])
    assert AuditEntry.objects.filter(action="roster.export").count() == 1


def test_open_numbers_need_the_right(client, principal_direct):
    with pytest.raises(NotAllowed):
        check_export(Export(Criteria(), ("id",), open_numbers=True, reason="核对档案用"), by=principal_direct)


def test_levels_decide_what_is_written(client, roster, principal_direct, monkeypatch):
    rows = list(export_rows(Export(Criteria(), ("name", "birth", "id")), by=principal_direct))
    assert rows == [["张三", "1976.05", ""]]
    without = frozenset(roles.ROLES["principal"].capabilities - {"cadre.view_personal"})
    changed = roles.Role(**{**vars(roles.ROLES["principal"]), "capabilities": without})
    monkeypatch.setitem(roles.ROLES, "principal", changed)
    principal_direct.__dict__.pop("_held_grants", None)
    assert list(export_rows(Export(Criteria(), ("name", "birth", "id")), by=principal_direct)) == [
        ["张三", "", ""]
    ]


def test_an_export_reaches_as_far_as_the_right(client, roster, principal_east, signed_in):
    imported(
        people(
            {
                **FULL,
                "姓名": "李四",
                "单位": "东河镇中心小学",
                "身份证号": number("19800101"),
                "出生年月": "1980.01",
            }
        ),
        roster.bureau,
    )
    rows = list(export_rows(Export(Criteria(), ("name",)), by=principal_east))
    assert rows == [["李四"]]
    assert [row[0] for row in download(signed_in(principal_east), ["name"])[1:]] == ["李四"]


def test_the_filters_of_the_list_apply(client, roster):
    imported(
        people(
            {**FULL, "姓名": "李四", "性别": "女", "身份证号": number("19800102", 2), "出生年月": "1980.01"}
        ),
        roster.bureau,
    )
    assert len(download(client, ["name"])) == 3
    assert [row[0] for row in download(client, ["name"], "?gender=2")[1:]] == ["李四"]
    text = client.get(reverse("cadre-export"), {"gender": "2"}).content.decode()
    assert "性别：女" in text
    assert "1 人" in text


def test_no_column_is_refused(client, hr):
    assert client.post(reverse("cadre-export"), {}).status_code == 422
    with pytest.raises(Invalid):
        check_export(Export(Criteria(), ()), by=hr)


def test_nobody_found_says_what_to_do(client):
    assert "没有符合条件的干部" in client.get(reverse("cadre-export"), {"search": "赵"}).content.decode()


def test_a_large_export_is_a_job_of_ones_own(client, hr, roster, signed_in, monkeypatch):
    monkeypatch.setattr(views, "AT_ONCE", 0)
    answer = client.post(reverse("cadre-export"), {"columns": ["name", "age"]})
    job = Job.objects.get(kind="roster.export")
    assert answer.url == reverse("cadre-export-job", args=[job.pk])
    assert "导出名册" in client.get(answer.url).content.decode()
    jobs.run(job.pk, watched=False)
    assert "下载名册" in client.get(answer.url, headers={"HX-Request": "true"}).content.decode()
    content = b"".join(client.get(reverse("job-file", args=[job.pk])).streaming_content)
    assert cells(content) == [["姓名", "年龄"], ["张三", completed_years(dt.date(1976, 5, 1), today())]]
    other = signed_in(make_holder("hr2", "黄人事", "hr", roster.bureau))
    assert other.get(answer.url).status_code == 404


def test_a_job_asks_the_right_afresh(client, hr, monkeypatch):
    monkeypatch.setattr(views, "AT_ONCE", 0)
    client.post(reverse("cadre-export"), {"columns": ["name"]})
    Grant.objects.update(end=today())
    job = Job.objects.get(kind="roster.export")
    jobs.run(job.pk, watched=False)
    job.refresh_from_db()
    assert job.status == Job.Status.FAILED
    assert job.result_file is None


def test_a_units_filter_survives_the_job(client, roster):
    export = from_parameters(
        {
            "criteria": {"unit": roster.direct_school.pk},
            "columns": ["name"],
            "open_numbers": False,
            "reason": "",
        }
    )
    assert export.criteria.unit == roster.direct_school


def test_one_statement_whatever_the_number_of_people(client, hr, roster):
    def statements():
        with CaptureQueriesContext(connection) as found:
            list(export_rows(Export(Criteria(), tuple(EXPRESSIONS)), by=hr))
        return len(found)

    assert hr.holds("roster.export")  # what somebody holds is read once and remembered
    few = statements()
    more = ({**FULL, "姓名": f"张{n}", "身份证号": number("19760503", n)} for n in range(1, 60))
    imported(people(*more), roster.bureau)
    assert statements() == few


def test_who_may_not_export(roster, signed_in, party, auditor, cadre_user):
    for user in (party, auditor, cadre_user):
        assert signed_in(user).get(reverse("cadre-export")).status_code == 403


@pytest.mark.parametrize("kind", [tasks.EXPORT, tasks.FORMS_EXPORT, tasks.HISTORIES_EXPORT])
def test_an_export_without_an_asker_is_refused(kind):
    job = jobs.enqueue(kind, by=None, parameters={})
    jobs.run(job.pk, watched=False)
    job.refresh_from_db()
    assert (job.status, job.error, job.result_file) == ("failed", "没有申请人的导出不予办理。", None)
