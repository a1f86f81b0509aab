"""Lockout by account and address together: what django-axes is told, and the second factor's share in it."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest

ACTIVATION = "*activation*"  # counts wrong activation codes per address; no account can be called so
ACCOUNT_LIMIT = 5
ACTIVATION_LIMIT = 20
TOO_OFTEN = "失败次数过多，请 15 分钟后再试。"


def username_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the name that failures are counted under: as stored, whatever the case typed."""
    given = credentials or {}
    name = given.get("username") or given.get("login") or request.POST.get("login") or ""
    return str(name).strip().lower()[:150].replace("\x00", "")


def failure_limit(request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
    """Return how many failures lock: few for an account, more for activation, where a whole school types slips."""
    return ACTIVATION_LIMIT if username_of(request, credentials) == ACTIVATION else ACCOUNT_LIMIT


def is_locked(request: HttpRequest, username: str) -> bool:
    """Say whether this account is locked for this address, and mark the request so that it gets the 429 page."""
    locked = AxesProxyHandler.is_locked(request, {"username": username})
    if locked:
        request.axes_locked_out = True  # type: ignore[attr-defined]
    return bool(locked)


def count_failure(request: HttpRequest, username: str) -> None:
    """Count a failed attempt, as a wrong password counts."""
    user_login_failed.send(__name__, credentials={"username": username}, request=request)


class _CountedCode(forms.Form):
    """A form for the second factor whose wrong codes count like wrong passwords."""

    user: Any

    def clean_code(self) -> str:
        """Refuse while locked; count a wrong code."""
        from allauth.core import context

        name = self.user.get_username()
        if is_locked(context.request, name):
            raise forms.ValidationError(TOO_OFTEN)
        try:
            return super().clean_code()  # type: ignore[misc]
        except forms.ValidationError:
            count_failure(context.request, name)
            raise


class SecondFactorForm(_CountedCode, AuthenticateForm):
    """The second step of signing in."""


class SecondFactorAgainForm(_CountedCode, ReauthenticateForm):
    """The second factor once more, before something delicate."""
