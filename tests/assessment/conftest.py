"""The engine's stage: a clock that can be set, a drafted round over one subject."""

from collections.abc import Callable, Iterator

import pytest
import time_machine

from accounts.models import User
from assessment.models import Round, RoundSubject
from assessment.services.rounds import add_subject
from tests.assessment.factories import make_round
from tests.conftest import Tree
from tests.factories import make_user
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
