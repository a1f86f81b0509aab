"""The demo's personas on the sign-in page: a higher app says who there is and what each is about to do."""

from collections.abc import Callable
from typing import TypedDict

from django.conf import settings


class Persona(TypedDict):
    """A demo account as its card shows it; `group` gathers the cards, `about_to_do` is one short sentence."""

    username: str
    label: str
    about_to_do: str
    group: str
    icon: str


Provider = Callable[[], list[Persona]]
_providers: list[Provider] = []


def register_provider(provider: Provider) -> Provider:
    """Add a source of personas; an app calls this in its `ready`. Twice registers once."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def personas() -> dict[str, list[Persona]]:
    """Return the personas by group, in the order given; nothing outside the demo, whatever is registered."""
    if not settings.DEMO:
        return {}
    groups: dict[str, list[Persona]] = {}
    for provider in _providers:
        for persona in provider():
            groups.setdefault(persona["group"], []).append(persona)
    return groups
