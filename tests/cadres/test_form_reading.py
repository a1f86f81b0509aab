"""Forms are read however programs write them, and attacks are refused: .lrmx, .lrm, zips."""

import base64
import io
import os
import time
import zipfile

import pytest

from cadres.cv import read_career
from cadres.personnel_form.archive import open_upload, pack, unpack
from cadres.personnel_form.elements import FamilyItem, compact_date
from cadres.personnel_form.lrm import read_lrm
from cadres.personnel_form.lrmx import MOST_BYTES, read_lrmx, write_lrmx
from core.errors import Invalid, TooLarge, WrongType
from tests.cadres.forms_made import FULL, MESSY, MINIMAL, OLD, PADDED, lrmx, zip_of

BOMB = b"""<?xml version="1.0"?><!DOCTYPE Person [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<Person><XingMing>&b;</XingMing></Person>"""
OUTSIDE = b"""<!DOCTYPE Person [<!ENTITY x SYSTEM "file:///etc/passwd">]><Person><XingMing>&x;</XingMing></Person>"""


def test_the_full_form():
    form = read_lrmx(FULL.read_bytes())
    assert form["XingMing"] == "张　三"
    assert form["ChuShengNianYue"] == "197605"
    assert form["NiRenZhiWu"] == ""
    assert form["JiSuanNianLingShiJian"] == "202501"
    assert form["ShenFenZheng"] == "310107197605031315"
    assert len(read_career(form["JianLi"]).entries) == 5
    assert form.family[1] == FamilyItem("儿子", "张 某某", "200603", "共青团员", "示例大学学生")
    assert form.photo.startswith(b"\xff\xd8\xff")
    assert form.problems == []


def test_ten_padded_rows_and_a_wrapped_photo_are_the_same_form():
    full, padded = read_lrmx(FULL.read_bytes()), read_lrmx(PADDED.read_bytes())
    assert padded.family == full.family
    assert padded.photo == full.photo
    assert padded.texts == full.texts


def test_missing_and_self_closed_and_unknown_elements():
    form = read_lrmx(MINIMAL.read_bytes())
    assert form.texts == {"XingMing": "王 五", "XingBie": "男", "ChuShengNianYue": "1979"}
    assert form.unknown == {"WeiZhiBiaoQian": "x"}
    assert form.family == []


def test_version_four_and_messy_dates():
    form = read_lrmx(MESSY.read_bytes())
    assert form["ChuShengNianYue"] == "198209"
    assert form["CanJiaGongZuoShiJian"] == "200408"
    assert form["DaoLingNianYue"] == "204009"
    assert form["GaiGeQianRenZhiNianLingJieXian"] == "改革前任职年龄界限为55岁"
    assert form["RuDangShiJian"] == "200108；民建"
    assert form["JiSuanNianLingShiJian"] == "20250601"
    assert [e.start.iso() for e in read_career(form["JianLi"]).entries] == ["2004-08", "2011-08", "2016-08"]


@pytest.mark.parametrize(
    "written, read",
    [
        ("198209", "198209"), ("1982.09", "198209"), ("1982.09.03", "198209"), ("1982-09-03", "198209"),
        ("19820903", "198209"), ("1982", "1982"), ("1982年9月", "198209"), ("不详", "不详"), ("九月", "九月"),
    ],
)  # fmt: skip
def test_every_way_of_writing_a_date(written, read):
    assert read_lrmx(lrmx(XingMing="甲", ChuShengNianYue=written))["ChuShengNianYue"] == read
    assert compact_date("2025-01-15") == "20250115"


def test_any_order_any_encoding_any_line_end():
    turned = '<?xml version="1.0" encoding="GBK"?>\r\n<Person><JianLi>a\r\nb</JianLi><XingMing>甲乙</XingMing></Person>'
    assert read_lrmx(turned.encode("gbk")).texts == {"JianLi": "a\nb", "XingMing": "甲乙"}
    assert read_lrmx(turned.replace("GBK", "utf-16").encode("utf-16"))["XingMing"] == "甲乙"
    assert read_lrmx(b"\xef\xbb\xbf" + turned.replace("GBK", "UTF-8").encode())["XingMing"] == "甲乙"
    # A declaration that isn't true: saved as UTF-8, declared as GBK by an older program.
    assert read_lrmx(turned.replace("GBK", "UTF-8").encode("gbk"))["XingMing"] == "甲乙"


def test_control_characters_and_markup_in_the_cv():
    form = read_lrmx(lrmx(XingMing="甲", JianLi="2004.08--2011.08  教师\x0b2011.08--  校长&lt;br&gt;\x01"))
    assert [entry.text for entry in read_career(form["JianLi"]).entries] == ["教师", "校长"]


def test_a_small_x_becomes_capital_and_blank_texts_are_empty():
    form = read_lrmx(lrmx(XingMing="甲", ShenFenZheng="52032519800503001x", JiGuan="　 \n "))
    assert form["ShenFenZheng"] == "52032519800503001X"
    assert "JiGuan" not in form.texts


def test_family_rows_without_relation_and_name_are_dropped():
    form = read_lrmx(
        lrmx(family=[("", "", "", "群众", ""), ("", "王某", "1950.11.02", "", "")], XingMing="甲")
    )
    assert form.family == [FamilyItem("", "王某", "195011", "", "")]


@pytest.mark.parametrize(
    "attack", [BOMB, OUTSIDE, b"<!DOCTYPE Person><Person><XingMing>a</XingMing></Person>"]
)
def test_no_dtd_and_no_entities(attack):
    with pytest.raises(WrongType, match="实体或 DTD"):
        read_lrmx(attack)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"hello", b"<html><body/></html>", b"<Person><XingMing>a</Person>", b"\x00" * 2000,
        b"<Person>" * 500_000, b"<Person>" + b"<a/>" * 1_000_000, b"PK\x03\x04" + b"\x00" * 100,
        b'<?xml version="1.0" encoding="utf-32"?><Person/',
    ],
    ids=range(9),
)  # fmt: skip
def test_what_is_no_form_is_refused_quickly(data):
    before = time.process_time()
    with pytest.raises((Invalid, WrongType)) as refused:
        read_lrmx(data)
    assert "。" in refused.value.message
    assert time.process_time() - before < 2


@pytest.mark.parametrize(
    "data",
    [
        b"<Person>" + b"<a/>" * 3_000 + b"</Person>",
        b"<Person>" + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</Person>",
        b"<Person><a><b><c><d><e><f/></e></d></c></b></a></Person>",
    ],
    ids=["many", "nested", "deep"],
)
def test_a_form_has_neither_so_many_elements_nor_such_depth(data):
    with pytest.raises(Invalid, match="不是干部任免审批表"):
        read_lrmx(data)


def test_a_file_that_is_too_large():
    with pytest.raises(TooLarge):
        read_lrmx(b" " * (MOST_BYTES + 1))


@pytest.mark.parametrize(
    "photo, sentence",
    [
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "已损坏"),
        (b"MZ\x90\x00 program", "不是图片"),
        (b"\xff\xd8\xff" + b"broken" * 9, "已损坏"),
        (b"\xff\xd8\xff" + b"0" * (4 * 1024 * 1024), "照片太大"),
    ],
)
def test_a_photo_that_is_none_is_left_out_with_a_word(photo, sentence):
    form = read_lrmx(lrmx(XingMing="甲", photo=photo))
    assert form.photo == b""
    assert sentence in form.problems[0].message
    assert form.problems[0].severity == "warning"


def test_a_text_without_end_rejects_the_form():
    form = read_lrmx(lrmx(XingMing="甲", XianRenZhiWu="校" * 401))
    assert [(one.label, one.severity) for one in form.problems] == [("现任职务", "error")]


def test_what_is_written_is_read_as_it_was():
    form = read_lrmx(FULL.read_bytes())
    written = write_lrmx(form)
    assert written.startswith(b"\xef\xbb\xbf<?xml")
    assert b"\r\n" in written
    again = read_lrmx(written)
    assert (again.texts, again.family, again.photo) == (form.texts, form.family, form.photo)
    photo = written.split(b"<ZhaoPian>")[1].split(b"</ZhaoPian>")[0]
    assert base64.b64decode(photo) == form.photo
    assert b"\n" not in photo


def test_the_elements_are_written_in_order_and_all_of_them():
    written = write_lrmx(read_lrmx(MINIMAL.read_bytes())).decode("utf-8-sig")
    first, last = written.index("<XingMing>"), written.index("<Version>")
    assert first < written.index("<NiRenZhiWu></NiRenZhiWu>") < written.index("<ZhaoPian></ZhaoPian>") < last
    assert "<WeiZhiBiaoQian>x</WeiZhiBiaoQian>" in written
    assert "DaoLingNianYue" not in written
    assert "DaoLingNianYue" in write_lrmx(read_lrmx(MESSY.read_bytes())).decode()


# --- .lrm ---------------------------------------------------------------------------------------------------


def test_an_lrm_with_its_picture_is_the_same_form():
    form = read_lrm(OLD.read_bytes(), OLD.with_suffix(".pic").read_bytes())
    full = read_lrmx(FULL.read_bytes())
    # Version and identity number are not in .lrm.
    assert form.texts == {k: v for k, v in full.texts.items() if k not in ("ShenFenZheng", "Version")}
    assert form.family == full.family
    assert form.photo == full.photo


@pytest.mark.parametrize("data", [b"", b"hello", b'"a","b"', '"甲"'.encode("gbk"), b'"\x81'])
def test_what_is_no_lrm_is_refused(data):
    with pytest.raises((Invalid, WrongType)):
        read_lrm(data)


# --- zips ---------------------------------------------------------------------------------------------------


def test_a_zip_with_folders_pictures_and_other_things():
    upload = zip_of(
        {
            "一中/张三.lrm": OLD.read_bytes(),
            "一中/张三.pic": OLD.with_suffix(".pic").read_bytes(),
            "二中/王五.lrmx": MINIMAL.read_bytes(),
            "说明.txt": b"hello",
            "__MACOSX/._王五.lrmx": b"x",
            "Thumbs.db": b"x",
            "../../evil.lrmx": MINIMAL.read_bytes(),
            "inner.zip": zip_of({"a.lrmx": b"x"}),
        }
    )
    package = open_upload([("表.zip", upload)])
    assert [member.name for member in package.members] == ["张三.lrm", "王五.lrmx", "evil.lrmx"]
    assert package.members[0].read().photo
    assert [note["sheet"] for note in package.notes] == ["inner.zip", "说明.txt"]
    kept = dict(unpack(io.BytesIO(pack(package))))
    assert kept[1].read()["XingMing"] == "张　三"
    assert kept[3].name == "evil.lrmx"
    assert list(dict(unpack(io.BytesIO(pack(package)), {2}))) == [2]


def test_names_in_gbk_without_saying_so():
    raw = "王五".encode("gbk")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("ABCD.lrmx", MINIMAL.read_bytes())
    packed = out.getvalue().replace(b"ABCD.lrmx", raw + b".lrmx")
    assert [member.name for member in open_upload([("a.zip", packed)]).members] == ["王五.lrmx"]


def test_a_zip_bomb_a_password_and_a_broken_zip():
    bomb = zip_of({f"{n}.lrmx": b"0" * 9_000_000 for n in range(3)})
    with pytest.raises(TooLarge, match="解压后过大"):
        open_upload([("a.zip", bomb)])
    with pytest.raises(Invalid, match="已损坏"):
        open_upload([("a.zip", zip_of({"a.lrmx": b"x"})[:-30])])
    locked = bytearray(zip_of({"a.lrmx": b"x"}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(WrongType, match="密码"):
        open_upload([("a.zip", bytes(locked))])
    with pytest.raises(TooLarge, match="文件太多"):
        open_upload([("a.zip", zip_of({f"{n}.lrmx": b"" for n in range(4001)}))])
    with pytest.raises(Invalid, match="没有找到"):
        open_upload([("a.docx", b"x")])


def test_a_member_that_is_too_large_is_named():
    package = open_upload(
        [("a.zip", zip_of({"b.lrmx": os.urandom(11_000_000), "c.lrmx": MINIMAL.read_bytes()}))]
    )
    assert [member.name for member in package.members] == ["c.lrmx"]
    assert "太大" in package.notes[0]["message"]
