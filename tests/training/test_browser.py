"""A class in real Chromium, from the empty form to a place: every page with axe, at a desk and as wide as a phone."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Person
from tests.factories import make_user
from tests.programs.factories import make_cadre
from tests.services import chromium
from tests.training.factories import make_class
from training.models import Enrolment, TrainingClass

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not chromium(), reason="no Chromium on this machine"),
]


@pytest.fixture
def school(transactional_db, tree, hr, principal_east, settings):
    """A school with somebody who signs in and somebody who doesn't, on a day in the window."""
    settings.DEMO_TODAY = "2026-11-20"
    make_cadre(tree.school_east, "东学", user=make_user("learner", "东学"))
    make_cadre(tree.school_east, "东师")
    return tree.school_east


@pytest.fixture
def person(browser, live_server):
    """Sit somebody down at a browser."""
    return lambda username: Person(browser, live_server.url, username)


def _made_and_opened(hr):
    page = hr.page
    hr.follow("培训", exact=True)
    hr.follow("新建培训班")
    hr.press("保存")
    hr.says("请填写“培训班名称”")
    for label, value in (
        ("培训班名称", "校本研修班"), ("学时", "16"), ("开班日期", "2026-12-07"), ("结束日期", "2026-12-08"),
        ("名额", "1"), ("报名开始", "2026-11-19T08:00"), ("报名截止", "2026-11-30T17:00"),
    ):  # fmt: skip
        page.get_by_label(label, exact=False).first.fill(value)
    hr.press("保存")
    hr.says("已建立，还没有开始报名")
    hr.follow("设定阶段")
    page.get_by_label("阶段，第 1 行").fill("领导力")
    page.get_by_label("天数，第 1 行").fill("2")
    hr.press("再加几行")
    expect(page.get_by_label("阶段，第 1 行")).to_have_value("领导力")
    hr.press("保存")
    hr.follow("增加课程")
    for label, value in (("开始", "09:00"), ("结束", "11:30"), ("课题", "学校规划")):
        page.get_by_label(label).fill(value)
    hr.press("保存")
    hr.says("学校规划")
    for tab in ("学员", "培训对象", "办理记录", "内容与日程"):
        hr.follow(tab)
    hr.press("开始报名")
    hr.says("报名已开始，已通知各单位。")


def test_from_an_empty_form_to_a_place(school, person):
    with person("hr") as hr:
        _made_and_opened(hr)
    with person("learner") as learner:
        learner.follow("我的培训", exact=True)
        learner.follow("我要报名")
        learner.page.get_by_label("报名理由").fill("想学校本研修")
        learner.press("提交报名")
        learner.says("报名已提交，等学校同意")
        learner.says("东方明同意")
    with person("principal-east") as principal:
        principal.follow("办理", exact=False)
        principal.says("想学校本研修")
        principal.press("同意报名")
        principal.says("东学：已录取，已通知本人。")
        principal.follow("学员")
        principal.follow("为人员报名")
        principal.says("名额已满")
        principal.page.get_by_label("选择 东师").check()
        principal.page.get_by_role("button", name="报名", exact=True).click()
        principal.press("报名", within=principal.page.get_by_role("dialog"))
        principal.says("已报名：东师（候补）。")
        principal.says("候补第 1 位")
    with person("learner") as learner:
        learner.go("/training/")
        learner.says("已录取")
        learner.says("学校规划")
        learner.follow("校本研修班")
        learner.page.get_by_role("button", name="退出").click()
        dialog = learner.page.get_by_role("dialog")
        dialog.get_by_label("意见").fill("时间冲突")
        learner.press("退出", within=dialog)
        learner.says("已退出")
    row = TrainingClass.objects.get()
    found = Enrolment.objects.filter(training_class=row).order_by("pk").values_list("cadre__name", "status")
    assert list(found) == [("东学", "withdrawn"), ("东师", "enrolled")]


def test_what_cannot_be_done_says_why(school, tree, hr, person):
    make_class(tree.bureau, hr)
    with person("hr") as clerk:
        clerk.go(f"/classes/{TrainingClass.objects.get().pk}/")
        clerk.page.get_by_role("button", name="确定名单").click()
        dialog = clerk.page.get_by_role("dialog")
        expect(dialog).to_contain_text("只有局人事能在名额内补录")
        clerk.press("确定名单", within=dialog)
        clerk.says("名单已定")
    with person("learner") as learner:
        learner.go("/training/")
        learner.says("现在没有可以报名的培训班")
        learner.go(f"/classes/{TrainingClass.objects.get().pk}/")
        learner.says("名单已定，不再接受报名。")
        expect(learner.page.get_by_role("button", name="我要报名")).to_be_disabled()
    with person("principal-east") as principal:
        principal.go(f"/classes/{TrainingClass.objects.get().pk}/")
        expect(principal.page.get_by_role("button", name="为人员报名")).to_be_disabled()
        principal.says("名单已定，不再接受报名。")
