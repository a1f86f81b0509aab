"""The printed form: its labels and boxes, ages at the form's own date, what a text can't do to it."""

import datetime as dt
import io
import zipfile

import pytest
from docx import Document

from cadres.personnel_form.docx import age_at, content_of, split_career, write_docx
from cadres.personnel_form.elements import FamilyItem, PersonnelForm
from cadres.personnel_form.lrmx import read_lrmx
from tests.cadres.forms_made import FULL

LABELS = (
    "干部任免审批表", "出生年月（岁）", "参加工作时间", "健康状况", "专业技术职务", "熟悉专业有何专长", "学历学位", "全日制教育",
    "在职教育", "毕业院校系及专业", "现任职务", "拟任职务", "拟免职务", "简历", "奖惩情况", "年度考核结果", "任免理由",
    "家庭主要成员及重要社会关系", "称谓", "工作单位及职务", "呈报单位", "审批机关意见", "行政机关任免意见", "填表人",
)  # fmt: skip


def printed(form):
    """All words of the file, blanks and line ends away; and its tables."""
    document = Document(io.BytesIO(write_docx(form)))
    words = [paragraph.text for paragraph in document.paragraphs]
    words += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "".join("".join(words).split()), document


def test_the_labels_and_values_of_the_form():
    words, document = printed(read_lrmx(FULL.read_bytes()))
    for label in LABELS:
        assert label in words, label
    for value in (
        "张三",
        "1976.05（48岁）",
        "1998.07",
        "大学文学学士",
        "示例区第二中学党支部书记、校长",
        "2025.01.15",
    ):
        assert value in words, value
    assert "{{" not in words
    assert "{%" not in words
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert "续" not in words


def test_the_family_has_seven_rows_and_ages():
    form = read_lrmx(FULL.read_bytes())
    rows = content_of(form)["family"]
    assert len(rows) == 7
    assert [row["age"] for row in rows[:4]] == ["46", "18", "77", ""]
    form.family = [FamilyItem("长女", f"甲{n}", "200001") for n in range(9)]
    words, _ = printed(form)
    assert all(f"甲{n}" in words for n in range(9))


def test_an_age_counts_whole_years_at_the_month():
    day = dt.date(2025, 1, 1)
    assert age_at("197605", day) == 48
    assert age_at("197601", day) == 49
    assert age_at("不详", day) is None
    assert age_at("202605", day) is None


def test_a_photo_stands_in_its_box():
    form = read_lrmx(FULL.read_bytes())
    with zipfile.ZipFile(io.BytesIO(write_docx(form))) as archive:
        assert [name for name in archive.namelist() if name.startswith("word/media/")]


def test_texts_are_texts():
    form = PersonnelForm(
        {"XingMing": "{{ 7*7 }}<b>&", "JianLi": "2004.08--  {% for x in y %}\x0b", "RenMianLiYou": "a\nb"}
    )
    words, _ = printed(form)
    assert "{{7*7}}<b>&" in words
    assert "{%forxiny%}" in words
    assert "49" not in words.replace("1949", "")


@pytest.mark.parametrize("count, overleaf", [(5, False), (40, True)])
def test_a_long_cv_goes_on_overleaf(count, overleaf):
    form = PersonnelForm(
        {
            "XingMing": "甲",
            "JianLi": "\n".join(f"{1980 + n}.09--{1981 + n}.09  示例区第{n}中学教师" for n in range(count)),
        }
    )
    first, more = split_career(form["JianLi"])
    assert bool(more) is overleaf
    assert len(first) + len(more) == count
    words, _ = printed(form)
    assert ("（续）" in words) is overleaf
    assert f"第{count - 1}中学" in words


def test_an_empty_form_prints():
    words, _ = printed(PersonnelForm())
    assert "干部任免审批表" in words
