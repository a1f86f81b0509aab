"""How an API caller proves who they are: an expiring token, or the session with its CSRF token."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from knox.auth import TokenAuthentication
from knox.settings import CONSTANTS
from rest_framework import authentication, exceptions
from rest_framework.request import Request

INVALID = "令牌无效或已过期，请重新获取。"
STALE_PAGE = "页面已过期，请刷新后重试（CSRF 校验未通过）。"


class ExpiringTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`: hashed in the database, expiring, dead with the account."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, models.Model] | None:
        """As knox does it, with one sentence for every way a token may be wrong."""
        try:
            return super().authenticate(request)
        except exceptions.AuthenticationFailed as error:
            raise exceptions.AuthenticationFailed(INVALID) from error

    def authenticate_credentials(self, token: bytes) -> tuple[AbstractBaseUser, models.Model]:
        """Refuse bytes that no token has before the database is asked."""
        if not token.isascii() or len(token) <= CONSTANTS.TOKEN_KEY_LENGTH or b"\x00" in token:
            raise exceptions.AuthenticationFailed(INVALID)
        return super().authenticate_credentials(token)


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session; every unsafe request needs the CSRF token."""

    def enforce_csrf(self, request: Any) -> None:
        """As DRF does it, in Chinese."""
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            raise exceptions.PermissionDenied(STALE_PAGE) from error
