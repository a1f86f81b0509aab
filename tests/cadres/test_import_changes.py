"""What an import changes on the roster: differences cell by cell, histories that end and open, refusals."""

import datetime as dt

import pytest

from cadres.models import (
    Appointment,
    Cadre,
    Education,
    PersonnelRelation,
    PoliticalStatus,
    Post,
    ProfessionalTitle,
    Rank,
)
from cadres.names import name_columns
from core.calendar import today
from tests.cadres.rosters import ZHANG, imported, people, previewed, rows_by_name, sentences

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


def changes(roster, **cells):
    """The changes that a file shows for 张三."""
    row = rows_by_name(previewed(people({**BASE, **cells}), roster.bureau))["张三"]
    assert row["status"] in ("changed", "unchanged"), row
    return row["changes"]


def change(roster, **cells):
    """Import a changed row, and check that the same file then changes nothing."""
    file = people({**BASE, **cells})
    outcome = imported(file, roster.bureau)
    again = previewed(file, roster.bureau)
    assert again.summary["unchanged"] == 1, rows_by_name(again)
    return outcome


def test_blank_cells_never_delete(roster, zhang):
    assert changes(roster, **{key: None for key in BASE if key not in ("姓名", "单位", "身份证号")}) == {}


@pytest.mark.parametrize(
    "cells, expected",
    [
        ({"手机号码": "13900000002"}, {"phone": ["13800000001", "13900000002"]}),
        ({"备注": "新"}, {"note": ["旧", "新"]}),
        ({"籍贯": "贵州道真"}, {"native_place": [None, "贵州道真"]}),
        ({"民族": "苗族"}, {"ethnicity": [None, "06"]}),
        ({"性别": "女"}, {"gender": ["男", "女"]}),
        ({"出生年月": "1976.06"}, {"birth": ["1976-05", "1976-06"]}),
        ({"参加工作时间": "1999.07"}, {"work": ["1998-07", "1999-07"]}),
        ({"政治面貌": "中共党员"}, {"party": ["中共预备党员", "中共党员"]}),
        ({"入党时间": "2009.06"}, {"party_join": [None, "2009-06"]}),
        ({"政治面貌": "中共预备党员；民建"}, {"democratic_party": [None, "民建"]}),
        ({"全日制学历": "本科"}, {"full_time_education": ["大专", "本科"]}),
        ({"全日制学位": "文学学士"}, {"full_time_degree": [None, "文学学士"]}),
        ({"在职毕业院校及专业": "示例大学"}, {"in_service_school": [None, "示例大学"]}),
        ({"现任职务": "校长"}, {"post": ["副校长", "校长"]}),
        ({"任现职时间": "2010.09"}, {"post_since": ["2010-08", "2010-09"]}),
        ({"任同级时间": "2012.08"}, {"level_since": ["2010-08", "2012-08"]}),
        ({"职称": "高级教师"}, {"title": ["一级教师", "高级教师"]}),
        ({"职级": "四级"}, {"rank": ["五级", "四级"]}),
        ({"姓名": "张三", "单位": "示例区实验小学"}, {"unit": ["示例区第二中学", "示例区实验小学"]}),
        ({"全日制学历": "大学专科"}, {}),
        ({"出生年月": "1976"}, {}),
        ({"身份证号": "3101********1315"}, {}),
    ],
    ids=str,
)
def test_differences_are_shown_cell_by_cell(roster, zhang, cells, expected):
    assert changes(roster, **cells) == expected


def test_a_finer_date_is_a_change_a_coarser_one_is_not(roster, zhang):
    file = {**BASE, "出生日期": "1976-05-03"}
    del file["出生年月"]
    assert imported(people(file), roster.bureau).summary["changed"] == 1
    zhang.refresh_from_db()
    assert (zhang.birth, zhang.birth_precision) == (dt.date(1976, 5, 3), "day")
    assert changes(roster) == {}


def test_own_fields_are_written_in_place(roster, zhang):
    change(
        roster,
        手机号码="13900000002",
        籍贯="贵州道真",
        民族="苗",
        备注="新",
        性别="女",
        参加工作时间="1999.07",
    )
    zhang.refresh_from_db()
    assert (zhang.phone, zhang.native_place, zhang.ethnicity.code, zhang.note, zhang.gender) == (
        "13900000002", "贵州道真", "06", "新", "2",
    )  # fmt: skip
    assert zhang.work_start == dt.date(1999, 7, 1)


def test_a_new_name_moves_the_search_columns(roster, zhang):
    file = people({**BASE, "姓名": "李四"})
    row = rows_by_name(previewed(file, roster.bureau))["李四"]
    assert "改名" in sentences(row, "warning")
    imported(file, roster.bureau)
    zhang.refresh_from_db()
    assert (zhang.name, zhang.name_key, zhang.initials) == ("李四", "li si", "ls")


def test_a_chosen_reading_outlives_imports_that_do_not_change_the_name(roster, zhang):
    imported(people({**BASE, "姓名": "覃辉"}), roster.bureau)
    Cadre.objects.filter(pk=zhang.pk).update(surname_reading="tan", **name_columns("覃辉", "tan"))
    imported(people({**BASE, "姓名": "覃辉", "备注": "新"}), roster.bureau)
    zhang.refresh_from_db()
    assert (zhang.note, zhang.surname_reading, zhang.name_key) == ("新", "tan", "tan hui")
    imported(people({**BASE, "姓名": "李四"}), roster.bureau)
    zhang.refresh_from_db()
    assert (zhang.surname_reading, zhang.name_key) == ("", "li si")


def test_a_changed_post_ends_the_old_appointment_where_the_new_one_begins(roster, zhang):
    change(roster, 现任职务="校长", 任现职时间="2020.08")
    old, new = Appointment.objects.filter(cadre=zhang).order_by("start")
    assert (old.title, old.end, old.end_precision) == ("副校长", dt.date(2020, 8, 1), "month")
    assert (new.title, new.start, new.end, new.is_main, new.post.title) == (
        "校长", dt.date(2020, 8, 1), None, True, "校长",
    )  # fmt: skip


def test_another_date_of_the_same_post_corrects_it(roster, zhang):
    change(roster, 任现职时间="2010.09")
    assert [one.start for one in Appointment.objects.filter(cadre=zhang)] == [dt.date(2010, 9, 1)]


def test_another_title_from_the_same_day_corrects_it(roster, zhang):
    change(roster, 现任职务="常务副校长")
    found = Appointment.objects.get(cadre=zhang)
    assert (found.title, found.start, found.post.title) == ("常务副校长", dt.date(2010, 8, 1), "常务副校长")


def test_a_second_post_is_added_beside_the_first(roster, zhang):
    change(roster, 现任职务="副校长、工会主席")
    found = Appointment.objects.filter(cadre=zhang).order_by("order")
    assert [(one.title, one.kind, one.is_main) for one in found] == [
        ("副校长", "regular", True), ("工会主席", "concurrent", False),
    ]  # fmt: skip
    change(roster, 现任职务="副校长")
    assert Appointment.objects.get(title="工会主席").end == today()
    assert Appointment.objects.get(title="副校长").end is None


def test_a_post_that_stays_concurrent_is_not_touched(roster, zhang):
    change(roster, 现任职务="副校长、工会主席")
    kept = Appointment.objects.get(title="工会主席")
    change(roster, 现任职务="校长、工会主席", 任现职时间="2021.08")
    assert Appointment.objects.get(title="工会主席").pk == kept.pk
    assert Appointment.objects.get(title="工会主席").end is None


def test_probation_is_added_to_the_main_post(roster, zhang):
    change(roster, 现任职务="校长（试用期一年）", 任现职时间="2024.02")
    assert Appointment.objects.get(title="校长").probation_end == dt.date(2025, 2, 1)


@pytest.mark.parametrize("since", ["2010.08", ""])
def test_a_main_post_elsewhere_stays_where_it_is(roster, zhang, since):
    """Named with its unit, as the export writes it; only what is new beside it is entered."""
    main = Appointment.objects.get(is_main=True)
    Appointment.objects.filter(pk=main.pk).update(unit=roster.direct_primary, post=None)
    change(roster, 现任职务=f"{roster.direct_primary.name}{main.title}、工会主席", 任现职时间=since)
    main.refresh_from_db()
    assert (main.title, main.unit, main.end, main.is_main) == ("副校长", roster.direct_primary, None, True)
    assert Appointment.objects.get(end=None, is_main=False).title == "工会主席"
    assert not Post.objects.filter(title__contains=roster.direct_primary.name).exists()


def test_a_secondment_is_no_present_post(roster, zhang):
    Appointment.objects.create(
        cadre=zhang, unit=roster.section, title="副股长", kind="seconded", start=dt.date(2024, 1, 1)
    )
    assert changes(roster) == {}
    change(roster, 现任职务="校长", 任现职时间="2024.08")
    assert Appointment.objects.get(title="副股长").end is None


def test_a_transfer_moves_the_relation_and_the_post(roster, zhang):
    change(roster, 单位="示例区实验小学", 现任职务="校长", 任现职时间="2022.08")
    zhang.refresh_from_db()
    assert zhang.unit == roster.direct_primary
    assert zhang.unit_path == roster.direct_primary.path
    old, new = PersonnelRelation.objects.filter(cadre=zhang).order_by("pk")
    assert (old.end, old.leaving, new.start, new.unit) == (
        dt.date(2022, 8, 1), "transfer", dt.date(2022, 8, 1), roster.direct_primary,
    )  # fmt: skip
    assert Appointment.objects.get(end=None).unit == roster.direct_primary


def test_the_same_title_at_another_unit_is_another_appointment(roster, zhang):
    change(roster, 单位="示例区实验小学", 任现职时间="2022.08")
    old, new = Appointment.objects.filter(cadre=zhang).order_by("start")
    assert (old.unit, old.end) == (roster.direct_school, dt.date(2022, 8, 1))
    assert (new.unit, new.title) == (roster.direct_primary, "副校长")


def test_a_unit_without_a_post_leaves_the_appointment(roster, zhang):
    file = people({"姓名": "张三", "单位": "示例区实验小学", "身份证号": ZHANG})
    row = rows_by_name(previewed(file, roster.bureau))["张三"]
    assert "只改人事关系" in sentences(row, "warning")
    imported(file, roster.bureau)
    assert Appointment.objects.get().end is None
    assert previewed(file, roster.bureau).summary["unchanged"] == 1


def test_a_higher_education_in_service_is_a_further_record(roster, zhang):
    change(roster, 在职学历="大学", 在职毕业院校及专业="示例大学")
    found = Education.objects.filter(cadre=zhang, mode="in_service").order_by("pk")
    assert [one.level_text for one in found] == ["大专", "大学"]


def test_a_full_time_education_is_corrected(roster, zhang):
    change(roster, 全日制学历="中专", 全日制毕业院校及专业="示例师范")
    found = Education.objects.get(cadre=zhang, mode="full_time")
    assert (found.level_text, found.level.code, found.school) == ("中专", "41", "示例师范")


def test_titles_and_ranks_end_and_open(roster, zhang):
    change(roster, 职称="高级教师", 职级="四级", 任同级时间="2015.08")
    assert [(t.title_text, t.end) for t in ProfessionalTitle.objects.order_by("pk")] == [
        ("一级教师", today()), ("高级教师", None),
    ]  # fmt: skip
    ranks = Rank.objects.order_by("kind", "pk").values_list("kind", "name", "start", "end")
    assert list(ranks) == [
        ("level", "", dt.date(2010, 8, 1), dt.date(2015, 8, 1)), ("level", "", dt.date(2015, 8, 1), None),
        ("rank", "五级", None, today()), ("rank", "四级", None, None),
    ]  # fmt: skip


def test_an_earlier_date_of_the_level_corrects_it(roster, zhang):
    change(roster, 任同级时间="2009.08")
    assert [one.start for one in Rank.objects.filter(kind="level")] == [dt.date(2009, 8, 1)]


def test_a_full_member_follows_a_probationary_one(roster, zhang):
    change(roster, 政治面貌="中共党员", 入党时间="2009.06")
    found = PoliticalStatus.objects.order_by("pk").values_list("status__code", "start", "end")
    assert list(found) == [("02", None, today()), ("01", dt.date(2009, 6, 1), None)]


def test_a_date_of_joining_is_corrected(roster, zhang):
    change(roster, 政治面貌="中共党员", 入党时间="2009.06")
    change(roster, 政治面貌="中共党员", 入党时间="2009.07")
    assert PoliticalStatus.objects.get(end=None).start == dt.date(2009, 7, 1)


def test_a_category_is_set_once_and_then_belongs_to_the_post(roster):
    file = people({**BASE, "职务类别": "副职"})
    imported(file, roster.bureau)
    assert Post.objects.get().category == "deputy"
    row = rows_by_name(previewed(people({**BASE, "职务类别": "正职"}), roster.bureau))["张三"]
    assert row["status"] == "unchanged"
    assert "岗位类别" in sentences(row, "warning")


def test_a_category_is_added_to_an_appointment_without_a_post(roster, zhang):
    Appointment.objects.update(post=None)
    change(roster, 职务类别="副职")
    assert Appointment.objects.get().post.category == "deputy"


# --- what is refused, in words before the database has to -------------------------------------------------


def test_a_post_older_than_the_present_one_is_refused(roster, zhang):
    row = rows_by_name(
        previewed(people({**BASE, "现任职务": "校长", "任现职时间": "2005.08"}), roster.bureau)
    )["张三"]
    assert row["status"] == "rejected"
    assert "早于名册中原职务" in sentences(row, "error")


def test_a_date_within_an_earlier_main_post_is_refused(roster, zhang):
    Appointment.objects.create(
        cadre=zhang, unit=roster.direct_school, title="教导主任", is_main=True, start=dt.date(2005, 8, 1),
        end=dt.date(2010, 8, 1),
    )  # fmt: skip
    row = rows_by_name(previewed(people({**BASE, "任现职时间": "2009.08"}), roster.bureau))["张三"]
    assert row["status"] == "rejected"
    assert "重叠" in sentences(row, "error")


def test_work_before_the_birth_on_record_is_refused(roster, zhang):
    file = people({"姓名": "张三", "身份证号": ZHANG, "参加工作时间": "1976.04"})
    row = rows_by_name(previewed(file, roster.bureau))["张三"]
    assert row["status"] == "rejected"


def test_somebody_who_left_is_refused(roster, zhang):
    PersonnelRelation.objects.update(end=dt.date(2025, 1, 1), leaving="retired")
    row = rows_by_name(previewed(people(BASE), roster.bureau))["张三"]
    assert row["status"] == "rejected"
    assert "人事关系已经结束" in sentences(row, "error")
