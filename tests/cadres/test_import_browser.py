"""The import and the export in real Chromium: the whole way on a wide screen and a phone, with axe."""

import os
import re
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cadres.models import Cadre, RosterImport
from core import jobs
from tests.cadres.rosters import SAMPLE, ZHANG, imported, people
from tests.services import chromium

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.real_parser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not chromium(), reason="no Chromium on this machine"),
]
AXE = (Path(__file__).resolve().parent.parent / "e2e" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PICTURES = os.environ.get("PICTURES", "")
FILE = people(
    {"姓名": "张三", "单位": "示例区第二中学", "身份证号": ZHANG, "出生年月": "1976.05", "现任职务": "书记、校长",
     "任现职时间": "2020.08", "民族": "苗"},
    {"姓名": "李四", "单位": "第二中学", "出生年月": "1980.01", "现任职务": "副校长"},
    {"姓名": "张三", "单位": "示例区实验小学", "出生年月": "1976.05", "现任职务": "教导主任"},
    {"姓名": "王五", "单位": "示例区实验小学", "身份证号": "310107198810022848", "出生年月": "1988.10"},
    {"姓名": "赵六", "单位": "示例区实验小学", "出生年月": "1985.01", "现任职务": "副校长"},
)  # fmt: skip


AT_REST = """() => Promise.allSettled(
    document.getAnimations()
        .filter(each => each.effect.getComputedTiming().iterations !== Infinity)
        .map(each => each.finished)
).then(() => true)"""


@pytest.fixture
def open_page(browser, live_server, signed_in, hr):
    """A page of bureau HR at a width; complaints of the browser fail the test."""
    complaints, contexts = [], []
    cookie = signed_in(hr).cookies["sessionid"].value

    def opened(width):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="zh-CN", accept_downloads=True
        )
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def look(page, name):
    """No sideways scrolling, no violation, once what moves has come to rest; a picture where asked for."""
    page.wait_for_load_state("load")
    page.evaluate(AT_REST)
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}-{page.viewport_size['width']}.png", full_page=True)
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1"
    ), name
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    problems = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found["violations"]]
    assert problems == [], name


@pytest.mark.parametrize("width", [1366, 390])
def test_a_roster_goes_in(roster, open_page, live_server, tmp_path, width):
    imported(people({"姓名": "张三", "单位": "示例区第二中学", "身份证号": ZHANG, "出生年月": "1976.05", "现任职务": "校长",
                     "任现职时间": "2017.08"}), roster.bureau)  # fmt: skip
    path = tmp_path / "名册.xlsx"
    path.write_bytes(FILE)
    page = open_page(width)
    page.goto(live_server.url + reverse("cadre-import"))
    look(page, "start")
    page.set_input_files("input[type=file]", str(path))
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_text("正在读取名册，并与现有名册比较").first).to_be_visible()
    look(page, "working")
    roster_import = RosterImport.objects.latest("pk")
    jobs.run(roster_import.preview_job_id, watched=False)
    expect(page.get_by_text("这些单位是哪一个？")).to_be_visible(timeout=60_000)
    look(page, "questions")
    page.locator("fieldset", has_text="“第二中学”").get_by_label("示例区第二中学").check()
    page.locator("fieldset", has_text="教导主任").get_by_label("都不是，新增这个人").check()
    page.get_by_role("button", name="保存答复").click()
    expect(page.get_by_text("已记下 2 个答复")).to_be_visible()
    for tab in ("拒绝", "更新", "新增"):
        page.get_by_role("navigation", name="按结果查看").get_by_role("link", name=tab).click()
        expect(page.locator("table")).to_be_visible()
        look(page, {"拒绝": "rejected", "更新": "changed", "新增": "new"}[tab])
    page.get_by_role("button", name="确认导入").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("将新增 3 人，更新 1 人。被拒绝的 1 行不导入")
    expect(dialog).to_have_class(re.compile(r"\bshow\b"))
    look(page, "confirm")
    dialog.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("正在导入名册").first).to_be_visible()
    roster_import.refresh_from_db()
    jobs.run(roster_import.commit_job_id, watched=False)
    expect(page.get_by_text("有 1 行没有导入")).to_be_visible(timeout=60_000)
    look(page, "result")
    assert Cadre.objects.count() == 4
    with page.expect_download() as got:
        page.get_by_role("link", name="下载退回的工作簿").click()
    assert got.value.suggested_filename == "名册_待更正.xlsx"


@pytest.mark.parametrize("width", [1366, 390])
def test_the_roster_comes_out(roster, open_page, live_server, width):
    imported(SAMPLE, roster.bureau)
    page = open_page(width)
    page.goto(live_server.url + reverse("cadre-export"))
    look(page, "export")
    with page.expect_download() as got:
        page.get_by_role("button", name="导出").click()
    assert got.value.suggested_filename.startswith("干部名册_")
