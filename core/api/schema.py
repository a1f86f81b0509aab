"""What the OpenAPI document says of every resource: the two ways of proving who one is, the one shape of errors."""

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


ERROR = {
    "type": "object",
    "required": ["code", "message", "errors"],
    "properties": {
        "code": {"type": "string", "description": "稳定的英文代码，如 invalid、forbidden、not_found、conflict、stale。"},
        "message": {"type": "string", "description": "给人看的一句话。"},
        "errors": {
            "type": "object",
            "description": "按字段列出的问题；没有时为空对象。",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}  # fmt: skip
_REFUSED = {
    "description": (
        "未办成：400 内容有误，401 未登录，403 无权限，404 没有或不在权限范围，409 时机不对，412 已被他人修改，"
        "413 太大，415 格式不支持，429 过于频繁，503 暂时不可用。"
    ),
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}


def describe_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Hook of the schema's making: every answer that isn't a success has the one shape."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    for operations in result["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("default", _REFUSED)
    return result
