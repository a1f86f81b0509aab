"""Fixtures shared by the roster's tests."""

import pytest

from core.sheets import reading
from tests.cadres.parser_here import ParserHere
from tests.cadres.rosters import codes, few_codes, roster

__all__ = ["codes", "few_codes", "roster"]


@pytest.fixture(autouse=True)
def _parser_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks are parsed in a thread, unless a test is marked `real_parser`."""
    if not request.node.get_closest_marker("real_parser"):
        monkeypatch.setattr(reading, "ChildProcess", ParserHere)
