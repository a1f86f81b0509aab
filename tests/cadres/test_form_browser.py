"""Forms and photos in real Chromium, on a wide screen and a phone, with axe; the form comes out of the page's menu."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cadres.models import Cadre, RosterImport
from core import jobs
from tests.cadres import test_import_browser as importing
from tests.cadres.forms_made import FULL, MESSY, zip_of

pytestmark = importing.pytestmark
open_page, look = importing.open_page, importing.look


@pytest.mark.parametrize("width", [1366, 390])
def test_forms_go_in_and_come_out(roster, open_page, live_server, tmp_path, width):
    path = tmp_path / "表.zip"
    path.write_bytes(
        zip_of({"张三.lrmx": FULL.read_bytes(), "李四.lrmx": MESSY.read_bytes(), "坏.lrmx": b"<html/>"})
    )
    page = open_page(width)
    page.goto(live_server.url + reverse("cadre-import-photos"))
    look(page, "photos-start")
    page.goto(live_server.url + reverse("cadre-import-forms"))
    look(page, "forms-start")
    page.set_input_files("input[type=file]", str(path))
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_text("正在读取任免审批表").first).to_be_visible()
    roster_import = RosterImport.objects.latest("pk")
    jobs.run(roster_import.preview_job_id, watched=False)
    expect(page.get_by_text("这些单位是哪一个？")).to_be_visible(timeout=60_000)
    look(page, "forms-questions")
    page.locator("fieldset", has_text="“示例县中心小学”").get_by_label("不导入这些任免审批表").check()
    page.get_by_role("button", name="保存答复").click()
    for tab in ("拒绝", "新增"):
        page.get_by_role("navigation", name="按结果查看").get_by_role("link", name=tab).click()
        expect(page.locator("table")).to_be_visible()
        look(page, f"forms-{tab}")
    page.get_by_role("button", name="确认导入").first.click()
    page.get_by_role("dialog").get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("正在导入任免审批表").first).to_be_visible()
    roster_import.refresh_from_db()
    jobs.run(roster_import.commit_job_id, watched=False)
    expect(page.get_by_text("有 2 份没有导入")).to_be_visible(timeout=60_000)
    look(page, "forms-result")
    page.goto(live_server.url + reverse("cadre-detail", args=[Cadre.objects.get().pk]))
    page.get_by_role("button", name="任免审批表").click()
    look(page, "forms-menu")
    page.get_by_role("link", name="下载 Word（.docx）").click()
    expect(page.get_by_label("完整内容")).to_be_visible()
    look(page, "forms-one")
    page.get_by_label("完整内容").check()
    page.get_by_label("用途").fill("干部考察使用")
    with page.expect_download() as got:
        page.get_by_role("button", name="下载").click()
    assert got.value.suggested_filename == "张三 任免审批表.docx"
    page.goto(live_server.url + reverse("cadre-forms"))
    look(page, "forms-many")
