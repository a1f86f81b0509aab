"""Changes of units in depth: what is told before, known ends, twins, several changes in a row, taking back."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Grant, Unit
from accounts.services.units import close_unit as close_in_tree
from accounts.services.units import rename_unit
from cadres.models import Appointment, Cadre, PersonnelRelation, Post, Reorganisation
from cadres.services.appointments import record_appointment
from cadres.services.people import transfer_cadre
from cadres.services.posts import close_post
from cadres.services.reorganising import merge_units, preview_merge, preview_split, split_unit
from cadres.services.undoing import undo_reorganisation
from cadres.services.units import close_unit
from cadres.teams import team_of
from core.calendar import today
from core.errors import Invalid, WrongMoment
from core.models import AuditEntry
from tests.cadres.factories import make_appointment, make_cadre, make_post

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 9, 1)
BEFORE = dt.date(2026, 8, 31)


@pytest.fixture
def school(tree):
    """A school with a head, a deputy and a teacher."""
    head, deputy = make_cadre(tree.school_east, "王建国"), make_cadre(tree.school_east, "李文")
    make_cadre(tree.school_east, "赵敏")
    make_appointment(head, "校长", post=make_post(tree.school_east, headcount=1))
    make_appointment(deputy, "副校长", post=make_post(tree.school_east, "副校长", "deputy", headcount=1))
    return tree.school_east


def words(told):
    """The sentences as one text."""
    return "".join(each.text for each in told)


def seats_of(unit, day):
    """Post → (holders, vacancies) of a unit's team on a day."""
    return {seat.title: (len(seat.held_by), seat.vacant) for seat in team_of(unit, None, day).seats}


# --- a merger -----------------------------------------------------------------------------------------


def test_what_follows_is_told_and_nothing_done(tree, hr, school, principal_east):
    make_appointment(
        make_cadre(tree.school_west, "孙洁"), "校长", post=make_post(tree.school_west, headcount=1)
    )
    told = words(preview_merge(by=hr, unit=school, into=tree.school_west, on=DAY))
    for sentence in (
        "3 人的人事关系和 2 条任职自2026年9月1日起转到",
        "没有的岗位随之设立：副校长",
        "校长超配 1 人",
        f"{school.name}自2026年9月1日起撤销",
        f"{principal_east.name}（学校）",
    ):
        assert sentence in told
    school.refresh_from_db()
    assert (school.valid_to, Reorganisation.objects.count()) == (None, 0)
    assert PersonnelRelation.objects.filter(unit=school, end=None).count() == 3


def test_a_post_that_comes_along_was_not_vacant_before(tree, hr, school):
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    assert seats_of(tree.school_west, BEFORE) == {}
    assert seats_of(tree.school_west, DAY) == {"校长": (1, 0), "副校长": (1, 0)}
    school.refresh_from_db()
    assert seats_of(school, BEFORE) == {"校长": (1, 0), "副校长": (1, 0)}
    assert seats_of(school, DAY) == {}


def test_who_leaves_on_a_known_day_comes_along_until_then(tree, hr, school):
    going, gone = make_cadre(school, "钱退"), make_cadre(school, "周走")
    ends = {going: dt.date(2026, 12, 31), gone: dt.date(2026, 10, 1)}
    for cadre, end in ends.items():
        make_appointment(cadre, "教师代表", unit=school)
        cadre.personnelrelations.update(end=end, leaving="retired")
        cadre.appointments.update(end=end, removal_reason="退休")
    assert merge_units(by=hr, unit=school, into=tree.school_west, on=DAY).people == 5
    for cadre, end in ends.items():
        new = cadre.personnelrelations.get(unit=tree.school_west)
        assert (new.start, new.end, new.leaving) == (DAY, end, "retired")
        held = cadre.appointments.get(unit=tree.school_west)
        assert (held.start, held.end, held.removal_reason) == (DAY, end, "退休")
    assert not PersonnelRelation.objects.filter(unit=school, end__gt=DAY).exists()


def test_a_post_held_at_both_is_held_once(tree, hr, school):
    head = Cadre.objects.get(name="王建国")
    theirs = make_post(tree.school_west, headcount=1)
    make_appointment(head, "校长", post=theirs, kind="concurrent", is_main=False)
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    held = Appointment.objects.get(cadre=head, unit=tree.school_west, end=None)
    assert (held.post, held.is_main, held.start) == (theirs, True, DAY)
    assert seats_of(tree.school_west, today())["校长"] == (1, 0)


def test_three_schools_become_one_even_on_one_day(tree, hr, school):
    make_cadre(tree.school_east_2, "孙洁")
    merge_units(by=hr, unit=school, into=tree.school_east_2, on=DAY)
    merge_units(by=hr, unit=tree.school_east_2, into=tree.school_west, on=DAY)
    assert PersonnelRelation.objects.filter(unit=tree.school_west, end=None).count() == 4
    assert PersonnelRelation.objects.filter(end=None).count() == 4
    assert set(Cadre.objects.values_list("unit", flat=True)) == {tree.school_west.pk}
    assert set(tree.school_west.predecessors.all()) == {Unit.objects.get(pk=tree.school_east_2.pk)}


def test_a_grant_that_begins_after_the_merger_ends_too(tree, hr, school, principal_east):
    Grant.objects.filter(user=principal_east).update(start=dt.date(2026, 10, 1))
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    assert list(Grant.objects.filter(user=principal_east).values_list("end", flat=True)) == [
        dt.date(2026, 10, 1)
    ]


def test_an_earlier_split_is_not_forgotten(tree, hr, school):
    going = Cadre.objects.get(name="赵敏")
    split_unit(by=hr, unit=school, into=tree.school_east_2, cadres=[going.pk], on=dt.date(2026, 3, 1))
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    assert set(school.successors.all()) == {tree.school_east_2, tree.school_west}
    found = Reorganisation.objects.filter(unit=school).values_list("kind", "into", "people", "appointments")
    assert list(found) == [("merge", tree.school_west.pk, 2, 2), ("split", tree.school_east_2.pk, 1, 0)]


def test_a_part_that_is_split_off_takes_no_places_along(tree, hr, school):
    going = Cadre.objects.get(name="李文")
    told = words(preview_split(by=hr, unit=school, into=tree.school_west, cadres=[going.pk], on=DAY))
    assert f"{school.name}继续存在，还有 2 人。" in told
    split_unit(by=hr, unit=school, into=tree.school_west, cadres=[going.pk], on=DAY)
    post = Post.objects.get(unit=tree.school_west)
    assert (post.title, post.headcount, post.opened_on) == ("副校长", None, DAY)
    assert seats_of(school, today())["副校长"] == (0, 1)


# --- closing ------------------------------------------------------------------------------------------


def test_closing_asks_who_is_there_on_that_day_and_closes_the_posts(tree, hr, school):
    for cadre in Cadre.objects.filter(unit=school):
        transfer_cadre(cadre=cadre, to_unit=tree.school_west, on=dt.date(2026, 10, 1), by=hr)
    Appointment.objects.filter(unit=school, end=None).update(end=dt.date(2026, 10, 1))
    with pytest.raises(WrongMoment, match="2026年10月1日还有人在本单位"):
        close_unit(by=hr, unit=school, on=DAY)
    assert Unit.objects.get(pk=school.pk).valid_to is None
    close_unit(by=hr, unit=school, on=dt.date(2026, 10, 1), successors=[tree.school_west])
    assert not Post.objects.filter(unit=school, closed_on=None).exists()
    assert Reorganisation.objects.get().into == tree.school_west


def test_a_day_to_come_is_refused(tree, hr):
    tomorrow = today() + dt.timedelta(days=1)
    with pytest.raises(Invalid, match="到那一天再办理"):
        close_unit(by=hr, unit=tree.school_east, on=tomorrow)
    assert Unit.objects.get(pk=tree.school_east.pk).valid_to is None


def test_a_closed_unit_is_not_renamed(tree, hr):
    close_in_tree(by=hr, unit=tree.school_east, on=DAY)
    with pytest.raises(WrongMoment, match="已撤销"):
        rename_unit(by=hr, unit=tree.school_east, name="新名小学", on=today())
    assert list(tree.school_east.names.values_list("name", flat=True)) == [tree.school_east.name]


def test_a_post_is_not_closed_before_its_holder_came(tree, hr):
    post = make_post(tree.school_west)
    late = make_appointment(make_cadre(tree.school_west, "孙洁"), "校长", post=post)
    Appointment.objects.filter(pk=late.pk).update(start=dt.date(2026, 10, 1))
    with pytest.raises(Invalid, match="孙洁"):
        close_post(post=post, on=DAY, by=hr)
    post.refresh_from_db()
    assert post.closed_on is None


# --- taking back --------------------------------------------------------------------------------------


def rows_of():
    """Who belongs where, holds what, which posts and units there are."""
    return (
        set(Cadre.objects.values_list("name", "unit", "unit_path")),
        set(PersonnelRelation.objects.values_list("cadre__name", "unit", "start", "end", "leaving")),
        set(
            Appointment.objects.values_list(
                "cadre__name", "unit", "post", "is_main", "start", "end", "removal_reason"
            )
        ),
        set(Post.objects.values_list("unit", "title", "closed_on")),
        set(Unit.objects.values_list("pk", "valid_to", "successors")),
        set(Unit.objects.values_list("names__name", "names__end")),
    )


def test_a_merger_is_taken_back_whole(tree, hr, school):
    head = Cadre.objects.get(name="王建国")
    make_appointment(head, "校长", post=make_post(tree.school_west), kind="concurrent", is_main=False)
    leaving = make_cadre(school, "钱退")
    leaving.personnelrelations.update(end=dt.date(2027, 1, 1), leaving="retired")
    before = rows_of()
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    assert rows_of() != before
    change = Reorganisation.objects.get()
    undo_reorganisation(change=change, by=hr)
    assert rows_of() == before
    assert AuditEntry.objects.filter(action="unit.undo").exists()
    with pytest.raises(WrongMoment, match="已经撤回"):
        undo_reorganisation(change=change, by=hr)


def test_a_split_is_taken_back(tree, hr, school):
    before = rows_of()
    going = Cadre.objects.get(name="李文")
    split_unit(by=hr, unit=school, into=tree.school_west, cadres=[going.pk], on=DAY)
    undo_reorganisation(change=Reorganisation.objects.get(), by=hr)
    assert rows_of() == before


@pytest.fixture
def empty(tree):
    """A school where nobody works any more, with a post."""
    make_post(tree.school_east_2)
    return tree.school_east_2


def test_a_closing_is_taken_back_with_its_posts(tree, hr, empty):
    before = rows_of()
    close_unit(by=hr, unit=empty, on=DAY, successors=[tree.school_west, tree.school_east])
    first, second = Reorganisation.objects.all()
    assert rows_of() != before
    undo_reorganisation(change=second, by=hr)
    assert rows_of() == before
    assert not Reorganisation.objects.standing().exists(), "a row a successor, taken back together"
    with pytest.raises(WrongMoment, match="已经撤回"):
        undo_reorganisation(change=first, by=hr)


def test_a_closing_stands_when_its_name_was_taken_meanwhile(tree, hr, empty):
    close_unit(by=hr, unit=empty, on=DAY)
    Unit.objects.filter(pk=tree.school_east.pk).update(name=empty.name)
    after = rows_of()
    with pytest.raises(Invalid, match="同名"):
        undo_reorganisation(change=Reorganisation.objects.get(), by=hr)
    assert rows_of() == after


def moved_on(tree, hr, cadre):
    transfer_cadre(cadre=cadre, to_unit=tree.school_east_2, on=today(), by=hr)


def appointed_away(tree, hr, cadre):
    Appointment.objects.filter(cadre=cadre, unit=tree.school_west).update(end=today())


def taken_out(tree, hr, cadre):
    Appointment.objects.filter(cadre=cadre, unit=tree.school_west).delete()


@pytest.mark.parametrize("later", [moved_on, appointed_away, taken_out])
def test_what_was_changed_since_is_not_taken_back(tree, hr, school, later):
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    later(tree, hr, Cadre.objects.get(name="李文"))
    after = rows_of()
    with pytest.raises(WrongMoment, match="李文|记录已删除"):
        undo_reorganisation(change=Reorganisation.objects.get(), by=hr)
    assert rows_of() == after


def test_a_later_merger_is_taken_back_first(tree, hr, school):
    merge_units(by=hr, unit=school, into=tree.school_east_2, on=DAY)
    first = Reorganisation.objects.get()
    before = rows_of()
    merge_units(by=hr, unit=tree.school_east_2, into=tree.school_west, on=today())
    with pytest.raises(WrongMoment, match="不能整体撤回"):
        undo_reorganisation(change=first, by=hr)
    undo_reorganisation(change=Reorganisation.objects.standing().first(), by=hr)
    assert rows_of() == before


def test_a_new_head_keeps_the_post_that_came_along(tree, hr, school):
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    post = Post.objects.get(unit=tree.school_west, title="副校长")
    record_appointment(
        cadre=make_cadre(tree.school_west, "孙洁"), by=hr, title="副校长", unit=tree.school_west, post=post,
        start=today(),
    )  # fmt: skip
    undo_reorganisation(change=Reorganisation.objects.get(), by=hr)
    assert Post.objects.filter(pk=post.pk).exists()
    assert not Post.objects.filter(unit=tree.school_west, title="校长").exists()


# --- pages --------------------------------------------------------------------------------------------


def test_the_page_tells_first_and_asks(tree, hr, school, signed_in):
    client = signed_in(hr)
    address = reverse("unit-merge", args=[school.pk])
    asked = {"into": tree.school_west.pk, "on": "2026-09-01", "document_number": "示教〔2026〕9号"}
    page = client.post(address, asked)
    text = page.content.decode()
    assert page.status_code == 200
    assert "3 人的人事关系" in text
    assert "确认合并" in text
    assert 'value="示教〔2026〕9号"' in text
    assert Unit.objects.get(pk=school.pk).valid_to is None
    back = client.post(address, asked | {"confirmed": "0"}).content.decode()
    assert "办理后" not in back
    assert 'value="示教〔2026〕9号"' in back
    assert client.post(address, asked | {"confirmed": "1"}).status_code == 302
    assert Unit.objects.get(pk=school.pk).valid_to == DAY


def test_a_refusal_stands_before_the_telling(tree, hr, school, signed_in):
    page = signed_in(hr).post(
        reverse("unit-merge", args=[school.pk]), {"into": tree.school_west.pk, "on": "2010-01-01"}
    )
    assert page.status_code == 422
    assert "早于这些人的人事关系开始时间" in page.content.decode()


def test_the_other_units_page_tells_even_if_the_unit_is_out_of_view(
    tree, hr, school, principal_west, signed_in
):
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY, document_number="示教〔2026〕9号")
    rename_unit(by=hr, unit=tree.school_west, name="西山学校", on=dt.date(2026, 10, 1))
    page = signed_in(principal_west).get(reverse("unit-changes", args=[tree.school_west.pk])).content.decode()
    assert school.name in page
    assert "示教〔2026〕9号" in page
    assert f"/units/{school.pk}/" not in page
    assert "撤回" not in page
    told = signed_in(hr).get(reverse("unit-changes", args=[school.pk])).content.decode()
    assert f"{tree.school_west.name}</a>（现名西山学校）" in told


def test_the_page_takes_back(tree, hr, school, principal_west, signed_in):
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    address = reverse("unit-change-undo", args=[Reorganisation.objects.get().pk])
    assert signed_in(principal_west).post(address).status_code == 404
    page = signed_in(hr).post(address, follow=True)
    assert "3 人和 2 条任职回到" in page.content.decode()
    again = signed_in(hr).post(address, follow=True)
    assert "已经撤回" in again.content.decode()


def test_the_page_takes_a_closing_back(tree, hr, empty, principal_west, signed_in):
    close_unit(by=hr, unit=empty, on=DAY, successors=[tree.school_west])
    address = reverse("unit-change-undo", args=[Reorganisation.objects.get().pk])
    for unit in (empty, tree.school_west):
        panel = signed_in(hr).get(reverse("unit-changes", args=[unit.pk])).content.decode()
        assert address in panel
        assert "单位和随它撤销的岗位恢复" in panel
    assert (
        address
        not in signed_in(principal_west)
        .get(reverse("unit-changes", args=[tree.school_west.pk]))
        .content.decode()
    )
    assert signed_in(principal_west).post(address).status_code == 404
    page = signed_in(hr).post(address, follow=True)
    assert f"已撤回{empty.name}的撤销" in page.content.decode()
    empty.refresh_from_db()
    assert (empty.valid_to, empty.successors.count()) == (None, 0)
    assert Post.objects.filter(unit=empty, closed_on=None).count() == 1


def test_a_unit_s_page_as_of_a_day(tree, hr, school, signed_in):
    Unit.objects.filter(pk=school.pk).update(valid_from=dt.date(2000, 9, 1))
    tree.school_east.names.update(start=dt.date(2000, 9, 1))
    old = school.name
    rename_unit(by=hr, unit=school, name="东河第一小学", on=DAY)
    client, address = signed_in(hr), reverse("unit-detail", args=[school.pk])
    page = client.get(address, {"on": "2026-08-31"})
    assert f"当时的名称是{old}" in page.content.decode()
    assert all(panel.url.endswith("?on=2026-08-31") for panel in page.context["panels"])
    assert "这一天还没有" in client.get(address, {"on": "1999-01-01"}).content.decode()
    assert "当时的名称" not in client.get(address, {"on": "2026-10-01"}).content.decode()
    for text, sentence in (("2026-13-01", "日期请写成"), ("2199-01-01", "还没有到")):
        page = client.get(address, {"on": text})
        assert sentence in page.content.decode()
        assert not any("?on=" in panel.url for panel in page.context["panels"])
