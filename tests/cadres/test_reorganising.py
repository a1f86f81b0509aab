"""Merging and splitting units: people move, history stays, both units' pages tell."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Unit
from cadres.models import Appointment, Cadre, PersonnelRelation, Post
from cadres.services.reorganising import merge_units, split_unit
from core.calendar import today
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment
from core.models import AuditEntry
from tests.cadres.factories import make_appointment, make_cadre, make_post

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 9, 1)


@pytest.fixture
def school(tree):
    """A school with a head, a deputy without a post of the unit, and a teacher."""
    post = make_post(tree.school_east, headcount=1)
    head, deputy = make_cadre(tree.school_east, "王建国"), make_cadre(tree.school_east, "李文")
    make_cadre(tree.school_east, "赵敏")
    make_appointment(head, "校长", post=post)
    make_appointment(deputy, "副校长")
    return tree.school_east


def facts_of(unit):
    """Who belongs to a unit, who holds what there, and which posts are open."""
    return (
        sorted(PersonnelRelation.objects.filter(unit=unit, end=None).values_list("cadre__name", flat=True)),
        sorted(Appointment.objects.filter(unit=unit, end=None).values_list("cadre__name", "title")),
        sorted(Post.objects.filter(unit=unit, closed_on=None).values_list("title", flat=True)),
    )


def test_a_merged_unit_s_people_go_over_and_it_is_closed(tree, hr, school):
    into = tree.school_west
    moved = merge_units(by=hr, unit=school, into=into, on=DAY, document_number="示教〔2026〕9号")
    assert (moved.people, moved.appointments) == (3, 2)
    assert facts_of(school) == ([], [], [])
    names = ["李文", "王建国", "赵敏"]
    assert facts_of(into) == (names, [("李文", "副校长"), ("王建国", "校长")], ["校长"])
    assert set(Cadre.objects.values_list("unit", "unit_path")) == {(into.pk, into.path)}
    school.refresh_from_db()
    assert school.valid_to == DAY
    assert list(school.successors.all()) == [into]
    entry = AuditEntry.objects.get(action="unit.merge")
    assert entry.after["人数"] == 3


def test_history_stays_where_it_was(tree, hr, school):
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY, document_number="示教〔2026〕9号")
    old = Appointment.objects.get(unit=school, cadre__name="王建国")
    assert (old.start, old.end) == (dt.date(2019, 8, 1), DAY)
    assert "并入" in old.removal_reason
    new = Appointment.objects.get(unit=tree.school_west, cadre__name="王建国")
    assert (new.start, new.title, new.is_main, new.document_number) == (DAY, "校长", True, "示教〔2026〕9号")
    relations = PersonnelRelation.objects.filter(cadre__name="赵敏").order_by("start")
    assert list(relations.values_list("unit", "end", "leaving")) == [
        (school.pk, DAY, "transfer"),
        (tree.school_west.pk, None, ""),
    ]


def test_the_same_post_at_the_other_unit_is_taken(tree, hr, school):
    theirs = make_post(tree.school_west, headcount=1)
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    assert Appointment.objects.get(unit=tree.school_west, title="校长").post == theirs
    assert facts_of(tree.school_west)[2] == ["校长"]


def test_only_the_named_go_in_a_split(tree, hr, school):
    going = Cadre.objects.get(name="李文")
    moved = split_unit(by=hr, unit=school, into=tree.school_west, cadres=[going.pk], on=DAY)
    assert (moved.people, moved.appointments) == (1, 1)
    assert facts_of(school)[:2] == (["王建国", "赵敏"], [("王建国", "校长")])
    assert facts_of(tree.school_west)[:2] == (["李文"], [("李文", "副校长")])
    school.refresh_from_db()
    assert school.valid_to is None
    assert list(school.successors.all()) == [tree.school_west]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"on": today() + dt.timedelta(days=1)}, "不能晚于今天"),
        ({"on": dt.date(2010, 9, 1)}, "王建国"),
        ({"into": "self"}, "另一个单位"),
    ],
)
def test_refusals_move_nobody(tree, hr, school, change, sentence):
    before = facts_of(school)
    given = {"on": DAY, "into": tree.school_west} | change
    if given["into"] == "self":
        given["into"] = school
    with pytest.raises(Invalid, match=sentence):
        merge_units(by=hr, unit=school, **given)
    assert facts_of(school) == before


def test_an_appointment_that_began_later_is_named(tree, hr, school):
    Appointment.objects.filter(cadre__name="李文").update(start=dt.date(2026, 10, 1))
    before = facts_of(school)
    with pytest.raises(Invalid, match="李文（2026年10月1日）"):
        merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    assert facts_of(school) == before


def test_guests_are_placed_elsewhere_first(tree, hr, school):
    guest = make_cadre(tree.school_west, "孙洁")
    make_appointment(guest, "副校长", unit=school, kind="seconded", is_main=False)
    with pytest.raises(WrongMoment, match="孙洁"):
        merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)


def test_a_split_needs_people_of_the_unit(tree, hr, school):
    stranger = make_cadre(tree.school_west, "孙洁")
    for cadres in ([], [stranger.pk]):
        with pytest.raises(Invalid):
            split_unit(by=hr, unit=school, into=tree.school_west, cadres=cadres, on=DAY)
    assert len(facts_of(school)[0]) == 3


def test_only_who_maintains_both_units(tree, school, principal_east, principal_west):
    with pytest.raises(NotAllowed):
        merge_units(by=principal_east, unit=school, into=tree.school_west, on=DAY)
    with pytest.raises(NotFound):
        merge_units(by=principal_west, unit=school, into=tree.school_west, on=DAY)
    assert len(facts_of(school)[0]) == 3


def test_the_pages_merge_and_both_tell(tree, hr, school, signed_in):
    client = signed_in(hr)
    asked = {"into": tree.school_west.pk, "on": "2026-09-01"}
    page = client.post(reverse("unit-merge", args=[school.pk]), asked | {"confirmed": "1"})
    assert page.status_code == 302
    old = client.get(reverse("unit-changes", args=[school.pk])).content.decode()
    new = client.get(reverse("unit-changes", args=[tree.school_west.pk])).content.decode()
    assert tree.school_west.name in old
    assert "并入" in old
    assert school.name in new
    assert "2026年9月1日" in new
    assert "3 人、2 条任职随之转入" in new
    assert "3 人、2 条任职随之转出" in old


def test_the_split_page_offers_the_people(tree, hr, school, signed_in):
    client = signed_in(hr)
    address = reverse("unit-split", args=[school.pk])
    for month in (3, 9):
        make_cadre(school, "同名", birth=dt.date(1980, month, 1), birth_precision="month")
    offered = signed_in(hr).get(address).content.decode()
    assert "同名（1980年3月生）" in offered
    assert "同名（1980年9月生）" in offered
    assert "赵敏" in client.get(address).content.decode()
    refused = client.post(address, {"into": tree.school_west.pk, "on": "2026-09-01"})
    assert refused.status_code == 422
    assert "请选择随分设转出的人员" in refused.content.decode()
    going = Cadre.objects.get(name="赵敏")
    assert (
        client.post(
            address,
            {"into": tree.school_west.pk, "on": "2026-09-01", "cadres": [going.pk], "confirmed": "1"},
        ).status_code
        == 302
    )
    going.refresh_from_db()
    assert going.unit == tree.school_west


def test_closing_says_who_is_left_and_then_closes(tree, hr, school, signed_in):
    client = signed_in(hr)
    address = reverse("unit-close", args=[school.pk])
    assert "还有 3 人的人事关系" in client.get(address).content.decode()
    assert client.post(address, {"on": "2026-09-01"}).status_code == 422
    assert Unit.objects.get(pk=school.pk).valid_to is None
    empty = Unit.objects.create(
        pk=990_001,
        code="E1",
        name="空学校",
        kind="school",
        parent=tree.bureau,
        path=f"{tree.bureau.path}990001/",
    )
    asked = {"on": "2026-09-01", "confirmed": "1"}
    assert client.post(reverse("unit-close", args=[empty.pk]), asked).status_code == 302
    assert Unit.objects.get(pk=empty.pk).valid_to == DAY


def test_the_team_of_a_day(tree, hr, school, signed_in):
    client = signed_in(hr)
    address = reverse("unit-team", args=[school.pk])
    assert "王建国" in client.get(address).content.decode()
    assert "王建国" not in client.get(address, {"on": "2018-05-01"}).content.decode()
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    assert "王建国" in client.get(address, {"on": "2026-08-31"}).content.decode()
    assert "王建国" not in client.get(address).content.decode()
    for text, sentence in (("2026-13-01", "日期请写成"), ("2199-01-01", "还没有到")):
        assert sentence in client.get(address, {"on": text}).content.decode()


def test_the_accounts_of_a_unit(tree, hr, school, principal_east, signed_in):
    page = signed_in(hr).get(reverse("unit-accounts", args=[school.pk])).content.decode()
    assert "在册 3 人，0 人已开通账号" in page
    assert principal_east.name in page


def test_the_team_counts_each_category(tree, hr, school, signed_in):
    make_post(tree.school_east, "副校长", "deputy", headcount=2)
    page = signed_in(hr).get(reverse("unit-team", args=[school.pk])).content.decode()
    words = " ".join(page.split())
    assert "正职 1 / 1 人" in words
    assert "副职 0 / 2 人，空缺 2" in words
