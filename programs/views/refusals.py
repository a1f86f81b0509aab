"""A verb that was refused comes back on its page: the sentence at its field, what was typed kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from core.errors import DomainError, Stale, WrongMoment


def refused_context(
    request: HttpRequest, buttons: Iterable[Any], refused: DomainError | None, *, action: str = ""
) -> dict[str, Any]:
    """Return what components/_refused_action.html shows: the refusal, the button pressed in vain, the words sent."""
    return {
        "refusal": refused,
        "refused_action": _button(action or request.POST.get("action", ""), buttons, refused),
        "typed": request.POST if refused else {},
    }


def status_of(refused: DomainError | None, *, in_own_form: bool = False) -> int:
    """200; a wrong input is 422, a wrong moment 409, a changed case 412.

    A refusal that comes back in the form it was sent from (`in_own_form`) is 422 whichever it is.
    """
    if refused is None:
        return 200
    if refused.status == Stale.status or not (in_own_form or refused.status == 400):
        return refused.status
    return 422


def _button(asked: str, buttons: Iterable[Any], refused: DomainError | None) -> Any:
    """The button that was pressed in vain, if it may still be pressed; not where the case was moved on."""
    if refused is None or refused.status == WrongMoment.status:
        return None
    return next((each for each in buttons if each.name == asked and not each.refusal), None)
