"""Forms as strangers make them: odd encodings, hand-made XML, cut records, pictures that are none, zips of everything."""

import base64
import io
import os
import time
import zipfile

import pytest
from PIL import Image

from cadres.models import Cadre
from cadres.personnel_form.archive import MOST_FILES, open_upload
from cadres.personnel_form.lrm import read_lrm
from cadres.personnel_form.lrmx import read_lrmx, write_lrmx
from cadres.personnel_form.mapping import forms_of
from cadres.services.form_import.exporting import FormExport, export_form
from core.errors import DomainError, Invalid, TooLarge, WrongType
from core.files import open_stored, store
from tests.cadres.forms_made import FULL, MINIMAL, OLD, jpeg, lrmx, zip_of
from tests.cadres.test_form_import import imported, previewed, row_of, sentences

NAME = "张·买买提𠮷𬘘"
FORM = f"<Person><XingMing>{NAME}</XingMing></Person>"


def picture(kind, size=(40, 50), mode="RGB"):
    """A picture of a kind."""
    out = io.BytesIO()
    Image.new(mode, size, 1).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("declared", ["", "utf-8", "GBK", "GB2312", "UTF-16"])
def test_rare_characters_in_every_encoding_whatever_is_declared(encoding, declared):
    head = f'<?xml version="1.0" encoding="{declared}"?>\r\n' if declared else ""
    assert read_lrmx((head + FORM).encode(encoding))["XingMing"] == NAME


@pytest.mark.parametrize(
    "written, read",
    [
        ("A&B", "A&B"), ("A&amp;B", "A&B"), ("A&nbsp;B", "A B"), ("A&#1;B", "AB"), ("A&#x20BB7;B", "A𠮷B"), ("A&;B", "A&;B"),
        ("A&#99999999;B", "A&#99999999;B"), ("<![CDATA[A<B]]>", "A<B"), ("A<!-- x -->B", "AB"), ("A&#xFFFFFF;B", "AB"),
    ],
)  # fmt: skip
def test_xml_put_together_by_hand(written, read):
    assert read_lrmx(f"<Person><XingMing>{written}</XingMing></Person>".encode())["XingMing"] == read


def test_breaks_as_elements_are_breaks():
    form = read_lrmx(
        "<Person><XingMing>甲</XingMing><JianLi>2004.08--  甲<br/>乙<BR></BR>丙</JianLi></Person>".encode()
    )
    assert form["JianLi"] == "2004.08--  甲\n乙\n丙"


@pytest.mark.parametrize(
    "data",
    [
        '<!DOCTYPE Person [<!ENTITY a "b">]><Person><XingMing>&a;</XingMing></Person>'.encode("utf-16"),
        '<!DOCTYPE Person [<!ENTITY a "b">]><Person><XingMing>&a;</XingMing></Person>'.encode("utf-16-le"),
        b"<Person><XingMing>&unknown;</XingMing></Person>",
    ],
)
def test_no_entity_in_any_encoding(data):
    with pytest.raises(DomainError):
        read_lrmx(data)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "WEBP"])
def test_a_picture_of_another_kind_becomes_a_jpeg(kind):
    form = read_lrmx(lrmx(XingMing="甲", photo=picture(kind)))
    assert form.problems == []
    with Image.open(io.BytesIO(form.photo)) as photo:
        assert (photo.format, photo.size) == ("JPEG", (40, 50))
    assert read_lrmx(lrmx(XingMing="甲", photo=picture(kind))).photo == form.photo


def test_what_is_transparent_is_white():
    form = read_lrmx(lrmx(XingMing="甲", photo=picture("PNG", mode="LA")))
    with Image.open(io.BytesIO(form.photo)) as photo:
        assert min(photo.getpixel((20, 25))) > 250


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["PNG", "GIF", "JPEG"])
def test_a_photo_goes_out_and_comes_back_as_no_news(roster, kind):
    unit = {"unit:": roster.school_east.pk}
    came = lrmx(XingMing="甲", ChuShengNianYue="198005", photo=picture(kind))
    assert imported(roster.bureau, came, answers=unit).summary["new"] == 1
    assert row_of(previewed(roster.bureau, came))["status"] == "unchanged"
    cadre = Cadre.objects.get()
    out = write_lrmx(export_form(cadre, FormExport(open_sensitive=True, reason="核对档案"), by=None))
    assert row_of(previewed(roster.bureau, out))["status"] == "unchanged"
    # A photo that HR uploaded as PNG leaves as JPEG, and comes back as the same one.
    cadre.photo = store(picture("PNG", mode="RGBA"), name="a.png", kind="image", by=None)
    cadre.save()
    out = write_lrmx(export_form(cadre, FormExport(open_sensitive=True, reason="核对档案"), by=None))
    assert row_of(previewed(roster.bureau, out))["status"] == "unchanged"
    other = lrmx(XingMing="甲", ChuShengNianYue="198005", photo=jpeg((9, 9, 9)))
    assert list(row_of(previewed(roster.bureau, other))["changes"]) == ["photo"]


def test_a_picture_that_nobody_shows_is_left_out_with_a_word():
    form = read_lrmx(lrmx(XingMing="甲", photo=picture("TIFF")))
    assert (form.photo, form.problems[0].severity) == (b"", "warning")
    assert "不是图片" in form.problems[0].message


def test_a_photo_in_other_clothes():
    plain = jpeg()
    text = base64.b64encode(plain).decode()
    wrapped = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    for written in (text, wrapped, f"data:image/jpeg;base64,{text}", text.rstrip("=")):
        form = read_lrmx(f"<Person><ZhaoPian>\n{written}\n</ZhaoPian></Person>".encode())
        assert (form.photo, form.problems) == (plain, [])


def test_a_photo_of_thirty_megabytes_takes_no_time():
    before = time.process_time()
    with pytest.raises(TooLarge, match="最多 8 MB"):
        read_lrmx(lrmx(XingMing="甲", photo=b"\xff\xd8\xff" + os.urandom(30_000_000)))
    form = read_lrmx(lrmx(XingMing="甲", photo=b"\xff\xd8\xff" + os.urandom(5_000_000)))
    assert (form.photo, "照片太大" in form.problems[0].message) == (b"", True)
    assert time.process_time() - before < 4


# --- .lrm ------------------------------------------------------------------------------------------------------


def record(**more):
    """The fields of the old form, some of them others."""
    cells = OLD.read_bytes().decode("gb18030").strip()[1:-1].split('","')
    for at, text in more.items():
        cells[int(at[1:])] = text
    return cells


def written(cells, end='"'):
    """A record of fields."""
    return ('"' + '","'.join(cells) + end).encode("gb18030")


def test_a_record_that_breaks_off_is_read_with_a_word():
    for cells, end in ((record()[:31], '"'), (record()[:31], ""), (record()[:26], '"')):
        form = read_lrm(written(cells, end))
        assert form["XianRenZhiWu"] == "示例区第二中学党支部书记、校长"
        assert f"缺少最后 {33 - len(cells)} 项" in form.problems[-1].message
    with pytest.raises(Invalid, match="实际只有 20 项"):
        read_lrm(written(record()[:20]))


def test_quotes_within_a_field_stay_and_what_is_ambiguous_is_refused():
    assert read_lrm(written(record(_18='获"优秀教师"称号')))["JiangChengQingKuang"] == '获"优秀教师"称号'
    with pytest.raises(Invalid, match="另存为 .lrmx"):
        read_lrm(written(record(_18='获"优秀教师","师德标兵"称号')))
    assert read_lrm(written([*record(), "", ""]))["TianBiaoRen"] == "测试员"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_a_record_in_any_encoding_with_what_old_programs_leave_behind(encoding):
    text = OLD.read_bytes().decode("gb18030").replace("张　三", "张　𠮷")
    form = read_lrm((text.strip() + "\r\n\x00\x1a").encode(encoding))
    assert form["XingMing"] == "张　𠮷"


@pytest.mark.parametrize(
    "text", ['"' * 900_000, '"' + '","' * 300_000, '"' + " " * 900_000 + '"', '"' + '" ' * 400_000 + '"']
)
def test_a_record_of_quotes_is_refused_at_once(text):
    before = time.process_time()
    with pytest.raises((Invalid, WrongType)):
        read_lrm(text.encode())
    assert time.process_time() - before < 2


# --- zips --------------------------------------------------------------------------------------------------------


def test_a_zip_within_a_zip_a_bomb_and_ways_out():
    nested = zip_of({"a.lrmx": MINIMAL.read_bytes(), "b.zip": zip_of({"c.lrmx": MINIMAL.read_bytes()})})
    package = open_upload([("a.zip", nested)])
    assert [one.name for one in package.members] == ["a.lrmx"]
    assert "压缩包中的压缩包" in package.notes[0]["message"]
    for name in ("../../etc/x.lrmx", "/etc/x.lrmx", "C:\\x.lrmx", "..\\..\\x.lrmx", "a/../x.lrmx"):
        found = open_upload([("a.zip", zip_of({name: MINIMAL.read_bytes()}))]).members
        assert [one.name for one in found] == ["x.lrmx"], name
    before = time.process_time()
    with pytest.raises(TooLarge):
        open_upload([("a.zip", zip_of({f"{n}.lrmx": b"0" * 9_900_000 for n in range(13)}))])
    assert time.process_time() - before < 3


def test_a_zip_that_lies_about_its_sizes():
    good = bytearray(zip_of({"a.lrmx": b"0" * 30_000_000}))
    at = good.index(b"PK\x01\x02")
    good[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    with pytest.raises((Invalid, TooLarge)):
        open_upload([("a.zip", bytes(good))])


def test_more_files_than_there_may_be():
    with pytest.raises(TooLarge):
        open_upload([("a.zip", zip_of({f"{n}.lrmx": b"x" for n in range(MOST_FILES + 1)}))])


def test_folders_and_names_in_gbk():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("AAAA/", b"")
        archive.writestr("AAAA/BBBB.lrmx", MINIMAL.read_bytes())
    raw = out.getvalue().replace(b"AAAA", "一中".encode("gbk")).replace(b"BBBB", "王五".encode("gbk"))
    assert [one.name for one in open_upload([("a.zip", raw)]).members] == ["王五.lrmx"]


# --- through the import -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_six_hundred_forms_in_one_zip(roster):
    files = {
        f"{n}.lrmx": lrmx(
            XingMing=f"{'甲乙丙丁戊己庚辛壬癸'[n // 60]}{'子丑寅卯辰巳'[n % 60 // 10]}{'一二三四五六七八九十'[n % 10]}",
            ChuShengNianYue="198005", XianRenZhiWu="示例区第二中学教师", JianLi="2004.08--         示例区第二中学教师",
            JiangChengQingKuang="2010.09被示例区教育局评为优秀教师", photo=jpeg(),
        )
        for n in range(600)
    }  # fmt: skip
    unit = roster.direct_school
    package = open_upload([("all.zip", zip_of(files))])
    assert len(package.members) == 600
    from django.db import transaction

    from cadres.models import RosterImport
    from cadres.services.form_import.previewing import keep_package, preview_forms
    from cadres.services.roster_import.committing import commit

    made = RosterImport.objects.create(
        kind="forms", unit=unit, file=keep_package(package, by=None), uploaded_by=None
    )
    with transaction.atomic():
        preview_forms(made)
    assert made.summary["new"] == 600
    with transaction.atomic():
        commit(made.pk, by=None)
    assert Cadre.objects.filter(photo__isnull=False).count() == 600


@pytest.mark.django_db
def test_the_same_person_twice_in_a_zip_with_a_rare_name(roster):
    form = lrmx(XingMing=NAME, ChuShengNianYue="198005", XianRenZhiWu="示例区第二中学教师")
    made = previewed(roster.direct_school, form, form.replace(b"198005", b"1980.05"))
    assert made.summary == {"new": 1, "changed": 0, "unchanged": 0, "rejected": 1, "ask": 0}
    assert "是同一个人" in sentences(row_of(made, 1))


@pytest.mark.django_db
def test_export_import_export_is_the_same_byte_for_byte(roster):
    def written_out():
        cadre = Cadre.objects.get()
        form = forms_of([cadre.pk])[cadre.pk]

        with open_stored(cadre.photo) as file:
            form.photo = file.read()
        return write_lrmx(form)

    form = read_lrmx(FULL.read_bytes())
    form.texts |= {
        "JiangChengQingKuang": "2010.09 被示例区教育局评为优秀教师；多次获奖\n2018年受警告处分", "DaoLingNianYue": "203605",
        "NianDuKaoHeJieGuo": "2021、2022、2023年均为合格", "NiRenZhiWu": "局长<&>", "RenMianLiYou": "一\n二",
        "GaiGeQianRenZhiNianLingJieXian": "改革前任职年龄界限为60岁", "XianRenZhiWu": "示例区第二中学党支部书记、校长",
    }  # fmt: skip
    form.unknown = {"WeiZhi": "x"}
    imported(roster.bureau, write_lrmx(form))
    first = written_out()
    assert row_of(previewed(roster.bureau, first))["status"] == "unchanged"
    again = read_lrmx(first)
    assert (again.texts, again.family, again.unknown) == (
        {**form.texts, "Version": again["Version"]},
        form.family,
        form.unknown,
    )
    imported(roster.bureau, first.replace(b"<TianBiaoRen>", b"<TianBiaoRen>x"))
    imported(roster.bureau, first)
    assert written_out() == first
