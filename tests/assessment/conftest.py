"""The engine's stage: a clock that can be set, a drafted round over one subject."""

from collections.abc import Callable, Iterator

import pytest
import time_machine

from accounts.models import User
from assessment.models import Invitation, Round, RoundSubject
from assessment.services.ballots import save_draft
from assessment.services.rounds import add_subject
from assessment.tasks import close_due_rounds
from core import audit
from tests.assessment.factories import (
    answers_of,
    invite_raters,
    make_instrument,
    make_round,
    open_round,
    rate,
)
from tests.assessment.searching import MANY, ROWS, in_an_order, mark, query_free, rate_with_words
from tests.conftest import Tree, make_tree
from tests.factories import make_holder, make_user
from tests.programs.factories import make_cadre, moment


@pytest.fixture
def clock() -> Iterator[Callable[[str], None]]:
    """Stops the clock within the window; `clock("2026-11-30 23:59:59")` moves it."""
    with time_machine.travel(moment("2026-11-20 09:00:00"), tick=False) as traveller:
        yield lambda text: traveller.move_to(moment(text))


@pytest.fixture
def round(clock: Callable[[str], None], tree: Tree, hr: User) -> Round:
    """A drafted round of the bureau: superiors named, peers and subordinates anonymous."""
    return make_round(tree.bureau, hr)


@pytest.fixture
def subject(round: Round, tree: Tree, hr: User) -> RoundSubject:
    """A vice-principal of the East school with an account, rated in the round."""
    cadre = make_cadre(tree.school_east, "贝平", user=make_user("beiping", "贝平"))
    return add_subject(round=round, cadre=cadre, by=hr)


@pytest.fixture
def stage(transactional_db, clock):
    """An open round with twelve anonymous peers and a named superior."""
    tree = make_tree()
    hr = make_holder("hr", "何人事", "hr", tree.bureau)
    instrument = make_instrument(tree.bureau, hr, ROWS)
    relations = [
        {"kind": "peer", "weight": 60, "anonymous": True},
        {"kind": "superior", "weight": 40, "anonymous": False},
    ]
    round = make_round(tree.bureau, hr, relations, instrument=instrument)
    subject = add_subject(round=round, cadre=make_cadre(tree.school_east, "贝平"), by=hr)
    query_free("ALTER SEQUENCE assessment_invitation_id_seq RESTART WITH 800000001")
    raters = [make_user(f"rater-x{n}", f"评者{n}号", pk=900000001 + n) for n in range(MANY)]
    invite_raters(round, subject, "peer", raters, hr)
    invite_raters(round, subject, "superior", 1, hr)
    open_round(round, hr)
    return round, subject, raters, hr


@pytest.fixture
def submitted(stage):
    """Everybody has submitted, each as a request of its own at a time of its own, with a draft before it."""
    round, subject, raters, hr = stage
    for rater in in_an_order(raters):
        number = raters.index(rater)
        token = audit.facts.set(
            audit.RequestFacts(ip=f"10.9.8.{number + 1}", request_id=f"request-{number:03}")
        )
        try:
            invitation = Invitation.objects.get(rater=rater)
            draft = answers_of(round, mark(number), words="草稿")
            save_draft(invitation=invitation, answers=draft, by=rater)
            rate_with_words(round, rater, number)
        finally:
            audit.facts.reset(token)
    rate(round, Invitation.objects.get(relation__kind="superior").rater, 90)
    return stage


@pytest.fixture
def closed(submitted, clock):
    """The clock has closed the round."""
    clock("2026-12-01 00:01:00")
    assert close_due_rounds() == 1
    return submitted
