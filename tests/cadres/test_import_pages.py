"""The import on its pages: upload, questions, confirmation, result, and what is refused at the door."""

import datetime as dt
import io

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from cadres import tasks
from cadres.models import Cadre, RosterImport, RosterImportRow
from cadres.services import imports
from cadres.services.imports import answer, confirm, discard
from cadres.services.roster_import.committing import commit
from cadres.tasks import drop_abandoned_imports
from core.calendar import now
from core.errors import Invalid, WrongMoment
from core.models import AuditEntry, Job
from tests.cadres.rosters import SAMPLE, ZHANG, number, people, workbook
from tests.cadres.uploading import BASE, open_import, upload, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(roster, hr, signed_in):
    """The browser of bureau HR."""
    return signed_in(hr)


def page(client, roster_import, **query):
    """The import's page as text."""
    return client.get(reverse("cadre-import-detail", args=[roster_import.pk]), query).content.decode()


@pytest.mark.real_parser
def test_the_whole_way(client, hr):
    start = client.get(reverse("cadre-import")).content.decode()
    assert "还没有导入过名册" in start
    answer_ = upload(client, SAMPLE.read_bytes())
    roster_import = RosterImport.objects.get()
    assert answer_.url == reverse("cadre-import-detail", args=[roster_import.pk])
    assert "正在读取名册" in page(client, roster_import)
    progress = reverse("cadre-import-progress", args=[roster_import.pk])
    assert "job-" in client.get(progress).content.decode()
    work(roster_import.preview_job)
    assert client.get(progress)["HX-Redirect"] == answer_.url
    assert "将新增 3 人，更新 0 人。被拒绝的 2 行不导入" in page(client, roster_import)
    assert "存成了数字" in page(client, roster_import, show="rejected")
    assert "党支部书记、校长" in page(client, roster_import, show="new")
    assert "3101********1315" in page(client, roster_import, show="new")
    assert ZHANG not in page(client, roster_import, show="new")
    assert client.post(reverse("cadre-import-confirm", args=[roster_import.pk])).status_code == 302
    roster_import.refresh_from_db()
    assert "正在导入名册" in page(client, roster_import)
    work(roster_import.commit_job)
    result = page(client, roster_import)
    assert "已导入" in result
    assert "有 2 行没有导入" in result
    assert Cadre.objects.count() == 3
    assert "synthetic" not in client.get(reverse("cadre-import")).content.decode()
    assert {"roster.preview", "roster.commit"} <= set(AuditEntry.objects.values_list("action", flat=True))


@pytest.mark.real_parser
def test_what_was_rejected_comes_back_marked_and_goes_in_corrected(client):
    roster_import = open_import(
        client, people(BASE, {**BASE, "姓名": "李四", "身份证号": "310107197605031316"})
    )
    confirm(roster_import=roster_import, by=roster_import.uploaded_by)
    roster_import.refresh_from_db()
    work(roster_import.commit_job)
    answer_ = client.get(reverse("cadre-import-rejected", args=[roster_import.pk]))
    assert "%E5%BE%85%E6%9B%B4%E6%AD%A3" in answer_["Content-Disposition"]
    content = b"".join(answer_.streaming_content)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert [cell.value for cell in sheet["A"]] == ["姓名", "李四"]
    faulty = sheet["C2"]
    assert "校验码" in faulty.comment.text
    assert faulty.fill.start_color.rgb == "00FFC7CE"
    corrected = load_workbook(io.BytesIO(content))
    corrected.worksheets[0]["C2"].value = number("19760503", 2)
    out = io.BytesIO()
    corrected.save(out)
    again = open_import(client, out.getvalue())
    assert again.summary == {"new": 1, "changed": 0, "unchanged": 0, "rejected": 0, "ask": 0}


def test_the_rows_to_correct_can_be_fetched_before_confirming(client):
    roster_import = open_import(client, people(BASE, {**BASE, "姓名": "李四", "身份证号": "1"}))
    content = client.get(reverse("cadre-import-rejected", args=[roster_import.pk])).content
    assert load_workbook(io.BytesIO(content)).worksheets[0]["A2"].value == "李四"
    clean = open_import(client, people({**BASE, "姓名": "王五", "身份证号": number("19760503", 3)}))
    assert client.get(reverse("cadre-import-rejected", args=[clean.pk])).status_code == 404


def test_changes_are_shown_cell_by_cell(client):
    first = open_import(client, people(BASE))
    confirm(roster_import=first, by=first.uploaded_by)
    first.refresh_from_db()
    work(first.commit_job)
    text = page(
        client, open_import(client, people({**BASE, "民族": "苗", "现任职务": "书记"})), show="changed"
    )
    assert "<del>校长</del>" in text
    assert "<ins>书记</ins>" in text
    assert "<ins>苗族</ins>" in text


def test_an_unchanged_file_has_nothing_to_confirm(client):
    first = open_import(client, people(BASE))
    confirm(roster_import=first, by=first.uploaded_by)
    first.refresh_from_db()
    work(first.commit_job)
    again = open_import(client, people(BASE))
    assert "文件与名册完全一致" in page(client, again)
    with pytest.raises(Invalid):
        confirm(roster_import=again, by=again.uploaded_by)


# --- questions --------------------------------------------------------------------------------------------


def send_answers(client, roster_import, *chosen):
    """Post answers as the form does: (key, choice, other)."""
    data = {"show": "ask"}
    for at, (key, choice, other) in enumerate(chosen):
        data |= {f"question-{at}": key, f"answer-{at}": choice, f"other-{at}": other}
    return client.post(reverse("cadre-import-answer", args=[roster_import.pk]), data, follow=True)


def test_an_unknown_unit_is_asked_with_units_of_similar_name(client, roster):
    roster_import = open_import(
        client,
        people(
            {**BASE, "单位": "第二中学"},
            {**BASE, "姓名": "李四", "身份证号": number("19760503"), "单位": "第二中学"},
        ),
    )
    text = page(client, roster_import)
    assert "“第二中学”" in text
    assert "2 行" in text
    assert "示例区第二中学" in text
    send_answers(client, roster_import, ("unit:第二中学", str(roster.direct_school.pk), ""))
    roster_import.refresh_from_db()
    assert (roster_import.summary["new"], roster_import.summary["ask"]) == (2, 0)


def test_another_unit_can_be_picked_and_the_answer_changed(client, roster):
    roster_import = open_import(client, people({**BASE, "单位": "某校"}))
    send_answers(client, roster_import, ("unit:某校", "other", str(roster.direct_primary.pk)))
    assert roster_import.rows.get().unit == roster.direct_primary
    answer(
        roster_import=roster_import,
        by=roster_import.uploaded_by,
        answers={"unit:某校": roster.direct_school.pk},
    )
    assert roster_import.rows.get().unit == roster.direct_school


def test_rows_can_be_left_out(client):
    roster_import = open_import(client, people({**BASE, "单位": "某校"}))
    send_answers(client, roster_import, ("unit:某校", "leave", ""))
    assert roster_import.rows.get().verdict == "rejected"


@pytest.mark.parametrize("choice, verdict", [("candidate", "changed"), ("new", "new"), ("leave", "rejected")])
def test_a_person_is_asked_about(client, roster, choice, verdict):
    first = open_import(client, people(BASE))
    confirm(roster_import=first, by=first.uploaded_by)
    first.refresh_from_db()
    work(first.commit_job)
    elsewhere = {"姓名": "张三", "单位": "示例区实验小学", "出生年月": "1976.05", "现任职务": "书记"}
    roster_import = open_import(client, people(elsewhere))
    text = page(client, roster_import)
    assert "示例区第二中学 校长" in text
    picked = str(Cadre.objects.get().pk) if choice == "candidate" else choice
    key = f"row:{roster_import.rows.get().sheet}!2"
    send_answers(client, roster_import, (key, picked, ""))
    assert roster_import.rows.get().verdict == verdict


def test_answers_that_were_not_on_offer_are_refused(client, roster):
    roster_import = open_import(client, people({**BASE, "单位": "某校"}))
    for answers in (
        {"unit:某校": 999_999},
        {"row:名册!2": 5},
        {"row:名册!99": "new"},
        {"other": 1},
        {"unit:某校": True},
    ):
        with pytest.raises(Invalid):
            answer(roster_import=roster_import, by=roster_import.uploaded_by, answers=answers)


def test_no_answer_says_so(client):
    roster_import = open_import(client, people({**BASE, "单位": "某校"}))
    assert "没有选择任何答复" in send_answers(client, roster_import).content.decode()


def test_what_is_left_unanswered_is_left_out(client):
    roster_import = open_import(
        client, people(BASE, {**BASE, "姓名": "李四", "身份证号": number("19760503"), "单位": "某校"})
    )
    assert "待确认的 1 行不导入" in page(client, roster_import, show="new")
    confirm(roster_import=roster_import, by=roster_import.uploaded_by)
    roster_import.refresh_from_db()
    work(roster_import.commit_job)
    assert [cadre.name for cadre in Cadre.objects.all()] == ["张三"]
    roster_import.refresh_from_db()
    assert roster_import.rejected_file is not None


def test_many_answers_are_worked_out_by_a_job(client, roster, monkeypatch):
    monkeypatch.setattr(imports, "AT_ONCE", 0)
    roster_import = open_import(client, people({**BASE, "单位": "某校"}))
    send_answers(client, roster_import, ("unit:某校", str(roster.direct_school.pk), ""))
    roster_import.refresh_from_db()
    work(roster_import.preview_job)
    assert roster_import.rows.get().verdict == "new"


# --- moments ----------------------------------------------------------------------------------------------


def test_a_double_click_confirms_once(client):
    roster_import = open_import(client, people(BASE))
    url = reverse("cadre-import-confirm", args=[roster_import.pk])
    assert client.post(url).status_code == 302
    assert client.post(url).status_code == 409
    assert Job.objects.filter(kind="roster.commit").count() == 1


def test_a_changed_roster_renews_the_preview_with_a_sentence(client):
    roster_import = open_import(client, people(BASE))
    other = open_import(client, people(BASE))
    for one in (other, roster_import):
        confirm(roster_import=one, by=one.uploaded_by)
        one.refresh_from_db()
        work(one.commit_job)
    text = page(client, roster_import)
    assert "预览之后名册有了变化" in text
    assert Cadre.objects.count() == 1


def test_a_failed_commit_says_why_and_can_be_tried_again(client, monkeypatch):
    roster_import = open_import(client, people(BASE))
    confirm(roster_import=roster_import, by=roster_import.uploaded_by)
    roster_import.refresh_from_db()
    with monkeypatch.context() as patch:
        patch.setattr("cadres.tasks.keep_rejected", lambda _: 1 / 0)
        work(roster_import.commit_job)
    assert not Cadre.objects.exists()
    assert "上次没有导入成功" in page(client, roster_import)
    confirm(roster_import=roster_import, by=roster_import.uploaded_by)
    roster_import.refresh_from_db()
    work(roster_import.commit_job)
    assert Cadre.objects.count() == 1


def test_giving_up_leaves_nothing_staged(client):
    roster_import = open_import(client, people(BASE))
    assert client.post(reverse("cadre-import-discard", args=[roster_import.pk])).status_code == 302
    assert not RosterImportRow.objects.exists()
    with pytest.raises(WrongMoment):
        discard(roster_import=roster_import, by=roster_import.uploaded_by)


def test_a_given_up_import_says_so_and_offers_nothing(client):
    roster_import = open_import(client, people(BASE, {**BASE, "身份证号": "1"}))
    client.post(reverse("cadre-import-discard", args=[roster_import.pk]))
    text = page(client, roster_import)
    assert "已经放弃" in text
    assert "确认导入" not in text
    assert client.get(reverse("cadre-import-rejected", args=[roster_import.pk])).status_code == 404


def test_giving_up_while_the_file_is_read_keeps_nothing_of_it(client):
    upload(client, people(BASE))
    roster_import = RosterImport.objects.get()
    assert "放弃这次导入" in page(client, roster_import)

    # The worker reads already and doesn't hear of the cancel any more.
    RosterImport.objects.update(discarded_at=now())
    work(roster_import.preview_job)
    assert not RosterImportRow.objects.exists()
    assert "已经放弃" in page(client, roster_import)


def test_giving_up_stops_a_preview_that_waits(client):
    upload(client, people(BASE))
    roster_import = RosterImport.objects.get()
    client.post(reverse("cadre-import-discard", args=[roster_import.pk]))
    assert work(roster_import.preview_job) is None
    assert Job.objects.get().status == Job.Status.FAILED


def test_writing_can_be_stopped_by_who_confirmed_and_leaves_nothing(client, monkeypatch):
    roster_import = open_import(client, people(BASE))
    client.post(reverse("cadre-import-confirm", args=[roster_import.pk]))
    roster_import.refresh_from_db()
    stop = reverse("job-cancel", args=[roster_import.commit_job.pk])
    assert stop in page(client, roster_import)

    def stopped_while_writing(*args, **options):
        client.post(stop)
        return commit(*args, **options)

    monkeypatch.setattr(tasks, "commit", stopped_while_writing)
    work(roster_import.commit_job)
    assert not Cadre.objects.exists()
    assert RosterImport.objects.get().committed_at is None
    assert "上次没有导入成功" in page(client, roster_import)


def test_an_import_that_nobody_confirms_for_a_month_is_given_up(client, settings):
    started = now()
    left, confirmed = open_import(client, people(BASE)), open_import(client, people(BASE))
    confirm(roster_import=confirmed, by=confirmed.uploaded_by)
    with time_machine.travel(started + dt.timedelta(days=29)):
        drop_abandoned_imports()
    assert RosterImport.objects.filter(discarded_at=None).count() == 2
    with time_machine.travel(started + dt.timedelta(days=31)):
        drop_abandoned_imports()
        drop_abandoned_imports()
    assert RosterImport.objects.get(discarded_at=None) == confirmed
    assert not left.rows.exists()
    assert confirmed.rows.exists()
    entry = AuditEntry.objects.get(action="roster.discard")
    assert (entry.actor_name, entry.object_id) == ("系统", str(left.pk))
    planned = {each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values()}
    assert drop_abandoned_imports.name in planned


def test_a_file_that_fails_while_reading_says_so(client, monkeypatch):
    monkeypatch.setattr("cadres.views.imports.LOOKED_INTO_BYTES", 0)
    roster_import = open_import(client, workbook(["a", "b"], [1, 2]))
    text = page(client, roster_import)
    assert "没有找到表头" in text
    assert "重新上传" in text
    assert "未能读取" in client.get(reverse("cadre-import")).content.decode()
