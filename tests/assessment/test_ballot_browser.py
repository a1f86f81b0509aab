"""Ballot and own result in real Chromium, by thumb at 390 and by keyboard at 1366, with axe: from list to receipt."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from assessment.models import Ballot, BallotDraft, Invitation, RoundSubject, SubjectResult
from assessment.services import ballots
from assessment.services.rounds import add_subject, take_round_action
from tests.assessment.factories import invite_raters, make_round, open_round
from tests.factories import make_user
from tests.programs.factories import make_cadre
from tests.services import chromium

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not chromium(), reason="no Chromium on this machine"),
]
AXE = (Path(__file__).resolve().parent.parent / "e2e" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AT_REST = """() => Promise.allSettled(
    document.getAnimations()
        .filter(each => each.effect.getComputedTiming().iterations !== Infinity)
        .map(each => each.finished)
).then(() => true)"""


@pytest.fixture
def rater(tree, hr, settings):
    """A peer who rates two people anonymously and a third by name, in an open round."""
    settings.DEMO_TODAY = "2026-11-20"
    person = make_user("rater", "任评")
    held = make_round(tree.bureau, hr)
    for name, kind in (("甲某", "peer"), ("乙某", "peer"), ("丙某", "superior")):
        subject = add_subject(round=held, cadre=make_cadre(tree.school_east, name), by=hr)
        invite_raters(held, subject, kind, [person], hr)
    open_round(held, hr)
    return person


@pytest.fixture
def open_page(browser, live_server, signed_in):
    """A page of a person at a width; complaints of the browser fail the test."""
    complaints, contexts = [], []

    def opened(person, width):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, locale="zh-CN", timezone_id="Asia/Shanghai",
            has_touch=width < 768,
        )  # fmt: skip
        cookie = signed_in(person).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        # The refusal of an autosave after the end is told by the page itself.
        page.on(
            "console",
            lambda m: complaints.append(m.text) if m.type == "error" and "409" not in m.text else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def look(page):
    """No sideways scrolling, no violation, once what moves has come to rest."""
    page.evaluate(AT_REST)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1")
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    assert [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found["violations"]] == []


def ballot_of(rater, name):
    """The invitation to rate a person."""
    return Invitation.objects.get(rater=rater, subject__cadre__name=name)


def test_a_thumb_rates_two_people_in_a_row(rater, open_page, live_server):
    page = open_page(rater, 390)
    page.goto(f"{live_server.url}/ballots/")
    look(page)
    page.get_by_role("link", name="评价 ：甲某").tap()
    expect(page.get_by_text("匿名评价").first).to_be_visible()
    look(page)
    state = page.locator("[data-autosave-status]")
    page.get_by_role("radio", name="较好").tap()
    expect(state).to_contain_text("已自动保存")
    assert BallotDraft.objects.count() == 1
    page.get_by_role("button", name="提交").tap()
    expect(page.get_by_role("alert").filter(has_text="还有 2 项没有回答")).to_be_visible()
    page.get_by_role("group", name="教学管理").get_by_role("button", name="90", exact=True).tap()
    page.get_by_role("button", name="教学管理加 1 分").tap()
    expect(page.get_by_label("教学管理，0 到 100 分")).to_have_value("91")
    page.get_by_role("group", name="队伍建设").get_by_label("不了解").tap()
    expect(page.get_by_text("已答 3 / 3")).to_be_visible()
    page.get_by_role("button", name="提交").tap()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("已回答 2 项，1 项选了“不了解”")
    expect(dialog).to_contain_text("提交后不能修改，也不能再打开")
    look(page)
    dialog.get_by_role("button", name="确认提交").tap()
    expect(page.get_by_role("heading", name="评价票已收到")).to_be_visible()
    look(page)
    assert [None if each is None else float(each) for each in Ballot.objects.get().answers] == [80, 91, None]
    assert not BallotDraft.objects.exists()
    page.go_back()
    expect(page.get_by_role("heading", name="评价票已收到")).to_be_visible()
    page.get_by_role("link", name="接着评价丙某").tap()
    expect(page.get_by_role("heading", name="评价丙某")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0


def test_the_keyboard_rates_and_comes_back_to_change(rater, open_page, live_server):
    page = open_page(rater, 1366)
    invitation = ballot_of(rater, "丙某")
    url = f"{live_server.url}{reverse('ballot', args=[invitation.pk])}"
    page.goto(url)
    expect(page.get_by_text("实名评价").first).to_be_visible()
    look(page)
    page.get_by_role("radio", name="好", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="较好")).to_be_checked()
    for name in ("教学管理", "队伍建设"):
        page.get_by_label(f"{name}，0 到 100 分").focus()
        page.keyboard.type("88")
    submit = page.get_by_role("button", name="提交")
    submit.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate(AT_REST)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(submit).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_focused()
    page.evaluate(AT_REST)
    page.get_by_role("button", name="确认提交").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("提交时间")).to_be_visible()
    page.get_by_role("link", name="修改后再次提交").click()
    expect(page.get_by_label("教学管理，0 到 100 分")).to_have_value("88")
    look(page)


def test_a_round_that_closes_while_one_writes_says_so(rater, open_page, live_server):
    invitation = ballot_of(rater, "乙某")
    page = open_page(rater, 390)
    page.goto(f"{live_server.url}{reverse('ballot', args=[invitation.pk])}")
    held = invitation.subject.round
    type(held).objects.filter(pk=held.pk).update(closes_at=held.opens_at.replace(day=11))
    page.get_by_role("radio", name="较好").tap()
    expect(page.locator("[data-autosave-status]")).to_contain_text("评价已经截止")
    assert not BallotDraft.objects.exists()


def test_a_phone_that_is_put_away_keeps_what_was_tapped(rater, open_page, live_server):
    """The clock of the page stands still, so that the two seconds of the autosave never pass."""
    page = open_page(rater, 390)
    page.clock.install()
    page.goto(f"{live_server.url}{reverse('ballot', args=[ballot_of(rater, '甲某').pk])}")
    page.clock.pause_at("2099-01-01")
    page.get_by_role("radio", name="较好").tap()
    with page.expect_response(lambda answer: answer.request.headers.get("x-autosave") == "1"):
        page.evaluate(
            "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
    assert "fair" in BallotDraft.objects.get().content


@pytest.mark.parametrize("width", [390, 1366])
def test_the_person_rated_reads_the_result_and_confirms_it(rater, hr, open_page, live_server, width):
    invitation = ballot_of(rater, "丙某")
    held, subject = invitation.subject.round, RoundSubject.objects.get(cadre__name="丙某")
    subject.cadre.user = make_user("bing", "丙某")
    subject.cadre.save()
    marks = {"words": "good", "score": "88", "text": "多听课。"}
    given = {each.pk: marks[each.kind] for each in held.instrument.indicators.exclude(kind="")}
    ballots.submit(invitation=invitation, answers=given, by=rater)
    take_round_action(round=held, action="close", by=hr)
    take_round_action(round=held, action="publish", by=hr)
    page = open_page(subject.cadre.user, width)
    page.goto(live_server.url)
    page.get_by_role("link", name="查看 ：查看并确认测评反馈").click()
    expect(page.get_by_role("heading", name="2026年度考核")).to_be_visible()
    look(page)
    expect(page.get_by_text("多听课。")).to_be_visible()
    page.get_by_role("button", name="确认已阅").click()
    expect(page.get_by_text("确认阅读。").first).to_be_visible()
    assert SubjectResult.objects.get(subject=subject).confirmed_by == subject.cadre.user
    page.goto(f"{live_server.url}/results/")
    look(page)
