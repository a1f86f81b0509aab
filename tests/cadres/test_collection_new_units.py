"""Units that only the national form knows: offered to be made, made with the commit, by whoever may make units."""

import re

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import Unit, UnitName
from cadres.models import Appointment, Cadre
from cadres.models.collection import KeptCells
from cadres.services import imports
from cadres.services.collection_import.committing import commit
from cadres.services.collection_import.new_units import new_units, prepare
from core.errors import DomainError, Invalid, NotAllowed
from core.models import AuditEntry
from tests.cadres.collections_made import previewed, rows, sentences
from tests.cadres.factories import identity
from tests.cadres.test_collection_national import national
from tests.factories import make_holder

pytestmark = pytest.mark.django_db
NUMBER = identity()
MARS = {
    "机构名称": "火星小学",
    "机构编码": "MARS1",
    "机构类别": "学校",
    "隶属关系": "东河镇中心校",
    "工勤编制数": "2",
}


def form(**cells):
    """A form with a unit nobody knows, and somebody who belongs there."""
    who = {"姓名": "火小星", "身份证号": NUMBER}
    return national(
        B01单位=[{**MARS, **cells}],
        A01人员=[{**who, "性别": "男", "统计关系所在单位": "火星小学"}],
        A02职务=[
            {**who, "任职机构名称": "火星小学", "职务名称": "校长", "任职时间": "202008", "主职务": "是"}
        ],
    )


def answered(made, by, parent):
    """The preview after the answer that the unit be made."""
    imports.answer(roster_import=made, by=by, answers={"unit:火星小学": {"create": parent.pk}})
    made.refresh_from_db()
    return rows(made)


def test_the_unit_its_person_and_the_post_come_in_together(roster, hr):
    made = previewed(form(), roster.bureau, by=hr)
    assert made.summary["ask"] == 3
    found = answered(made, hr, roster.central_east)
    assert [row["status"] for row in found] == ["new", "new", "new"]
    assert "新建这个单位" in sentences(found[0])
    assert found[1]["values"]["unit"] == "火星小学"
    # The preview makes nothing.
    assert not Unit.objects.filter(name="火星小学").exists()
    with transaction.atomic():
        assert not commit(made.pk, by=hr).renewed
    unit = Unit.objects.get(name="火星小学")
    assert (unit.code, unit.kind, unit.stage, unit.parent) == (
        "MARS1", "school", "primary", roster.central_east,
    )  # fmt: skip
    assert unit.path == f"{roster.central_east.path}{unit.pk}/"
    assert UnitName.objects.get(unit=unit).name == "火星小学"
    assert Cadre.objects.get().unit == unit
    post = Appointment.objects.get()
    assert (post.unit, post.title, post.post.unit) == (unit, "校长", unit)
    assert KeptCells.objects.filter(unit=unit).exists()
    entry = AuditEntry.objects.get(action="unit.create", object_id=str(unit.pk))
    assert entry.actor_id == hr.pk
    again = previewed(form(), roster.bureau, by=hr)
    assert [row["status"] for row in rows(again)] == ["unchanged"] * 3


def test_nothing_is_made_when_the_rest_cannot_go_in(roster, hr, monkeypatch):
    from cadres.services.collection_import import committing

    made = previewed(form(), roster.bureau, by=hr)
    answered(made, hr, roster.central_east)
    monkeypatch.setattr(committing, "settle_told", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        commit(made.pk, by=hr)
    assert not Unit.objects.filter(name="火星小学").exists()
    assert not Cadre.objects.exists()


def test_a_code_or_name_taken_meanwhile_refuses_the_whole_import(roster, hr):
    made = previewed(form(), roster.bureau, by=hr)
    answered(made, hr, roster.central_east)
    Unit.objects.filter(pk=roster.school_west.pk).update(code="MARS1")
    with pytest.raises(DomainError), transaction.atomic():
        commit(made.pk, by=hr)
    assert not Cadre.objects.exists()


@pytest.mark.parametrize(
    "name, cells, kind, stage, parent",
    [
        ("甲幼儿园", {"隶属关系": "东河镇中心校"}, "school", "kindergarten", "东河镇中心校"),
        ("乙九年一贯制学校", {"隶属关系": "区属"}, "school", "nine_year", "示例区教育局"),
        ("丙镇中心校", {"机构编码": "x1"}, "central", "", "示例区教育局"),
        ("丁教师进修学校", {"机构编码": "x1"}, "training", "", "示例区教育局"),
        ("督导室", {"机构类别": "科室"}, "section", "", "示例区教育局"),
    ],
)
def test_what_the_form_says_of_it_decides_what_it_is_and_where(roster, name, cells, kind, stage, parent):
    made = previewed(national(B01单位=[{"机构名称": name, **cells}]), roster.bureau)
    found = new_units(made, [name])[name]
    assert (found.kind, found.stage, found.parent.name) == (kind, stage, parent)


def test_the_code_tells_the_unit_above(roster):
    Unit.objects.filter(pk=roster.central_west.pk).update(code="520399A")
    made = previewed(national(B01单位=[{"机构名称": "甲小学", "机构编码": "520399A.07"}]), roster.bureau)
    assert new_units(made, ["甲小学"])["甲小学"].parent == roster.central_west


def test_a_code_that_somebody_has_is_no_new_unit(roster):
    made = previewed(
        national(B01单位=[{"机构名称": "甲小学", "机构编码": roster.school_east.code}]), roster.bureau
    )
    assert new_units(made, ["甲小学"]) == {}


def test_only_units_of_the_sheet_only_where_they_may_stand_only_by_those_who_may(roster, hr):
    made = previewed(form(), roster.bureau, by=hr)
    for key, parent in (
        ("unit:火星小学", 0), ("unit:火星小学", roster.section.pk), ("unit:别处", roster.bureau.pk), ("row:A01人员!3", 1)
    ):  # fmt: skip
        with pytest.raises(Invalid):
            imports.answer(roster_import=made, by=hr, answers={key: {"create": parent}})
    outside = previewed(national(A02职务=[{"姓名": "甲", "身份证号": NUMBER, "任职机构名称": "某部队", "职务名称": "班长"}]),
                        roster.bureau, by=hr)  # fmt: skip
    with pytest.raises(Invalid):
        imports.answer(roster_import=outside, by=hr, answers={"unit:某部队": {"create": roster.bureau.pk}})
    central = make_holder("zx", "中心校", "central", roster.central_east)
    with pytest.raises(NotAllowed):
        prepare(made, "火星小学", {"create": roster.central_east.pk}, by=central)
    assert not Unit.objects.filter(name="火星小学").exists()


NEST = national(
    B01单位=[
        {"机构名称": "金星小学", "机构编码": "V.1.1", "隶属关系": "金星镇中心校"},
        {"机构名称": "金星镇中心校", "机构编码": "V.1"},
        {"机构名称": "金星小学教导处", "机构编码": "V.1.1.1", "机构类别": "科室"},
    ],
    A01人员=[{"姓名": "金小星", "身份证号": NUMBER, "性别": "男", "统计关系所在单位": "金星小学"}],
)
IN_FILE = {
    "unit:金星小学": {"create": 0, "under": "金星镇中心校"},
    "unit:金星小学教导处": {"create": 0, "under": "金星小学"},
}


def test_new_units_under_new_units_come_in_at_once(roster, hr):
    made = previewed(NEST, roster.bureau, by=hr)
    offered = new_units(made, ["金星小学", "金星镇中心校", "金星小学教导处"])
    assert {name: one.above for name, one in offered.items()} == {
        "金星小学": "金星镇中心校", "金星镇中心校": "", "金星小学教导处": "金星小学",
    }  # fmt: skip
    assert "金星镇中心校" in offered["金星小学"].others
    top = {"unit:金星镇中心校": {"create": roster.bureau.pk}}
    imports.answer(roster_import=made, by=hr, answers={**IN_FILE, **top})
    made.refresh_from_db()
    assert {row["status"] for row in rows(made)} == {"new"}
    with transaction.atomic():
        assert not commit(made.pk, by=hr).renewed
    office = Unit.objects.get(name="金星小学教导处")
    assert [one.name for one in (office.parent, office.parent.parent)] == ["金星小学", "金星镇中心校"]
    assert Cadre.objects.get().unit.name == "金星小学"
    assert {row["status"] for row in rows(previewed(NEST, roster.bureau, by=hr))} == {"unchanged"}


def test_a_new_unit_may_stand_under_what_the_name_above_it_means(roster, hr):
    made = previewed(NEST, roster.bureau, by=hr)
    imports.answer(
        roster_import=made, by=hr, answers={**IN_FILE, "unit:金星镇中心校": roster.central_east.pk}
    )
    with transaction.atomic():
        commit(made.pk, by=hr)
    assert Unit.objects.get(name="金星小学").parent == roster.central_east


@pytest.mark.parametrize(
    "answers, sentence",
    [
        (IN_FILE, "请先答复“金星镇中心校”"),
        ({**IN_FILE, "unit:金星镇中心校": None}, "请先答复“金星镇中心校”"),
        ({**IN_FILE, "unit:金星镇中心校": {"create": 0, "under": "金星小学"}}, "绕回了它自己"),
        ({"unit:金星小学": {"create": 0, "under": "金星小学"}}, "绕回了它自己"),
        ({"unit:金星小学": {"create": 0, "under": "没有的单位"}}, "请先答复“没有的单位”"),
        ({"unit:金星小学": {"create": 0, "kind": "bureau"}}, "类别和学段"),
        ({"unit:金星小学": {"create": 0, "stage": "x"}}, "类别和学段"),
    ],
)
def test_what_cannot_stand_is_refused_with_a_sentence(roster, hr, answers, sentence):
    made = previewed(NEST, roster.bureau, by=hr)
    with pytest.raises(Invalid, match=sentence):
        imports.answer(roster_import=made, by=hr, answers=answers)
    made.refresh_from_db()
    assert made.answers == {}


def test_a_kind_that_cannot_hold_another_new_one_is_refused(roster, hr):
    made = previewed(NEST, roster.bureau, by=hr)
    top = {"unit:金星镇中心校": {"create": roster.bureau.pk, "kind": "section"}}
    with pytest.raises(Invalid, match="不能建在“金星镇中心校”之下"):
        imports.answer(roster_import=made, by=hr, answers={**IN_FILE, **top})


def test_kind_and_stage_can_be_changed_in_the_question(roster, hr, client):
    made = previewed(form(), roster.bureau, by=hr)
    client.force_login(hr)
    sent = {
        "question-0": "unit:火星小学", "answer-0": "create", "parent-0": roster.bureau.pk, "kind-0": "school",
        "stage-0": "nine_year", "show": "ask",
    }  # fmt: skip
    client.post(reverse("cadre-import-answer", args=[made.pk]), sent)
    with transaction.atomic():
        commit(made.pk, by=hr)
    unit = Unit.objects.get(name="火星小学")
    assert (unit.kind, unit.stage, unit.parent) == ("school", "nine_year", roster.bureau)


def test_the_page_offers_new_units_above(roster, hr, client):
    made = previewed(NEST, roster.bureau, by=hr)
    client.force_login(hr)
    address = reverse("cadre-import-detail", args=[made.pk])
    page = client.get(f"{address}?show=ask").content.decode()
    numbers = dict(re.findall(r'name="question-(\d)" value="unit:(\w+)"', page))
    assert '<option value="金星镇中心校" selected>一并新建的“金星镇中心校”</option>' in page
    sent = {"show": "ask"}
    for number, name in numbers.items():
        above = "" if name == "金星镇中心校" else IN_FILE[f"unit:{name}"]["under"]
        sent |= {
            f"question-{number}": f"unit:{name}", f"answer-{number}": "create", f"under-{number}": above,
            f"parent-{number}": roster.bureau.pk,
        }  # fmt: skip
    client.post(reverse("cadre-import-answer", args=[made.pk]), sent)
    assert made.records.filter(verdict="new").count() == 4


def test_the_page_offers_it_with_the_likely_unit_above(roster, hr, client):
    made = previewed(form(), roster.bureau, by=hr)
    client.force_login(hr)
    page = client.get(reverse("cadre-import-detail", args=[made.pk]) + "?show=ask").content.decode()
    assert "新建这个单位" in page
    assert "编码 MARS1" in page
    assert '<option value="primary" selected>小学</option>' in page
    assert f'name="parent-0" value="{roster.central_east.pk}"' in page
    client.post(
        reverse("cadre-import-answer", args=[made.pk]),
        {
            "question-0": "unit:火星小学",
            "answer-0": "create",
            "parent-0": roster.central_east.pk,
            "show": "ask",
        },
    )
    assert made.records.filter(verdict="new").count() == 3
    page = client.get(reverse("cadre-import-detail", args=[made.pk]) + "?show=new").content.decode()
    assert "火星小学" in page
