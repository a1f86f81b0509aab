"""The data-quality desk: each rule finds what breaks it and nothing else; counts, lists, reminders in scope."""

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts.models import Unit
from cadres.models import (
    Cadre,
    CareerLine,
    Certificate,
    DevelopmentPlan,
    Education,
    PersonnelRelation,
    PoliticalStatus,
    Post,
)
from cadres.services.people import edit_cadre
from cadres.services.rules import load_rules
from core import jobs
from core.calendar import add_months, today
from core.errors import Invalid, NotAllowed, NotFound
from core.models import AuditEntry, Job, Message, StoredFile
from core.partial_dates import PartialDate
from reports.models import QualityFinding, QualityWaiver
from reports.quality.checking import check_roster, counts_for, findings, recheck_people, remind_units
from reports.quality.rules import RULES
from reports.quality.waiving import take_back, waive
from tests.cadres.factories import identity, make_appointment, make_cadre, make_code, make_post
from tests.cadres.test_facts import value

pytestmark = pytest.mark.django_db
PAST = dt.date(2020, 1, 1)


def sound(unit, name="全好", **fields):
    """Somebody whose record breaks no rule."""
    given = {
        "birth": dt.date(1980, 5, 3), "work_start": dt.date(2002, 8, 1), "id_number": identity(),
        "ethnicity": make_code("ethnicity", "01", "汉族"),
        "photo": StoredFile.objects.get_or_create(name="p.png", defaults={"size": 1, "content_type": "image/png"})[0],
    }  # fmt: skip
    cadre = make_cadre(unit, name, **given | fields)
    Education.objects.create(cadre=cadre, mode="full_time", level_text="本科", end=dt.date(2002, 7, 1))
    PoliticalStatus.objects.create(cadre=cadre, status=make_code("political", "13", "群众"))
    make_appointment(cadre, "副校长", start=dt.date(2015, 8, 1))
    return cadre


@pytest.fixture
def rules(db):
    """The schedule of retirement."""
    load_rules()


def close(unit):
    """A unit closed behind the back of the services."""
    Unit.objects.filter(pk=unit.pk).update(valid_to=PAST)


def breaks(rule):
    """What breaks a rule now."""
    found = RULES[rule]
    keys = (Post if found.about == "post" else Cadre).objects.values_list("pk", flat=True)
    return found.broken(today(), keys)


def test_a_sound_record_breaks_no_rule(tree):
    sound(tree.school_east)
    make_post(tree.school_east, "书记")
    assert {name for name in RULES if breaks(name)} == set()


BROKEN = {
    "no_birth": {"birth": None},
    "no_gender": {"gender": ""},
    "no_identity": {"id_number": ""},
    "no_ethnicity": {"ethnicity": None},
    "no_work_start": {"work_start": None},
    "no_photo": {"photo": None},
    "too_young_at_work": {"work_start": dt.date(1995, 8, 1)},
    "date_in_future": {"birth": dt.date(2100, 1, 1), "work_start": None},
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_field_breaks_its_rule_alone(tree, rule):
    sound(tree.school_east)
    broken = sound(tree.school_east, "有错", **BROKEN[rule])
    assert breaks(rule) == {broken.pk}


def test_sixteen_in_the_year_of_the_first_work_is_old_enough(tree):
    sound(tree.school_east, work_start=dt.date(1996, 1, 1))
    assert breaks("too_young_at_work") == set()


def change(cadre, rule):
    """Break a rule by one change of the histories."""
    match rule:
        case "no_education":
            cadre.educations.all().delete()
        case "no_political":
            cadre.politicalstatuss.all().delete()
        case "no_post":
            cadre.appointments.update(end=PAST)
        case "post_before_work":
            cadre.appointments.update(start=dt.date(2001, 12, 31))
        case "graduated_too_early":
            cadre.educations.update(end=dt.date(1989, 7, 1))
        case "term_over":
            cadre.appointments.update(term_end=today())
        case "probation_over":
            cadre.appointments.update(probation_end=today())
        case "qualification_expired":
            Certificate.objects.create(
                cadre=cadre, kind="qualification", name="任职资格", start=PAST, end=today()
            )


@pytest.mark.parametrize(
    "rule",
    ["no_education", "no_political", "no_post", "post_before_work", "graduated_too_early", "term_over",
     "probation_over", "qualification_expired"],
)  # fmt: skip
def test_a_history_breaks_its_rule(tree, rule):
    sound(tree.school_east)
    broken = sound(tree.school_east, "有错")
    change(broken, rule)
    assert breaks(rule) == {broken.pk}


def test_a_newer_certificate_makes_up_for_an_old_one(tree):
    cadre = sound(tree.school_east)
    change(cadre, "qualification_expired")
    Certificate.objects.create(cadre=cadre, kind="qualification", name="任职资格", start=today())
    assert breaks("qualification_expired") == set()


def test_a_term_ends_tomorrow(tree):
    sound(tree.school_east).appointments.update(
        term_end=today() + dt.timedelta(days=1), probation_end=today() + dt.timedelta(days=1)
    )
    assert breaks("term_over") == breaks("probation_over") == set()


def test_a_closed_unit(tree):
    cadre = sound(tree.school_east)
    post = make_post(tree.school_east, "书记")
    close(tree.school_east)
    assert breaks("post_at_closed_unit") == breaks("relation_at_closed_unit") == {cadre.pk}
    assert breaks("open_post_at_closed_unit") == {post.pk}


def test_people_who_left_are_let_be(tree):
    broken = sound(tree.school_east, birth=None)
    PersonnelRelation.objects.filter(cadre=broken).update(end=PAST, leaving="retired")
    assert breaks("no_birth") == set()


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, set()),
        ({"birth": dt.date(1980, 5, 4)}, {"birth_against_number"}),
        # No more than what is known is compared.
        ({"birth": dt.date(1980, 5, 1), "birth_precision": "month"}, set()),
        ({"birth": dt.date(1980, 6, 1), "birth_precision": "month"}, {"birth_against_number"}),
        ({"birth": dt.date(1980, 1, 1), "birth_precision": "year"}, set()),
        ({"birth": None}, set()),
        ({"gender": "2"}, {"gender_against_number"}),
        ({"gender": ""}, set()),
        ({"birth": dt.date(1981, 5, 3), "gender": "2"}, {"birth_against_number", "gender_against_number"}),
    ],
)
def test_birth_and_gender_against_the_number(tree, fields, found):
    """The number is encrypted: it is opened, compared, and nothing it tells is kept."""
    number = identity(dt.date(1980, 5, 3), "1")
    cadre = sound(tree.school_east, "某人", **{"id_number": number, "gender": "1"} | fields)
    names = {"birth_against_number", "gender_against_number"}
    assert {name for name in names if breaks(name)} == found
    check_roster()
    kept = QualityFinding.objects.filter(rule__in=names)
    assert set(kept.values_list("rule", "cadre")) == {(name, cadre.pk) for name in found}


def test_a_number_corrected_since_the_check_is_seen_at_once(tree, hr, signed_in):
    cadre = sound(tree.school_east, "某人", birth=dt.date(1980, 5, 4))
    check_roster()
    address = reverse("quality-list", args=["birth_against_number"])
    client = signed_in(hr)
    assert "待核对" in client.get(address).content.decode()
    Cadre.objects.filter(pk=cadre.pk).update(birth=dt.date(1980, 5, 3))
    assert "已更正" in client.get(address).content.decode()


def test_rules_over_facts_turn_on_their_day(tree, rules):
    cadre = sound(tree.school_east, "某人", id_number="", gender="1")
    day = today()

    def broken_on(rule, on):
        return RULES[rule].broken(on, [cadre.pk]) == {cadre.pk}

    # In the month of retirement itself one is still rightly there.
    first = dt.date.fromisoformat(value(cadre, "retirement_month", day))
    assert [broken_on("past_retirement", on) for on in (first, add_months(first, 1))] == [False, True]
    CareerLine.objects.create(cadre=cadre, text="x", start=dt.date(2000, 1, 1), end=dt.date(2001, 1, 1))
    later = CareerLine.objects.create(cadre=cadre, text="y", start=dt.date(2001, 2, 1))
    assert not broken_on("career_gap", day)
    CareerLine.objects.filter(pk=later.pk).update(start=dt.date(2001, 3, 1))
    assert broken_on("career_gap", day)
    DevelopmentPlan.objects.create(cadre=cadre, goals="x", start=dt.date(2025, 8, 31))
    assert [broken_on("plan_over", dt.date(2026, 2, last)) for last in (27, 28)] == [False, True]


def test_surnames_sorted_by_another_reading(tree):
    sound(tree.school_east, "单伟")
    wrong = sound(tree.school_east, "单伟国")
    Cadre.objects.filter(pk=wrong.pk).update(name_key="dan wei guo")
    assert breaks("surname_reading") == {wrong.pk}


def test_a_surname_read_in_several_ways_is_asked_about_until_one_is_chosen(tree, hr):
    for name in ("尉迟敬德", "乐正克", "那仁·巴特", "李覃"):
        sound(tree.school_east, name)
    qin = sound(tree.school_east, "覃辉")
    assert breaks("surname_reading") == {qin.pk}
    edit_cadre(cadre=qin, by=hr, surname_reading="tan")
    assert not breaks("surname_reading")
    assert Cadre.objects.matching("tanh").get() == qin
    assert not Cadre.objects.matching("qinh").exists()


def test_twins_are_pairs_with_one_number_at_most(tree):
    first = sound(tree.school_east, "王芳")
    second = sound(tree.school_west, "王芳", id_number="", birth=dt.date(1980, 5, 20))
    sound(tree.school_west, "王芳", id_number="", birth=dt.date(1980, 6, 3))
    sound(tree.school_west, "王方", id_number="")
    pairs = list(RULES["twins"].rows(today()).values_list("pk", "earlier"))
    assert pairs == [(second.pk, first.pk)]
    Cadre.objects.filter(pk=second.pk).update(id_index="y" * 64)
    assert breaks("twins") == set()


def test_the_check_writes_and_replaces_findings(tree):
    broken = sound(tree.school_east, birth=None, id_number="")
    found = check_roster()
    assert found["no_birth"] == 1
    assert set(QualityFinding.objects.values_list("rule", "cadre", "unit_path")) == {
        ("no_birth", broken.pk, tree.school_east.path),
        ("no_identity", broken.pk, tree.school_east.path),
    }
    Cadre.objects.filter(pk=broken.pk).update(birth=dt.date(1980, 5, 3))
    check_roster()
    assert list(QualityFinding.objects.values_list("rule", flat=True)) == ["no_identity"]


def test_statements_don_t_grow_with_the_people(tree):
    def statements():
        with CaptureQueriesContext(connection) as caught:
            check_roster()
        return len(caught)

    sound(tree.school_east, birth=None)
    one = statements()
    for _ in range(5):
        sound(tree.school_east, birth=None)
    assert statements() == one


def test_everybody_counts_within_their_reach(tree, hr, principal_east, principal_west, cadre_user):
    sound(tree.school_east, birth=None)
    sound(tree.school_west, birth=None)
    check_roster()
    count = lambda user: next(each.count for each in counts_for(user) if each.rule.name == "no_birth")  # noqa: E731
    assert (count(hr), count(principal_east), count(principal_west), count(cadre_user)) == (2, 1, 1, 0)
    assert findings(hr, "no_birth", within=tree.central_east).count() == 1


def test_leaders_are_told_once_per_check(tree, hr, principal_east, principal_west):
    sound(tree.school_east, birth=None)
    check_roster()
    assert remind_units(rule="no_birth", by=hr) == 1
    assert remind_units(rule="no_birth", by=hr) == 0
    message = Message.objects.get(recipient=principal_east)
    assert "有 1 条名册信息待核对：没有出生年月" in message.title
    assert not Message.objects.filter(recipient=principal_west).exists()
    check_roster()
    assert remind_units(rule="no_birth", by=hr) == 1


def test_nobody_to_tell_and_nobody_else_tells(tree, hr, principal_east):
    sound(tree.school_west, birth=None)
    with pytest.raises(Invalid, match="先检查"):
        remind_units(rule="no_birth", by=hr)
    check_roster()
    with pytest.raises(Invalid, match="没有人可以提醒"):
        remind_units(rule="no_birth", by=hr)
    with pytest.raises(NotAllowed):
        remind_units(rule="no_birth", by=principal_east)


def test_the_desk_checks_and_lists(tree, hr, signed_in, django_capture_on_commit_callbacks):
    broken = sound(tree.school_east, "缺生日", birth=None)
    client = signed_in(hr)
    assert "还没有检查过名册" in client.get(reverse("quality-desk")).content.decode()
    response = client.post(reverse("quality-check"))
    job = Job.objects.get(kind="quality.check")
    assert response["Location"] == reverse("quality-job", args=[job.pk])
    jobs.run(job.pk, watched=False)
    desk = client.get(reverse("quality-desk")).content.decode()
    assert "没有出生年月" in desk
    listed = client.get(reverse("quality-list", args=["no_birth"])).content.decode()
    assert "缺生日" in listed
    assert "待核对" in listed
    Cadre.objects.filter(pk=broken.pk).update(birth=dt.date(1980, 5, 3))
    assert "已更正" in client.get(reverse("quality-list", args=["no_birth"])).content.decode()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("张", ["张三"]),
        ("ls", ["李四"]),
        ("lisi", ["李四"]),
        ("东河镇", ["张三"]),
        ("没有", []),
        ("", ["张三", "李四"]),
    ],
)
def test_findings_are_searched_as_the_roster_is(tree, hr, signed_in, typed, found):
    sound(tree.school_east, "张三", birth=None)
    sound(tree.school_west, "李四", birth=None)
    check_roster()
    client, address = signed_in(hr), reverse("quality-list", args=["no_birth"])
    rows = client.get(address, {"search": typed}).context["table"].rows
    assert sorted(str(row.get_cell("about")) for row in rows) == sorted(
        str(row.get_cell("about")) for row in client.get(address).context["table"].rows
        if any(name in str(row.get_cell("about")) for name in found)
    )  # fmt: skip
    assert len(rows) == len(found)


def test_posts_and_what_was_left_are_searched_too(tree, hr, signed_in):
    post = make_post(tree.school_east, "副校长")
    close(tree.school_east)
    check_roster()
    client = signed_in(hr)
    address = reverse("quality-list", args=["open_post_at_closed_unit"])
    assert len(client.get(address, {"search": "副校"}).context["table"].rows) == 1
    assert not client.get(address, {"search": "主任"}).context["table"].rows
    waive(finding=QualityFinding.objects.get(post=post), reason="待批", by=hr)
    address = reverse("quality-waived", args=["open_post_at_closed_unit"])
    assert len(client.get(address, {"search": "副校"}).context["table"].rows) == 1
    assert not client.get(address, {"search": "主任"}).context["table"].rows


def test_twins_lead_to_the_comparison(tree, hr, signed_in):
    first = sound(tree.school_east, "王芳")
    second = sound(tree.school_west, "王芳", id_number="")
    check_roster()
    client = signed_in(hr)
    listed = client.get(reverse("quality-list", args=["twins"])).content.decode()
    address = reverse("cadre-merge", args=[first.pk, second.pk])
    assert address in listed
    page = client.get(address).content.decode()
    assert "是同一个人吗" in page
    assert "任职：转入 1 条" in page or "重复或冲突" in page
    assert client.post(address).status_code == 302
    assert not Cadre.objects.filter(pk=second.pk).exists()
    merger = first.mergers.get()
    assert "撤销合并" in client.get(reverse("cadre-mergers")).content.decode()
    client.post(reverse("cadre-merge-undo", args=[merger.pk]))
    assert Cadre.objects.filter(pk=second.pk).exists()


def test_an_unknown_rule_is_not_found(hr, signed_in):
    assert signed_in(hr).get("/reports/quality/nothing/").status_code == 404


def test_a_school_isn_t_told_of_a_namesake_elsewhere(tree, principal_east, signed_in):
    elsewhere = sound(tree.school_west, "王芳")
    sound(tree.school_east, "王芳", id_number="")
    check_roster()
    client = signed_in(principal_east)
    listed = client.get(reverse("quality-list", args=["twins"]))
    assert "王芳" in listed.content.decode()
    assert f"编号 {elsewhere.pk}" not in listed.content.decode()
    assert reverse("cadre-detail", args=[elsewhere.pk]) not in listed.content.decode()
    workbook = client.get(reverse("quality-list", args=["twins"]), {"export": "xlsx"})
    assert (
        len(CalamineWorkbook.from_filelike(io.BytesIO(workbook.content)).get_sheet_by_index(0).to_python()[1])
        == 3
    )


def test_what_is_left_as_it_is_isnt_found_again(tree, hr, signed_in):
    waived, other = sound(tree.school_east, "照旧", birth=None), sound(tree.school_east, "要改", birth=None)
    check_roster()
    client = signed_in(hr)
    address = reverse("quality-waive", args=[QualityFinding.objects.get(cadre=waived).pk])
    assert address in client.get(reverse("quality-list", args=["no_birth"])).content.decode()
    refused = client.post(address, {"reason": " "})
    assert refused.status_code == 422
    assert QualityFinding.objects.count() == 2
    assert not QualityWaiver.objects.exists()
    client.post(address, {"reason": "档案中没有"})
    assert set(QualityFinding.objects.values_list("cadre", flat=True)) == {other.pk}
    assert AuditEntry.objects.get(action="quality.waived").note == "档案中没有"
    check_roster()
    recheck_people(cadres=Cadre.objects.all(), by=hr)
    assert set(QualityFinding.objects.values_list("cadre", flat=True)) == {other.pk}
    listed = client.get(reverse("quality-waived", args=["no_birth"])).content.decode()
    assert "照旧" in listed
    assert "档案中没有" in listed
    # A waiver is for one rule alone.
    Cadre.objects.filter(pk=waived.pk).update(gender="")
    check_roster()
    assert QualityFinding.objects.get(cadre=waived).rule == "no_gender"


def test_what_was_left_is_found_again_when_taken_back(tree, hr, signed_in):
    cadre = sound(tree.school_east, "照旧", birth=None)
    check_roster()
    waiver = waive(finding=QualityFinding.objects.get(), reason="x", by=hr)
    client = signed_in(hr)
    answer = client.post(reverse("quality-take-back", args=[waiver.pk]), follow=True)
    assert "重新列为待核对" in answer.content.decode()
    assert QualityFinding.objects.get().unit_path == tree.school_east.path
    waiver = waive(finding=QualityFinding.objects.get(), reason="x", by=hr)
    Cadre.objects.filter(pk=cadre.pk).update(birth=dt.date(1980, 5, 3))
    assert take_back(waiver=waiver, by=hr) is False
    assert not QualityFinding.objects.exists()


def test_of_namesakes_only_the_pair_is_left(tree, hr):
    first = sound(tree.school_east, "王芳", id_number="")
    second = sound(tree.school_west, "王芳", id_number="")
    check_roster()
    waive(finding=QualityFinding.objects.get(rule="twins"), reason="两个人", by=hr)
    check_roster()
    assert not QualityFinding.objects.filter(rule="twins").exists()
    waiver = QualityWaiver.objects.get()
    assert (waiver.cadre, waiver.other) == (second, first)
    QualityWaiver.objects.update(other=sound(tree.school_east, "别人"))
    check_roster()
    assert QualityFinding.objects.filter(rule="twins").count() == 1


def test_a_post_is_left_as_it_is(tree, hr):
    post = make_post(tree.school_east, "书记")
    close(tree.school_east)
    check_roster()
    waive(finding=QualityFinding.objects.get(rule="open_post_at_closed_unit"), reason="待批", by=hr)
    check_roster()
    assert not QualityFinding.objects.filter(rule="open_post_at_closed_unit").exists()
    assert QualityWaiver.objects.get().post == post


def test_who_may_not_mend_may_not_leave_it(tree, hr, principal_east, signed_in):
    sound(tree.school_east, birth=None)
    check_roster()
    finding = QualityFinding.objects.get()
    with pytest.raises(NotAllowed):
        waive(finding=finding, reason="x", by=principal_east)
    assert (
        signed_in(principal_east)
        .post(reverse("quality-waive", args=[finding.pk]), {"reason": "x"})
        .status_code
        == 403
    )
    assert not QualityWaiver.objects.exists()
    waiver = waive(finding=finding, reason="x", by=hr)
    with pytest.raises(NotFound, match="已经处理"):
        waive(finding=finding, reason="x", by=hr)
    with pytest.raises(NotAllowed):
        take_back(waiver=waiver, by=principal_east)
    assert QualityWaiver.objects.exists()


def test_a_waiver_sent_back_twice_is_one_finding(tree, hr, clock):
    sound(tree.school_east, "照旧", birth=None)
    check_roster()
    waiver = waive(finding=QualityFinding.objects.get(), reason="x", by=hr)
    twice = QualityWaiver.objects.get()
    assert take_back(waiver=waiver, by=hr) is True
    with pytest.raises(NotFound):
        take_back(waiver=twice, by=hr)
    assert QualityFinding.objects.count() == 1
    assert AuditEntry.objects.filter(action="quality.unwaived").count() == 1


def test_a_waiver_holds_for_the_values_it_was_given_for(tree, hr, clock):
    person = sound(
        tree.school_east, "矛盾", id_number=identity(dt.date(1980, 5, 3)), birth=dt.date(1981, 5, 3)
    )
    bare = sound(tree.school_east, "照旧", photo=None)
    check_roster()
    for rule in ("birth_against_number", "no_photo"):
        waive(finding=QualityFinding.objects.get(rule=rule, cadre__in=[person, bare]), reason="x", by=hr)
    edit_cadre(cadre=person, by=hr, phone="13800000000")
    edit_cadre(cadre=bare, by=hr, phone="13800000001")
    check_roster()
    assert not QualityFinding.objects.exists()
    edit_cadre(cadre=person, by=hr, birth=PartialDate(dt.date(1982, 5, 3), "day"))
    check_roster()
    assert QualityFinding.objects.get().rule == "birth_against_number"
    assert QualityWaiver.objects.get().rule == "no_photo"
    waive(finding=QualityFinding.objects.get(), reason="x", by=hr)
    edit_cadre(cadre=person, by=hr, birth=PartialDate(dt.date(1983, 5, 3), "day"))
    recheck_people(cadres=Cadre.objects.filter(pk=person.pk), by=hr)
    assert QualityFinding.objects.get().rule == "birth_against_number"
