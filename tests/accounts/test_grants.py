"""Grants: the three administrators kept apart, proposals, periods; the database as the last word."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Grant, User
from accounts.roles import ROLES
from accounts.scope import may
from accounts.services.grants import (
    announce_ended,
    confirm_grant,
    decline_grant,
    end_grants_of,
    grant_role,
    propose_grant,
    revoke_grant,
)
from accounts.services.users import change_account_class
from core.calendar import today
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment
from core.models import AuditEntry, Message
from tests.factories import make_grant, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def fresh(user):
    """The user as a new request sees them."""
    return User.objects.get(pk=user.pk)


def test_the_security_administrator_gives_a_role(tree, secadmin):
    user = make_user()
    grant = grant_role(by=secadmin, user=user, role="principal", unit=tree.school_east, reason="任职")

    assert may(fresh(user), "nomination.file", tree.school_east.path)
    assert (grant.granted_by, grant.account_class, grant.state) == (secadmin, "business", "有效")
    assert AuditEntry.objects.get().action == "grant.give"
    assert Message.objects.get().recipient == user


@pytest.mark.parametrize("who", ["sysadmin", "auditor", "hr", "party", "principal_east"])
def test_nobody_else_gives_a_role(request, tree, who):
    actor, user = request.getfixturevalue(who), make_user()
    before = Grant.objects.count()
    with pytest.raises((NotAllowed, NotFound)):
        grant_role(by=actor, user=user, role="principal", unit=tree.school_east, reason="x")
    grant = make_grant(user, "principal", tree.school_east, confirmed_at=None)
    for verb, extra in (
        (confirm_grant, {}),
        (decline_grant, {"reason": "x"}),
        (revoke_grant, {"reason": "x"}),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            verb(by=actor, grant=grant, **extra)
    grant.refresh_from_db()
    assert (Grant.objects.count(), grant.confirmed_at, grant.end) == (before + 1, None, None)
    assert not AuditEntry.objects.exists()


def test_nobody_gives_anything_to_oneself(tree, secadmin):
    with pytest.raises(NotAllowed):
        grant_role(by=secadmin, user=secadmin, role="secadmin", unit=tree.bureau, reason="x")
    with pytest.raises(NotAllowed):
        revoke_grant(by=secadmin, grant=secadmin.grants.get(), reason="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_grant(secadmin, "secadmin", tree.bureau, granted_by=secadmin, end=today())


@pytest.mark.parametrize(
    "account_class, role",
    [
        (cls, role.code)
        for cls in ("system", "security", "audit", "business")
        for role in ROLES.values()
        if role.account_class != cls
    ],
)
def test_a_role_of_another_class_is_refused_by_service_and_database(tree, secadmin, account_class, role):
    user = make_user(account_class=account_class)
    with pytest.raises(Invalid):
        grant_role(by=secadmin, user=user, role=role, unit=tree.bureau, reason="x")
    row = [user.pk, role, tree.bureau.pk, today()]
    sql = (
        "INSERT INTO accounts_grant (user_id, role, unit_id, start, account_class, reason, origin, confirmed_at) "
        "VALUES (%s, %s, %s, %s, %s, '', '', now())"
    )
    # Neither with the account's own class, nor with the class that the role would need.
    for claimed in (account_class, ROLES[role].account_class):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [*row, str(claimed)])
    assert not user.grants.exists()


def test_the_class_of_an_account_with_grants_cannot_be_changed(tree, sysadmin, hr):
    with pytest.raises(WrongMoment):
        change_account_class(by=sysadmin, user=hr, account_class="audit")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=hr.pk).update(account_class="audit")
    free = make_user()
    assert change_account_class(by=sysadmin, user=free, account_class="audit").account_class == "audit"


def test_the_emergency_account_cannot_be_an_administrator(db):
    for account_class in ("system", "security", "audit"):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_user(is_superuser=True, account_class=account_class)


@pytest.mark.parametrize(
    "change, field",
    [
        ({"unit": "section"}, "unit"),
        ({"role": "king"}, "role"),
        ({"reason": " "}, "reason"),
        ({"end": -1}, "end"),
        ({"start": 5, "end": 5}, "end"),
    ],
)
def test_what_does_not_fit_is_refused(tree, secadmin, change, field):
    given = {"role": "principal", "unit": tree.school_east, "reason": "任职", **change}
    if isinstance(given["unit"], str):
        given["unit"] = getattr(tree, given["unit"])
    for name in ("start", "end"):
        if name in change:
            given[name] = today() + change[name] * DAY
    user = make_user()
    with pytest.raises(Invalid) as refusal:
        grant_role(by=secadmin, user=user, **given)
    assert field in refusal.value.errors
    assert not user.grants.exists()


def test_the_same_role_is_not_held_twice(tree, secadmin, principal_east):
    with pytest.raises(Invalid):
        grant_role(by=secadmin, user=principal_east, role="principal", unit=tree.school_east, reason="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_grant(principal_east, "principal", tree.school_east)


def test_a_proposal_is_confirmed_or_declined_once(tree, secadmin):
    user = make_user()
    grant = propose_grant(user=user, role="principal", unit=tree.school_east, origin="appointment:7")
    assert not may(fresh(user), "cadre.view")
    again = propose_grant(user=user, role="principal", unit=tree.school_east, origin="appointment:8")
    assert again is None

    confirm_grant(by=secadmin, grant=grant)
    assert may(fresh(user), "cadre.view")
    with pytest.raises(WrongMoment):
        confirm_grant(by=secadmin, grant=grant)
    with pytest.raises(WrongMoment):
        decline_grant(by=secadmin, grant=grant, reason="晚了")

    other = propose_grant(user=make_user(), role="principal", unit=tree.school_west, origin="appointment:9")
    decline_grant(by=secadmin, grant=other, reason="尚未到任")
    other.refresh_from_db()
    assert (other.state, other.confirmed_at) == ("未确认", None)
    with pytest.raises(WrongMoment):
        confirm_grant(by=secadmin, grant=other)


def test_a_grant_ends_with_the_record_it_hangs_on(tree, secadmin):
    user = make_user()
    grant = propose_grant(user=user, role="principal", unit=tree.school_east, origin="appointment:7")
    confirm_grant(by=secadmin, grant=grant)
    waiting = propose_grant(user=make_user(), role="principal", unit=tree.school_west, origin="appointment:7")

    assert end_grants_of(origin="appointment:7", on=today()) == 2
    assert not may(fresh(user), "cadre.view")
    waiting.refresh_from_db()
    with pytest.raises(WrongMoment):
        confirm_grant(by=secadmin, grant=waiting)
    assert end_grants_of(origin="appointment:7", on=today()) == 0


def test_a_revoked_grant_ends_at_once_and_the_user_is_told(tree, secadmin, principal_east):
    assert may(principal_east, "cadre.view")
    revoke_grant(by=secadmin, grant=principal_east.grants.get(), reason="免职")

    assert not may(fresh(principal_east), "cadre.view")
    assert AuditEntry.objects.get().note == "免职"
    assert Message.objects.get().recipient == principal_east
    with pytest.raises(WrongMoment):
        revoke_grant(by=secadmin, grant=principal_east.grants.get(), reason="再来")


def test_those_whose_grants_run_out_are_told_once(tree):
    user = make_user()
    make_grant(user, "principal", tree.school_east, end=today())
    assert announce_ended(on=today()) == 1
    assert announce_ended(on=today()) == 0
    assert Message.objects.get().recipient == user
