"""The audit trail: registered actions with wording, entries written once, each sealed with a keyed code.

Every entry carries an HMAC over its content under a key derived from INDEX_KEY, so an entry changed
behind the application's back is found by `manage.py verify_audit`. Confidential values never enter it:
encrypted fields and identity numbers are masked before the entry is written.
"""

import contextvars
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from core.calendar import now, start_of_day
from core.crypto import EncryptedTextField, derived_key, mask_identities_in
from core.models import AuditEntry

SYSTEM_NAME = "系统"
MASKED = "（已加密）"
_SEALED = [
    "at",
    "action",
    "actor_id",
    "actor_name",
    "actor_username",
    "ip",
    "request_id",
    "object_type",
    "object_id",
    "object_label",
    "before",
    "after",
    "unit_name",
    "unit_path",
    "note",
]


@dataclass(frozen=True)
class RequestFacts:
    """Where a change comes from: filled by core.middleware.RequestFactsMiddleware."""

    ip: str | None = None
    request_id: str = ""
    user_id: int | None = None


_NOWHERE = RequestFacts()
facts: contextvars.ContextVar[RequestFacts] = contextvars.ContextVar("request_facts", default=_NOWHERE)
_wordings: dict[str, str] = {}


def register(action: str, wording: str) -> None:
    """Give an action its words; a second, different wording for the same name is a programming error."""
    if _wordings.setdefault(action, wording) != wording:
        raise ValueError(f"audit action {action!r} has two wordings")


def wording(action: str) -> str:
    """The words of an action; its name if it was registered by code that is gone."""
    return _wordings.get(action, action)


def wordings() -> dict[str, str]:
    """All registered actions with their words, for the search form."""
    return dict(_wordings)


def record(
    action: str,
    *,
    by: Any,
    obj: models.Model | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
    unit_name: str = "",
    day: dt.date | None = None,
) -> AuditEntry:
    """Write one entry in the caller's transaction.

    `by` is the acting user, None for the system itself. `before` and `after` hold field values by name;
    values of encrypted fields of `obj` and identity numbers anywhere are masked. The unit's path is taken
    from `obj.unit_path` where there is one. With `day` the entry says of its time only that day, and neither
    address nor request. Raises KeyError for an action that isn't registered.
    """
    if action not in _wordings:
        raise KeyError(f"audit action {action!r} is not registered")
    request = facts.get() if day is None else _NOWHERE
    secret = _encrypted_names(obj)
    entry = AuditEntry(
        at=now() if day is None else start_of_day(day),
        action=action,
        actor_id=getattr(by, "pk", None),
        actor_name=_short(getattr(by, "name", "") or str(by), 80) if by else SYSTEM_NAME,
        actor_username=_short(by.get_username(), 60) if by else "",
        ip=request.ip,
        request_id=request.request_id,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        object_label=_short(mask_identities_in(str(obj)), 200) if obj is not None else "",
        before=_safe_values(before, secret),
        after=_safe_values(after, secret),
        unit_name=_short(unit_name, 200),
        unit_path=getattr(obj, "unit_path", "") or "",
        note=_clean(mask_identities_in(note)),
    )
    entry.seal = seal_of(entry)
    entry.save(force_insert=True)
    return entry


def seal_of(entry: AuditEntry) -> str:
    """The keyed code over everything the entry says."""
    content = {name: getattr(entry, name) for name in _SEALED}
    content["at"] = entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(derived_key("audit"), text.encode(), hashlib.sha256).hexdigest()


def verify(entries: "models.QuerySet[AuditEntry]") -> Iterator[AuditEntry]:
    """The entries whose content no longer fits their seal, oldest first."""
    for entry in entries.order_by("id").iterator(chunk_size=2000):
        if not hmac.compare_digest(seal_of(entry), entry.seal):
            yield entry


def _encrypted_names(obj: models.Model | None) -> set[str]:
    if obj is None:
        return set()
    return {field.name for field in obj._meta.fields if isinstance(field, EncryptedTextField)}


def _safe_values(values: Mapping[str, Any] | None, secret: set[str]) -> dict[str, Any] | None:
    if values is None:
        return None
    return {
        name: (MASKED if value else value) if name in secret else plain(value)
        for name, value in values.items()
    }


def plain(value: Any) -> Any:
    """A value as JSON that reads back the same from PostgreSQL: no floats, no NUL, identity numbers masked."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {_clean(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, models.Model):
        return {"id": str(value.pk), "name": _clean(mask_identities_in(str(value)))}
    return _clean(mask_identities_in(str(value)))


def _clean(text: str) -> str:
    return text.replace("\x00", "")


def _short(text: str, length: int) -> str:
    return _clean(text)[:length]
