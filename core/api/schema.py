"""How the OpenAPI document names the two ways of proving who one is."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):
    """`Authorization: Token …`."""

    target_class = "core.authentication.ExpiringTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The header that carries the token."""
        return {
            "type": "apiKey", "in": "header", "name": "Authorization",
            "description": "先用账号和密码换取令牌：POST /api/v1/auth/token/，再带上 `Token 令牌`。",
        }  # fmt: skip


class SessionScheme(OpenApiAuthenticationExtension):
    """The portal's own session."""

    target_class = "core.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The session's cookie."""
        from django.conf import settings

        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
