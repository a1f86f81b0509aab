"""Drafts in a real browser: what was kept while typing doesn't stand in the way of submitting it."""

import pytest

from accounts.models import User
from programs.models import Nomination, Program
from programs.services.nominations import start_nomination
from tests.e2e.browsing import SECONDS
from tests.programs.factories import declarations, make_cadre, make_call

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(township) -> Nomination:
    """A draft of the township's school in an open call, everything declared but nothing written."""
    call = make_call(Program.objects.get(), User.objects.get(username="hr"))
    cadre = make_cadre(township.school_east, "李青")
    principal = User.objects.get(username="principal-east")
    return start_nomination(call=call, cadre=cadre, by=principal)


def write(page, draft):
    """Fill the form the way people do, each field by itself."""
    page.locator("[name=statement]").fill("工作扎实，群众公认。")
    page.locator("[name=problems]").fill("校本研修怎样做实。")
    for each in declarations(draft.call):
        page.locator(f"[name=declared_{each.rule}]").check()
        page.locator(f"[name=evidence_{each.rule}]").fill("本人档案")


def test_a_form_that_saved_itself_twice_is_submitted(person, draft):
    with person("principal-east") as principal:
        page = principal.page
        page.goto(f"{principal.address}/nominations/{draft.pk}/edit/")
        with page.expect_response(lambda answer: answer.request.method == "POST", timeout=15 * SECONDS):
            page.locator("[name=statement]").fill("先写一半")
        with page.expect_response(lambda answer: answer.request.method == "POST", timeout=15 * SECONDS):
            write(page, draft)
        page.wait_for_function(
            "document.querySelector('[data-autosave-status]').textContent.startsWith('已自动保存')"
        )
        with page.expect_navigation():
            page.locator("[name=submit]").click()
        principal.says("已提交")
    draft.refresh_from_db()
    assert (draft.status, draft.problems) == ("submitted", "校本研修怎样做实。")


def test_a_press_while_a_draft_is_being_saved_waits_for_it(person, draft):
    """The autosave on its way would make the pressed form an older version: 412 for one's own words."""
    with person("principal-east") as principal:
        page = principal.page
        page.goto(f"{principal.address}/nominations/{draft.pk}/edit/")
        waiting = []

        def hold(route):
            if route.request.headers.get("x-autosave"):
                waiting.append(route)
            else:
                route.continue_()

        page.route("**/edit/", hold)
        write(page, draft)
        while not waiting:
            page.wait_for_timeout(100)
        page.locator("[name=submit]").click()
        assert Nomination.objects.get(pk=draft.pk).status == "draft"
        with page.expect_navigation():
            waiting[0].continue_()
        principal.says("已提交")
    draft.refresh_from_db()
    assert draft.status == "submitted"
