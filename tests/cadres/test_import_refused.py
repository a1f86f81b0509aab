"""What the import refuses at the door: hostile and hopeless files, and people without the right."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from cadres.models import RosterImport
from cadres.services import imports
from core.errors import NotAllowed
from core.models import StoredFile
from tests.cadres.rosters import ZHANG, people, workbook
from tests.cadres.uploading import BASE, open_import, upload
from tests.core import hostile_sheets as hostile
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.real_parser]


@pytest.fixture
def client(roster, hr, signed_in):
    """The browser of bureau HR."""
    return signed_in(hr)


# --- refused at the door ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content, status, words",
    [
        (hostile.zip_bomb, (413, 415, 422), "文件"),
        (hostile.far_cell, (413, 415, 422), "超出可导入的范围"),
        (hostile.external_entity, (413, 415, 422), "文件"),
        (hostile.billion_laughs, (413, 415, 422), "文件"),
        (hostile.with_macros, (415,), "宏"),
        (hostile.encrypted_xlsx, (415, 422), "密码"),
        (lambda: b"%PDF-1.7 x", (415,), "不是"),
        (lambda: b"\x89PNG\r\n\x1a\n" + b"x" * 100, (415,), "不是"),
        (lambda: b"", (422,), "空"),
        (lambda: workbook(["a", "b"], [1, 2]), (422,), "没有找到表头"),
        (lambda: workbook(["单位", "性别"], ["x", "男"]), (422,), "缺少“姓名”列"),
    ],
    ids=[
        "bomb",
        "far cell",
        "entity",
        "laughs",
        "macros",
        "password",
        "pdf",
        "png",
        "empty",
        "no header",
        "no name",
    ],
)
def test_hostile_and_hopeless_files_are_refused_and_nothing_is_kept(client, settings, content, status, words):
    made = content()
    answer_ = upload(client, made if isinstance(made, bytes) else made[0])
    assert answer_.status_code in status, answer_.status_code
    assert words in answer_.content.decode()
    assert not StoredFile.objects.exists()
    assert not RosterImport.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_a_name_with_folders_is_only_a_name(client):
    upload(client, people(BASE), name="../../etc/名册.xlsx")
    assert StoredFile.objects.get().name == "名册.xlsx"


def test_who_may_not_import(roster, signed_in, principal_east, party, auditor, cadre_user):
    for user in (principal_east, party, auditor, cadre_user):
        client = signed_in(user)
        assert client.get(reverse("cadre-import")).status_code == 403
        assert upload(client, people(BASE)).status_code == 403
        assert client.get(reverse("cadre-import-template")).status_code == 403
        assert client.get(reverse("cadre-import-detail", args=[1])).status_code == 403
        with pytest.raises(NotAllowed):
            imports.importing_unit(user)


def test_an_import_that_is_not_there(client):
    assert client.get(reverse("cadre-import-detail", args=[1])).status_code == 404


def test_the_template_has_the_headings_and_imports_as_empty(client):
    content = client.get(reverse("cadre-import-template")).content
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert [cell.value for cell in sheet[1]] == [
        "单位",
        "姓名",
        "性别",
        "民族",
        "籍贯",
        "出生年月",
        "身份证号",
        "参加工作时间",
        "政治面貌",
        "入党时间",
        "全日制学历",
        "全日制学位",
        "全日制毕业院校及专业",
        "在职学历",
        "在职学位",
        "在职毕业院校及专业",
        "现任职务",
        "任现职时间",
        "职务类别",
        "职称",
        "职级",
        "手机号码",
        "备注",
    ]
    filled = load_workbook(io.BytesIO(content))
    filled.worksheets[0].append(["示例区第二中学", "张三", "男", None, None, "1976.05", ZHANG])
    out = io.BytesIO()
    filled.save(out)
    roster_import = open_import(client, out.getvalue())
    assert roster_import.summary == {"new": 1, "changed": 0, "unchanged": 0, "rejected": 0, "ask": 0}


def test_the_superuser_of_the_command_line_imports_at_the_root(roster):
    assert imports.importing_unit(make_user(is_superuser=True)) == roster.bureau
