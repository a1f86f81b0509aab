"""Plain configuration by workbook in the admin: previewed, told cell by cell, all rows or none; histories by their own door."""

import dataclasses
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.models import Unit
from accounts.roles import ROLES
from cadres.models import Code, Norm, Post, RetirementRule
from core.models import AuditEntry, StoredFile
from tests.cadres.collections_made import previewed
from tests.cadres.factories import identity, make_cadre, make_code, make_post
from tests.factories import make_unit

pytestmark = pytest.mark.django_db
CODES = reverse("admin:cadres_code_import")
POSTS = reverse("admin:cadres_post_import")
UNITS = reverse("admin:accounts_unit_import")
NORMS = reverse("admin:cadres_norm_import")
RULES = reverse("admin:cadres_retirementrule_import")


def sheet(*rows):
    """A workbook of one sheet."""
    made = Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def send(client, address, *rows):
    """Upload rows; returns the page of the preview."""
    file = SimpleUploadedFile("表.xlsx", sheet(*rows))
    return client.post(address, {"file": file})


def confirm(client, address, page):
    """Press the preview's button."""
    return client.post(address, {"token": page.context["token"]}, follow=True).content.decode()


@pytest.fixture
def clerk(hr, signed_in):
    """Bureau HR, signed in."""
    return signed_in(hr)


@pytest.mark.real_parser
def test_codes_come_in_after_a_preview(clerk, hr):
    kept = make_code("title", "011", "教授")
    rows = (
        ["代码表", "代码", "名称", "别名"],
        ["专业技术职务（GB/T 8561）", "011", "教授级", "正教授、教授"],
        ["title", 12, "副教授", ""],
    )
    page = send(clerk, CODES, *rows)
    text = page.content.decode()
    assert "新增 <strong>1</strong>" in text
    assert "名称：<del>教授</del> → <ins>教授级</ins>" in text
    kept.refresh_from_db()
    assert (kept.name, Code.objects.count()) == ("教授", 1)
    assert not AuditEntry.objects.filter(action__in=["config.edit", "config.add", "admin.import"]).exists()
    assert "已导入：新增 1 条，更新 1 条" in confirm(clerk, CODES, page)
    kept.refresh_from_db()
    assert (kept.name, kept.aliases) == ("教授级", ["正教授", "教授"])
    assert Code.objects.get(code="12").name == "副教授"
    entry = AuditEntry.objects.get(action="admin.import")
    assert (entry.actor_id, entry.after) == (hr.pk, {"新增": 1, "更新": 1})
    assert AuditEntry.objects.filter(action="config.edit").count() == 1
    assert not StoredFile.objects.exists()
    again = send(clerk, CODES, *rows)
    assert "完全相同，不需要导入" in again.content.decode()
    assert "token" not in again.context


def test_every_mistake_is_told_at_its_cell_and_nothing_comes_in(clerk):
    page = send(
        clerk, NORMS,
        ["指标", "对象", "单位类别", "学段", "要求", "起", "标准", "依据", "未核对"],
        ["女性占比", "领导班子", "学校", "", "不低于", "2026.1.1", 30, "某文件", "是"],
        ["女比例", "领导班子", "", "", "不低于", "不是日期", "三成", "某文件", "也许"],
        ["正职人数", "全体干部", "", "", "不高于", "", 1, "某文件", "是"],
        ["女性占比", "领导班子", "学校", "", "不低于", "2026.1.1", 40, "某文件", "是"],
    )  # fmt: skip
    text = page.content.decode()
    assert "第 3 行“指标”（女比例）：没有“女比例”这个选项，可选：女性占比、" in text
    assert "第 3 行“起”（不是日期）：" in text
    assert "第 3 行“标准”（三成）：“三成”不是数字，最多 1 位小数。" in text
    assert "第 3 行“未核对”（也许）：“也许”请改为“是”或“否”。" in text
    assert "第 4 行“对象”（全体干部）：正职、副职人数只对领导班子有标准。" in text
    assert "第 5 行与第 2 行是同一条记录，请只留一行。" in text
    assert "token" not in page.context
    assert not Norm.objects.exists()
    assert not AuditEntry.objects.filter(action="config.add").exists()


def test_rules_of_retirement_come_in_and_a_month_must_begin(clerk):
    heads = ["类别", "起算月", "每满几个月延迟一个月", "最多延迟（月）", "依据", "未核对"]
    wrong = send(clerk, RULES, heads, ["60 岁", "2025.1.15", 4, 36, "决定", "否"]).content.decode()
    assert "第 2 行“起算月”（2025.1.15）：起算月请填当月 1 日。" in wrong
    page = send(clerk, RULES, heads, ["60 岁", "2025.1", 4, 36, "决定", "否"])
    confirm(clerk, RULES, page)
    assert RetirementRule.objects.get().step_months == 4


def test_posts_come_in_through_their_service(clerk, tree):
    kept = make_post(tree.school_east, "校长", headcount=1)
    page = send(
        clerk, POSTS, ["单位编码", "岗位名称", "岗位类别", "职数"],
        [tree.school_east.code, "校长", "正职", 2], [tree.school_west.code, "教导主任", "中层", ""],
    )  # fmt: skip
    confirm(clerk, POSTS, page)
    kept.refresh_from_db()
    assert kept.headcount == 2
    made = Post.objects.get(unit=tree.school_west)
    assert (made.title, made.category, made.unit_path) == ("教导主任", "middle", tree.school_west.path)
    assert set(AuditEntry.objects.filter(action__startswith="post.").values_list("action", flat=True)) == {
        "post.edit", "post.create"
    }  # fmt: skip
    wrong = send(
        clerk, POSTS, ["单位编码", "岗位名称", "岗位类别"], ["没有这个", "校长", "正职"]
    ).content.decode()
    assert "第 2 行“单位编码”（没有这个）：没有找到单位编码“没有这个”。" in wrong


def test_units_come_in_with_those_above_them_in_the_same_file(clerk, tree):
    page = send(
        clerk, UNITS, ["单位编码", "单位名称", "类别", "上级单位编码", "学段"],
        ["NEW-1", "南山镇中心校", "中心校", tree.bureau.code, ""],
        ["NEW-2", "南山镇中心小学", "学校", "NEW-1", "小学"],
    )  # fmt: skip
    assert "token" in page.context, page.content.decode()
    confirm(clerk, UNITS, page)
    made = Unit.objects.get(code="NEW-2")
    assert made.parent.code == "NEW-1"
    assert made.path.startswith(tree.bureau.path)
    wrong = send(
        clerk, UNITS, ["单位编码", "单位名称", "学段"], ["NEW-2", "另一个名字", "小学"]
    ).content.decode()
    assert "请在单位页面更名或调整隶属" in wrong
    made.refresh_from_db()
    assert made.name == "南山镇中心小学"


def test_what_changed_since_the_preview_is_shown_again_first(clerk):
    kept = make_code("title", "011", "教授")
    page = send(clerk, CODES, ["代码表", "代码", "名称"], ["title", "011", "教授级"])
    Code.objects.filter(pk=kept.pk).update(name="同事改的")
    text = confirm(clerk, CODES, page)
    assert "预览之后数据有了变化，还没有写入" in text
    assert "<del>同事改的</del>" in text
    kept.refresh_from_db()
    assert kept.name == "同事改的"
    assert not AuditEntry.objects.filter(action="admin.import").exists()


def test_a_preview_belongs_to_who_made_it_and_to_its_table(clerk, tree, signed_in):
    from tests.factories import make_holder

    page = send(clerk, CODES, ["代码表", "代码", "名称"], ["title", "011", "教授"])
    colleague = signed_in(make_holder("hr2", "何二", "hr", tree.bureau))
    for client, address in ((colleague, CODES), (clerk, NORMS)):
        assert "预览已经过期" in client.post(address, {"token": page.context["token"]}).content.decode()
    assert "预览已经过期" in clerk.post(CODES, {"token": "made-up"}).content.decode()
    assert not Code.objects.exists()


def test_a_file_that_is_no_table_is_refused_in_a_sentence(clerk):
    for content, words in (
        (b"no sheet", "找到"), (sheet(["代码表", "名称"], ["title", "教授"]), "缺少“代码”列"),
        (sheet(["代码表", "代码", "名称"]), "表头下面没有内容"), (b"PK\x03\x04broken", "文件"),
    ):  # fmt: skip
        answer = clerk.post(CODES, {"file": SimpleUploadedFile("表.xlsx", content)})
        assert answer.status_code == 400
        assert words in answer.content.decode()
    assert not StoredFile.objects.exists()


def test_nobody_else_imports(principal_east, sysadmin, signed_in):
    for user in (principal_east, sysadmin):
        client = signed_in(user)
        assert send(client, CODES, ["代码表", "代码", "名称"], ["title", "1", "甲"]).status_code in (302, 403)
    assert not Code.objects.exists()


def test_whoever_may_not_edit_doesn_t_import_either(clerk, monkeypatch):
    less = dataclasses.replace(ROLES["hr"], capabilities=ROLES["hr"].capabilities - {"cadre.edit"})
    monkeypatch.setitem(ROLES, "hr", less)
    assert clerk.get(CODES).status_code == 403
    assert send(clerk, CODES, ["代码表", "代码", "名称"], ["title", "1", "甲"]).status_code == 403
    assert clerk.get(reverse("admin:cadres_code_import_template")).status_code == 403
    assert CODES not in clerk.get(reverse("admin:cadres_code_changelist")).content.decode()
    assert not Code.objects.exists()


def test_the_template_has_the_headings_and_drop_downs(clerk):
    book = load_workbook(io.BytesIO(clerk.get(reverse("admin:cadres_norm_import_template")).content))
    page = book.worksheets[0]
    assert [cell.value for cell in page[1]][:3] == ["指标", "对象", "单位类别"]
    assert page.data_validations.dataValidation


def test_what_is_exported_comes_in_again_without_a_change(clerk, tree):
    make_post(tree.school_east, "校长", headcount=1)
    make_post(make_unit("撤销的学校", tree.bureau, code="GONE"), "旧岗")
    url = reverse("admin:cadres_post_changelist")
    sent = {"action": "export_ticked", "_selected_action": list(Post.objects.values_list("pk", flat=True))}
    out = clerk.post(url, sent).content
    page = clerk.post(POSTS, {"file": SimpleUploadedFile("岗位.xlsx", out)})
    assert "完全相同，不需要导入" in page.content.decode()


@pytest.mark.parametrize("slug", ["rank", "family", "appointment"])
def test_a_history_comes_in_by_the_door_of_the_workbooks(clerk, slug):
    names = {"rank": "rank", "family": "familymember", "appointment": "appointment"}
    listing = clerk.get(reverse(f"admin:cadres_{names[slug]}_changelist")).content.decode()
    door = f"{reverse('cadre-import-histories')}?sheet={slug}"
    assert door in listing
    template = f"{reverse('cadre-histories-template')}?sheet={slug}"
    assert template in clerk.get(door).content.decode()
    book = load_workbook(io.BytesIO(clerk.get(template).content))
    shown = [page for page in book.worksheets if page.sheet_state == "visible"]
    assert len(shown) == 1
    assert "姓名" in [cell.value for row in shown[0].iter_rows(max_row=3) for cell in row]


def test_the_template_of_appointments_can_be_filled_in_and_previewed(clerk, hr, roster):
    tree = roster
    number = identity()
    make_cadre(tree.school_east, "张三", id_number=number)
    book = load_workbook(
        io.BytesIO(clerk.get(f"{reverse('cadre-histories-template')}?sheet=appointment").content)
    )
    page = book.worksheets[0]
    heads = {cell.value: cell.column for cell in page[1]}
    last = page.max_row + 1
    for name, value in (
        ("姓名", "张三"), ("身份证号", number), ("任职机构名称", tree.school_east.name), ("职务名称", "副校长"),
        ("任职时间", "2020.08"),
    ):  # fmt: skip
        page.cell(last, heads[name], value)
    out = io.BytesIO()
    book.save(out)
    found = previewed(out.getvalue(), tree.bureau, by=hr)
    assert found.summary.get("new") == 1, found.summary


def test_a_sheet_that_isn_t_theirs_has_no_template(clerk):
    for slug in ("petition", "nothing"):
        assert clerk.get(f"{reverse('cadre-histories-template')}?sheet={slug}").status_code == 404
