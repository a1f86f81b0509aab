"""Named filters over users, units and grants."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Replace

from core.calendar import today

if TYPE_CHECKING:
    from accounts.models import User


class UserQuerySet(models.QuerySet):
    """Filters over accounts."""

    def visible_to(self, user: Any, capability: str = "account.view") -> UserQuerySet:
        """All accounts for whoever holds the capability: an account itself belongs to no unit."""
        from accounts.scope import may

        return self.all() if may(user, capability) else self.none()

    def matching(self, text: str) -> UserQuerySet:
        """Accounts whose person's name contains the text or whose user name begins with it."""
        text = "".join(text.split()).lower()
        return self.filter(Q(name__icontains=text) | Q(username__startswith=text)) if text else self


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Creates users; the browser can never make a superuser."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Create an account; without a password it can't sign in until it is activated."""
        user = self.model(username=username.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Create the command line's emergency account."""
        return self.create_user(username, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Look a user up by name, whatever the case typed."""
        return self.get(username=(username or "").lower())


class UnitQuerySet(models.QuerySet):
    """Filters over the organisation tree."""

    def below(self, path: str) -> UnitQuerySet:
        """Units at or under a materialised path."""
        return self.filter(path__startswith=path)

    def valid_on(self, day: date) -> UnitQuerySet:
        """Units that exist on a day."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day)
        )

    def open(self) -> UnitQuerySet:
        """Units that exist today."""
        return self.valid_on(today())

    def matching(self, text: str) -> UnitQuerySet:
        """Units whose present or former name contains the text, or whose pinyin, initials or code begin with it."""
        text = "".join(text.split())
        if not text:
            return self
        if text.isascii():
            low = text.lower()
            letters = Replace("name_key", Value(" "), Value(""))
            by_letters = Q(initials__startswith=low) | Q(letters__startswith=low) | Q(code__istartswith=text)
            return self.alias(letters=letters).filter(by_letters)
        from accounts.models import UnitName

        former = UnitName.objects.filter(unit=OuterRef("pk"), name__contains=text)
        return self.filter(Q(name__contains=text) | Exists(former))

    def visible_to(self, user: Any, capability: str = "unit.view") -> UnitQuerySet:
        """Units within the user's reach for a capability; empty without a grant."""
        from accounts.scope import path_filter

        return self.filter(path_filter(user, capability, "path"))


class GrantQuerySet(models.QuerySet):
    """Filters over grants."""

    def visible_to(self, user: Any, capability: str = "grant.view") -> GrantQuerySet:
        """Grants at units within the user's reach for a capability."""
        from accounts.scope import path_filter

        return self.filter(path_filter(user, capability, "unit__path"))

    def ended(self, day: date | None = None) -> GrantQuerySet:
        """Grants that are over by a day, and proposals that were declined."""
        return self.filter(end__lte=day or today())

    def in_force(self, day: date | None = None) -> GrantQuerySet:
        """Confirmed grants that hold on a day (today when none is given)."""
        day = day or today()
        return self.filter(Q(end=None) | Q(end__gt=day), start__lte=day, confirmed_at__isnull=False)

    def proposed(self) -> GrantQuerySet:
        """Proposals that wait for the security administrator."""
        return self.filter(confirmed_at=None, end=None)
