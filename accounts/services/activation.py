"""One-time codes on printed slips: issue, look at, use once; they open an account or reset its password."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import ActivationCode, User
from accounts.scope import require
from accounts.services.users import end_sessions
from core import audit, inbox
from core.calendar import now
from core.crypto import derived_key
from core.errors import Invalid, NotAllowed

audit.register("account.code", "签发激活码")
audit.register("account.activate", "用激活码设置密码")

VALID_FOR = dt.timedelta(days=14)
# No character that is read as another: no 0 and O, no 1, I and L, no U and V.
LETTERS = "23456789ABCDEFGHJKMNPQRSTWXYZ"
GROUPS, GROUP = 4, 4
_WRONG = "激活码不正确、已使用或已过期，请核对，或请管理员重新签发。"


@dataclass(frozen=True)
class IssuedCode:
    """A code as it is printed, this once: only its keyed digest is kept."""

    user: User
    code: str
    expires_at: dt.datetime


def issue_activation_codes(*, by: User | None, users: Sequence[User]) -> list[IssuedCode]:
    """Issue a fresh code for each account, in order; a code issued before no longer works.

    Needs `account.manage`, never for oneself; `by=None` is the command line. A password in use stays good
    until the code is used. Raises Invalid for a disabled account.
    """
    if by is not None:
        require(by, "account.manage")
    moment, issued = now(), []
    with transaction.atomic():
        wanted = [user.pk for user in users]
        locked = {u.pk: u for u in User.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
        for user in (locked[pk] for pk in wanted if pk in locked):
            if by is not None and user.pk == by.pk:
                raise NotAllowed("不能给自己签发激活码，请在“修改密码”中修改。")
            if not user.is_active:
                raise Invalid(f"{user.name}的账号已停用，请先启用。")
            code = _new_code()
            ActivationCode.objects.filter(user=user, used_at=None).delete()
            row = ActivationCode.objects.create(
                user=user, code_hash=_digest(code), issued_by=by, issued_at=moment,
                expires_at=moment + VALID_FOR,
            )  # fmt: skip
            audit.record("account.code", by=by, obj=user)
            issued.append(IssuedCode(user, code, row.expires_at))
    return issued


def activate(*, code: str, password: str) -> User:
    """Set a password by a code, which is spent with it; all sessions of the account end.

    Raises Invalid for a wrong, spent or old code (one sentence for all), or a password that is too weak.
    """
    with transaction.atomic():
        row = (
            ActivationCode.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(code_hash=_digest(code), used_at=None)
            .first()
        )
        if row is None or row.expires_at <= now() or not row.user.is_active:
            raise Invalid(_WRONG, errors={"code": [_WRONG]})
        user = row.user
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise Invalid("新密码不符合要求。", errors={"password": error.messages}) from error
        row.used_at = now()
        row.save(update_fields=["used_at"])
        user.set_password(password)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        end_sessions(user)
        AxesProxyHandler.reset_attempts(username=user.username)
        audit.record("account.activate", by=user, obj=user)
        inbox.send(
            user, f"account:code:{row.pk}", title="您的密码已用激活码设置",
            body="如果不是您本人操作的，请立即联系系统管理员。", quiet=True,
        )  # fmt: skip
    return user


def shown(code: str) -> str:
    """A code in groups, as a slip prints it."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def _new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(GROUPS * GROUP))


def _digest(code: str) -> str:
    """The keyed digest of a code, however it was typed."""
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())
    return hmac.new(derived_key("activation"), plain.encode(), hashlib.sha256).hexdigest()
