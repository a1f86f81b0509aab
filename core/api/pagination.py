"""Paging of lists: `page` and `page_size`, with a count that never costs a walk over the whole table."""

from typing import Any

from django.core.paginator import InvalidPage
from rest_framework.exceptions import NotFound
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

COUNT_CAP = 10_000
MAX_PAGE = 1_000_000
_NO_SUCH_PAGE = "没有这一页。"


class Pagination(BasePagination):
    """`{"count", "next", "previous", "results"}`; `count` stops at 10 000, whatever lies beyond.

    `next` comes from one row more than the page, not from the count, so it is right at any depth.
    """

    page_size = 50
    max_page_size = 500

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the asked page; NotFound for a page that isn't there."""
        self.request = request
        self.number = self._positive(request.query_params.get("page"), 1, MAX_PAGE)
        self.size = self._positive(request.query_params.get("page_size"), self.page_size, self.max_page_size)
        start = (self.number - 1) * self.size
        rows = list(queryset[start : start + self.size + 1])
        if not rows and self.number > 1:
            raise NotFound(_NO_SUCH_PAGE)
        self.has_next = len(rows) > self.size
        rows = rows[: self.size]
        self.count = self._count(queryset, start + len(rows))
        return rows

    def _positive(self, text: str | None, default: int, most: int) -> int:
        if not text:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) > 0):
            raise NotFound(_NO_SUCH_PAGE) from InvalidPage()
        return min(int(text), most)

    def _count(self, queryset: Any, seen: int) -> int:
        """Known from the page itself where it is the last one; else counted, up to the cap."""
        if not self.has_next:
            return min(seen, COUNT_CAP)
        if isinstance(queryset, list):
            return min(len(queryset), COUNT_CAP)
        return queryset.order_by()[:COUNT_CAP].count()

    def get_paginated_response(self, data: Any) -> Response:
        """The envelope around a page."""
        return Response(
            {"count": self.count, "next": self._next(), "previous": self._previous(), "results": data}
        )

    def _next(self) -> str | None:
        if not self.has_next:
            return None
        return replace_query_param(self.request.build_absolute_uri(), "page", self.number + 1)

    def _previous(self) -> str | None:
        if self.number == 1:
            return None
        url = self.request.build_absolute_uri()
        if self.number == 2:
            return remove_query_param(url, "page")
        return replace_query_param(url, "page", self.number - 1)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The envelope in the OpenAPI document."""
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "description": f"总数，最多计到 {COUNT_CAP}"},
                "next": link,
                "previous": link,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The two query parameters in the OpenAPI document."""
        return [
            {
                "name": name,
                "required": False,
                "in": "query",
                "description": text,
                "schema": {"type": "integer"},
            }
            for name, text in (("page", "第几页"), ("page_size", f"每页几条，最多 {self.max_page_size}"))
        ]
