"""What every service of the roster shares: dates into columns, before and after, refusals in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from accounts.models import User
from accounts.scope import require
from cadres.models import Cadre
from core import audit
from core.crypto import EncryptedTextField
from core.errors import Invalid, NotFound
from core.partial_dates import PartialDate
from core.versions import require_version

MISSING = object()
SEALED = "（加密保存）"


def set_values(obj: models.Model, values: Mapping[str, Any]) -> list[str]:
    """Put values on a record, partial dates into their two columns; return the names of what changed."""
    changed = []
    for name, value in values.items():
        if isinstance(value, PartialDate) or (value is None and hasattr(obj, f"{name}_precision")):
            day = value.date if value else None
            precision = value.precision if value else "day"
            old = (getattr(obj, name), getattr(obj, f"{name}_precision"))
            if old != (day, precision):
                changed += [name, f"{name}_precision"]
            setattr(obj, name, day)
            setattr(obj, f"{name}_precision", precision)
            continue
        if getattr(obj, name, None) != value:
            changed.append(name)
            setattr(obj, name, value)
    return changed


def check(obj: models.Model, *, links: bool = True) -> None:
    """Run the model's own checks; raises Invalid with the sentences by field.

    Without `links` foreign keys aren't looked up. Uniqueness and period constraints are left to the services,
    which say them in words, and to the database.
    """
    exclude = () if links else {one.name for one in obj._meta.fields if one.is_relation}
    try:
        obj.full_clean(exclude, validate_constraints=False, validate_unique=False)
    except ValidationError as error:
        raise Invalid("填写的内容有误，请检查标出的各项。", errors=error.message_dict) from None


def shown(obj: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Return field values as the audit keeps them: people's words for choices and links, ISO dates."""
    found: dict[str, Any] = {}
    for name in names:
        if name.endswith("_precision"):
            continue
        value = getattr(obj, name)
        precision = getattr(obj, f"{name}_precision", None)
        if isinstance(value, models.Model):
            value = str(value)
        elif isinstance(value, dt.date) and precision:
            value = PartialDate.of(value, precision).iso()
        elif isinstance(value, dt.date):
            value = value.isoformat()
        elif (display := getattr(obj, f"get_{name}_display", None)) is not None:
            value = display()
        field = obj._meta.get_field(name)
        if isinstance(field, EncryptedTextField) and name != "id_number":
            # The trail says that something was written, never what is encrypted elsewhere.
            value = SEALED if value else ""
        found[str(getattr(field, "verbose_name", name))] = value
    return found


def lock_cadre(cadre: Cadre, *, by: User | None, capability: str = "cadre.edit") -> Cadre:
    """Lock a cadre's row, so that two changes to one person follow each other, and check the writer.

    Raises NotFound outside the writer's scope and NotAllowed inside it without the capability. Callers that
    have asked a capability of their own pass an empty one.
    """
    locked = lock_row(Cadre.objects.select_related("unit"), cadre.pk)
    if capability:
        require(by, capability, locked)
    return locked


def lock_row(rows: models.QuerySet[Any], key: int) -> Any:
    """Lock one of some rows and return it afresh; raises NotFound where it was taken out in the meantime."""
    locked = rows.select_for_update(of=("self",)).filter(pk=key).first()
    if locked is None:
        raise NotFound("这条记录刚刚被删除，请刷新页面。")
    return locked


def check_version(obj: models.Model, version: str) -> None:
    """Raise Stale when a form was filled from an older version; an empty version doesn't ask."""
    if version:
        require_version(obj, version)


def touch(cadre: Cadre) -> None:
    """Mark a cadre as changed when one of its histories was, so that incremental pulls see it."""
    cadre.save(update_fields=["updated_at"])


def save_new(
    obj: models.Model, *, action: str, by: User | None, fields: Iterable[str], unit_name: str
) -> None:
    """Check and insert a record with its audit entry."""
    check(obj)
    obj.save(force_insert=True)
    audit.record(action, by=by, obj=obj, after=shown(obj, fields), unit_name=unit_name)


def save_changes(
    obj: models.Model,
    values: Mapping[str, Any],
    *,
    action: str,
    by: User | None,
    unit_name: str,
    note: str = "",
) -> list[str]:
    """Change a locked record with its audit entry; returns the names of the changed fields.

    Nothing is written, and nothing noted, when nothing changed.
    """
    before_all = shown(obj, values)
    changed = set_values(obj, values)
    if not changed:
        return []
    check(obj)
    obj.save()
    names = [name for name in changed if not name.endswith("_precision")] or list(values)
    after = shown(obj, names)
    before = {label: before_all.get(label) for label in after}
    audit.record(action, by=by, obj=obj, before=before, after=after, unit_name=unit_name, note=note)
    return changed
