"""Scope: the one answer to „may this user?“, „on this row?“, „which rows?“ and „which users may?“."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import Grant, Unit, User
from accounts.roles import CAPABILITIES, ROLES, AccountClass, roles_with
from core.calendar import today
from core.errors import NotAllowed, NotFound

_WHOLE_TREE = "/"


def paths(user: Any, capability: str) -> list[str]:
    """Return the unit paths under which the user holds a capability today, none of them inside another.

    A user without a grant gets an empty list. The command line's emergency account reaches the whole tree
    with every business capability, and none of the administrators'.
    """
    if user is None or not getattr(user, "is_active", False):
        return []
    if user.is_superuser and _is_business(capability):
        return [_WHOLE_TREE]
    held = _held(user)
    codes = set(roles_with(capability))
    found = sorted({path for role, path in held if role in codes})
    return [path for path in found if not any(path != other and path.startswith(other) for other in found)]


def may(user: Any, capability: str, unit_path: str | None = None) -> bool:
    """Say whether the user holds a capability, at a unit path when one is given, else anywhere."""
    reach = paths(user, capability)
    if unit_path is None:
        return bool(reach)
    return any(unit_path.startswith(path) for path in reach)


def may_on(user: Any, capability: str, obj: Any) -> bool:
    """Say whether the user holds a capability on a row: a unit, or anything that carries `unit_path`."""
    return may(user, capability, obj.unit_path)


def path_filter(user: Any, capability: str, field: str = "unit_path") -> Q:
    """Return the condition that keeps the rows under the user's paths; without a grant it keeps none."""
    reach = paths(user, capability)
    if _WHOLE_TREE in reach:
        return Q()
    condition = Q(pk__in=[])
    for path in reach:
        condition |= Q(**{f"{field}__startswith": path})
    return condition


def paths_above(path: str) -> list[str]:
    """Return the path itself and every path above it."""
    return [path[: end + 1] for end, char in enumerate(path) if char == "/" and end]


def concerning(user: Any, capability: str) -> Q:
    """Return the condition for rows of units at, under or above the user's paths: what addresses them."""
    condition = path_filter(user, capability)
    for path in paths(user, capability):
        condition |= Q(unit_path__in=paths_above(path))
    return condition


def users_who_may(capability: str, unit: Unit) -> QuerySet[User]:
    """Return the active users who hold a capability at a unit, by a grant there or at any unit above it."""
    grants = Grant.objects.in_force().filter(
        role__in=roles_with(capability), unit__path__in=paths_above(unit.path)
    )
    return User.objects.filter(is_active=True, pk__in=grants.values("user_id"))


def require(user: Any, capability: str, obj: Any = None) -> None:
    """Refuse a user who lacks a capability (on a row, when one is given).

    Raises NotFound when the row is outside everything the user can see, NotAllowed when it is in view.
    """
    if obj is None:
        if not may(user, capability):
            raise NotAllowed("您没有办理这件事的权限。")
        return
    if may_on(user, capability, obj):
        return
    if type(obj)._default_manager.visible_to(user).filter(pk=obj.pk).exists():
        raise NotAllowed("您可以查看，但没有办理这件事的权限。")
    raise NotFound("没有找到这条记录。")


def _held(user: Any) -> list[tuple[str, str]]:
    """The user's roles and paths today, read once per user object (that is: once per request)."""
    cached = user.__dict__.get("_held_grants")
    if cached is None or cached[0] != today():
        rows = Grant.objects.in_force().filter(user_id=user.pk).values_list("role", "unit__path")
        cached = (today(), list(rows))
        user.__dict__["_held_grants"] = cached
    return cached[1]


def roles_of(user: Any) -> set[str]:
    """Return the codes of the roles the user holds anywhere today."""
    return {role for role, _ in _held(user)}


def forget(user: Any) -> None:
    """Drop what is remembered of a user's grants, after they changed within one request."""
    user.__dict__.pop("_held_grants", None)


def _is_business(capability: str) -> bool:
    if capability not in CAPABILITIES:
        raise KeyError(f"unknown capability {capability}")
    return any(
        capability in role.capabilities
        for role in ROLES.values()
        if role.account_class == AccountClass.BUSINESS
    )


class ScopedQuerySet(models.QuerySet):
    """A queryset whose rows are reached through `visible_to` alone."""

    view_capability = ""

    def visible_to(self, user: Any, capability: str = "") -> Self:
        """Rows in the user's scope for a capability (the kind's own view capability when none is named)."""
        return self.filter(path_filter(user, capability or self.view_capability))


class ScopedModel(models.Model):
    """A row that belongs to a unit; `unit_path` follows the unit's path in the database (ON UPDATE CASCADE)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    unit_path = models.CharField("单位路径", max_length=200, editable=False, db_collation="C")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Copy the unit's path before every write; the composite foreign key refuses a wrong one."""
        if self.unit_id:
            self.unit_path = self.unit.path
            fields = kwargs.get("update_fields")
            if fields is not None and "unit" in fields:
                kwargs["update_fields"] = {*fields, "unit_path"}
        super().save(*args, **kwargs)


def composite_foreign_key(table: str, *, column: str = "unit_id", path: str = "unit_path") -> tuple[str, str]:
    """Return the SQL (forward, backward) that ties a copied path to its unit and lets it follow."""
    name = f"{table}_{path}_follows"
    forward = (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY ("{column}", "{path}") '
        'REFERENCES "accounts_unit" ("id", "path") ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED'
    )
    return forward, f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"'
