"""How django-allauth behaves here: no sign-up, names in small letters, secrets encrypted, one lockout."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from knox.models import AuthToken

from accounts.middleware import STARTED
from core import audit
from core.addresses import client_address
from core.crypto import decrypt, encrypt

audit.register("password.change", "修改自己的密码")

_FRESH_SECONDS = 300
_SEALED_FOR = "mfa_authenticator.data"


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from the system administrator alone; the browser can't sign up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "账号或密码不正确，或账号已停用。",
        "too_many_login_attempts": "登录失败次数过多，请 15 分钟后再试。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Check a name as it is stored, in small letters, so that lockout counts one name once."""
        if credentials.get("username"):
            credentials["username"] = credentials["username"].strip().lower()
        return super().authenticate(request, **credentials)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again, except for setting up the first second factor right after signing in."""
        request = context.request
        fresh = time.time() - request.session.get(STARTED, 0) < _FRESH_SECONDS
        if app == "allauth.mfa" and fresh and not is_mfa_enabled(request.user):
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def set_password(self, user: Any, password: str) -> None:
        """Store one's own new password, which also answers the demand to change it.

        Whoever knew the old one is out: Django ends the other sessions by the password's hash, the API's tokens go here.
        """
        with transaction.atomic():
            user.must_change_password = False
            super().set_password(user, password)
            AuthToken.objects.filter(user=user).delete()
            audit.record("password.change", by=user, obj=user)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address as the lockout sees it, so that both count the same client."""
        address = client_address(request)
        if not address:
            raise PermissionDenied
        return address


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are encrypted at rest; where the second factor is enforced it can't be switched off."""

    def get_totp_label(self, user: Any) -> str:
        """Return the name the authenticator app shows."""
        return user.get_username()

    def encrypt(self, text: str) -> str:
        """Encrypt a secret for the database."""
        return encrypt(text, context=_SEALED_FOR)

    def decrypt(self, encrypted_text: str) -> str:
        """Give back a secret."""
        return decrypt(encrypted_text, context=_SEALED_FOR)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Say no where the account's roles demand a second factor."""
        return not (settings.SECOND_FACTOR_ENFORCED and authenticator.user.needs_second_factor)
