"""Verbs on accounts: create one or many, edit, disable and enable, change the class, reset a second factor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from knox.models import AuthToken

from accounts.models import ActivationCode, Grant, User
from accounts.roles import AccountClass
from accounts.scope import require
from core import audit, inbox
from core.calendar import now
from core.errors import Invalid, NotAllowed, WrongMoment
from core.pinyin import pinyin_key

audit.register("account.create", "建立账号")
audit.register("account.edit", "修改账号信息")
audit.register("account.disable", "停用账号")
audit.register("account.enable", "启用账号")
audit.register("account.class", "改变账号类别")
audit.register("account.reset_factor", "重置两步验证")

_LONGEST_STEM = 30


@dataclass(frozen=True)
class NewAccount:
    """A person to make an account for; without a user name one is proposed from the pinyin."""

    name: str
    username: str = ""
    email: str = ""


def propose_usernames(names: Sequence[str], *, taken: Iterable[str] = ()) -> list[str]:
    """Return a free user name for each name: the pinyin, with a number where it is taken (wangfang2)."""
    stems = [re.sub(r"[^a-z0-9]", "", pinyin_key(name))[:_LONGEST_STEM] or "user" for name in names]
    used = set(taken)
    wanted = sorted(set(stems))
    for at in range(0, len(wanted), 500):
        pattern = f"^({'|'.join(wanted[at : at + 500])})[0-9]*$"
        used |= set(User.objects.filter(username__regex=pattern).values_list("username", flat=True))
    found, last = [], dict.fromkeys(stems, 1)
    for stem in stems:
        candidate = stem if last[stem] == 1 else f"{stem}{last[stem]}"
        while candidate in used:
            last[stem] += 1
            candidate = f"{stem}{last[stem]}"
        used.add(candidate)
        found.append(candidate)
    return found


def create_user(
    *,
    by: User | None,
    username: str,
    name: str,
    account_class: str = AccountClass.BUSINESS,
    email: str = "",
) -> User:
    """Create an account without any right and without a password: an activation code opens it.

    Needs `account.manage`; `by=None` is the command line. Raises Invalid for a taken or unfit name.
    """
    if by is not None:
        require(by, "account.manage")
    user = User(
        username=username.strip().lower(),
        name=" ".join(name.split()),
        account_class=account_class,
        email=email,
    )
    user.password = make_password(None)
    with transaction.atomic():
        if User.objects.filter(username=user.username).exists():
            raise Invalid("这个账号名已被使用。", errors={"username": ["已被使用，请换一个。"]})
        _check(user)
        user.save(force_insert=True)
        audit.record("account.create", by=by, obj=user, after=_facts(user))
    return user


def create_accounts(*, by: User, people: Sequence[NewAccount]) -> list[User]:
    """Create business accounts for many people, in order, all or none; missing user names are proposed.

    Needs `account.manage`. Raises Invalid naming the user names that are given twice or taken.
    """
    require(by, "account.manage")
    given = [person.username.strip().lower() for person in people]
    named = [name for name in given if name]
    twice = sorted({name for name in named if named.count(name) > 1}) if len(set(named)) < len(named) else []
    with transaction.atomic():
        taken = sorted(User.objects.filter(username__in=named).values_list("username", flat=True))
        if twice or taken:
            raise Invalid(f"这些账号名重复或已被使用：{'、'.join([*twice, *taken])}。")
        proposed = iter(
            propose_usernames(
                [p.name for p, name in zip(people, given, strict=True) if not name], taken=named
            )
        )
        users = [
            User(
                username=name or next(proposed), name=" ".join(person.name.split()), email=person.email,
                password=make_password(None),
            )
            for person, name in zip(people, given, strict=True)
        ]  # fmt: skip
        for user in users:
            _check(user)
        User.objects.bulk_create(users)
        for user in users:
            audit.record("account.create", by=by, obj=user, after=_facts(user))
    return users


def update_user(*, by: User, user: User, name: str, email: str) -> User:
    """Change the person's name and mail address. Needs `account.manage`."""
    require(by, "account.manage")
    with transaction.atomic():
        user = _lock(user)
        before = {"name": user.name, "email": user.email}
        user.name, user.email = " ".join(name.split()), email
        _check(user)
        user.save(update_fields=["name", "email"])
        audit.record(
            "account.edit", by=by, obj=user, before=before, after={"name": user.name, "email": user.email}
        )
    return user


def disable_user(*, by: User, user: User, reason: str) -> User:
    """Close an account: its sessions, tokens and open codes are gone at once; its grants rest with it.

    Needs `account.manage`, never for oneself. Raises Invalid without a reason.
    """
    require(by, "account.manage")
    if by.pk == user.pk:
        raise NotAllowed("不能停用自己的账号。")
    if not reason.strip():
        raise Invalid("请写明停用原因。", errors={"reason": ["请写明停用原因。"]})
    with transaction.atomic():
        user = _lock(user)
        if not user.is_active:
            raise WrongMoment("这个账号已经停用。")
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_sessions(user)
        ActivationCode.objects.filter(user=user, used_at=None).delete()
        audit.record("account.disable", by=by, obj=user, note=reason.strip())
    return user


def enable_user(*, by: User, user: User) -> User:
    """Open a disabled account again; grants that are still in force count again. Needs `account.manage`."""
    require(by, "account.manage")
    with transaction.atomic():
        user = _lock(user)
        if user.is_active:
            raise WrongMoment("这个账号没有停用。")
        user.is_active = True
        user.save(update_fields=["is_active"])
        audit.record("account.enable", by=by, obj=user)
    return user


def change_account_class(*, by: User, user: User, account_class: str) -> User:
    """Change the class of an account that never held a grant (the database refuses it for any other).

    Needs `account.manage`, never for oneself.
    """
    require(by, "account.manage")
    if by.pk == user.pk:
        raise NotAllowed("不能改变自己的账号类别。")
    if account_class not in AccountClass.values:
        raise Invalid("没有这个账号类别。", errors={"account_class": ["请重新选择。"]})
    with transaction.atomic():
        user = _lock(user)
        if user.is_superuser or Grant.objects.filter(user=user).exists():
            raise WrongMoment("这个账号有过授权，不能改变类别；请另建账号。")
        before = user.get_account_class_display()
        user.account_class = account_class
        user.save(update_fields=["account_class"])
        after = user.get_account_class_display()
        audit.record("account.class", by=by, obj=user, before={"class": before}, after={"class": after})
    return user


def reset_second_factor(*, by: User, user: User, reason: str) -> User:
    """Forget a lost phone's second factor, so that the person sets it up anew.

    Needs `grant.manage` and not `account.manage`: who can issue a password code must not be able to lift
    the second factor as well, or could enter as anybody. Never for oneself. Tells the user.
    """
    require(by, "grant.manage")
    if by.pk == user.pk:
        raise NotAllowed("不能重置自己的两步验证，请由另一位安全管理员办理。")
    if not reason.strip():
        raise Invalid("请写明重置原因。", errors={"reason": ["请写明重置原因。"]})
    with transaction.atomic():
        user = _lock(user)
        count, _ = Authenticator.objects.filter(user=user).delete()
        if not count:
            raise WrongMoment("这个账号没有设置两步验证。")
        end_sessions(user)
        entry = audit.record("account.reset_factor", by=by, obj=user, note=reason.strip())
        inbox.send(
            user, f"account:factor:{entry.pk}", title="您的两步验证已重置",
            body="如果不是您本人要求的，请立即联系安全管理员。", quiet=True,
        )  # fmt: skip
    return user


def end_sessions(user: User) -> None:
    """End every session and token of an account."""
    for session in UserSession.objects.filter(user=user):
        session.end()
    AuthToken.objects.filter(user=user).delete()


def remove_dead_codes() -> int:
    """Drop activation codes that ran out unused; returns how many."""
    count, _ = ActivationCode.objects.filter(used_at=None, expires_at__lt=now()).delete()
    return count


def _lock(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _check(user: User) -> None:
    """The model's own checks, in the error shape of the rules; uniqueness has been asked before."""
    try:
        user.full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise Invalid(f"“{user.name or user.username}”的账号信息有误。", errors=error.message_dict) from error


def _facts(user: User) -> dict[str, str]:
    return {"username": user.username, "name": user.name, "class": user.get_account_class_display()}
