"""Appointments: one main post at a time, endings, corrections, grants that hang on them; accounts in bulk."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connections, transaction

from accounts.models import Grant, User
from accounts.services.grants import confirm_grant
from cadres.models import Appointment
from cadres.services.appointments import (
    correct_appointment,
    delete_appointment,
    end_appointment,
    open_appointment,
    record_appointment,
)
from cadres.services.people import end_relation
from cadres.services.posts import close_post, create_post, edit_post
from cadres.services.roster_accounts import create_accounts_for
from cadres.services.units import close_unit
from core.calendar import today
from core.errors import Invalid, NotAllowed, NotFound, Stale, WrongMoment
from core.models import AuditEntry
from core.versions import version_of
from tests.cadres.factories import make_appointment, make_cadre, make_post, month, own

pytestmark = pytest.mark.django_db


def test_overlapping_main_post_is_refused_with_the_other_post_and_its_period(tree, hr):
    cadre = make_cadre(tree.school_east, "张三")
    make_appointment(cadre, "校长", start=dt.date(2019, 8, 1), start_precision="month")
    with pytest.raises(Invalid) as refused:
        record_appointment(
            cadre=cadre, by=hr, title="副校长", unit=tree.school_west, is_main=True, start=month("2022-02")
        )
    assert "东河镇中心小学 校长" in refused.value.message
    assert "2019年8月至今" in refused.value.message
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize(
    ("start", "end", "refused"),
    [
        (dt.date(2020, 8, 1), None, False),  # begins the day the other ends
        (dt.date(2020, 7, 31), None, True),
        (dt.date(2010, 1, 1), dt.date(2015, 8, 1), False),  # ends the day the other begins
        (dt.date(2010, 1, 1), dt.date(2015, 8, 2), True),
        (None, dt.date(2015, 8, 1), False),
        (None, None, True),
    ],
)
def test_periods_are_half_open(tree, hr, start, end, refused):
    cadre = make_cadre(tree.school_east, "张三")
    make_appointment(cadre, start=dt.date(2015, 8, 1), end=dt.date(2020, 8, 1))
    values = {"title": "校长", "unit": tree.school_east, "is_main": True, "start": start, "end": end}
    if refused:
        with pytest.raises(Invalid):
            record_appointment(cadre=cadre, by=hr, **values)
        with pytest.raises(IntegrityError, match="one_main_at_a_time"), transaction.atomic():
            Appointment.objects.create(cadre=cadre, **values)
    else:
        record_appointment(cadre=cadre, by=hr, **values)


def test_concurrent_posts_may_overlap_but_are_never_main(tree, hr):
    cadre = make_cadre(tree.school_east, "张三")
    make_appointment(cadre, "校长")
    record_appointment(
        cadre=cadre, by=hr, title="书记", unit=tree.school_east, kind="concurrent", start=month("2020-01")
    )
    for kind in ("concurrent", "seconded"):
        with pytest.raises(Invalid):
            record_appointment(cadre=cadre, by=hr, title="x", unit=tree.school_east, kind=kind, is_main=True)
    with pytest.raises(IntegrityError, match="main_is_own_post"), transaction.atomic():
        Appointment.objects.filter(kind="concurrent").update(is_main=True)


@pytest.mark.parametrize(
    "values",
    [
        {"title": "校长"},
        {"title": "  ", "unit_text": "外县一中"},
        {"title": "校长", "unit_text": "外县一中", "start": month("2020-01"), "end": month("2019-01")},
    ],
)
def test_incomplete_appointments_are_refused(tree, hr, values):
    cadre = make_cadre(tree.school_east, "张三")
    with pytest.raises(Invalid):
        record_appointment(cadre=cadre, by=hr, **values)
    assert not Appointment.objects.exists()


def test_a_post_of_another_unit_is_refused(tree, hr):
    cadre, post = make_cadre(tree.school_east, "张三"), make_post(tree.school_west)
    with pytest.raises(Invalid, match="岗位不属于"):
        record_appointment(cadre=cadre, by=hr, title="校长", unit=tree.school_east, post=post)


def test_strangers_and_readers_record_nothing(tree, principal_east, principal_west):
    cadre = make_cadre(tree.school_east, "张三")
    for user, refusal in ((principal_east, NotAllowed), (principal_west, NotFound)):
        with pytest.raises(refusal):
            record_appointment(cadre=cadre, by=user, title="校长", unit=tree.school_east)
    assert not Appointment.objects.exists()
    assert not AuditEntry.objects.exists()


def test_the_system_opens_an_acting_post_without_moving_the_relation(tree):
    cadre = make_cadre(tree.school_east, "张三")
    make_appointment(cadre)
    open_appointment(
        cadre=cadre, by=None, title="副股长", unit=tree.section, kind="seconded", start=dt.date(2026, 9, 1)
    )
    cadre.refresh_from_db()
    assert cadre.unit == tree.school_east
    assert AuditEntry.objects.get(action="appointment.record").actor_name == "系统"


def test_ending_notes_the_day_and_refuses_one_before_the_start(tree, hr):
    appointment = make_appointment(make_cadre(tree.school_east, "张三"))
    with pytest.raises(Invalid):
        end_appointment(appointment=appointment, on=dt.date(2019, 7, 31), by=hr)
    end_appointment(appointment=appointment, on=month("2026-02"), by=hr, removal_reason="工作调动")
    appointment.refresh_from_db()
    assert (appointment.end, appointment.end_precision) == (dt.date(2026, 2, 1), "month")


def test_correction_checks_the_version_and_the_overlap(tree, hr):
    cadre = make_cadre(tree.school_east, "张三")
    make_appointment(cadre, "教导主任", start=dt.date(2010, 1, 1), end=dt.date(2019, 8, 1))
    appointment = make_appointment(cadre)
    seen = version_of(appointment)
    correct_appointment(appointment=appointment, by=hr, version=seen, title="常务副校长")
    with pytest.raises(Stale):
        correct_appointment(appointment=appointment, by=hr, version=seen, title="校长")
    with pytest.raises(Invalid, match="教导主任"):
        correct_appointment(appointment=appointment, by=hr, start=month("2018-01"))
    appointment.refresh_from_db()
    assert (appointment.title, appointment.start) == ("常务副校长", dt.date(2019, 8, 1))


def test_deleting_needs_a_reason_and_leaves_a_trace(tree, hr):
    appointment = make_appointment(make_cadre(tree.school_east, "张三"), "校长")
    with pytest.raises(Invalid):
        delete_appointment(appointment=appointment, by=hr, reason=" ")
    delete_appointment(appointment=appointment, by=hr, reason="录错了人")
    assert not Appointment.objects.exists()
    assert AuditEntry.objects.get(action="appointment.delete").before["职务名称"] == "校长"


def test_a_heads_appointment_proposes_a_grant_and_ends_it(tree, hr, secadmin, cadre_user):
    cadre = own(cadre_user, make_cadre(tree.school_east, "张三"))
    post = make_post(tree.school_east)
    appointment = record_appointment(
        cadre=cadre,
        by=hr,
        title="校长",
        unit=tree.school_east,
        post=post,
        is_main=True,
        start=month("2024-08"),
    )
    grant = Grant.objects.get(user=cadre_user)
    assert (grant.role, grant.unit, grant.confirmed_at, grant.origin) == (
        "principal", tree.school_east, None, f"appointment:{appointment.pk}",
    )  # fmt: skip
    assert not cadre_user.holds("nomination.file")
    confirm_grant(by=secadmin, grant=grant)
    end_appointment(appointment=appointment, on=today(), by=hr)
    grant.refresh_from_db()
    assert grant.end == today()


@pytest.mark.parametrize(
    ("category", "main", "kind"), [("deputy", True, "regular"), ("head", False, "concurrent")]
)
def test_only_a_main_heads_post_proposes_a_grant(tree, hr, cadre_user, category, main, kind):
    cadre = own(cadre_user, make_cadre(tree.school_east, "张三"))
    post = make_post(tree.school_east, "岗位", category)
    record_appointment(
        cadre=cadre, by=hr, title="岗位", unit=tree.school_east, post=post, is_main=main, kind=kind
    )
    assert not Grant.objects.filter(user=cadre_user).exists()


def test_leaving_takes_the_grants_too(tree, hr, secadmin, cadre_user):
    cadre = own(cadre_user, make_cadre(tree.school_east, "张三"))
    record_appointment(
        cadre=cadre, by=hr, title="校长", unit=tree.school_east, post=make_post(tree.school_east),
        is_main=True, start=month("2024-08"),
    )  # fmt: skip
    confirm_grant(by=secadmin, grant=Grant.objects.get(user=cadre_user))
    end_relation(cadre=cadre, on=today(), leaving="retired", by=hr)
    assert not Grant.objects.in_force().filter(user=cadre_user).exists()


def test_accounts_in_bulk_are_tied_and_propose_leadership(tree, sysadmin, hr, principal_east):
    head, other = make_cadre(tree.school_west, "王芳"), make_cadre(tree.school_west, "王芳")
    gone = make_cadre(tree.school_west, "李四", left=dt.date(2020, 1, 1))
    make_appointment(head, "校长", post=make_post(tree.school_west))
    with pytest.raises(NotAllowed):
        create_accounts_for(cadres=[head], by=hr)
    users = create_accounts_for(cadres=[head, other, gone], by=sysadmin)
    assert sorted(user.username for user in users) == ["wangfang", "wangfang2"]
    head.refresh_from_db()
    assert head.user in users
    assert not head.user.has_usable_password()
    assert Grant.objects.get(user=head.user).confirmed_at is None
    with pytest.raises(Invalid):
        create_accounts_for(cadres=[head, gone], by=sysadmin)
    assert User.objects.filter(name="李四").count() == 0


def test_posts_are_unique_at_a_unit_until_closed(tree, hr, principal_east, principal_west):
    post = create_post(unit=tree.school_east, by=hr, title="校长", category="head")
    with pytest.raises(Invalid, match="已经有名为"):
        create_post(unit=tree.school_east, by=hr, title="校长", category="head")
    with pytest.raises(NotAllowed):
        edit_post(post=post, by=principal_east, headcount=9)
    with pytest.raises(NotFound):
        edit_post(post=post, by=principal_west, headcount=9)
    appointment = make_appointment(make_cadre(tree.school_east, "张三"), "校长", post=post)
    with pytest.raises(Invalid, match="张三"):
        close_post(post=post, on=today(), by=hr)
    end_appointment(appointment=appointment, on=today(), by=hr)
    close_post(post=post, on=today(), by=hr)
    create_post(unit=tree.school_east, by=hr, title="校长", category="head")


def test_a_unit_with_people_is_not_closed(tree, hr):
    cadre = make_cadre(tree.school_east, "张三")
    with pytest.raises(WrongMoment, match="1 人"):
        close_unit(by=hr, unit=tree.school_east, on=today())
    end_relation(cadre=cadre, on=today(), leaving="retired", by=hr)
    close_unit(by=hr, unit=tree.school_east, on=today())
    tree.school_east.refresh_from_db()
    assert tree.school_east.valid_to == today()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_record_one_main_post(tree, hr):
    cadre = make_cadre(tree.school_east, "张三")
    outcomes, gate = [], threading.Barrier(2)

    def record(title):
        try:
            gate.wait(10)
            record_appointment(
                cadre=cadre, by=hr, title=title, unit=tree.school_east, is_main=True, start=month("2024-08")
            )
            outcomes.append("ok")
        except Invalid:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=record, args=(title,)) for title in ("校长", "书记")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["ok", "refused"]
    assert Appointment.objects.count() == 1
