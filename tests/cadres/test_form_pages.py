"""The pages of forms and photos: upload → preview → answers → confirm → result; one form and many handed out."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cadres.models import Cadre, FamilyMember, RosterImport
from cadres.personnel_form.lrmx import read_lrmx
from core.files import open_stored
from core.models import AuditEntry, Job, StoredFile
from tests.cadres.factories import make_cadre
from tests.cadres.forms_made import FULL, MESSY, MINIMAL, OLD, jpeg, lrmx, zip_of
from tests.cadres.test_form_import import imported
from tests.cadres.uploading import work
from tests.factories import make_holder

pytestmark = pytest.mark.django_db
FORMS, PHOTOS = "cadre-import-forms", "cadre-import-photos"


@pytest.fixture
def hr(roster, signed_in):
    """HR, signed in."""
    return signed_in(make_holder("hr", "何人事", "hr", roster.bureau))


def upload(client, start, *files):
    """Send files to a start page."""
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(reverse(start), {"file": sent})


def opened(client, start, *files):
    """Upload and have the preview made."""
    response = upload(client, start, *files)
    assert response.status_code == 302, response.content.decode()[:3000]
    found = RosterImport.objects.latest("pk")
    work(found.preview_job)
    found.refresh_from_db()
    return found


def page(client, found, **query):
    """The import's page."""
    response = client.get(reverse("cadre-import-detail", args=[found.pk]), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_whole_way_of_a_zip(hr, roster):
    content = zip_of(
        {
            "张三.lrmx": FULL.read_bytes(),
            "李四.lrmx": MESSY.read_bytes(),
            "坏.lrmx": b"<html/>",
            "说明.txt": b"x",
        }
    )
    found = opened(hr, FORMS, ("表.zip", content))
    assert found.kind == "forms"
    asked = page(hr, found)
    assert "示例县中心小学" in asked
    assert "其他单位" in asked
    hr.post(
        reverse("cadre-import-answer", args=[found.pk]),
        {"question-0": "unit:示例县中心小学", "answer-0": "other", "other-0": roster.school_east.pk},
    )
    assert "不是干部任免审批表" in page(hr, found, show="rejected")
    assert "张三" in page(hr, found, show="new")
    assert "说明.txt" in page(hr, found)
    hr.post(reverse("cadre-import-confirm", args=[found.pk]))
    found.refresh_from_db()
    work(found.commit_job)
    assert Cadre.objects.count() == 2
    done = page(hr, found)
    assert "1 份没有导入" in done
    left = hr.get(reverse("cadre-import-rejected", args=[found.pk]))
    with zipfile.ZipFile(io.BytesIO(b"".join(left.streaming_content))) as archive:
        assert archive.namelist() == ["坏.lrmx", "未导入的原因.txt"]
        assert "不是干部任免审批表" in archive.read("未导入的原因.txt").decode()


def test_several_files_with_a_picture(hr, roster):
    found = opened(
        hr, FORMS, (OLD.name, OLD.read_bytes()), ("synthetic_v2.pic", OLD.with_suffix(".pic").read_bytes()),
        (MINIMAL.name, MINIMAL.read_bytes()),
    )  # fmt: skip
    assert found.rows.count() == 2
    assert found.summary["new"] == 1
    assert "等 2 个文件" in found.file.name


def test_changes_are_shown_and_sealed_words_only_to_who_may_see_them(hr, roster):
    imported(roster.bureau, FULL)
    form = lrmx(XingMing="张三", ChuShengNianYue="197605", JianKangZhuangKuang="较差",
                family=[("妻子", "李 某", "", "", "某机密单位")])  # fmt: skip
    found = opened(hr, FORMS, ("张三.lrmx", form))
    career = lrmx(XingMing="张三", ChuShengNianYue="197605",
                  JianLi=read_lrmx(FULL.read_bytes())["JianLi"].replace("第一中学教师", "第三中学教师"))  # fmt: skip
    lines = page(hr, opened(hr, FORMS, ("简历.lrmx", career)), show="changed")
    assert "<ins>1998.07--2005.08  示例区第三中学教师</ins>" in lines
    shown = page(hr, found, show="changed")
    assert "某机密单位" in shown
    # What the roster holds of it is opened on the person's page, with a reason.
    assert "<del>原有内容（不显示）</del>" in shown
    assert "示例区某小学教师" not in shown
    assert "张三.lrmx" in shown


@pytest.mark.parametrize(
    "name, content, status",
    [
        ("a.txt", b"hello", 422), ("a.zip", b"PK\x03\x04broken", 422), ("a.lrmx", b"", 422),
        ("a.zip", zip_of({f"{n}.lrmx": b"0" * 9_000_000 for n in range(3)}), 413),
    ],
)  # fmt: skip
def test_a_refused_upload_says_why_and_keeps_nothing(hr, name, content, status):
    response = upload(hr, FORMS, (name, content))
    assert response.status_code == status
    assert "invalid-feedback" in response.content.decode() or "error" in response.content.decode()
    assert not StoredFile.objects.exists()
    assert not RosterImport.objects.exists()


def test_no_file_at_all(hr):
    response = hr.post(reverse(FORMS))
    assert response.status_code == 422
    assert "请选择任免审批表文件" in response.content.decode()


def test_giving_up_leads_back_to_the_forms(hr, roster):
    found = opened(hr, FORMS, (FULL.name, FULL.read_bytes()))
    response = hr.post(reverse("cadre-import-discard", args=[found.pk]))
    assert response["Location"] == reverse(FORMS)
    assert not found.rows.exists()
    listed = hr.get(reverse("cadre-import")).content.decode()
    assert found.file.name not in listed


def test_photos_go_the_same_way(hr, roster):
    one = make_cadre(roster.school_east, "张三")
    make_cadre(roster.school_west, "李四")
    make_cadre(roster.school_east, "李四")
    found = opened(
        hr, PHOTOS, ("张三.jpg", jpeg()), ("李四.jpg", jpeg((1, 1, 1))), ("无人.png", jpeg((2, 2, 2)))
    )
    assert found.summary == {"new": 0, "changed": 1, "unchanged": 0, "rejected": 1, "ask": 1}
    assert "李四" in page(hr, found, show="ask")
    assert "新照片" in page(hr, found, show="changed")
    hr.post(reverse("cadre-import-confirm", args=[found.pk]))
    found.refresh_from_db()
    work(found.commit_job)
    one.refresh_from_db()
    assert one.photo is not None
    assert "2 张没有导入" in page(hr, found)


# --- handing out --------------------------------------------------------------------------------------------


@pytest.fixture
def zhang(roster):
    """张三 of the full form."""
    imported(roster.bureau, FULL)
    return Cadre.objects.get(name="张三")


def test_one_form_as_word_and_lrmx(hr, zhang):
    url = reverse("cadre-form", args=[zhang.pk])
    head = hr.get(reverse("cadre-detail", args=[zhang.pk])).content.decode()
    assert f"{url}?format=docx" in head
    assert "checked" in hr.get(f"{url}?format=lrmx").content.decode()
    refused = hr.post(url, {"format": "lrmx", "content": "whole"})
    assert refused.status_code == 422
    assert "须写明用途" in refused.content.decode()
    whole = hr.post(url, {"format": "lrmx", "content": "whole", "reason": "干部考察"})
    assert len(read_lrmx(whole.content).family) == 4
    assert whole["Cache-Control"] == "private, no-store"
    assert AuditEntry.objects.filter(action="form.export_open", note="干部考察").count() == 1
    cut = hr.post(url, {"format": "docx", "content": "cut"})
    assert cut.content.startswith(b"PK")
    with zipfile.ZipFile(io.BytesIO(cut.content)) as archive:
        words = archive.read("word/document.xml").decode()
    assert "310107197605031315" not in words
    assert "李 某" not in words


def test_a_school_may_not_ask_for_the_whole_form(roster, zhang, signed_in):
    head = signed_in(make_holder("head", "校长", "principal", roster.direct_school))
    url = reverse("cadre-form", args=[zhang.pk])
    assert "完整内容" not in head.get(url).content.decode()
    response = head.post(url, {"format": "lrmx", "content": "whole", "reason": "我想看看"})
    assert response.status_code == 200
    assert read_lrmx(response.content).family == []


def test_many_forms_as_a_zip(hr, roster, zhang, signed_in):
    make_cadre(roster.school_east, "李四")
    url = reverse("cadre-forms")
    assert "2 人" in hr.get(url).content.decode()
    assert reverse("cadre-forms") in hr.get(reverse("cadre-list")).content.decode()
    assert hr.post(url, {"format": "lrmx", "content": "whole"}).status_code == 422
    response = hr.post(url, {"format": "lrmx", "content": "whole", "reason": "年度归档"})
    job = Job.objects.latest("created_at")
    assert response["Location"] == reverse("cadre-forms-job", args=[job.pk])
    work(job)
    job.refresh_from_db()
    with zipfile.ZipFile(open_stored(job.result_file)) as archive:
        assert sorted(archive.namelist()) == ["张三.lrmx", "李四.lrmx"]
        assert len(read_lrmx(archive.read("张三.lrmx")).family) == FamilyMember.objects.count()
    assert AuditEntry.objects.get(action="form.export_open").after == {"人数": 2}
    assert "下载压缩包" in hr.get(response["Location"]).content.decode()
    other = signed_in(make_holder("hr2", "黄人事", "hr", roster.bureau))
    assert other.get(response["Location"]).status_code == 404
