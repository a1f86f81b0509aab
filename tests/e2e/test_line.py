"""The whole line in a real browser: a roster comes in, a call, a nomination, its deciders, the base, the report."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from cadres.models import Appointment, Cadre
from programs.models import Appraisal, Nomination, Participation
from programs.tasks import follow_calendar
from tests.core.test_workers import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.workers, pytest.mark.django_db(transaction=True)]
ROSTER = Path(__file__).resolve().parent.parent / "data" / "synthetic_messy_roster.xlsx"


def test_the_whole_line(township, worker, person, settings, tmp_path):
    worker()
    with person("hr") as hr:
        bring_in_the_roster(hr)
        open_the_call(hr)
    with person("principal-east") as principal:
        nominate(principal)
    with person("central-east") as central:
        inspect(central)
        file_the_list(central)
    with person("hr") as hr:
        check(hr)
    with person("party") as party:
        decide(party)
    with person("hr") as hr:
        place(hr)
    the_stay_passes(settings, worker)
    with person("host") as host:
        appraise(host)
    with person("hr") as hr:
        finish_and_report(hr, tmp_path)


def bring_in_the_roster(hr):
    hr.follow("名册")
    hr.follow("导入")
    page = hr.page
    page.get_by_label("名册文件").set_input_files(ROSTER)
    hr.press("上传并预览")
    page.wait_for_selector("[data-bs-target='#confirm-import']", timeout=120_000)
    hr.look()
    assert not Cadre.objects.exists(), "a preview writes nothing"
    page.click("[data-bs-target='#confirm-import']")
    page.wait_for_selector("#confirm-import.show")
    with page.expect_navigation():
        page.click("#confirm-import .modal-footer .btn-primary")
    hr.says("已导入")
    hr.says("没有导入")
    hr.look()
    assert Cadre.objects.filter(name="李四", unit__name="示例区第二中学").exists()
    assert not Cadre.objects.filter(name="欧阳明明").exists(), "its identity number has lost digits"
    hr.follow("查看名册")
    hr.follow("李四")
    hr.says("示例区第二中学")


def open_the_call(hr):
    hr.go("/calls/")
    hr.follow("新建征集")
    page = hr.page
    page.get_by_label("方案").select_option(label="挂职学习推荐（秋季批）")
    page.get_by_label("年度").fill("2026")
    hr.press("建立草拟征集")
    hr.press("保存")
    hr.press("开始征集")
    hr.says("征集已开始")
    hr.go("/calls/")
    hr.says("2026年挂职学习推荐（秋季批）")


def nominate(principal):
    principal.follow("征集", exact=True)
    principal.follow("2026年挂职学习推荐（秋季批）")
    principal.follow("推荐干部")
    principal.choose("被推荐人", "李四", "李四")
    principal.press("查看条件")
    principal.says("一般 35 周岁以下")
    principal.says("44 岁")
    principal.says("全区名额剩 15 个")
    principal.says("还剩")
    principal.press("推荐李四")
    page = principal.page
    principal.press("提交")
    principal.says("请填写推荐理由")
    page.fill("#id_statement", "工作扎实，群众公认。")
    page.fill("#id_problems", "乡镇学校的校本研修怎样做实。")
    page.fill("#id_advisory_reason", "教学管理经验丰富，学校工作需要。")
    for box in page.locator("input[type=checkbox][name^=declared_]").all():
        box.check()
    for text in page.locator("textarea[name^=evidence_]").all():
        text.fill("本人档案及民主测评。")
    principal.press("提交")
    principal.says("推荐已提交")
    assert Nomination.objects.get().status == "submitted"
    principal.go("/nominations/")
    principal.says("李四")


def inspect(central):
    central.go("/")
    central.says("考察")
    central.go("/nominations/")
    central.follow("李四")
    page = central.page
    for box in page.locator("input[type=radio][value=yes]").all():
        box.check()
    page.fill("#inspect-score", "92")
    page.fill("#inspect-comment", "同意推荐。")
    central.press("通过", within=page.locator(".side-actions").first)
    central.says("名单")


def file_the_list(central):
    central.go("/calls/")
    central.follow("2026年挂职学习推荐（秋季批）")
    central.follow("报送名单")
    central.says("李四")
    central.press("报送名单")
    central.says("名单已报送")


def check(hr):
    hr.go("/nominations/")
    hr.follow("李四")
    hr.press("通过", within=hr.page.locator(".side-actions").first)
    assert Nomination.objects.get().step.kind == "decide"


def decide(party):
    party.follow("议题", exact=True)
    party.says("剩 15 个")
    party.says("同意推荐。")
    party.page.get_by_label("意见", exact=True).fill("同意")
    party.press("通过", within=party.page.locator(".agenda-form").first)
    party.says("等待局人事安排")
    assert Nomination.objects.get().status == "approved"


def place(hr):
    hr.go("/participations/")
    hr.follow("李四")
    hr.follow("安排基地")
    page = hr.page
    page.get_by_label("基地", exact=False).first.select_option(label="局人事教育股基地")
    page.get_by_label("拟挂职务").fill("副股长")
    hr.press("安排")
    hr.says("已安排，挂任已登记")
    assert Appointment.objects.filter(cadre__name="李四", kind="seconded").exists()


def the_stay_passes(settings, worker):
    for day in ("2027-03-01", "2027-09-01"):
        settings.DEMO_TODAY = day
        worker()
        follow_calendar.delay()
        wanted = "active" if day == "2027-03-01" else "ended"
        assert wait_for(lambda wanted=wanted: Participation.objects.get().status == wanted), wanted


def appraise(host):
    host.says("鉴定")
    host.follow("我带的人")
    host.follow("李四")
    host.follow("撰写鉴定")
    page = host.page
    host.press("签署并提交")
    host.says("请选择等次")
    for text in page.locator("textarea[name^=section_]").all():
        text.fill("作风扎实，善于协调，带来的问题已有办法。")
    page.get_by_label("优秀", exact=True).check()
    host.press("签署并提交")
    host.says("书面鉴定已提交")
    assert Appraisal.objects.get().status == "filed"


def finish_and_report(hr, tmp_path):
    hr.go("/participations/")
    hr.follow("李四")
    hr.says("优秀")
    hr.press("办结")
    hr.says("已办结")
    hr.follow("报表", exact=True)
    hr.press("生成报告")
    page = hr.page
    page.wait_for_selector("text=下载工作簿", timeout=120_000)
    hr.look()
    with page.expect_download() as caught:
        page.get_by_role("link", name="下载工作簿").first.click()
    saved = tmp_path / "report.xlsx"
    caught.value.save_as(saved)
    book = load_workbook(saved)
    words = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell}
    assert any("李四" in word for word in words)
    assert any("优秀" in word for word in words)
    hr.go("/reports/")
