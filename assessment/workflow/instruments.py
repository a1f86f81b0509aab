"""Actions on an instrument: publish, retire. A published version is frozen, by the database too."""

from __future__ import annotations

from assessment.leaves import problems_of
from assessment.models import Instrument, InstrumentDecision
from core.errors import Invalid
from core.workflow import Action, Move, Workflow

Status = Instrument.Status


def guard_publish(instrument: Instrument, move: Move) -> None:
    """The tree makes sense: something to answer, weights of siblings that sum to 100 %, no empty heading."""
    problems = problems_of(instrument)
    if problems:
        raise Invalid("量表还不能定稿：" + "".join(problems), errors={"indicators": problems})


INSTRUMENT_FLOW = Workflow(
    "instrument",
    Status,
    (
        Action("publish", "定稿", (Status.DRAFT,), Status.PUBLISHED, "round.manage", guard=guard_publish),
        Action("retire", "停用", (Status.PUBLISHED,), Status.RETIRED, "round.manage", tone="secondary"),
    ),
    decision_model=InstrumentDecision,
)  # fmt: skip
