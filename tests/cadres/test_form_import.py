"""Forms come in through the stages of the roster import: matched, compared, asked, written whole or not at all."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from cadres.models import (
    AnnualAssessment,
    Appointment,
    ApprovalForm,
    Cadre,
    CareerLine,
    Education,
    FamilyMember,
    RosterImport,
)
from cadres.personnel_form.archive import open_upload
from cadres.personnel_form.lrmx import read_lrmx
from cadres.personnel_form.mapping import forms_of
from cadres.services import imports
from cadres.services.form_import.grades import read_years
from cadres.services.form_import.previewing import forms_as_json, keep_package, preview_forms
from cadres.services.roster_import.committing import commit
from cadres.services.roster_import.previewing import reconsider
from core.models import StoredFile
from core.partial_dates import PartialDate
from tests.cadres.factories import identity, make_appointment, make_cadre
from tests.cadres.forms_made import FULL, MESSY, MINIMAL, OLD, PADDED, jpeg, lrmx
from tests.factories import make_holder

pytestmark = pytest.mark.django_db


def previewed(unit, *files, by=None):
    """The preview of forms: paths or contents."""
    named = [
        (f.name, f.read_bytes()) if hasattr(f, "read_bytes") else (f"表{n}.lrmx", f)
        for n, f in enumerate(files)
    ]
    named += [(f.with_suffix(".pic").name, f.with_suffix(".pic").read_bytes()) for f in files if f == OLD]
    file = keep_package(open_upload(named), by=by)
    roster_import = RosterImport.objects.create(
        kind=RosterImport.Kind.FORMS, unit=unit, file=file, uploaded_by=by
    )
    with transaction.atomic():
        preview_forms(roster_import)
    return roster_import


def imported(unit, *files, **answers):
    """Forms previewed, answered and committed by the system."""
    roster_import = previewed(unit, *files)
    if answers:
        roster_import.answers = answers["answers"]
        roster_import.save()
        with transaction.atomic():
            reconsider(roster_import)
    with transaction.atomic():
        return commit(roster_import.pk, by=None)


def row_of(roster_import, number=0):
    """One JSON row of the preview."""
    return forms_as_json(roster_import)["rows"][number]


def sentences(row):
    """All its messages."""
    return " ".join(one["message"] for one in row["problems"])


@pytest.fixture
def zhang(roster):
    """张三 of the full form, newly come in."""
    assert imported(roster.bureau, FULL).summary == {
        "new": 1, "changed": 0, "unchanged": 0, "rejected": 0, "ask": 0,
    }  # fmt: skip
    return Cadre.objects.get()


def test_a_new_person_has_everything_the_form_says(roster, zhang):
    assert (zhang.name, zhang.unit, zhang.gender) == ("张三", roster.direct_school, "1")
    assert (zhang.birthplace, zhang.health, zhang.speciality) == ("上海", "健康", "学校管理、语文教学")
    assert zhang.photo.content_type == "image/jpeg"
    posts = Appointment.objects.filter(cadre=zhang).order_by("order")
    assert [post.title for post in posts] == ["党支部书记", "校长"]
    assert posts[0].start_date.iso() == "2017-08"
    lines = CareerLine.objects.filter(cadre=zhang)
    assert [line.within_id is not None for line in lines] == [False, False, False, False, True, True, False]
    assert lines[0].is_study
    assert not lines[1].is_study
    assert lines[6].end is None
    family = FamilyMember.objects.filter(cadre=zhang)
    assert [(str(m.relation), m.name, m.birth) for m in family][:2] == [
        ("妻子", "李 某", "1978-09"), ("儿子", "张 某某", "2006-03"),
    ]  # fmt: skip
    grades = AnnualAssessment.objects.filter(cadre=zhang).values_list("year", "grade")
    assert sorted(grades) == [(2023, "qualified"), (2024, "excellent")]
    kept = ApprovalForm.objects.get(cadre=zhang)
    assert kept.rewards_text == "2016年度获示例区先进教育工作者。"
    assert (kept.filled_by, kept.filled_on, kept.age_reference) == ("测试员", "20250115", "202501")
    modes = {e.mode: (e.level_text, e.degree_text) for e in Education.objects.filter(cadre=zhang)}
    assert modes == {"full_time": ("大学", "文学学士"), "in_service": ("研究生", "教育硕士")}


@pytest.mark.parametrize("path", [FULL, PADDED, MESSY, MINIMAL, OLD], ids=lambda path: path.name)
def test_nothing_is_lost_between_import_and_export(roster, path):
    unit = {"unit:": roster.school_east.pk, "unit:示例县中心小学": roster.school_east.pk}
    assert imported(roster.bureau, path, answers=unit).summary["new"] == 1
    came = open_upload([(path.name, path.read_bytes())]).members[0].read()
    out = forms_of([Cadre.objects.get().pk])[Cadre.objects.get().pk]
    assert out.texts == came.texts
    assert out.family == came.family
    assert out.unknown == came.unknown


def test_importing_twice_changes_nothing(roster, zhang):
    for again in (FULL, PADDED, OLD):
        outcome = previewed(roster.bureau, again)
        assert row_of(outcome)["status"] == "unchanged", row_of(outcome)["changes"]


def test_by_number_then_by_name_and_birth(roster):
    number = identity()
    cadre = make_cadre(roster.school_east, "李四", id_number=number)
    by_number = previewed(roster.bureau, lrmx(XingMing="李四", ShenFenZheng=number, ChuShengDi="贵州道真"))
    assert row_of(by_number)["changes"] == {"birthplace": [None, "贵州道真"]}
    by_name = previewed(
        roster.bureau, lrmx(XingMing="李 四", ChuShengNianYue="1980.05", ChuShengDi="贵州道真")
    )
    assert row_of(by_name)["status"] == "changed"
    assert by_name.rows.get().cadre_id == cadre.pk


def test_two_of_the_same_name_and_birth_are_asked_about(roster):
    one = make_cadre(roster.school_east, "李四")
    make_cadre(roster.school_west, "李四")
    roster_import = previewed(
        roster.bureau, lrmx(XingMing="李四", ChuShengNianYue="198005", ChuShengDi="道真")
    )
    assert row_of(roster_import)["status"] == "ask"
    hr = make_holder("hr", "何人事", "hr", roster.bureau)
    imports.answer(
        roster_import=roster_import, by=hr, answers={f"row:{roster_import.rows.get().sheet}!1": one.pk}
    )
    assert roster_import.rows.get().cadre_id == one.pk
    with transaction.atomic():
        commit(roster_import.pk, by=hr)
    one.refresh_from_db()
    assert one.birthplace == "道真"


def test_the_unit_of_new_people_is_asked_once(roster):
    files = [lrmx(XingMing=name, ChuShengNianYue="198005", XianRenZhiWu="校长") for name in ("甲乙", "丙丁")]
    roster_import = previewed(roster.bureau, *files)
    assert roster_import.summary["ask"] == 2
    hr = make_holder("hr", "何人事", "hr", roster.bureau)
    imports.answer(roster_import=roster_import, by=hr, answers={"unit:": roster.school_east.pk})
    assert roster_import.rows.filter(verdict="new", unit=roster.school_east).count() == 2


def test_a_form_moves_nobody_and_leaves_posts_at_other_units_alone(roster):
    cadre = make_cadre(roster.school_east, "李四")
    make_appointment(cadre, "副校长")
    form = lrmx(XingMing="李四", ChuShengNianYue="198005", XianRenZhiWu="示例区第二中学校长")
    row = row_of(previewed(roster.bureau, form))
    # Another unit: whether this is the same person is asked.
    assert row["status"] == "ask"
    answered = previewed(roster.bureau, form)
    hr = make_holder("hr", "何人事", "hr", roster.bureau)
    imports.answer(roster_import=answered, by=hr, answers={f"row:{answered.rows.get().sheet}!1": cadre.pk})
    row = row_of(answered)
    assert list(row["changes"]) == ["post_text"]
    assert "任职没有改动" in sentences(row)
    with transaction.atomic():
        commit(answered.pk, by=hr)
    cadre.refresh_from_db()
    assert cadre.unit == roster.school_east
    assert [post.title for post in Appointment.objects.filter(cadre=cadre)] == ["副校长"]
    assert forms_of([cadre.pk])[cadre.pk]["XianRenZhiWu"] == "示例区第二中学校长"


def test_words_of_the_form_yield_once_the_roster_says_something_else(roster, zhang):
    assert forms_of([zhang.pk])[zhang.pk]["XingMing"] == "张　三"
    CareerLine.objects.filter(cadre=zhang, order=1).update(text="师范大学中文系学习")
    Cadre.objects.filter(pk=zhang.pk).update(name="张三丰")
    form = forms_of([zhang.pk])[zhang.pk]
    assert form["JianLi"].startswith("1994.09--1998.07  师范大学中文系学习\n")
    assert form["XingMing"] == "张三丰"
    assert form["RenMianLiYou"] == ""


def test_a_photo_that_came_from_here_is_no_news(roster, zhang):
    from cadres.personnel_form.lrmx import write_lrmx
    from core.files import open_stored

    form = forms_of([zhang.pk])[zhang.pk]
    form.photo = open_stored(zhang.photo).read()
    assert row_of(previewed(roster.bureau, write_lrmx(form)))["status"] == "unchanged"
    other = lrmx(XingMing="张三", ChuShengNianYue="197605", photo=jpeg())
    assert row_of(previewed(roster.bureau, other))["changes"] == {"photo": [True, True]}


def test_family_members_are_added_and_corrected_and_none_is_lost(roster, zhang):
    rows = [("妻子", "李 某", "197809", "中共党员", "示例区某小学校长"), ("岳父", "李某某", "不详", "", "")]
    form = lrmx(family=rows, XingMing="张三", ChuShengNianYue="197605")
    row = row_of(previewed(roster.bureau, form))
    assert list(row["changes"]) == ["family"]
    assert len(row["changes"]["family"][0]) == 4
    imported(roster.bureau, form)
    family = forms_of([zhang.pk])[zhang.pk].family
    assert [item.XingMing for item in family] == ["李 某", "张 某某", "张 某", "王 某", "李某某"]
    assert family[0].GongZuoDanWeiJiZhiWu == "示例区某小学校长"
    assert family[4].ChuShengRiQi == "不详"
    assert row_of(previewed(roster.bureau, form))["status"] == "unchanged"


def test_an_unknown_relation_keeps_its_word(roster, zhang):
    form = lrmx(family=[("前妻", "赵某", "1977", "", "")], XingMing="张三", ChuShengNianYue="197605")
    imported(roster.bureau, form)
    assert forms_of([zhang.pk])[zhang.pk].family[-1].ChengWei == "前妻"
    assert str(FamilyMember.objects.get(cadre=zhang, order__gt=4).relation) == "其他"
    assert row_of(previewed(roster.bureau, form))["status"] == "unchanged"


def test_sensitive_words_lie_nowhere_in_clear(roster, zhang):
    secret = "因病需要调整岗位"
    form = lrmx(XingMing="张三", ChuShengNianYue="197605", RenMianLiYou=secret, JianKangZhuangKuang="较差",
                family=[("妻子", "李 某", "", "", "某机密单位")])  # fmt: skip
    roster_import = previewed(roster.bureau, form)
    stored = json.dumps(
        [*roster_import.rows.values("changes", "problems", "findings", "form")],
        default=str,
        ensure_ascii=False,
    )
    for word in (secret, "较差", "某机密单位"):
        assert word not in stored
    assert row_of(roster_import)["changes"]["reason"] == [None, secret]


def test_what_cannot_be_read_is_rejected_and_named(roster):
    roster_import = previewed(roster.bureau, b"<html/>", lrmx(ChuShengNianYue="198005"), FULL)
    rows = forms_as_json(roster_import)["rows"]
    assert [row["status"] for row in rows] == ["rejected", "rejected", "new"]
    assert "不是干部任免审批表" in sentences(rows[0])
    assert "没有写姓名" in sentences(rows[1])
    assert rows[0]["sheet"] == "表0.lrmx"


def test_the_same_person_twice_in_one_upload(roster):
    roster_import = previewed(roster.bureau, FULL, PADDED)
    rows = forms_as_json(roster_import)["rows"]
    assert [row["status"] for row in rows] == ["new", "rejected"]
    assert f"与文件“{FULL.name}”是同一个人" in sentences(rows[1])


def test_the_cv_is_checked(roster):
    career = "1998.07--2005.08  甲校教师\n2005.12--2017.08  乙校校长"
    row = row_of(previewed(roster.bureau, lrmx(XingMing="甲", ChuShengNianYue="197505", JianLi=career)))
    assert "空缺 4 个月" in sentences(row)
    assert "没有写到现在" in sentences(row)


def test_a_grade_that_differs_from_the_registered_one_is_pointed_out(roster, zhang):
    AnnualAssessment.objects.filter(cadre=zhang, year=2024).update(grade="qualified")
    row = row_of(previewed(roster.bureau, FULL))
    assert "2024 年度与名册登记的“合格”不同" in sentences(row)
    imported(roster.bureau, FULL)
    assert AnnualAssessment.objects.get(cadre=zhang, year=2024).grade == "qualified"


def test_nothing_is_half_imported(roster, monkeypatch):
    from cadres.services.form_import import writing

    roster_import = previewed(roster.bureau, FULL)
    monkeypatch.setattr(writing, "_keep_forms", lambda going: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        commit(roster_import.pk, by=None)
    assert not Cadre.objects.exists()
    assert not FamilyMember.objects.exists()


def test_a_change_after_the_preview_renews_it(roster, zhang):
    roster_import = previewed(
        roster.bureau, lrmx(XingMing="张三", ChuShengNianYue="197605", JianKangZhuangKuang="一般")
    )
    zhang.health = "较差"
    zhang.save()
    with transaction.atomic():
        assert commit(roster_import.pk, by=None).renewed
    zhang.refresh_from_db()
    assert zhang.health == "较差"


def test_the_number_of_statements_does_not_grow(roster, django_assert_max_num_queries):
    files = [lrmx(XingMing=f"甲{n}", ChuShengNianYue="198005", XianRenZhiWu="示例区第二中学副校长",
                  JianLi="2004.08--  教师", family=[("妻子", "李某", "", "", "")]) for n in range(12)]  # fmt: skip
    roster_import = previewed(roster.bureau, *files)
    with django_assert_max_num_queries(110), transaction.atomic():
        commit(roster_import.pk, by=None)
    assert Cadre.objects.count() == 12


@pytest.mark.parametrize(
    "text, years",
    [
        (
            "2023年度考核为合格，2024年度考核为优秀。",
            [(2023, "qualified", "institution"), (2024, "excellent", "")],
        ),
        ("2022年称职；2023年基本称职", [(2022, "qualified", "civil"), (2023, "basic", "civil")]),
        ("近三年考核均为合格", []),
    ],
)
def test_yearly_grades_in_a_text(text, years):
    assert read_years(text) == years


# --- command ------------------------------------------------------------------------------------------------


def run(*arguments, capsys):
    """The command's exit code and its output."""
    code = 0
    try:
        call_command("import_lrmx", *map(str, arguments))
    except SystemExit as end:
        code = end.code
    return code, capsys.readouterr().out


def test_the_command_previews_and_leaves_nothing_behind(roster, tmp_path, capsys):
    target = tmp_path / "out.json"
    code, output = run(FULL, OLD, "--json", target, capsys=capsys)
    assert output.splitlines()[-1] == "新增 1 更新 0 未变 0 拒绝 1"
    assert code == 1
    found = json.loads(target.read_text(encoding="utf-8"))
    assert found["rows"][0]["values"]["career_lines"][3]["within"][1]["text"].startswith("挂任")
    assert found["rows"][0]["values"]["family"][0]["relation"] == "妻子"
    assert found["rows"][0]["values"]["birth"] == "1976-05"
    assert not Cadre.objects.exists()
    assert not StoredFile.objects.exists()


def test_the_command_commits_folders_and_zips(roster, tmp_path, capsys):
    (tmp_path / "表").mkdir()
    (tmp_path / "表" / "张三.lrmx").write_bytes(FULL.read_bytes())
    code, output = run(tmp_path / "表", "--commit", capsys=capsys)
    assert (code, output.splitlines()[-1]) == (0, "新增 1 更新 0 未变 0 拒绝 0")
    assert Cadre.objects.get().birth_date == PartialDate.of(Cadre.objects.get().birth, "month")
    assert (
        run(tmp_path / "表", "--commit", capsys=capsys)[1].splitlines()[-1] == "新增 0 更新 0 未变 1 拒绝 0"
    )
    with pytest.raises(CommandError, match="没有找到文件"):
        call_command("import_lrmx", str(tmp_path / "none"))


def test_every_text_of_the_minimal_form_is_read():
    assert read_lrmx(MINIMAL.read_bytes())["XingBie"] == "男"
