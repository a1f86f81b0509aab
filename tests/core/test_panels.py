"""Panels: higher apps add to lower apps' pages, each for those who may see it."""

import pytest

from core import panels
from core.panels import Panel, panels_for


class Case:
    """An object that knows who may do what."""

    pk = 7

    def allows(self, user, capability):
        """The capability named after the person."""
        return capability == user.name


class Person:
    """Somebody with a name."""

    def __init__(self, name):
        self.name = name

    def holds(self, capability):
        """The capability named after the person, anywhere."""
        return capability == self.name


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """A few panels, for the test alone."""
    monkeypatch.setattr(panels, "_panels", [])
    for panel in (
        Panel("case", "后", "job", "a", order=20),
        Panel("case", "前", "job", "a", order=10),
        Panel("case", "众", "job"),
        Panel("case", "别人的", "job", "b"),
        Panel("elsewhere", "别处", "job"),
    ):
        panels.register(panel)
        panels.register(panel)


@pytest.fixture
def job_id(monkeypatch):
    """An id that the address takes."""
    monkeypatch.setattr(Case, "pk", "00000000-0000-0000-0000-000000000007")


def test_a_place_shows_what_the_person_may_see_in_order(job_id):
    shown = panels_for("case", Person("a"), Case())
    assert [panel.title for panel in shown] == ["前", "后", "众"]
    assert shown[0].url == "/jobs/00000000-0000-0000-0000-000000000007/"
    assert [panel.title for panel in panels_for("case", Person("c"), Case())] == ["众"]
    assert panels_for("nowhere", Person("a"), Case()) == []


def test_an_object_that_answers_nothing_leaves_it_to_the_person(job_id):
    class Plain:
        pk = Case.pk

    assert [panel.title for panel in panels_for("case", Person("b"), Plain())] == ["众", "别人的"]
