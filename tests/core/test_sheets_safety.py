"""Hostile uploads: each refused with a Chinese sentence, quickly, in bounded memory, with nothing left behind."""

import io
import resource
import zipfile

import pytest

from core.errors import DomainError, Invalid, TooLarge, WrongType
from core.sheets import limits, package, reading
from core.sheets.limits import Limits
from core.sheets.safety import check
from tests.core import hostile_sheets as hostile

MEGABYTE = 1024 * 1024
SECONDS = 2.0


def spent():
    """Processor seconds of this process and its ended children: the wall clock of a busy machine proves nothing."""
    mine, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + children.ru_utime + children.ru_stime


def read_all(source):
    with reading.open_workbook(source) as book:
        return [[row.cells for row in sheet] for sheet in book.sheets()]


HOSTILE = {
    "zip bomb": (hostile.zip_bomb, TooLarge, "解压后过大"),
    "one endless cell": (lambda: hostile.endless_cell(), TooLarge, "解压后过大"),
    "far cell": (hostile.far_cell, Invalid, "XFD1048576"),
    "far column": (lambda: hostile.far_cell("AAA5"), Invalid, "AAA5"),
    "far row": (lambda: hostile.far_cell("B1048576"), Invalid, "B1048576"),
    "external entity": (hostile.external_entity, Invalid, "外部引用"),
    "external entity in the sheet": (lambda: hostile.external_entity(hostile.SHEET), Invalid, "外部引用"),
    "external entity in the workbook": (
        lambda: hostile.external_entity("xl/workbook.xml"),
        Invalid,
        "外部引用",
    ),
    "billion laughs": (hostile.billion_laughs, Invalid, "外部引用"),
    "entity behind a comment": (hostile.entity_behind_a_long_comment, Invalid, ""),
    "macros": (hostile.with_macros, WrongType, "宏"),
    "macro content type": (hostile.macro_content_type, WrongType, "宏"),
    "macro sheet": (
        lambda: hostile.rebuilt(hostile.workbook_bytes(), add={"xl/macrosheets/sheet1.xml": b"<a/>"}),
        WrongType,
        "宏",
    ),
    "parent directory": (
        lambda: hostile.rebuilt(hostile.workbook_bytes(), add={"../../etc/cron.d/x": b"x"}),
        Invalid,
        "名称",
    ),
    "parent directory with backslashes": (
        lambda: hostile.rebuilt(hostile.workbook_bytes(), add={"..\\..\\x": b"x"}),
        Invalid,
        "名称",
    ),
    "absolute name": (
        lambda: hostile.rebuilt(hostile.workbook_bytes(), add={"/etc/x": b"x"}),
        Invalid,
        "名称",
    ),
    "two entries of one name": (
        lambda: hostile.rebuilt(hostile.workbook_bytes(), add={"XL/workbook.xml": b"<a/>"}),
        Invalid,
        "名称",
    ),
    "lying size": (hostile.lying_size, Invalid, "损坏"),
    "overlapping entries": (hostile.overlapping_entries, Invalid, "损坏"),
    "too many parts": (
        lambda: hostile.rebuilt(hostile.workbook_bytes(), add={f"x/{at}.bin": b"" for at in range(2_100)}),
        TooLarge,
        "解压后过大",
    ),
    "truncated": (lambda: hostile.workbook_bytes()[:2_000], Invalid, "损坏"),
    "image in front": (
        lambda: b"\xff\xd8\xff\xe0" + b"\0" * 100 + hostile.workbook_bytes(),
        WrongType,
        "不是",
    ),
    "two zips in one": (
        lambda: hostile.workbook_bytes() + hostile.workbook_bytes(),
        Invalid,
        "损坏",
    ),
    "another office file": (
        lambda: hostile.rebuilt(hostile.workbook_bytes(), rename={"xl/workbook.xml": "word/document.xml"}),
        WrongType,
        "不是",
    ),
    "binary workbook": (
        lambda: hostile.rebuilt(
            hostile.workbook_bytes(),
            change={
                hostile.CONTENT_TYPES: hostile.replaced(b"spreadsheetml.sheet.main+xml", b"sheet.binary.main")
            },
        ),
        WrongType,
        "xlsb",
    ),
    "encrypted": (hostile.encrypted_xlsx, Invalid, "密码"),
    "old macros": (
        lambda: hostile.encrypted_xlsx().replace(
            "EncryptedPackage".encode("utf-16-le"), "_VBA_PROJECT_CUR".encode("utf-16-le")
        ),
        WrongType,
        "宏",
    ),
    "other old office file": (
        lambda: hostile.encrypted_xlsx().replace(
            "EncryptedPackage".encode("utf-16-le"), "WordDocument1234".encode("utf-16-le")
        ),
        WrongType,
        "不是",
    ),
    "web page": (lambda: b"\xef\xbb\xbf\r\n<html><table><tr><td>a</td></tr></table>", WrongType, "网页"),
    "xml spreadsheet": (lambda: b'<?xml version="1.0"?><Workbook/>', WrongType, "网页"),
    "pdf": (lambda: b"%PDF-1.7 ...", WrongType, "不是"),
    "program": (lambda: b"\x7fELF" + b"\0" * 100, WrongType, "不是"),
    "bytes": (lambda: bytes(range(256)) * 10, WrongType, ""),
    "text with control characters": (lambda: b"a,b\n\x01\x02,c\n", WrongType, "不是"),
    "unknown encoding": (lambda: b"a,b\n\xff\xfe\xfd,c\n" * 5, WrongType, "编码"),
    "empty": (lambda: b"", Invalid, "空的"),
    "blank": (lambda: b"\xef\xbb\xbf\r\n  ", Invalid, "空的"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_in_time_by_check_and_by_reading(name, tmp_path, monkeypatch):
    build, kind, sentence = HOSTILE[name]
    path = hostile.written(tmp_path, build())
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    started = spent()
    with pytest.raises(kind) as refusal:
        check(path)
    assert spent() - started < SECONDS
    assert type(refusal.value) is kind
    assert sentence in refusal.value.message
    assert refusal.value.message.endswith("。")
    started = spent()
    with pytest.raises(DomainError) as refused:
        read_all(path)
    assert spent() - started < SECONDS
    assert refused.value.message.endswith("。")
    assert [entry.name for entry in tmp_path.iterdir()] == ["upload.xlsx"]


def test_checking_the_hostile_takes_little_memory(tmp_path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    path = hostile.written(tmp_path, hostile.zip_bomb(120))
    built = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLarge):
        check(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - max(before, built) < 50 * 1024


def test_a_far_cell_that_slips_through_the_scan_kills_only_the_child(tmp_path, monkeypatch):
    """Without the scan the parser runs against its memory limit; the reader gets a sentence."""
    path = hostile.written(tmp_path, hostile.far_cell())
    source = hostile.rebuilt(
        hostile.workbook_bytes(),
        change={hostile.SHEET: hostile.replaced(b'r="A1"', b"r='XFD1048576'")},
    )
    path = hostile.written(tmp_path, source)
    started = spent()
    with pytest.raises(Invalid) as refusal:
        read_all(path)
    assert refusal.value.message in (reading.STOPPED, limits.DAMAGED)
    assert spent() - started < SECONDS


def test_wide_and_long_sheets_are_refused(tmp_path):
    wide = hostile.written(tmp_path, hostile.far_cell("ZZ3"))
    with pytest.raises(Invalid, match="256 列"):
        read_all(wide)
    long = hostile.written(tmp_path, hostile.far_cell("A200001"))
    with pytest.raises(Invalid, match="A200001"):
        check(long)


@pytest.mark.parametrize("reference", ["A1:XFD1048576", "Z9:A1", "A1:ZZZZZZZZZ99999999999", "hello", ""])
def test_crafted_dimension_is_read_right_or_refused(reference, tmp_path):
    content = hostile.rebuilt(
        hostile.workbook_bytes(),
        change={hostile.SHEET: hostile.replaced(b'ref="A1:B2"', f'ref="{reference}"'.encode())},
    )
    path = hostile.written(tmp_path, content)
    started = spent()
    try:
        rows = read_all(path)[0]
    except DomainError as refusal:
        rows = None
        sentence = refusal.message
    assert rows == [["姓名", "单位"], ["张三", "示例小学"]] if rows is not None else sentence.endswith("。")
    assert spent() - started < SECONDS


@pytest.mark.parametrize("reference", ["XFD1", "A1048576"])
def test_far_cells_that_are_only_formatted_do_no_harm(reference, tmp_path):
    """Office programs write such cells for whole formatted rows and columns."""
    row = "".join(letter for letter in reference if letter.isdigit())
    empty = (
        f'<row r="{row}"><c r="{reference}" s="1"/></row><row r="{row}"><c r="{reference}" s="1"></c></row>'
    )
    content = hostile.rebuilt(
        hostile.workbook_bytes(),
        change={hostile.SHEET: hostile.replaced(b"</sheetData>", f"{empty}</sheetData>".encode())},
    )
    path = hostile.written(tmp_path, content)
    assert check(path) == "xlsx"
    assert read_all(path)[0][:2] == [["姓名", "单位"], ["张三", "示例小学"]]


def test_a_file_that_is_too_large_is_refused_unread():
    with pytest.raises(TooLarge, match="1 MB"):
        check(io.BytesIO(b"a,b\n" * 300_000), limits=Limits(file_bytes=MEGABYTE))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (hostile.workbook_bytes(), "xlsx"),
        ("姓名,单位\n张三,示例小学\n".encode(), "csv"),
        ("姓名,单位\n张三,示例小学\n".encode("utf-8-sig"), "csv"),
        ("姓名,单位\n张三,示例小学\n".encode("gb18030"), "csv"),
        ("姓名\t单位\n张三\t示例小学\n".encode("utf-16"), "csv"),
    ],
)
def test_harmless_files_pass_whatever_their_name(content, kind):
    file = io.BytesIO(content)
    file.seek(3)
    assert check(file) == kind
    assert file.tell() == 3


def test_scan_finds_far_cells_across_the_seams_of_pieces(monkeypatch):
    content = hostile.far_cell()
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        sheet = zipped.read(hostile.SHEET)
    at = sheet.index(b"XFD1048576")
    for cut in range(at - 12, at + 14):
        with pytest.raises(Invalid, match="XFD1048576"):
            package._scan_sheet(sheet[:cut], iter([sheet[cut:]]), "名册", limits.LIMITS)


def test_scan_notes_hidden_rows_across_the_seams_of_pieces():
    sheet = b'<sheetData><row r="3" spans="1:2" hidden="1"><c r="A3"/></row><row hidden="true" r="4"/></sheetData>'
    for cut in range(1, len(sheet)):
        assert package._scan_sheet(sheet[:cut], iter([sheet[cut:]]), "名册", limits.LIMITS) == [3, 4]
