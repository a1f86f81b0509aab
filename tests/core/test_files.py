"""Kept files: judged by content, cleaned, never shown in the browser; nothing left after a refusal."""

import errno
import io
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.errors import DomainError, NotFound, StorageFull, TooLarge, WrongType
from core.files import clean_name, disposition, download_response, open_stored, store
from core.models import StoredFile
from tests.core import hostile

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def storage(media):
    """The test's own storage."""
    return media


def kept(storage):
    """The files in the storage."""
    return [path for path in storage.rglob("*") if path.is_file()]


def test_a_file_is_kept_under_a_name_that_tells_nothing(storage, someone):
    data = hostile.workbook()
    stored = store(SimpleUploadedFile("名册 2026.xlsx", data), name="名册 2026.xlsx", kind="xlsx", by=someone)
    assert (stored.name, stored.size, stored.uploaded_by) == ("名册 2026.xlsx", len(data), someone)
    assert stored.content_type.endswith("spreadsheetml.sheet")
    assert len(stored.sha256) == 64
    assert "2026" not in stored.file.name
    assert "." not in stored.file.name
    assert open_stored(stored).read() == data
    assert (kept(storage)[0].stat().st_mode & 0o777) == 0o600


REFUSED = {
    "macros": ("xlsx", lambda: hostile.with_part(hostile.workbook(), "xl/vbaProject.bin", b"macro")),
    "macros in Word": (
        "document",
        lambda: hostile.with_part(hostile.document(), "word/vbaProject.bin", b"m"),
    ),
    "bomb": ("document", lambda: hostile.with_part(hostile.document(), "word/a.xml", b"0" * 300_000_000)),
    "bomb as workbook": (
        "xlsx",
        lambda: hostile.with_part(hostile.workbook(), "xl/a.xml", b"0" * 400_000_000),
    ),
    "many parts": ("document", lambda: hostile.zipped(parts={f"word/{n}.xml": b"" for n in range(3000)})),
    "upward path": ("document", lambda: hostile.with_part(hostile.document(), "../../etc/passwd", b"x")),
    "a zip of something": ("document", lambda: hostile.zipped(parts={"a.txt": b"hello"})),
    "half a zip": ("document", lambda: hostile.document()[:60]),
    "old Office": ("document", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
    "a program": ("document", lambda: b"MZ\x90\x00\x03" + b"\0" * 100),
    "a program as image": ("image", lambda: b"MZ\x90\x00\x03" + b"\0" * 100),
    "a page as image": ("image", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "half an image": ("image", lambda: hostile.picture(size=(400, 400))[:300]),
    "a huge image": ("image", lambda: hostile.picture(size=(6000, 6000))),
    "an image as workbook": ("xlsx", hostile.picture),
    "csv as workbook": ("xlsx", lambda: "姓名,性别\n".encode()),
    "nothing at all": ("document", lambda: b""),
    "nothing as workbook": ("xlsx", lambda: b""),
    "nothing as image": ("image", lambda: b""),
    "nothing of our own": ("any", lambda: b""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_hostile_files_are_refused_quickly_and_leave_nothing(case, storage, someone):
    kind, build = REFUSED[case]
    data = build()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    with pytest.raises(DomainError) as refusal:
        store(data, name="文件.xlsx", kind=kind, by=someone)
    assert refusal.value.status in (400, 413, 415)
    assert time.process_time() - started < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024
    assert not StoredFile.objects.exists()
    assert kept(storage) == []


def test_too_large_is_refused_before_it_is_read(settings, someone):
    settings.UPLOAD_MAX_BYTES = 1000

    class Unread(io.BytesIO):
        size = 2_000_000_000

        def read(self, *args):
            raise AssertionError("was read")

    with pytest.raises(TooLarge) as refusal:
        store(Unread(), name="a.pdf", kind="document", by=someone)
    assert refusal.value.status == 413
    with pytest.raises(TooLarge):
        store(b"%PDF-" + b"0" * 1000, name="a.pdf", kind="document", by=someone)
    with pytest.raises(TooLarge):
        store(io.BytesIO(b"%PDF-" + b"0" * 1000), name="a.pdf", kind="document", by=someone)
    assert store(b"%PDF-" + b"0" * 2000, name="a.pdf", kind="any", by=None, limit=None).size == 2005


@pytest.mark.parametrize("kind, ending", [("PNG", "png"), ("JPEG", "jpg"), ("GIF", "png"), ("WEBP", "png")])
def test_images_are_encoded_anew_without_their_passengers(kind, ending, someone):
    data = hostile.picture(kind) + b"<script>alert(1)</script><?php system($_GET['c']) ?>"
    stored = store(data, name="照片.php", kind="image", by=someone)
    clean = open_stored(stored).read()
    assert b"script" not in clean
    assert b"php" not in clean
    assert stored.name == f"照片.{ending}"
    assert Image.open(io.BytesIO(clean)).size == (40, 20)


def test_an_image_s_metadata_goes(someone):
    exif = Image.Exif()
    exif[0x010E] = "GPS 31.2"
    jpeg = hostile.picture("JPEG", exif=exif, comment=b"secret place")
    info = PngInfo()
    info.add_text("Comment", "secret place")
    for data in (jpeg, hostile.picture("PNG", pnginfo=info)):
        clean = open_stored(store(data, name="a", kind="image", by=someone)).read()
        assert b"secret" not in clean
        assert b"GPS" not in clean


@pytest.mark.parametrize(
    "kind, size, options",
    [
        ("JPEG", (10_900, 11_000), {}),
        ("JPEG", (6_000, 6_000), {"progressive": True, "subsampling": 0}),
        ("JPEG", (4_000, 4_000), {"progressive": True, "subsampling": 0}),
        ("PNG", (3_460, 3_460), {}),
        ("WEBP", (3_000, 3_000), {"lossless": True}),
        ("WEBP", (4_000, 4_000), {"lossless": True}),
    ],
)
def test_an_image_of_any_size_takes_little_memory(kind, size, options, tmp_path):
    """In a process of its own, whose peak is the image's; whether it is read or refused."""
    path = tmp_path / "picture"
    Image.new("RGB" if kind == "JPEG" else "RGBA", size).save(path, kind, quality=10, **options)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 200 * 1024


# The peak while an image is examined, above what the process took before, in kB. (ru_maxrss would do no good: a
# child starts with its parent's.)
MEASURE = """
import re, sys
from core.errors import WrongType
from core.filetypes import examine
def peak():
    return int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read()).group(1))
data = open(sys.argv[1], "rb").read()
before = peak()
try:
    examine(data, "image")
except WrongType:
    pass
print(peak() - before)
"""


def test_a_large_photo_becomes_smaller(someone):
    stored = store(hostile.picture("JPEG", size=(8000, 6000)), name="a.jpg", kind="image", by=someone)
    assert max(Image.open(open_stored(stored)).size) == 3000


@pytest.mark.parametrize(
    "kind, data, content_type",
    [
        ("document", b"%PDF-1.7 x", "application/pdf"),
        ("document", "说明".encode(), "text/plain; charset=utf-8"),
        ("sheet", "姓名,性别\n张三,男\n".encode("gb18030"), "text/csv"),
        ("any", b"\x00\x01", "application/octet-stream"),
        ("any", b"%PDF-1.7 x", "application/pdf"),
    ],
)
def test_the_type_comes_from_the_content(kind, data, content_type, someone):
    assert store(data, name="a.exe", kind=kind, by=someone).content_type == content_type


def test_our_own_workbooks_are_known(someone):
    assert store(hostile.workbook(), name="a", kind="any", by=None).name == "a.xlsx"
    assert store(hostile.document(), name="a", kind="document", by=None).name == "a.docx"
    assert store(hostile.zipped(parts={"x": b"y"}), name="a.zip", kind="any", by=None).name == "a.zip"


@pytest.mark.parametrize(
    "name, cleaned",
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\名册.xlsx", "名册.xlsx"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ('a"b<c>.pdf', "abc.pdf"),
        ("...", "文件"),
        ("", "文件"),
        (".htaccess", "htaccess"),
        ("cod\u202egpj.exe", "codgpj.exe"),
        ("x" * 300 + ".pdf", "x" * 110 + ".pdf"),
        ("/", "文件"),
    ],
)
def test_names_lose_paths_and_tricks(name, cleaned):
    assert clean_name(name) == cleaned


def test_downloads_are_attachments_under_their_own_name(someone):
    stored = store(b"%PDF-1.7 x", name="鉴定 “一”.pdf", kind="document", by=someone)
    response = download_response(stored)
    assert response["Content-Disposition"].startswith('attachment; filename="')
    assert "filename*=UTF-8''%E9%89%B4%E5%AE%9A" in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "private, no-store"
    assert b"".join(response.streaming_content) == b"%PDF-1.7 x"
    assert "%E8%A1%A8" in download_response(stored, "表.pdf")["Content-Disposition"]


@pytest.mark.parametrize(
    "name, fallback", [("名册.xlsx", "download.xlsx"), ('a";b.pdf', "a__b.pdf"), ("plain.pdf", "plain.pdf")]
)
def test_the_ascii_name_is_harmless(name, fallback):
    assert f'filename="{fallback}"' in disposition(name)


def test_a_full_disk_is_said_clearly_and_leaves_no_row(monkeypatch, someone):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", full)
    with pytest.raises(StorageFull) as refusal:
        store(b"%PDF-1.7 x", name="a.pdf", kind="document", by=someone)
    assert refusal.value.status == 507
    assert "存储空间不足" in refusal.value.message
    assert not StoredFile.objects.exists()


def test_another_storage_fault_is_not_hidden(monkeypatch, someone):
    def broken(*args, **kwargs):
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", broken)
    with pytest.raises(OSError):
        store(b"%PDF-1.7 x", name="a.pdf", kind="document", by=someone)


def test_a_row_that_cannot_be_written_leaves_no_file(storage, monkeypatch, someone):
    monkeypatch.setattr(StoredFile, "save", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store(b"%PDF-1.7 x", name="a.pdf", kind="document", by=someone)
    assert kept(storage) == []


def test_a_file_lost_by_the_storage_is_not_found(storage, someone):
    stored = store(b"%PDF-1.7 x", name="a.pdf", kind="document", by=someone)
    kept(storage)[0].unlink()
    with pytest.raises(NotFound, match="已不存在"):
        open_stored(stored)


def test_wrong_type_is_415():
    assert WrongType().status == 415
