"""Versions of a record: what a form or an API client saw, compared before their change is written."""

import hashlib
from typing import Any

from core.errors import Stale


def version_of(obj: Any) -> str:
    """A short text that changes whenever the record does: its `version`, else its `updated_at`, else its columns."""
    version = getattr(obj, "version", None)
    if version is None and hasattr(obj, "updated_at"):
        version = f"{obj.updated_at.timestamp():.6f}"
    if version is None:
        columns = [(each.attname, each.value_from_object(obj)) for each in obj._meta.concrete_fields]
        version = hashlib.sha256(repr(columns).encode()).hexdigest()[:24]
    return f"{obj.pk}-{version}"


def require_version(obj: Any, seen: str) -> None:
    """Raise Stale unless `seen` is the record's present version; call it on a locked row."""
    if seen != version_of(obj):
        raise Stale
