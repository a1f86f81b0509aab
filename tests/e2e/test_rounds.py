"""HR in a browser: an instrument whose weights add up while one types, a round from its draft to its results."""

import pytest
from playwright.sync_api import expect

from assessment.models import Instrument, Invitation, Round
from assessment.services.ballots import submit
from cadres.models import Cadre
from tests.assessment.factories import answers_of
from tests.factories import make_user
from tests.programs.factories import make_cadre

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def write_an_instrument(hr):
    hr.go("/instruments/")
    hr.follow("新建量表")
    page = hr.page
    page.get_by_label("量表名称").fill("校级干部考核量表")
    hr.press("下一步：填写指标")
    page.locator("#name-0").fill("政治素质")
    page.locator("#weight-0").fill("40")
    expect(page.locator("#sums")).to_contain_text("合计 40%，还差 60%")
    page.get_by_role("button", name="在第 1 行下面加下级指标").click()
    expect(page.locator("#name-1")).to_be_focused()
    expect(page.locator("#name-0")).to_have_value("政治素质")
    page.locator("#name-1").fill("师德师风")
    page.locator("#weight-1").fill("100")
    page.get_by_role("button", name="增加指标").click()
    expect(page.locator("#name-2")).to_be_focused()
    page.locator("#name-2").fill("工作实绩")
    page.locator("#level-2").select_option(label="一级")
    page.locator("#weight-2").fill("60")
    expect(page.locator("#sums")).not_to_contain_text("还差")
    expect(page.locator("#sums li")).to_have_count(2)
    hr.look()
    hr.press("保存")
    hr.says("40%")
    hr.press("定稿")
    hr.says("量表已定稿")
    assert Instrument.objects.get().status == "published"


def prepare_a_round(hr):
    hr.go("/rounds/")
    hr.follow("新建评价")
    page = hr.page
    page.get_by_label("评价名称").fill("2026年度考核")
    page.get_by_label("用途").select_option(label="综合考核评价")
    page.get_by_label("量表").select_option(label="校级干部考核量表（第1版）")
    page.get_by_label("开始时间").fill("2026-11-20T00:00")
    hr.press("下一步：评价关系")
    page.get_by_label("上级的权重").fill("60")
    page.get_by_label("自评的权重").fill("40")
    expect(page.locator("#sums")).to_contain_text("合计 100%")
    hr.press("保存")
    hr.says("还没有选定评价对象")
    hr.choose("增加评价对象", "李四", "李四")
    hr.press("增加")
    hr.says("1 人还没有评价人")
    hr.follow("1 人还没有评价人")
    hr.press("安排 1 人次")
    hr.follow("李四", exact=True)
    hr.choose("增加上级评价人", "东方", "东方明")
    hr.press("增加")
    hr.says("已增加东方明")
    hr.press("开始评价")
    hr.says("评价已开始")
    hr.says("0 / 1 份")


def close_and_publish(hr):
    held = Round.objects.get()
    for each in Invitation.objects.select_related("rater"):
        submit(invitation=each, answers=answers_of(held, "90", "80"), by=each.rater)
    hr.go(f"/rounds/{held.pk}/progress/")
    hr.says("1 / 1 份")
    page = hr.page
    page.get_by_role("button", name="截止并计算结果").first.click()
    dialog = page.locator("#act-close")
    expect(dialog).to_be_visible()
    hr.press("截止并计算结果", dialog)
    hr.follow("结果")
    hr.says("84.00")
    hr.follow("李四", exact=True)
    hr.says("各评价关系")
    page.get_by_role("button", name="公布结果").first.click()
    dialog = page.locator("#act-publish")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("不能收回")
    hr.press("公布结果", dialog)
    hr.says("结果已公布")


def test_a_round_from_the_instrument_to_its_results(township, person):
    make_cadre(township.school_east, "李四", user=make_user("lisi", "李四"))
    assert Cadre.objects.count() == 1
    with person("hr") as hr:
        write_an_instrument(hr)
        prepare_a_round(hr)
        close_and_publish(hr)
    assert Round.objects.get().status == "published"
