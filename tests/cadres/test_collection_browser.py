"""Workbooks of histories in real Chromium, on a wide screen and a phone, with axe."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cadres.models import Honour, RosterImport
from core import jobs
from core.models import Job
from tests.cadres import test_import_browser as importing
from tests.cadres.collections_made import book
from tests.cadres.factories import identity, make_cadre
from tests.cadres.test_collection_new_units import NEST

pytestmark = importing.pytestmark
open_page, look = importing.open_page, importing.look
NUMBER = identity()


def who(**cells):
    """A row of 张三."""
    return {"姓名": "张三", "身份证号": NUMBER, **cells}


@pytest.mark.parametrize("width", [1366, 390])
def test_histories_go_in_and_come_out(roster, open_page, live_server, tmp_path, width):
    person = make_cadre(roster.direct_school, "张三", id_number=NUMBER)
    Honour.objects.create(cadre=person, name="优秀教师", level="city")
    path = tmp_path / "履历.xlsx"
    honours = [
        who(荣誉名称="优秀教师", 级别="省级"),
        who(荣誉名称="先进", 级别="市级"),
        who(荣誉名称="坏", 级别="宇宙级"),
    ]
    path.write_bytes(book(荣誉表彰=[*honours, {**who(荣誉名称="另一"), "姓名": "章三"}]))
    page = open_page(width)
    page.goto(live_server.url + reverse("cadre-import-histories"))
    look(page, "histories-start")
    page.set_input_files("input[type=file]", str(path))
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_text("正在读取信息集").first).to_be_visible()
    made = RosterImport.objects.latest("pk")
    jobs.run(made.preview_job_id, watched=False)
    expect(page.get_by_text("这些人是名册里的哪一位？")).to_be_visible(timeout=60_000)
    look(page, "histories-questions")
    for tab in ("拒绝", "更新", "新增"):
        page.get_by_role("navigation", name="按结果查看").get_by_role("link", name=tab).click()
        expect(page.locator("table")).to_be_visible()
        look(page, f"histories-{tab}")
    page.get_by_role("button", name="确认导入").first.click()
    page.get_by_role("dialog").get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("正在导入信息集").first).to_be_visible()
    made.refresh_from_db()
    jobs.run(made.commit_job_id, watched=False)
    expect(page.get_by_text("有 2 行没有导入")).to_be_visible(timeout=60_000)
    look(page, "histories-result")
    page.goto(live_server.url + reverse("cadre-histories"))
    look(page, "histories-export")
    page.get_by_role("button", name="导出").click()
    expect(page.get_by_role("heading", name="导出信息集", exact=True, level=1)).to_be_visible()
    jobs.run(Job.objects.get(kind="roster.export_histories").pk, watched=False)
    with page.expect_download() as got:
        page.get_by_role("link", name="下载工作簿").click(timeout=60_000)
    assert got.value.suggested_filename.startswith("干部履历_")


@pytest.mark.parametrize("width", [1366, 390])
def test_new_units_are_answered_with_the_unit_above_them(roster, open_page, live_server, tmp_path, width):
    path = tmp_path / "单位.xlsx"
    path.write_bytes(NEST)
    page = open_page(width)
    page.goto(live_server.url + reverse("cadre-import-histories"))
    page.set_input_files("input[type=file]", str(path))
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_text("正在读取信息集").first).to_be_visible()
    jobs.run(RosterImport.objects.latest("pk").preview_job_id, watched=False)
    expect(page.get_by_text("这些单位是哪一个？")).to_be_visible(timeout=60_000)
    look(page, "histories-new-units")
    for question in page.locator("fieldset.question", has_text="新建这个单位").all():
        question.get_by_label("新建这个单位").check()
    page.get_by_role("button", name="保存答复").click()
    expect(page.get_by_text("已记下 3 个答复")).to_be_visible()
    look(page, "histories-units-made")
