"""Builders of units, accounts and grants for tests; each app adds its own in tests/<app>/factories.py.

They write rows directly, since most tests need the state and not the way to it; the services have their
own tests.
"""

import datetime as dt
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection

from accounts.models import Grant, Unit, UnitName, User
from accounts.roles import ROLES
from core.calendar import now
from core.pinyin import initials, pinyin_key

PASSWORD = "Correct-horse-9"
LONG_AGO = dt.date(2020, 1, 1)
_numbers = count(1)
_hashed = ""


def password_hash() -> str:
    """The hash of PASSWORD, made once."""
    global _hashed
    _hashed = _hashed or make_password(PASSWORD)
    return _hashed


def make_unit(name: str = "", parent: Unit | None = None, kind: str = "school", **fields: Any) -> Unit:
    """A unit with its path, search keys and current name."""
    number = next(_numbers)
    name = name or f"第{number}学校"
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('accounts_unit', 'id'))")
        pk = cursor.fetchone()[0]
    fields.setdefault("code", f"U{number:05}")
    unit = Unit.objects.create(
        pk=pk,
        name=name,
        kind=kind,
        parent=parent,
        path=(parent.path if parent else "/") + f"{pk}/",
        name_key=pinyin_key(name),
        initials=initials(name),
        **fields,
    )
    UnitName.objects.create(unit=unit, name=name, start=unit.valid_from)
    return unit


def make_user(username: str = "", name: str = "", **fields: Any) -> User:
    """An account that signs in with PASSWORD and holds nothing."""
    number = next(_numbers)
    fields.setdefault("password", password_hash())
    return User.objects.create(username=username or f"user{number}", name=name or f"用户{number}", **fields)


def make_grant(user: User, role: str, unit: Unit, **fields: Any) -> Grant:
    """A confirmed grant in force since long ago; `confirmed_at=None` makes it a proposal."""
    fields.setdefault("start", LONG_AGO)
    fields.setdefault("confirmed_at", now())
    user.__dict__.pop("_held_grants", None)
    return Grant.objects.create(user=user, role=role, unit=unit, **fields)


def make_holder(username: str, name: str, role: str, unit: Unit) -> User:
    """An account of the role's class with that role at a unit."""
    user = make_user(username, name, account_class=ROLES[role].account_class)
    make_grant(user, role, unit)
    return user
