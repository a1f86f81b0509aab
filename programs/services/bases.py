"""Verbs on bases: register one, change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import Unit, User
from accounts.scope import require
from core import audit
from core.errors import Invalid
from programs.models import Base

audit.register("base.created", "登记基地")
audit.register("base.edited", "修改基地")

EDITABLE = ("name", "host_unit", "place", "lead", "capacity", "features", "is_active")


def create_base(*, unit: Unit, by: User, **fields: Any) -> Base:
    """Register a base managed by a unit; `fields` are those of EDITABLE.

    Raises Invalid when the unit has a base of that name already.
    """
    require(by, "base.manage", unit)
    base = Base(unit=unit)
    return _write(base, fields, by, "base.created")


def edit_base(*, base: Base, by: User, changes: Mapping[str, Any]) -> Base:
    """Change a base; its managing unit stays."""
    require(by, "base.manage", base)
    with transaction.atomic():
        locked = Base.objects.select_for_update(of=("self",)).get(pk=base.pk)
        return _write(locked, changes, by, "base.edited")


def _write(base: Base, fields: Mapping[str, Any], by: User, action: str) -> Base:
    changes = {name: value for name, value in fields.items() if name in EDITABLE}
    before = {name: getattr(base, name) for name in changes} if base.pk else {}
    for name, value in changes.items():
        setattr(base, name, value)
    same = Base.objects.filter(unit=base.unit, name=base.name.strip()).exclude(pk=base.pk)
    if same.exists():
        sentence = f"已有名为“{base.name}”的基地。"
        raise Invalid(sentence, errors={"name": [sentence]})
    base.name = base.name.strip()
    with transaction.atomic():
        base.save()
        audit.record(action, by=by, obj=base, before=before, after=changes, unit_name=base.unit.name)
    return base
