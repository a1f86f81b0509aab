"""Fixtures of the mechanisms' tests: two people, and papers that pass through a workflow."""

import threading
import time

import pytest
from django.db import connection

from tests.core.papers import papers  # noqa: F401  a fixture
from tests.factories import make_user


@pytest.fixture
def someone(db):
    """A person."""
    return make_user("someone", "王小明", email="someone@example.com")


@pytest.fixture
def other(db):
    """Another person."""
    return make_user("other", "李芳")


@pytest.fixture
def media(settings, tmp_path):
    """A storage of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def at_once(*functions):
    """Run functions in threads that start together; returns what each returned or raised."""
    outcomes = [None] * len(functions)
    gate = threading.Barrier(len(functions))

    def work(index, function):
        gate.wait()
        try:
            outcomes[index] = function()
        except Exception as error:
            outcomes[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(150)
    return outcomes


def wait_for(condition, seconds=120.0):
    """Wait until a condition holds; returns whether it came to hold."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False
