"""The rules of the form: 结业 is said, 高中 has no school, 大学普通班, the order of the family, ages."""

import datetime as dt
import io
import re
import zipfile

import pytest
from docx import Document

from cadres.codes import CodeMatcher
from cadres.models import ApprovalForm, Cadre, Code, Education, FamilyMember
from cadres.personnel_form.docx import age_at, content_of, write_docx
from cadres.personnel_form.elements import FamilyItem, PersonnelForm
from cadres.personnel_form.family import in_order
from cadres.personnel_form.lrmx import read_lrmx, write_lrmx
from cadres.personnel_form.mapping import forms_of
from tests.cadres.factories import make_cadre
from tests.cadres.forms_made import jpeg, lrmx
from tests.cadres.test_form_import import imported, previewed, row_of, sentences

WHO = {"XingMing": "李四", "ChuShengNianYue": "198005"}
LEVEL, SCHOOL = "QuanRiZhiJiaoYu_XueLi", "QuanRiZhiJiaoYu_XueLi_BiYeYuanXiaoXi"


def members(*relations):
    """Members by relation and birth."""
    return [FamilyItem(relation, f"甲{at}", birth) for at, (relation, birth) in enumerate(relations)]


@pytest.mark.parametrize(
    "given, ordered",
    [
        (["母亲", "父亲", "女儿", "妻子"], ["妻子", "女儿", "父亲", "母亲"]),
        (["岳父", "丈夫", "弟弟", "父亲"], ["丈夫", "父亲", "岳父", "弟弟"]),
        (["次女", "长女", "妻"], ["妻", "长女", "次女"]),
        (["前妻", "养女", "继父"], ["养女", "继父", "前妻"]),
        (["儿子", "次女", "妻子"], ["妻子", "儿子", "次女"]),
        ([], []),
    ],
)
def test_spouse_children_father_mother(given, ordered):
    items = members(*((one, "") for one in given))
    assert [one.ChengWei for one in in_order(items)] == ordered


def test_children_from_the_eldest():
    items = members(("儿子", "201001"), ("女儿", "200503"), ("妻子", "197001"), ("女儿", "2007"))
    assert [one.ChuShengRiQi for one in in_order(items)] == ["197001", "200503", "2007", "201001"]


def test_the_printed_form_has_the_order_of_the_file_and_no_age_for_the_dead():
    form = PersonnelForm({"JiSuanNianLingShiJian": "202501"})
    form.family = [
        FamilyItem("母亲", "甲", "195001", "", "已故"), FamilyItem("父亲", "乙", "194802", "", "原某校教师，已去世"),
        FamilyItem("妻子", "丙", "198002", "", "教师"),
    ]  # fmt: skip
    rows = [(row["relation"], row["age"]) for row in content_of(form)["family"][:3]]
    assert rows == [("母亲", ""), ("父亲", ""), ("妻子", "44")]


@pytest.mark.parametrize("count", [0, 7, 8, 20])
def test_the_form_has_seven_rows_and_the_others_follow_overleaf(count):
    form = PersonnelForm({"XingMing": "甲"})
    form.family = members(*(("弟弟", "199001") for _ in range(count)))
    document = Document(io.BytesIO(write_docx(form)))
    told = [
        [cells[2] for row in table.rows if (cells := [cell.text for cell in row.cells])[1] == "弟弟"]
        for table in document.tables[1:]
    ]
    names = [f"甲{at}" for at in range(count)]
    assert told == ([names[:7], names[7:]] if count > 7 else [names])
    assert any("（续）" in one.text for one in document.paragraphs) is (count > 7)
    assert not any("{%" in one.text for one in document.paragraphs)


def test_the_photo_fills_its_box_and_is_not_cut_off():
    form = PersonnelForm({"XingMing": "甲"}, photo=jpeg(size=(400, 500)))
    with zipfile.ZipFile(io.BytesIO(write_docx(form))) as archive:
        text = archive.read("word/document.xml").decode()
    assert 'distL="0"' in text
    width, height = map(int, re.search(r'<wp:extent cx="(\d+)" cy="(\d+)"', text).groups())
    assert width / height == 4 / 5


@pytest.mark.parametrize(
    "birth, month, age",
    [("198005", "202504", 44), ("198005", "202505", 45), ("198005", "20250601", 45), ("1980", "202501", 45)],
)
def test_ages_are_completed_years_at_the_month_of_the_form(birth, month, age):
    day = dt.date(int(month[:4]), int(month[4:6]), 1)
    assert age_at(birth, day) == age


# --- read and written ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_who_only_finished_or_left_is_not_counted_as_a_graduate(roster):
    row = row_of(previewed(roster.school_east, lrmx(**WHO, **{LEVEL: "大学结业", SCHOOL: "某大学"})))
    assert "“结业”没有毕业" in sentences(row)
    imported(roster.school_east, lrmx(**WHO, **{LEVEL: "大学结业", SCHOOL: "某大学"}))
    education = Education.objects.get()
    assert (education.level.name, education.level_text) == ("大学本科结业", "大学结业")
    assert education.level.level < CodeMatcher(Code.List.EDUCATION).match("大学").level
    assert forms_of([education.cadre_id])[education.cadre_id][LEVEL] == "大学结业"


@pytest.mark.django_db
def test_a_school_that_says_what_the_level_hides_is_pointed_out(roster):
    row = row_of(
        previewed(roster.school_east, lrmx(**WHO, **{LEVEL: "大学", SCHOOL: "某大学中文系（肄业）"}))
    )
    assert "毕业院校一栏写有“肄业”" in sentences(row)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "level, school", [("高中", ""), ("初中", ""), ("中专", "某校"), ("职业高中", "某校")]
)
def test_up_to_senior_school_the_form_names_no_school(roster, level, school):
    cadre = make_cadre(roster.school_east, "李四")
    code = CodeMatcher(Code.List.EDUCATION).match(level)
    Education.objects.create(cadre=cadre, mode="full_time", level=code, level_text=level, school="某校")
    assert forms_of([cadre.pk])[cadre.pk][SCHOOL] == school


@pytest.mark.django_db
def test_what_a_form_names_all_the_same_is_pointed_out_and_kept(roster):
    form = lrmx(**WHO, **{LEVEL: "高中", SCHOOL: "某县第一中学"})
    assert "不填毕业院校" in sentences(row_of(previewed(roster.school_east, form)))
    imported(roster.school_east, form)
    cadre = Cadre.objects.get()
    assert forms_of([cadre.pk])[cadre.pk][SCHOOL] == "某县第一中学"
    assert row_of(previewed(roster.school_east, form))["status"] == "unchanged"


@pytest.mark.django_db
@pytest.mark.parametrize("year, level", [(1974, "大学普通班"), (1978, "大学"), (1969, "大学")])
def test_who_entered_in_the_seventies_attended_the_ordinary_class(roster, year, level):
    cadre = make_cadre(roster.school_east, "李四")
    code = CodeMatcher(Code.List.EDUCATION).match("大学")
    Education.objects.create(
        cadre=cadre, mode="full_time", level=code, level_text="大学", start=dt.date(year, 9, 1)
    )
    assert forms_of([cadre.pk])[cadre.pk][LEVEL] == level


@pytest.mark.django_db
def test_a_form_that_says_university_for_those_years_is_pointed_out(roster):
    career = "1974.09--1977.08  某师范大学中文系学习\n1977.08--         某校教师"
    form = {**WHO, "ChuShengNianYue": "195501", "JianLi": career}
    assert "应填“大学普通班”" in sentences(
        row_of(previewed(roster.school_east, lrmx(**form, **{LEVEL: "大学"})))
    )
    assert "应填" not in sentences(
        row_of(previewed(roster.school_east, lrmx(**form, **{LEVEL: "大学普通班"})))
    )


@pytest.mark.django_db
def test_the_family_goes_out_in_order_unless_it_came_in_another(roster):
    cadre = make_cadre(roster.school_east, "李四")
    relations = CodeMatcher(Code.List.RELATION)
    for at, word in enumerate(("母亲", "父亲", "妻子")):
        FamilyMember.objects.create(cadre=cadre, relation=relations.match(word), name=f"甲{at}", order=at)
    assert [one.ChengWei for one in forms_of([cadre.pk])[cadre.pk].family] == ["妻子", "父亲", "母亲"]
    rows = [("父亲", "甲1", "", "", ""), ("母亲", "甲0", "", "", ""), ("妻子", "甲2", "", "", "")]
    came = read_lrmx(lrmx(**WHO, family=rows, ChuShengDi="道真"))
    imported(roster.bureau, write_lrmx(came))
    form = forms_of([cadre.pk])[cadre.pk]
    assert form.family == came.family
    # Printed as the file has it.
    printed = [row["name"] for row in content_of(form)["family"] if row["name"]]
    assert printed == [item.XingMing for item in came.family]
    # Once the roster knows more than the form did, the rule is right again.
    FamilyMember.objects.create(cadre=cadre, relation=relations.match("长女"), name="甲4", order=9)
    told = [one.ChengWei for one in forms_of([cadre.pk])[cadre.pk].family]
    assert told == ["妻子", "长女", "父亲", "母亲"]
    assert ApprovalForm.objects.count() == 1
