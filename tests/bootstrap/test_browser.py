"""Browser journeys without a browser: left out with a sentence, and refused where one is required."""

from types import SimpleNamespace

import pytest

from tests import services as plugin


class Item:
    """A collected test with or without the mark of a browser journey."""

    nodeid = "tests/e2e/test_line.py::test_journey"

    def __init__(self, journey):
        self.journey = journey

    def get_closest_marker(self, name):
        return name if self.journey else None


@pytest.fixture
def config():
    """Notes what was deselected."""
    deselected = []
    hook = SimpleNamespace(pytest_deselected=lambda items: deselected.extend(items))
    return SimpleNamespace(hook=hook, stash={}, deselected=deselected)


def test_with_a_browser_everything_runs(config, monkeypatch):
    monkeypatch.setattr(plugin, "chromium", lambda: "/usr/bin/chromium")
    items = [Item(True), Item(False)]
    plugin.pytest_collection_modifyitems(config, items)
    assert len(items) == 2


def test_without_a_browser_the_journeys_are_left_out_with_a_sentence(config, monkeypatch):
    monkeypatch.setattr(plugin, "chromium", lambda: "")
    monkeypatch.delenv("BROWSER_REQUIRED", raising=False)
    items = [Item(True), Item(False)]
    plugin.pytest_collection_modifyitems(config, items)
    assert [item.journey for item in items] == [False]
    assert [item.journey for item in config.deselected] == [True]
    lines = []
    plugin.pytest_terminal_summary(SimpleNamespace(write_line=lines.append), config)
    assert "1 browser journeys did not run" in lines[0]


def test_where_a_browser_is_required_its_absence_is_an_error(config, monkeypatch):
    monkeypatch.setattr(plugin, "chromium", lambda: "")
    monkeypatch.setenv("BROWSER_REQUIRED", "1")
    with pytest.raises(pytest.UsageError):
        plugin.pytest_collection_modifyitems(config, [Item(True)])
