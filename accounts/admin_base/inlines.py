"""Rows shown below the record they belong to, to look at: decisions above all."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest


class ReadOnlyInline(admin.TabularInline):
    """Rows that belong to the record above them, to look at."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the record sees its rows."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False


class DecisionInline(ReadOnlyInline):
    """What was done, by whom, when, with which words: append-only."""

    verbose_name_plural = "办理记录"
    fields: Any = ("at", "actor_name", "label", "verdict", "comment")
    ordering = ("id",)


def decisions(kind: type[Model], *more: str) -> type[DecisionInline]:
    """Return the inline of a document's decisions."""
    fields = ("at", *more, "actor_name", "label", "verdict", "comment")
    return type(f"{kind.__name__}Inline", (DecisionInline,), {"model": kind, "fields": fields})
