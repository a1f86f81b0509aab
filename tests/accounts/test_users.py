"""Accounts: made without rights by the system administrator alone; disabled, enabled, never more."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from knox.models import AuthToken

from accounts.models import User
from accounts.services.activation import issue_activation_codes
from accounts.services.users import (
    NewAccount,
    create_accounts,
    create_user,
    disable_user,
    enable_user,
    propose_usernames,
    reset_second_factor,
    update_user,
)
from core.errors import Invalid, NotAllowed, WrongMoment
from core.models import AuditEntry
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_a_new_account_has_no_right_and_no_password(sysadmin):
    user = create_user(by=sysadmin, username=" ZhangWei ", name=" 张  伟 ")

    assert (user.username, user.name, user.account_class) == ("zhangwei", "张 伟", "business")
    assert not user.has_usable_password()
    assert not user.grants.exists()
    assert not user.is_superuser
    assert AuditEntry.objects.get().action == "account.create"


@pytest.mark.parametrize("who", ["secadmin", "auditor", "hr", "party", "principal_east", "cadre_user"])
def test_nobody_else_touches_accounts(request, tree, who):
    actor, user = request.getfixturevalue(who), make_user("target", "目标")
    count = User.objects.count()
    for attempt in (
        lambda: create_user(by=actor, username="new", name="新"),
        lambda: create_accounts(by=actor, people=[NewAccount("新")]),
        lambda: disable_user(by=actor, user=user, reason="x"),
        lambda: enable_user(by=actor, user=user),
        lambda: update_user(by=actor, user=user, name="改", email=""),
        lambda: issue_activation_codes(by=actor, users=[user]),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    user.refresh_from_db()
    assert (User.objects.count(), user.is_active, user.name) == (count, True, "目标")
    assert not user.activation_codes.exists()
    assert not AuditEntry.objects.exists()


def test_user_names_come_from_pinyin_and_are_free(db):
    make_user("wangfang")
    make_user("wangfang3")
    assert propose_usernames(["王芳", "王芳", "王芳", "单雄", "O'Neill"]) == [
        "wangfang2", "wangfang4", "wangfang5", "shanxiong", "oneill",
    ]  # fmt: skip


def test_many_accounts_are_made_all_or_none(sysadmin, django_assert_max_num_queries):
    users = create_accounts(
        by=sysadmin, people=[NewAccount("王芳"), NewAccount("王芳"), NewAccount("李明", "lm")]
    )
    assert [user.username for user in users] == ["wangfang", "wangfang2", "lm"]
    assert all(user.pk for user in users)

    count = User.objects.count()
    for people in (
        [NewAccount("甲"), NewAccount("乙", "lm")],
        [NewAccount("甲", "x"), NewAccount("乙", "x")],
    ):
        with pytest.raises(Invalid):
            create_accounts(by=sysadmin, people=people)
    assert User.objects.count() == count


@pytest.mark.parametrize("username", ["", "张三", "a b", "-x", "a" * 41, "wangfang"])
def test_an_unfit_user_name_is_refused(sysadmin, username):
    make_user("wangfang")
    with pytest.raises(Invalid):
        create_user(by=sysadmin, username=username, name="王芳")


def test_a_disabled_account_is_out_at_once(sysadmin, hr, signed_in):
    client = signed_in(hr)
    _, token = AuthToken.objects.create(user=hr)
    issue_activation_codes(by=sysadmin, users=[hr])
    disable_user(by=sysadmin, user=hr, reason="调离")

    assert client.get("/accounts/me/").status_code == 302
    assert Client().get("/api/v1/units/", headers={"Authorization": f"Token {token}"}).status_code == 401
    again = Client()
    again.post("/accounts/login/", {"login": "hr", "password": PASSWORD})
    assert "_auth_user_id" not in again.session
    assert not hr.activation_codes.exists()
    with pytest.raises(WrongMoment):
        disable_user(by=sysadmin, user=hr, reason="再来")
    with pytest.raises(Invalid):
        issue_activation_codes(by=sysadmin, users=[hr])
    enable_user(by=sysadmin, user=hr)
    assert signed_in(hr).get("/accounts/me/").status_code == 200


def test_nobody_disables_oneself(sysadmin):
    with pytest.raises(NotAllowed):
        disable_user(by=sysadmin, user=sysadmin, reason="x")


def test_password_code_and_second_factor_are_reset_by_different_people(sysadmin, secadmin, hr):
    Authenticator.objects.create(user=hr, type=Authenticator.Type.TOTP, data={"secret": "x"})
    with pytest.raises(NotAllowed):
        reset_second_factor(by=sysadmin, user=hr, reason="手机丢失")
    with pytest.raises(NotAllowed):
        issue_activation_codes(by=secadmin, users=[hr])
    with pytest.raises(NotAllowed):
        reset_second_factor(by=secadmin, user=secadmin, reason="手机丢失")
    reset_second_factor(by=secadmin, user=hr, reason="手机丢失")
    assert not Authenticator.objects.filter(user=hr).exists()
