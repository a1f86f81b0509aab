"""JSON as orjson writes it: several times faster than the standard library's."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.db.models import QuerySet
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_UUID


def _plain(value: Any) -> Any:
    """What orjson doesn't know: lazy texts and decimals as text, query sets as lists."""
    if isinstance(value, Promise | Decimal):
        return str(value)
    if isinstance(value, QuerySet):
        return list(value)
    raise TypeError(f"{type(value).__name__} can't be rendered as JSON")


class JSONRenderer(BaseRenderer):
    """Renders the API's answers."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes of an answer; nothing for an answer without content."""
        return b"" if data is None else orjson.dumps(data, default=_plain, option=_OPTIONS)
