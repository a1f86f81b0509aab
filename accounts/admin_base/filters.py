"""Filters of the admin's lists in words: whether something is there yet, instead of empty and not empty."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


def whether(column: str, title: str, *, filled: str, empty: str) -> type[admin.SimpleListFilter]:
    """Return a filter by whether a column is filled; `filled` and `empty` are the words of the two."""

    class Whether(admin.SimpleListFilter):
        """By whether a column is filled."""

        parameter_name = f"has_{column}"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            """Both."""
            return [("no", empty), ("yes", filled)]

        def queryset(self, request: HttpRequest, queryset: Any) -> Any:
            """The rows of one."""
            if self.value() not in ("yes", "no"):
                return queryset
            return queryset.filter(**{f"{column}__isnull": self.value() == "no"})

    Whether.title = title
    return Whether
