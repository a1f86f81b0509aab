"""The portal's scripts in real Chromium under the real CSP: drafts, double presses, bulk, picker, charts, axe."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.core import shell_pages
from tests.services import chromium

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.core.shell_pages"),
    pytest.mark.skipif(not chromium(), reason="no Chromium on this machine"),
]
AXE = (Path(__file__).resolve().parent.parent / "e2e" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def open_page(browser, live_server, client, someone):
    """Open the page of components signed in, at a width; complaints of the browser fail the test."""
    client.force_login(someone)
    shell_pages.received.clear()
    contexts, complaints = [], []

    def opened(width=1366, query="", *, expect_complaints=False):
        context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
        cookie = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        if not expect_complaints:
            page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/{query}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def sent(address):
    return [data for path, data in shell_pages.received if path == address]


@pytest.mark.parametrize("width", [390, 768, 1366, 2560])
def test_nothing_to_complain_about(open_page, width):
    page = open_page(width)
    page.wait_for_timeout(300)
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "scrolls sideways"


def test_a_draft_is_kept_while_typing(open_page):
    page = open_page()
    page.fill("#id_why", "连续三年考核优秀")
    expect(page.locator("[data-autosave-status]")).to_contain_text("已自动保存")
    assert sent("/draft/")[-1]["why"] == ["连续三年考核优秀"]


def test_a_draft_changed_elsewhere_is_said_and_saving_stops(open_page):
    page = open_page(expect_complaints=True)
    page.route("**/draft/", lambda route: route.fulfill(status=412))
    page.fill("#id_why", "改动")
    expect(page.locator("[data-autosave-status]")).to_contain_text("已在别处修改")
    page.unroute("**/draft/")
    page.fill("#id_why", "再改")
    page.wait_for_timeout(2500)
    assert sent("/draft/") == []


def test_a_double_press_sends_once(open_page):
    page = open_page()
    press = "document.querySelector('button[value=approve]').form.requestSubmit(document.querySelector('button[value=approve]'))"
    page.evaluate(press)
    page.wait_for_timeout(300)
    assert page.is_disabled("button[value=approve]")
    page.evaluate(press.replace("(document.querySelector('button[value=approve]'))", "()"))
    page.wait_for_timeout(1500)
    assert [data.get("action") for data in sent("/take/")] == [["approve"]]


def test_ticked_rows_travel_with_the_bulk_action(open_page):
    page = open_page()
    assert page.is_hidden("#bulk")
    page.check("[data-bulk-box][value='1']")
    page.check("[data-bulk-box][value='3']")
    assert page.inner_text("[data-bulk-count]") == "2"
    page.click("#bulk button[value=pass]")
    page.wait_for_timeout(400)
    data = sent("/take/")[-1]
    assert (data["ids"], data["action"], "comment" in data) == (["1", "3"], ["pass"], False)


def test_a_bulk_action_may_ask_for_a_comment(open_page):
    page = open_page()
    page.check("[data-bulk-all]")
    page.click("#bulk >> text=退回")
    page.fill("#bulk-return-comment", "材料不全")
    page.click("#bulk-return .modal-footer >> text=退回")
    page.wait_for_timeout(400)
    data = sent("/take/")[-1]
    assert (data["ids"], data["action"], data["comment"]) == (["1", "2", "3"], ["return"], ["材料不全"])


def test_a_dialog_asks_before_a_rejection(open_page):
    page = open_page()
    page.click(".side-actions >> text=不予推荐")
    page.wait_for_selector("#act-reject.show")
    expect(page.locator("#act-reject-comment")).to_be_focused()
    page.click("#act-reject .modal-footer >> text=不予推荐")
    assert sent("/take/") == [], "the comment is required"
    page.fill("#act-reject-comment", "年限不足")
    page.click("#act-reject .modal-footer >> text=不予推荐")
    page.wait_for_timeout(400)
    assert sent("/take/")[-1]["comment"] == ["年限不足"]


def test_the_picker_works_from_the_keyboard(open_page):
    page = open_page()
    page.focus("#id_who")
    page.keyboard.type("zwt")
    page.wait_for_selector("#id_who-list [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("[data-picker-value]") == "2"
    assert page.input_value("#id_who") == "张文涛"
    page.keyboard.type("x")
    assert page.input_value("[data-picker-value]") == "", "what is shown is what is sent"
    page.wait_for_selector("#id_who-list:not([hidden])")
    page.click("#id_who-list >> text=章文")
    assert page.input_value("[data-picker-value]") == "", "a refused one can't be taken"


def test_a_chart_is_drawn_and_has_its_table(open_page):
    page = open_page()
    assert page.is_hidden("#c-table")
    page.locator("[data-chart]").scroll_into_view_if_needed()
    page.wait_for_selector("[data-chart-canvas] svg path[fill='#1257a8']")
    page.click("[data-chart-toggle]")
    assert page.is_visible("#c-table")
    assert page.get_attribute("[data-chart-toggle]", "aria-expanded") == "true"


def test_a_job_is_followed_to_its_end(open_page):
    page = open_page()
    page.wait_for_selector("#job-1 >> text=已完成", timeout=60_000)


def test_the_search_and_the_skip_link_have_their_keys(open_page):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_choice_filters_at_once_and_empty_ones_stay_out_of_the_address(open_page):
    page = open_page(query="?tab=mine")
    page.select_option("#id_status", "b")
    page.wait_for_url("**/?*status=b*")
    assert "search=" not in page.url
    assert "tab=mine" in page.url
