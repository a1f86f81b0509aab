"""How an API caller proves who they are: an expiring token, or the session with its CSRF token."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from knox.auth import TokenAuthentication
from knox.settings import CONSTANTS
from rest_framework import authentication, exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

INVALID = "令牌无效或已过期，请重新获取。"
ONLY_READS = "这个令牌只能读取（scope=read），不能办理；需要办理的，请重新获取可写的令牌（scope=write）。"
# What a reading token begins with. The stored digest covers it, so nobody turns one into the other, and no
# other token begins like this: those are hexadecimal.
READ_PREFIX = "read-"
STALE_PAGE = "页面已过期，请刷新后重试（CSRF 校验未通过）。"


class ExpiringTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`: hashed in the database, scoped, expiring, dead with the account."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, models.Model] | None:
        """As knox does it, with one sentence for every way a token may be wrong; a reading one changes nothing.

        Only a view that says `any_scope = True` (the end of a token itself) takes a reading token's other methods.
        """
        try:
            found = super().authenticate(request)
        except exceptions.AuthenticationFailed as error:
            raise exceptions.AuthenticationFailed(INVALID) from error
        if found is None or request.method in SAFE_METHODS or not only_reads(found[1]):
            return found
        if not getattr((request.parser_context or {}).get("view"), "any_scope", False):
            raise exceptions.PermissionDenied(ONLY_READS)
        return found

    def authenticate_credentials(self, token: bytes) -> tuple[AbstractBaseUser, models.Model]:
        """Refuse bytes that no token has before the database is asked."""
        if not token.isascii() or len(token) <= CONSTANTS.TOKEN_KEY_LENGTH or b"\x00" in token:
            raise exceptions.AuthenticationFailed(INVALID)
        return super().authenticate_credentials(token)


def only_reads(token: Any) -> bool:
    """Whether a token was issued for reading alone."""
    return str(token.token_key).startswith(READ_PREFIX)


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session; every unsafe request needs the CSRF token."""

    def enforce_csrf(self, request: Any) -> None:
        """As DRF does it, in Chinese."""
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            raise exceptions.PermissionDenied(STALE_PAGE) from error
