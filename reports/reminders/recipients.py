"""Who is reminded: holders of capabilities where the rows are, without the people themselves and their kin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from accounts.models import Grant, User
from accounts.roles import roles_with
from programs.avoidance import avoiding_pairs
from programs.models import Call
from reports.reminders.deadlines import Moment, moment


def holders(capability: str, call: Call) -> list[tuple[User, str, int, str]]:
    """Return (user, unit path, unit id, unit name) of those who hold a capability below a call's unit."""
    return holders_below(capability, call.unit_path)


def holders_below(capability: str, unit_path: str) -> list[tuple[User, str, int, str]]:
    """Return (user, unit path, unit id, unit name) of those who hold a capability at or below a unit."""
    grants = (
        Grant.objects.in_force()
        .filter(role__in=roles_with(capability), unit__path__startswith=unit_path, user__is_active=True)
        .select_related("user", "unit")
        .order_by("user_id", "unit_id")
    )
    return [(grant.user, grant.unit.path, grant.unit_id, grant.unit.name) for grant in grants]


class Keepers:
    """Those who hold all of some capabilities over people's records; the grants are read once.

    `cadres` are the people concerned (id → unit path): nobody is reminded of their own case or of kin's.
    """

    def __init__(self, cadres: dict[int, str], *capabilities: str) -> None:
        self._cadres = cadres
        self._avoiding = avoiding_pairs(cadres) if cadres else set()
        roles = {role for capability in capabilities for role in roles_with(capability)}
        self._users: dict[int, User] = {}
        self._paths: list[dict[int, list[str]]] = [{} for _ in capabilities]
        grants = Grant.objects.in_force().filter(role__in=roles, user__is_active=True) if cadres else ()
        for grant in grants.select_related("user", "unit").order_by("user_id", "pk") if cadres else ():
            self._users[grant.user_id] = grant.user
            for capability, reach in zip(capabilities, self._paths, strict=True):
                if grant.role in roles_with(capability):
                    reach.setdefault(grant.user_id, []).append(grant.unit.path)

    def of(self, cadre: int) -> Iterator[User]:
        """Yield those who keep a person's record."""
        for key, user in self._users.items():
            if self._reaches(key, cadre):
                yield user

    def shares(self, cadres: Iterable[int]) -> Iterator[tuple[User, list[int]]]:
        """Yield each keeper with those of some people that are theirs, leaving out whoever has none."""
        wanted = list(cadres)
        for key, user in self._users.items():
            mine = [cadre for cadre in wanted if self._reaches(key, cadre)]
            if mine:
                yield user, mine

    def counts(self, cadres: Iterable[int]) -> Iterator[tuple[User, int]]:
        """Yield each keeper with how many of some people are theirs, leaving out whoever has none."""
        return ((user, len(mine)) for user, mine in self.shares(cadres))

    def avoids(self, user: int, cadre: int) -> bool:
        """Whether a user is a person or the person's kin."""
        return (user, cadre) in self._avoiding

    def _reaches(self, user: int, cadre: int) -> bool:
        path = self._cadres[cadre]
        return (user, cadre) not in self._avoiding and all(
            any(path.startswith(each) for each in reach.get(user, ())) for reach in self._paths
        )


def keepers_of_due(rows: list[Any], *capabilities: str) -> Iterator[tuple[Any, Moment, User]]:
    """Yield each row whose `due` is called to mind today, its occasion, and each keeper of the person's record."""
    keepers = Keepers(paths_of(rows), *capabilities)
    for row in rows:
        at = moment(row.due) if row.due else None
        if at is not None:
            for person in keepers.of(row.cadre_id):
                yield row, at, person


def paths_of(rows: Iterable[object]) -> dict[int, str]:
    """Return the unit paths of the people whom rows (read with their `cadre`) are about."""
    return {row.cadre_id: row.cadre.unit_path for row in rows}  # type: ignore[attr-defined]
