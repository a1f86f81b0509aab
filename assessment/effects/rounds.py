"""What the actions on a round write: messages, the window's new end."""

from __future__ import annotations

from typing import Any

from assessment import messages
from assessment.models import Round
from core.workflow import Move


def after_open(round: Round, move: Move) -> None:
    """Tell the raters."""
    messages.round_opened(round)


def extend_columns(round: Round, move: Move) -> dict[str, Any]:
    """The new end of the window."""
    return {"closes_at": move.data["closes_at"]}


def after_extend(round: Round, move: Move) -> None:
    """Tell the raters that they have more time."""
    messages.round_extended(round)


def after_cancel(round: Round, move: Move) -> None:
    """Tell the raters of an open round."""
    messages.round_cancelled(round)


def after_publish(round: Round, move: Move) -> None:
    """Tell the people rated."""
    messages.results_published(round)
