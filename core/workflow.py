"""Workflows: a table of actions per kind of document, and `take`, the only writer of a status.

`take` runs in one transaction: it locks the row and reads the status afresh, refuses an action that isn't
open now (409, with a sentence that says who was faster), asks `obj.allows(by, capability)`, runs the guard,
writes the status with the columns that change with it and an append-only decision, runs the effect, then
writes the audit entry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import models, transaction
from django.db.models import F

from core import audit
from core.calendar import now
from core.errors import DomainError, Invalid, NotAllowed, WrongMoment
from core.models import DecisionBase

__all__ = [
    "Action",
    "DecisionBase",
    "Move",
    "OpenAction",
    "Workflow",
    "open_to",
    "register",
    "take",
    "workflow_of",
    "workflows",
]


@dataclass
class Move:
    """One attempt at an action: what a guard and an effect are told.

    `preview` is true when `open_to` only asks whether the button may be pressed: a guard then skips what
    depends on `comment` and `data`, and takes no locks.
    """

    action: "Action"
    by: Any
    comment: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    preview: bool = False


Guard = Callable[[Any, Move], None]
Columns = Callable[[Any, Move], dict[str, Any]]
Target = Callable[[Any, Move], str]


@dataclass(frozen=True)
class Action:
    """One row of a workflow: from which states to which, who may, under what condition, with what effect.

    Order of a move: guard (may refuse by raising a DomainError), columns (what else changes on the row, in
    the same statement as the status, so that constraints between them hold at every moment), status,
    decision, effect (other rows; never writes a status; may take actions on other documents).
    `automatic` actions may be taken by the system itself (`by=None`); all others need a person. One that `asks`
    isn't one click on the page, although it is the usual next step: it can't be taken back.
    """

    name: str
    label: str
    sources: tuple[str, ...]
    target: str | Target
    capability: str
    guard: Guard | None = None
    effect: Guard | None = None
    columns: Columns | None = None
    needs_comment: bool = False
    tone: str = "primary"
    automatic: bool = False
    targets: tuple[str, ...] = ()
    asks: bool = False

    def reaches(self) -> tuple[str, ...]:
        """The states the action may lead to; a computed target lists them in `targets`."""
        return (self.target,) if isinstance(self.target, str) else self.targets


@dataclass(frozen=True)
class OpenAction:
    """A button: `refusal` is empty when it may be pressed, else the reason why not."""

    name: str
    label: str
    tone: str
    needs_comment: bool
    refusal: str = ""
    asks: bool = False


class Workflow:
    """The table of actions of one kind of document."""

    def __init__(
        self,
        name: str,
        states: type[models.TextChoices],
        actions: "tuple[Action, ...] | list[Action]",
        status_field: str = "status",
        decision_model: type[DecisionBase] | None = None,
        decision_columns: Columns | None = None,
    ) -> None:
        self.name = name
        self.states = states
        self.actions = tuple(actions)
        self.status_field = status_field
        self._decision_model = decision_model
        self.decision_columns = decision_columns
        self._check()

    def _check(self) -> None:
        known = set(self.states.values)
        for action in self.actions:
            if not action.reaches():
                raise ValueError(f"{self.name}.{action.name} computes its target but lists no targets")
            strange = (set(action.sources) | set(action.reaches())) - known
            if strange:
                raise ValueError(f"{self.name}.{action.name} names unknown states: {sorted(strange)}")
        pairs = [(action.name, source) for action in self.actions for source in action.sources]
        if len(pairs) != len(set(pairs)):
            raise ValueError(f"{self.name} has two actions of one name from one state")

    @cached_property
    def decision_model(self) -> type[DecisionBase]:
        """The append-only table of this workflow's decisions."""
        if self._decision_model is None:
            raise ValueError(f"workflow {self.name} has no decision model")
        return self._decision_model

    def label_of(self, status: str) -> str:
        """The words of a state."""
        return str(self.states(status).label)

    def find(self, name: str, status: str) -> Action | None:
        """The action of a name that starts from a state, if there is one."""
        return next(
            (action for action in self.actions if action.name == name and status in action.sources), None
        )


_workflows: dict[str, Workflow] = {}


def register(model: type[models.Model], workflow: Workflow) -> None:
    """Bind a workflow to its model and give its actions their words in the audit trail."""
    label = model._meta.label_lower
    if _workflows.setdefault(label, workflow) is not workflow:
        raise ValueError(f"{label} has a workflow already")
    labels = {audit_name(workflow, action): action.label for action in reversed(workflow.actions)}
    for name, words in labels.items():
        audit.register(name, f"{model._meta.verbose_name}：{words}")


def audit_name(workflow: Workflow, action: Action) -> str:
    """The name under which an action enters the audit trail."""
    return f"{workflow.name}.{action.name}"


def workflows() -> Mapping[str, Workflow]:
    """All registered workflows by model label."""
    return dict(_workflows)


def workflow_of(obj: models.Model | type[models.Model]) -> Workflow:
    """The workflow of a document or of its model; KeyError if it has none."""
    return _workflows[obj._meta.label_lower]


def take(obj: models.Model, action: str, *, by: Any, comment: str = "", **data: Any) -> DecisionBase:
    """Take an action on a document: the only way a status changes.

    In: a saved document, the action's name, the acting person (None for the system), a comment and free
    keyword data for guard and effect. Out: the decision row; `obj` is read afresh. Raises WrongMoment if
    the action isn't open now, NotAllowed, Invalid, or whatever the guard raises; then nothing is written.
    """
    workflow = workflow_of(obj)
    with transaction.atomic():
        locked = type(obj)._base_manager.select_for_update(of=("self",)).get(pk=obj.pk)
        status = getattr(locked, workflow.status_field)
        found = workflow.find(action, status)
        if found is None:
            raise WrongMoment(_wrong_moment(workflow, locked, action, status))
        _require_allowed(found, locked, by)
        move = Move(action=found, by=by, comment=comment.strip(), at=now(), data=data)
        if found.needs_comment and not move.comment:
            raise Invalid("请写明意见。", errors={"comment": ["请写明意见。"]})
        if found.guard:
            found.guard(locked, move)
        target = _target(workflow, found, locked, move)
        about = workflow.decision_columns(locked, move) if workflow.decision_columns else {}
        columns = found.columns(locked, move) if found.columns else {}
        _write_status(workflow, locked, target, columns)
        decision = _write_decision(workflow, locked, move, status, target, about)
        if found.effect:
            found.effect(locked, move)
        audit.record(
            audit_name(workflow, found),
            by=by,
            obj=locked,
            before={workflow.status_field: status},
            after={workflow.status_field: target},
            note=move.comment,
            unit_name=str(getattr(locked, "unit", "") or ""),
        )
    obj.refresh_from_db()
    return decision


def open_to(obj: models.Model, user: Any) -> list[OpenAction]:
    """The actions a person could take now, each with the reason if its guard refuses; reads only."""
    workflow = workflow_of(obj)
    status = getattr(obj, workflow.status_field)
    buttons = []
    for action in workflow.actions:
        if status not in action.sources or not _may(action, obj, user):
            continue
        refusal = ""
        if action.guard:
            try:
                action.guard(obj, Move(action=action, by=user, comment="", at=now(), preview=True))
            except DomainError as error:
                refusal = error.message
        buttons.append(
            OpenAction(
                action.name,
                action.label,
                action.tone,
                action.needs_comment,
                refusal,
                asks=action.asks,
            )
        )
    return buttons


def _may(action: Action, obj: Any, by: Any) -> bool:
    """Closed by default: nobody means the system, which may only take automatic actions."""
    if by is None:
        return action.automatic
    return bool(by.is_active and action.capability and obj.allows(by, action.capability))


def _require_allowed(action: Action, obj: Any, by: Any) -> None:
    if not _may(action, obj, by):
        raise NotAllowed(f"您没有“{action.label}”的权限。")


def _target(workflow: Workflow, action: Action, obj: Any, move: Move) -> str:
    target = action.target if isinstance(action.target, str) else action.target(obj, move)
    if target not in action.reaches():
        raise ValueError(f"{workflow.name}.{action.name} led to {target!r}, which it doesn't list")
    return str(target)


def _write_status(workflow: Workflow, locked: models.Model, target: str, columns: dict[str, Any]) -> None:
    """The one place where a status is written."""
    values: dict[str, Any] = {**columns, workflow.status_field: target}
    names = {each.name for each in locked._meta.concrete_fields}
    if "updated_at" in names:
        values["updated_at"] = now()
    if "version" in names:
        values["version"] = F("version") + 1
    type(locked)._base_manager.filter(pk=locked.pk).update(**values)
    locked.refresh_from_db(fields=list(values))


def _write_decision(
    workflow: Workflow, locked: models.Model, move: Move, before: str, after: str, about: dict[str, Any]
) -> DecisionBase:
    rows: Any = workflow.decision_model._base_manager
    return rows.create(
        obj=locked,
        action=move.action.name,
        label=move.action.label,
        verdict=workflow.label_of(after),
        from_status=before,
        to_status=after,
        actor=move.by,
        actor_name=getattr(move.by, "name", "") or audit.SYSTEM_NAME,
        at=move.at,
        comment=move.comment,
        data=_plain_data(move.data),
        **about,
    )


def _plain_data(data: dict[str, Any]) -> dict[str, Any]:
    """What of the free data goes into the decision row: plain values; rows by their id and name."""
    return {name: audit.plain(value) for name, value in data.items()}


def _wrong_moment(workflow: Workflow, obj: models.Model, action: str, status: str) -> str:
    """Who was faster, and what the state is now."""
    state = workflow.label_of(status)
    rows: Any = workflow.decision_model._base_manager
    last = rows.filter(obj=obj).order_by("-id").first()
    if last is not None:
        return f"已被{last.actor_name}办理（{last.label}），当前状态：{state}。"
    label = next((each.label for each in workflow.actions if each.name == action), "")
    return f"当前状态是“{state}”，不能{f'“{label}”' if label else '这样办理'}。"
