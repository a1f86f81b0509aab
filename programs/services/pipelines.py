"""What the call board and a case page show: numbers per step, places left, the story of a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from accounts.scope import users_who_may
from core.calendar import today
from programs.avoidance import must_avoid, without_avoiding
from programs.models import Call, CallStep, Nomination, NominationDecision
from programs.places import places_left
from programs.routing import central_of, first_step, publicity_end

__all__ = [
    "CallPipeline",
    "CaseHistory",
    "StepCount",
    "StepEntry",
    "call_pipeline",
    "case_history",
    "own_counts",
    "places_left",
]

Status = Nomination.Status
_UNDER_WAY = (Status.SUBMITTED, Status.IN_REVIEW)


@dataclass
class StepCount:
    """How many cases wait at a step, and whether its day has passed."""

    step: CallStep
    count: int = 0

    @property
    def is_late(self) -> bool:
        """Cases wait although the step's day is over."""
        return bool(self.count and self.step.due and self.step.due < today())


@dataclass
class CallPipeline:
    """A call as numbers: cases per step and per outcome, units that have filed, places."""

    call: Call
    steps: list[StepCount] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    filing_units: int = 0
    lists_filed: int = 0
    places: int | None = None
    taken: int = 0

    @property
    def left(self) -> int | None:
        """Places left of the account's year, over all its calls; None where the call draws on none."""
        return None if self.places is None else max(self.places - self.taken, 0)

    @property
    def counted(self) -> int:
        """Cases that use up a nomination quota."""
        return sum(self.outcomes.get(status, 0) for status in Nomination.COUNTED)


def call_pipeline(calls: Iterable[Call]) -> dict[int, CallPipeline]:
    """Return the numbers of many calls with five statements, however many calls or cases."""
    found = {call.pk: CallPipeline(call) for call in calls}
    steps: dict[int, StepCount] = {}
    for step in CallStep.objects.filter(call__in=found).order_by("call_id", "order"):
        steps[step.pk] = StepCount(step)
        found[step.call_id].steps.append(steps[step.pk])
    cases = Nomination.objects.filter(call__in=found).order_by()
    for row in cases.values("call_id", "status", "step_id").annotate(count=Count("pk")):
        line = found[row["call_id"]]
        line.outcomes[row["status"]] = line.outcomes.get(row["status"], 0) + row["count"]
        if row["status"] in _UNDER_WAY and row["step_id"] in steps:
            steps[row["step_id"]].count += row["count"]
    counted = Q(nominations__status__in=Nomination.COUNTED)
    numbers = Call.objects.filter(pk__in=found).annotate(
        units=Count("nominations__unit", filter=counted, distinct=True),
        filed=Count("lists", distinct=True),
    )
    for pk, units, filed, total in numbers.values_list("pk", "units", "filed", "places_account__places"):
        line = found[pk]
        line.filing_units, line.lists_filed, line.places = units, filed, total
    _count_places(found)
    return found


def _count_places(found: dict[int, CallPipeline]) -> None:
    accounts = {line.call.places_account_id for line in found.values()} - {None}
    held = Nomination.objects.filter(place__in=accounts).order_by().values("place_id")
    taken = {row["place_id"]: row["count"] for row in held.annotate(count=Count("pk"))}
    for line in found.values():
        line.taken = taken.get(line.call.places_account_id or 0, 0)


@dataclass
class StepEntry:
    """One step of a case's stepper: where it stands, what was decided there, who is next."""

    step: CallStep
    state: str
    decisions: list[NominationDecision] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    due: dt.date | None = None

    @property
    def label(self) -> str:
        """The state in words."""
        return _STATE_WORDS[self.state]

    @property
    def last(self) -> NominationDecision | None:
        """The decision that counts at this step."""
        return self.decisions[-1] if self.decisions else None


_STATE_WORDS = {
    "done": "已办理",
    "current": "办理中",
    "returned": "待补正",
    "skipped": "不经此步",
    "upcoming": "未到",
    "stopped": "不再办理",
    "waiting": "候补",
}
# Decisions whose words the nominee may read: none of them judges a person.
_OPEN_TO_NOMINEE = ("return", "extend", "skip", "reroute", "submit", "lapse", "promote")
_OVER = (Status.REJECTED, Status.WITHDRAWN)


@dataclass
class CaseHistory:
    """The story of a case: every step, and every decision in the order it was taken."""

    nomination: Nomination
    steps: list[StepEntry]
    decisions: list[NominationDecision]

    @property
    def current(self) -> StepEntry | None:
        """The step where the case stands, if it stands at one."""
        return next((each for each in self.steps if each.state in ("current", "returned", "waiting")), None)


def case_history(nomination: Nomination, reader: Any = None) -> CaseHistory:
    """Return what has happened to a case and who is next.

    A nominee (and confirmed kin), whatever office they hold, reads who decided what and when, but not the words of the deciders
    (考察材料 isn't open to the person it is about), except those of a return.
    """
    decisions = list(nomination.decisions.select_related("step", "actor").order_by("id"))
    if reader is not None and must_avoid(reader, nomination.cadre):
        for decision in decisions:
            if decision.action not in _OPEN_TO_NOMINEE:
                decision.comment, decision.data = "", {}
    central = central_of(nomination.unit_path)
    entries = []
    for step in nomination.call.steps.order_by("order"):
        mine = [each for each in decisions if each.step_id == step.pk]
        state = _state(nomination, step, mine, has_central=central is not None)
        entries.append(_entry(nomination, step, state, mine))
    return CaseHistory(nomination, entries, decisions)


def _state(
    nomination: Nomination, step: CallStep, decisions: Sequence[NominationDecision], *, has_central: bool
) -> str:
    """Where a step stands for this case."""
    here = nomination.step_id == step.pk
    passed_over = bool(decisions) and decisions[-1].action in ("skip", "reroute")
    if passed_over or (step.level == CallStep.Level.CENTRAL and not has_central and not (decisions or here)):
        return "skipped"
    if here and nomination.status in (*_UNDER_WAY, Status.PUBLICISED):
        return "current"
    if here and nomination.status in (Status.RETURNED, Status.WAITING):
        return str(nomination.status)
    if nomination.status == Status.DRAFT:
        return "current" if step.pk == getattr(first_step(nomination), "pk", None) else "upcoming"
    if nomination.step and step.order < nomination.step.order:
        return "done"
    if any(each.action in ("pass", "submit", "promote", "conclude", "reject") for each in decisions):
        return "done"
    return "stopped" if nomination.status in _OVER else "upcoming"


def _entry(
    nomination: Nomination, step: CallStep, state: str, decisions: list[NominationDecision]
) -> StepEntry:
    entry = StepEntry(step, state, decisions, due=step.due)
    if state == "returned":
        entry.due = nomination.return_due
        entry.people = [user.name for user in nomination.filing_people().order_by("name")]
    elif state in ("current", "waiting"):
        capability = "nomination.decide" if state == "waiting" else step.capability
        able = without_avoiding(users_who_may(capability, nomination.unit), nomination.cadre)
        entry.people = [user.name for user in able.order_by("name")]
    if nomination.status == Status.PUBLICISED and state == "current":
        entry.due = publicity_end(nomination)
    return entry


def own_counts(calls: Iterable[Call], user: Any) -> dict[int, dict[str, int]]:
    """Return how many cases of each state a reader's own scope has in each call, with one statement.

    The numbers of the whole district are for those who see it whole; a school counts its own.
    """
    rows = Nomination.objects.visible_to(user).filter(call__in=list(calls)).order_by()
    found: dict[int, dict[str, int]] = {}
    for call, status, count in rows.values_list("call_id", "status").annotate(count=Count("id")):
        found.setdefault(call, {})[status] = count
    return found
