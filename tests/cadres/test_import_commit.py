"""Whom a row means, which unit, and the commit: once, under lock, refused when the roster has changed."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Grant, UnitName
from cadres.models import (
    Appointment,
    Cadre,
    RosterImport,
)
from cadres.services.roster_import.committing import commit
from cadres.services.roster_import.reporting import as_json
from core.calendar import today
from core.errors import NotFound, WrongMoment
from core.models import AuditEntry
from core.partial_dates import PartialDate
from tests.cadres.factories import make_cadre
from tests.cadres.rosters import ZHANG, imported, number, people, previewed, rows_by_name, sentences
from tests.factories import make_holder, make_unit, make_user

pytestmark = pytest.mark.django_db

BASE = {
    "姓名": "张三", "单位": "示例区第二中学", "身份证号": ZHANG, "出生年月": "1976.05", "参加工作时间": "1998.07",
    "政治面貌": "中共预备党员", "全日制学历": "大专", "在职学历": "大专", "现任职务": "副校长", "任现职时间": "2010.08",
    "任同级时间": "2010.08", "职称": "一级教师", "职级": "五级", "手机号码": "13800000001", "备注": "旧",
}  # fmt: skip


@pytest.fixture
def zhang(roster):
    """张三 on the roster, by an import."""
    assert imported(people(BASE), roster.bureau).summary["new"] == 1
    return Cadre.objects.get()


def changed(roster, **cells):
    """Import a changed row."""
    return imported(people({**BASE, **cells}), roster.bureau)


# --- whom a row means ---------------------------------------------------------------------------------------


def test_without_a_number_name_birth_and_unit_decide(roster, zhang):
    file = people({"姓名": "张三", "单位": "示例区第二中学", "出生年月": "1976.05", "备注": "新"})
    assert changes_of(file, roster) == {"张三": ("changed", {"note": ["旧", "新"]})}


def changes_of(file, roster):
    """Status and changes by name."""
    return {
        name: (row["status"], row["changes"])
        for name, row in rows_by_name(previewed(file, roster.bureau)).items()
    }


def test_a_number_is_added_to_whom_it_belongs(roster):
    imported(people({"姓名": "张三", "单位": "示例区第二中学", "出生年月": "1976.05"}), roster.bureau)
    assert changes_of(people(BASE), roster)["张三"][1]["id"] == [None, ZHANG]
    changed(roster)
    assert Cadre.objects.get().id_number == ZHANG


def test_the_same_person_elsewhere_is_asked(roster, zhang):
    file = people({"姓名": "张三", "单位": "示例区实验小学", "出生年月": "1976.05"})
    row = rows_by_name(previewed(file, roster.bureau))["张三"]
    assert row["status"] == "ask"


def test_another_number_at_the_same_place_is_asked(roster, zhang):
    row = rows_by_name(previewed(people({**BASE, "身份证号": number("19760509")}), roster.bureau))["张三"]
    assert row["status"] == "ask"


def test_another_number_elsewhere_is_another_person(roster, zhang):
    file = people({**BASE, "单位": "示例区实验小学", "身份证号": number("19760509")})
    assert previewed(file, roster.bureau).summary["new"] == 1


def test_a_row_without_birth_is_asked_not_guessed(roster, zhang):
    file = people({"姓名": "张三", "单位": "示例区第二中学", "出生年月": None, "性别": "男"})
    assert rows_by_name(previewed(file, roster.bureau))["张三"]["status"] == "ask"


@pytest.mark.parametrize("birth", [None, "1976"])
def test_who_says_no_more_than_the_roster_is_the_same_when_nobody_else_can_be_meant(roster, birth):
    cells = {"姓名": "王五", "单位": "示例区第二中学", "出生年月": birth, "现任职务": "教师"}
    people_of_this_name(roster, PartialDate.of(dt.date(1976, 1, 1), "year") if birth else None)
    assert changes_of(people(cells), roster)["王五"] == ("changed", {"post": [None, "教师"]})
    people_of_this_name(roster, PartialDate.of(dt.date(1980, 3, 1), "month"))
    assert changes_of(people(cells), roster)["王五"][0] == "ask"


def people_of_this_name(roster, birth):
    """One more 王五 at the school, known to a month, a year or not at all."""
    known = {"birth": birth.date, "birth_precision": birth.precision} if birth else {"birth": None}
    make_cadre(roster.direct_school, "王五", gender="", **known)


def test_remarks_of_the_comparison_name_the_value(roster, zhang):
    row = next(
        row
        for row in as_json(previewed(people(BASE, BASE), roster.bureau))["rows"]
        if row["status"] == "rejected"
    )
    assert [(one["column"], one["value"]) for one in row["problems"]] == [("姓名", "张三")]


def test_a_new_person_needs_birth_or_number(roster):
    row = rows_by_name(
        previewed(people({"姓名": "王五", "单位": "示例区第二中学", "出生年月": None}), roster.bureau)
    )["王五"]
    assert row["status"] == "rejected"
    assert "须有出生年月或身份证号" in sentences(row)


@pytest.mark.parametrize(
    "second",
    [
        BASE,
        {"姓名": "张三", "单位": "示例区第二中学", "出生年月": "1976.05"},
    ],
    ids=["by number", "by name"],
)
@pytest.mark.parametrize("known", [False, True])
def test_the_second_row_for_one_person_is_rejected(roster, second, known):
    if known:
        imported(people(BASE), roster.bureau)
    roster_import = previewed(people(BASE, second), roster.bureau)
    assert roster_import.summary["rejected"] == 1
    row = roster_import.rows.get(verdict="rejected")
    assert row.row == 3
    assert "第 2 行是同一个人" in row.findings[-1]["message"]


def test_two_people_of_one_name_are_two(roster):
    file = people(BASE, {**BASE, "身份证号": number("19760520")})
    assert previewed(file, roster.bureau).summary["new"] == 2


# --- units ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["示例区 第二中学", "示例区第二中学 ", "SL-D01", "区二中"])
def test_units_by_name_code_and_former_name(roster, name):
    UnitName.objects.create(unit=roster.direct_school, name="区二中", end=dt.date(2000, 1, 1))
    row = rows_by_name(previewed(people({**BASE, "单位": name}), roster.bureau))["张三"]
    assert (row["status"], row["values"]["unit"]) == ("new", "示例区第二中学")


def test_a_name_of_two_units_is_asked(roster):
    make_unit("中心幼儿园", roster.central_east)
    make_unit("中心幼儿园", roster.central_west)
    assert previewed(people({**BASE, "单位": "中心幼儿园"}), roster.bureau).summary["ask"] == 1


def test_units_outside_the_import_are_unknown(roster):
    assert previewed(people(BASE), roster.central_east).summary["ask"] == 1


def test_people_outside_the_import_are_refused_without_telling(roster, zhang):
    file = people({**BASE, "单位": "东河镇中心小学"})
    row = rows_by_name(previewed(file, roster.central_east))["张三"]
    assert row["status"] == "rejected"
    assert "管理范围以外" in sentences(row)
    assert "示例区第二中学" not in str(row)


def test_rows_without_a_unit_belong_to_the_school_imported(roster):
    file = people({"姓名": "张三", "出生年月": "1976.05"})
    assert rows_by_name(previewed(file, roster.direct_school))["张三"]["values"]["unit"] == "示例区第二中学"
    assert previewed(file, roster.bureau).summary["ask"] == 1


def test_a_unit_closed_since_the_preview_stops_the_commit(roster):
    roster_import = previewed(people(BASE), roster.bureau)
    roster.direct_school.valid_to = today()
    roster.direct_school.save()
    with transaction.atomic():
        assert commit(roster_import.pk, by=None).renewed
    assert not Cadre.objects.exists()


# --- the commit -------------------------------------------------------------------------------------------


def test_a_roster_changed_since_the_preview_refuses_the_commit_and_renews_it(roster, zhang):
    roster_import = previewed(people({**BASE, "备注": "新"}), roster.bureau)
    Cadre.objects.update(note="中途改过")
    with transaction.atomic():
        outcome = commit(roster_import.pk, by=None)
    assert outcome.renewed
    roster_import.refresh_from_db()
    assert "预览之后名册有了变化" in roster_import.renewed_because
    assert rows_by_name(roster_import)["张三"]["changes"] == {"note": ["中途改过", "新"]}
    assert Cadre.objects.get().note == "中途改过"
    with transaction.atomic():
        assert not commit(roster_import.pk, by=None).renewed
    assert Cadre.objects.get().note == "新"


def test_somebody_entered_meanwhile_is_noticed(roster):
    first, second = previewed(people(BASE), roster.bureau), previewed(people(BASE), roster.bureau)
    with transaction.atomic():
        assert not commit(first.pk, by=None).renewed
    with transaction.atomic():
        assert commit(second.pk, by=None).renewed
    assert Cadre.objects.count() == 1


def test_a_commit_happens_once(roster):
    roster_import = previewed(people(BASE), roster.bureau)
    with transaction.atomic():
        commit(roster_import.pk, by=None)
    with pytest.raises(WrongMoment), transaction.atomic():
        commit(roster_import.pk, by=None)


def test_the_right_is_asked_again_at_the_commit(roster, hr):
    roster_import = previewed(people(BASE), roster.bureau, by=hr)
    Grant.objects.update(end=today())
    hr.__dict__.pop("_held_grants", None)
    with pytest.raises(NotFound), transaction.atomic():
        commit(roster_import.pk, by=hr)
    assert not Cadre.objects.exists()


def test_a_commit_is_audited(roster, hr):
    roster_import = previewed(people(BASE), roster.bureau, by=hr)
    with transaction.atomic():
        commit(roster_import.pk, by=hr)
    entry = AuditEntry.objects.get(action="roster.commit")
    assert (entry.actor_id, entry.after["new"], entry.note) == (hr.pk, 1, "名册.xlsx")


def test_numbers_lie_encrypted_in_the_preview(roster):
    wrong = "310107197605031316"
    previewed(people(BASE, {**BASE, "姓名": "李四", "身份证号": wrong}), roster.bureau)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(r::text, '|') FROM cadres_rosterimportrow r")
        stored = cursor.fetchone()[0]
    assert ZHANG not in stored
    assert wrong not in stored


def test_the_number_of_statements_does_not_depend_on_the_rows(roster):
    def statements(count):
        file = people(
            *({**BASE, "姓名": f"张{n}", "身份证号": number("19760503", n)} for n in range(1, count + 1))
        )
        roster_import = None
        with CaptureQueriesContext(connection) as found:
            roster_import = previewed(file, roster.bureau)
            with transaction.atomic():
                commit(roster_import.pk, by=None)
        Cadre.objects.all().delete()
        RosterImport.objects.all().delete()
        return len(found)

    assert statements(10) == statements(300)


def test_a_new_head_with_an_account_is_proposed_the_role_and_loses_the_old_one(roster, zhang):
    zhang.user = make_user("zhang", "张三")
    zhang.save()
    changed(roster, 现任职务="校长", 任现职时间="2020.08")
    proposed = Grant.objects.get(user=zhang.user)
    assert (proposed.role, proposed.unit, proposed.confirmed_at) == ("principal", roster.direct_school, None)
    Grant.objects.update(confirmed_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    changed(roster, 现任职务="督学", 任现职时间="2024.08")
    assert Grant.objects.get(user=zhang.user).end is not None


def test_formulas_stay_text(roster):
    imported(people({**BASE, "备注": "=cmd|' /C calc'!A0"}), roster.bureau)
    assert Cadre.objects.get().note == "=cmd|' /C calc'!A0"


def test_awkward_characters_survive_the_copy(roster):
    note = 'a\\b "c" {d} \\N 终\n二'
    imported(people({**BASE, "备注": note, "现任职务": '副校长\\"甲"'}), roster.bureau)
    assert Cadre.objects.get().note == note
    assert Appointment.objects.get().title == '副校长\\"甲"'


def test_an_importer_of_one_school_imports_there(roster):
    holder = make_holder("hr2", "黄人事", "hr", roster.bureau)
    assert imported(people(BASE), roster.direct_school, by=holder).summary["new"] == 1
