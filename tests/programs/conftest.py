"""The engine's stage: the county scheme, an open autumn call of 2026, a clock that can be set."""

from collections.abc import Callable, Iterator

import pytest
import time_machine

from accounts.models import User
from programs.models import Call, Program
from tests.conftest import Tree
from tests.programs.factories import load_county_scheme, make_call, moment


@pytest.fixture
def clock() -> Iterator[Callable[[str], None]]:
    """Stops the clock in the middle of the autumn window; `clock("2026-12-31 08:00")` moves it."""
    with time_machine.travel(moment("2026-11-20 09:00:00"), tick=False) as traveller:
        yield lambda text: traveller.move_to(moment(text))


@pytest.fixture
def program(clock: Callable[[str], None], tree: Tree) -> Program:
    """The county's secondment programme."""
    return load_county_scheme(tree.bureau)


@pytest.fixture
def call(program: Program, hr: User) -> Call:
    """The open autumn call of 2026."""
    return make_call(program, hr)
