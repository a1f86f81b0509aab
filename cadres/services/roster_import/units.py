"""Units by the names that rosters use: present and former names and codes, blanks ignored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from accounts.models import Unit, UnitName
from core.sheets.values import squeezed

MOST_SUGGESTIONS = 6
_LEAST_LIKENESS = 0.3


@dataclass(frozen=True)
class KnownUnit:
    """A unit that a roster may name."""

    id: int
    name: str
    parent: str


class UnitNames:
    """The units below a path, found by name. Two queries, whatever the number of rows."""

    def __init__(self, path: str) -> None:
        units = Unit.objects.open().below(path)
        self.units: dict[int, KnownUnit] = {}
        self._by_name: dict[str, set[int]] = {}
        for pk, name, code, parent in units.values_list("id", "name", "code", "parent__name"):
            self.units[pk] = KnownUnit(pk, name, parent or "")
            self._add(name, pk)
            self._add(code, pk)
        former = UnitName.objects.filter(unit__path__startswith=path).values_list("name", "unit_id")
        self._former: dict[str, set[int]] = {}
        for name, pk in former:
            if pk in self.units:
                self._former.setdefault(_key(name), set()).add(pk)
        self._longest = max(map(len, self._by_name), default=0)

    def _add(self, name: str, pk: int) -> None:
        self._by_name.setdefault(_key(name), set()).add(pk)

    def matching(self, text: str) -> list[int]:
        """The units a text names: by present name or code, else by a former name; several when unclear."""
        key = _key(text)
        return sorted(self._by_name.get(key) or self._former.get(key) or ())

    def at_start(self, text: str) -> str:
        """The name of a unit that a text begins with, „示例区第二中学校长“ for example; "" when none does."""
        for end in range(min(len(text), self._longest), 1, -1):
            if _key(text[:end]) in self._by_name:
                return text[:end]
        return ""

    def similar(self, text: str) -> list[KnownUnit]:
        """Units with a name like the text, the likeliest first."""
        wanted = _pieces(_key(text))
        scored = []
        for unit in self.units.values():
            own = _pieces(_key(unit.name))
            likeness = 2 * len(wanted & own) / max(1, len(wanted) + len(own))
            if likeness >= _LEAST_LIKENESS:
                scored.append((-likeness, unit.name, unit))
        return [unit for _, _, unit in sorted(scored, key=lambda one: one[:2])[:MOST_SUGGESTIONS]]


def only_unit(unit: Unit) -> int | None:
    """Where people without a unit belong: the import's own unit when no other lies below it."""
    return None if Unit.objects.open().filter(parent=unit).exists() else unit.pk


@lru_cache(maxsize=65_536)
def _key(text: str) -> str:
    return squeezed(text).lower()


@lru_cache(maxsize=65_536)
def _pieces(key: str) -> frozenset[str]:
    """Neighbouring pairs of characters: the measure of likeness."""
    return frozenset(key[at : at + 2] for at in range(len(key) - 1)) or frozenset({key})
