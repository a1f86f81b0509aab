"""Token log-in and log-out for scripts and other systems; the same doors as the log-in page."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import audit
from core.api import serializers
from core.api.errors import refusal
from core.authentication import READ_PREFIX, ExpiringTokenAuthentication
from core.errors import NotAllowed

audit.register("token.issue", "获取接口令牌")
audit.register("token.revoke", "注销接口令牌")

WRONG = "账号或密码不正确，或账号已停用。"
WRONG_CODE = "动态验证码不正确。"
NEEDS_SETUP = "您的账号须启用两步验证，请先在网页上登录并设置。"
NEEDS_CHANGE = "请先在网页上登录并修改初始密码。"
READ, WRITE = "read", "write"
SCOPES = {READ: "只读", WRITE: "可办理"}


serializers.register_labels(
    "core", {"username": "账号", "password": "密码", "code": "动态验证码", "scope": "令牌权限"}
)


class CredentialsSerializer(serializers.Serializer):
    """What a caller sends."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=256, trim_whitespace=False)
    code = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)
    scope = serializers.ChoiceField(
        list(SCOPES.items()), default=WRITE, help_text="read 只能读取，write 能办理本人有权办理的事"
    )


class TokenSerializer(serializers.Serializer):
    """What a caller gets."""

    token = serializers.CharField()
    expiry = serializers.DateTimeField()
    scope = serializers.ChoiceField(list(SCOPES.items()))


class TokenView(APIView):
    """`POST {username, password[, code][, scope]}` → `{token, expiry, scope}`.

    `code` is for accounts with two-step log-in; a token of scope `read` is refused wherever something changes.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "token"

    @extend_schema(request=CredentialsSerializer, responses={200: TokenSerializer}, auth=[])
    def post(self, request: Request) -> Response:
        """Check password, lockout, account and second factor; the token is shown this once."""
        serializer = CredentialsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        plain = request._request
        user = authenticate(plain, username=given["username"], password=given["password"])
        if getattr(plain, "axes_locked_out", False):
            return refusal(429, "登录失败次数过多，请稍后再试。")
        if user is None or not user.is_active:
            return refusal(401, WRONG, {"WWW-Authenticate": "Token"})
        if not second_factor_passes(user, given["code"]):
            user_login_failed.send(__name__, credentials={"username": given["username"]}, request=plain)
            return refusal(401, WRONG_CODE, {"WWW-Authenticate": "Token"})
        if getattr(user, "must_change_password", False):
            raise NotAllowed(NEEDS_CHANGE)
        with transaction.atomic():
            token, secret = AuthToken.objects.create(
                user=user, prefix=READ_PREFIX if given["scope"] == READ else ""
            )
            audit.record("token.issue", by=user, note=SCOPES[given["scope"]])
        return Response({"token": secret, "expiry": token.expiry, "scope": given["scope"]})


class TokenLogoutView(APIView):
    """`POST` with a token: that token is gone."""

    authentication_classes = (ExpiringTokenAuthentication,)
    permission_classes = (IsAuthenticated,)
    any_scope = True  # whoever only reads ends their token too

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the token that the request carries."""
        with transaction.atomic():
            request.auth.delete()
            audit.record("token.revoke", by=request.user)
        return Response(status=204)


def second_factor_passes(user: Any, code: str) -> bool:
    """Whether the second factor is in order; raises NotAllowed where one is required but not set up.

    An account asks for a second factor by `needs_second_factor` (a property of the user model).
    """
    authenticators = list(Authenticator.objects.filter(user=user))
    totp = next((each for each in authenticators if each.type == Authenticator.Type.TOTP), None)
    if totp is None:
        if settings.SECOND_FACTOR_ENFORCED and getattr(user, "needs_second_factor", False):
            raise NotAllowed(NEEDS_SETUP)
        return True
    if not code:
        return False
    if TOTP(totp).validate_code(code):
        return True
    spare = next((each for each in authenticators if each.type == Authenticator.Type.RECOVERY_CODES), None)
    return spare is not None and RecoveryCodes(spare).validate_code(code)
