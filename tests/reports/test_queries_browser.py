"""The query builder in real Chromium: put together step by step, run, axe at phone and desk width."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from tests.cadres.factories import make_cadre
from tests.core.test_shell_browser import AXE, RULES
from tests.services import chromium

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not chromium(), reason="no Chromium on this machine"),
]


@pytest.fixture
def page_of(browser, live_server, signed_in):
    """Open a page as somebody, at a width; errors in the console fail the test."""
    contexts, complaints = [], []

    def opened(user, width):
        context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
        cookie = signed_in(user).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def check(page):
    """Nothing for axe to find, no scrolling sideways."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(300)
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def settled(page):
    """The conditions are redrawn and listen again."""
    page.wait_for_timeout(50)
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
    return page


@pytest.mark.parametrize("width", [390, 1366])
def test_a_query_is_put_together_and_run(page_of, live_server, tree, hr, width):
    make_cadre(tree.school_east, "东青", birth=dt.date(1995, 1, 1))
    make_cadre(tree.school_east, "东壮", birth=dt.date(1970, 1, 1))
    page = page_of(hr, width)
    page.goto(f"{live_server.url}/reports/queries/new/")
    settled(page).select_option("#fact-0-0", "age")
    settled(page).select_option("#op-0-0", "at_most")
    # Typed while the conditions are being redrawn: it stays.
    page.fill("#value-0-0", "40")
    page.keyboard.press("Tab")
    expect(page.locator(".query-words")).to_contain_text("年龄 ≤ 40 岁")
    settled(page).click('button[value="add-history:0"]')
    # The new condition has the cursor.
    expect(page.locator("#history-0-1")).to_be_focused()
    settled(page).select_option("#history-0-1", "honour")
    settled(page).click('button[value="add-row:0-1"]')
    settled(page).select_option('[id="field-0-1.0"]', "level")
    settled(page).select_option('[id="value-0-1.0"]', "city")
    settled(page).check("#not-0-1")
    expect(page.locator(".query-words")).to_contain_text("非“有过荣誉表彰（级别 ≥ 市级）”")
    check(page)
    page.click(".form-buttons button[value=run]")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("东青")
    check(page)
    page.goto(page.url.replace("results/", "export/"))
    check(page)
    for address in ("/reports/queries/", "/reports/facts/"):
        page.goto(f"{live_server.url}{address}")
        check(page)
