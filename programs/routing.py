"""Routing: which steps a case passes through, what comes next, and who has acted on it before."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.models import Unit
from accounts.scope import paths_above
from core.calendar import ZONE, add_working_days
from programs.models import CallStep, Nomination, NominationDecision

Kind = CallStep.Kind

# Verdicts on a case; whoever has given one at a step gives none at another.
VERDICT_ACTIONS = ("submit", "pass", "return", "reject", "waitlist")
# The central school inspects and files its list as one body: these two count as one step.
_ONE_BODY = frozenset({Kind.INSPECT.value, Kind.LIST.value})
# 公示 lasts at least five working days (domain facts, selection rules).
PUBLICITY_WORKING_DAYS = 5


def central_of(unit_path: str) -> Unit | None:
    """Return the central school at or above a unit, or None for a county-direct school (县直)."""
    above = Unit.objects.filter(path__in=paths_above(unit_path), kind=Unit.Kind.CENTRAL)
    return above.order_by("-path").first()


def first_step(nomination: Nomination) -> CallStep | None:
    """Return the recommending step: the school's own submission."""
    return nomination.call.steps.filter(kind=Kind.RECOMMEND).first()


def next_step(nomination: Nomination, after: CallStep | None) -> tuple[CallStep | None, list[CallStep]]:
    """Return the next step of a case and the steps skipped on the way.

    A school without a central school above it skips the steps of that level; None means there is no more.
    """
    order = after.order if after else -1
    skipped: list[CallStep] = []
    central: Unit | None = None
    asked = False
    for step in nomination.call.steps.filter(order__gt=order).order_by("order"):
        if step.level == CallStep.Level.CENTRAL:
            if not asked:
                central, asked = central_of(nomination.unit_path), True
            if central is None:
                skipped.append(step)
                continue
        return step, skipped
    return None, skipped


def is_last_decision(following: CallStep | None) -> bool:
    """Whether a pass that leads here is the last deciding one, which takes a place (before 公示)."""
    return following is None or following.kind == Kind.PUBLICISE


def acted_elsewhere(nomination: Nomination, user: Any, step: CallStep | None) -> CallStep | None:
    """Return the other step of the case at which the user has acted, if any (nobody acts at two)."""
    decisions = NominationDecision.objects.filter(
        obj=nomination, actor=user, action__in=VERDICT_ACTIONS, step__isnull=False
    ).select_related("step")
    steps = [decision.step for decision in decisions if decision.step]
    own = first_step(nomination)
    if nomination.filed_by_id == user.pk and own is not None:
        steps.append(own)
    return next((each for each in steps if not _same(each, step)), None)


def _same(one: CallStep, other: CallStep | None) -> bool:
    if other is None:
        return False
    return one.pk == other.pk or {one.kind, other.kind} == _ONE_BODY


def publicity_end(nomination: Nomination) -> date | None:
    """Return the last day of a case's 公示: the fifth working day after the decision, None without one."""
    decided = nomination.decisions.filter(to_status=Nomination.Status.PUBLICISED).order_by("-id").first()
    if decided is None:
        return None
    return add_working_days(decided.at.astimezone(ZONE).date(), PUBLICITY_WORKING_DAYS)
