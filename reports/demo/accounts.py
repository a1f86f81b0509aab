"""The demo's accounts: the personas, and the other people that cases need."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.hashers import make_password

from accounts.models import Grant, Unit, User
from cadres.models import Appointment, Cadre
from cadres.querysets import name_columns
from core.calendar import now
from reports.demo.personas import CHARACTERS, Character
from reports.demo.tree import Tree

LONG_AGO = date(2020, 1, 1)


class Accounts:
    """Makes the demo's accounts and finds whoever files for a school or acts for a central school."""

    def __init__(self, tree: Tree, password: str) -> None:
        self.tree = tree
        self.password_hash = make_password(password)
        self.users: dict[str, User] = {}
        self.filers: dict[int, User] = {}

    def create_personas(self) -> None:
        """Create every persona with its role, and join those who lead a unit to its head's record."""
        for character in CHARACTERS:
            user = self._user(character.username, character.name, character.account_class)
            self.users[character.username] = user
            if character.role:
                unit = self.tree.named(character.unit)
                self._grant(user, character.role, unit)
                if character.role in ("central", "principal"):
                    self.filers[unit.pk] = user
                    self._be_head(character, user, unit)

    def __getitem__(self, username: str) -> User:
        return self.users[username]

    def filer(self, unit: Unit) -> User:
        """Return the account of a unit's head, made when first asked for, with the role that goes with it."""
        if unit.pk not in self.filers:
            head = _head(unit)
            user = self._user(unit.code.lower(), head.name if head else f"{unit.name}负责人")
            self._grant(user, "central" if unit.kind == Unit.Kind.CENTRAL else "principal", unit)
            if head is not None:
                Cadre.objects.filter(pk=head.pk).update(user=user)
            self.filers[unit.pk] = user
        return self.filers[unit.pk]

    def helper(self, username: str, name: str) -> User:
        """Return an account without any role: a base's lead or a guide."""
        if username not in self.users:
            self.users[username] = self._user(username, name)
        return self.users[username]

    def be(self, username: str, cadre: Cadre) -> None:
        """Give a persona's name and account to somebody on the roster."""
        user = self.users[username]
        Cadre.objects.filter(pk=cadre.pk).update(user=user, name=user.name, **name_columns(user.name))
        cadre.refresh_from_db()

    def _user(self, username: str, name: str, account_class: str = "business") -> User:
        return User.objects.create(
            username=username, name=name, account_class=account_class, password=self.password_hash,
            email=f"{username}@demo.example",
        )  # fmt: skip

    def _grant(self, user: User, role: str, unit: Unit) -> None:
        Grant.objects.create(
            user=user, account_class=user.account_class, role=role, unit=unit, start=LONG_AGO, reason="示例数据",
            confirmed_at=now(),
        )  # fmt: skip

    def _be_head(self, character: Character, user: User, unit: Unit) -> None:
        head = _head(unit)
        if head is not None:
            self.be(character.username, head)


def _head(unit: Unit) -> Cadre | None:
    """The person in a unit's leading post."""
    posts = Appointment.objects.filter(unit=unit, is_main=True, end=None, post__category="head")
    found = posts.select_related("cadre").order_by("pk").first()
    return found.cadre if found else None
