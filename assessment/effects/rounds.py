"""What the actions on a round write: messages, the window's new end, results, and that raters are forgotten."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from assessment import messages, scoring, shuffling, trail
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


def after_close(round: Round, move: Move) -> None:
    """Work out the results, forget who wrote which ballot, and tell the trail the days; all in one transaction."""
    shuffling.drop_drafts(round)
    scoring.compute(round)
    _forget(round)


def after_cancel(round: Round, move: Move) -> None:
    """Destroy what was submitted and tell the raters of an open round."""
    shuffling.drop_drafts(round)
    shuffling.drop_ballots(round)
    _forget(round)
    messages.round_cancelled(round)


def after_publish(round: Round, move: Move) -> None:
    """Tell the people rated."""
    messages.results_published(round)


def _forget(round: Round) -> None:
    shuffling.shuffle(round)
    trail.tell_round(round)
    transaction.on_commit(shuffling.vacuum, robust=True)
