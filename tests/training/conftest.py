"""The stage of training: a clock that can be set, an open class of the bureau with two places."""

from collections.abc import Callable, Iterator

import pytest
import time_machine

from accounts.models import User
from tests.conftest import Tree
from tests.programs.factories import moment
from tests.training.factories import make_class
from training.models import TrainingClass


@pytest.fixture
def clock() -> Iterator[Callable[[str], None]]:
    """Stops the clock in the middle of the window; `clock("2026-12-07 08:00")` moves it."""
    with time_machine.travel(moment("2026-11-20 09:00:00"), tick=False) as traveller:
        yield lambda text: traveller.move_to(moment(text))


@pytest.fixture
def drafted(clock: Callable[[str], None], tree: Tree, hr: User) -> TrainingClass:
    """A class of the bureau that isn't open yet."""
    return make_class(tree.bureau, hr, is_open=False)


@pytest.fixture
def training_class(clock: Callable[[str], None], tree: Tree, hr: User) -> TrainingClass:
    """An open class of the bureau with two places."""
    return make_class(tree.bureau, hr)
