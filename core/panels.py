"""Panels: a higher app registers a piece of page for a lower app's page, which loads it lazily.

A page with a timeline also asks for happenings: what the higher apps know of the object, dated.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse


@dataclass(frozen=True)
class Panel:
    """A piece of page: the place it belongs to ("cadres.cadre"), its title, address, capability, order.

    The address `url_name` is reversed with the object's primary key; an empty capability means that
    whoever sees the page sees the panel (its own view checks again in any case).
    """

    place: str
    title: str
    url_name: str
    capability: str = ""
    order: int = 100

    def url_for(self, obj: Any) -> str:
        """The address that answers with the panel's content for an object."""
        return reverse(self.url_name, args=[obj.pk])


@dataclass(frozen=True)
class PlacedPanel:
    """A panel for one object, ready for a template."""

    title: str
    url: str


_panels: list[Panel] = []


def register(panel: Panel) -> None:
    """Add a panel; registering the same one twice changes nothing."""
    if panel not in _panels:
        _panels.append(panel)


def panels_for(place: str, user: Any, obj: Any) -> list[PlacedPanel]:
    """The panels of a place that the person may see on this object, in order.

    The object is asked by its own `allows(user, capability)` where it has one, else the user by `holds`.
    """
    chosen = sorted(
        (panel for panel in _panels if panel.place == place and _may_see(panel, user, obj)),
        key=lambda panel: (panel.order, panel.title),
    )
    return [PlacedPanel(panel.title, panel.url_for(obj)) for panel in chosen]


def _may_see(panel: Panel, user: Any, obj: Any) -> bool:
    if not panel.capability:
        return True
    ask = getattr(obj, "allows", None)
    return bool(ask(user, panel.capability) if ask else user.holds(panel.capability))


@dataclass(frozen=True)
class Happening:
    """Something dated that a higher app tells on a lower app's timeline; `label` names its kind for the filter."""

    day: date
    kind: str
    label: str
    title: str
    text: str = ""
    icon: str = "circle-dot"
    tone: str = "muted"
    url: str = ""


Teller = Callable[[Any, Any], Iterable[Happening]]
_tellers: dict[str, list[Teller]] = {}


def register_teller(place: str, teller: Teller) -> None:
    """Let `teller(user, obj)` add happenings to a place, as far as the user sees them; twice changes nothing."""
    known = _tellers.setdefault(place, [])
    if teller not in known:
        known.append(teller)


def happenings_for(place: str, user: Any, obj: Any) -> list[Happening]:
    """What all higher apps tell the user of an object."""
    return [each for teller in _tellers.get(place, []) for each in teller(user, obj)]
