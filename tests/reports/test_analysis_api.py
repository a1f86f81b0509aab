"""The analyses over the API: the same figures as the pages, in scope, the reserve only for who may see it."""

import pytest

from cadres.models import ReserveEntry
from tests.programs.factories import make_cadre

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(tree, clock):
    """A head in the East, one of the reserve in the West."""
    make_cadre(tree.school_east, "甲", title="校长", category="head", gender="1")
    spare = make_cadre(tree.school_west, "乙", title="")
    ReserveEntry.objects.create(cadre=spare, category="head")


def test_the_figures_are_those_of_the_page(tree, people, hr, signed_in):
    client = signed_in(hr)
    for name in ("structure", "forecast"):
        page = client.get(f"/reports/{name}/?unit={tree.central_east.pk}").context["figures"]
        for key in (tree.central_east.pk, tree.central_east.code):
            found = client.get(f"/api/v1/{name}/?unit={key}").json()
            assert found["unit"]["name"] == tree.central_east.name
        if name == "structure":
            assert found["total"] == page["total"] == 1
            assert [each["rows"] for each in found["sections"]] == [each["rows"] for each in page["sections"]]
        else:
            assert found["years"] == page["years"] == [2026, 2027, 2028, 2029, 2030]


def test_another_day_and_group(tree, people, hr, signed_in):
    client = signed_in(hr)
    assert client.get("/api/v1/structure/?on=2019-08-31").json()["total"] == 0
    assert client.get("/api/v1/structure/?group=teams").json()["total"] == 1


def test_the_reserve_is_for_those_who_may_see_it(tree, people, hr, party, signed_in):
    assert signed_in(hr).get("/api/v1/forecast/").json()["reserve"][0]["available"] == 1
    assert signed_in(party).get("/api/v1/forecast/").json()["reserve"] is None


@pytest.mark.parametrize("name", ["structure", "forecast"])
def test_scope_and_rights(tree, people, principal_east, auditor, client, signed_in, name):
    own = signed_in(principal_east)
    assert own.get(f"/api/v1/{name}/").json()["unit"]["name"] == tree.school_east.name
    for key in (tree.school_west.pk, tree.school_west.code, "nothing", "9" * 25):
        assert own.get(f"/api/v1/{name}/?unit={key}").status_code == 404
    assert signed_in(auditor).get(f"/api/v1/{name}/").status_code == 403
    assert client.get(f"/api/v1/{name}/").status_code == 401


@pytest.mark.parametrize(
    "query",
    ["structure/?on=2026-11-21", "structure/?on=x", "structure/?group=x", "structure/?unit=%00", "forecast/?from=2025",
     "forecast/?from=x", "forecast/?from=2040"],
)  # fmt: skip
def test_what_cannot_be_answered_is_400_in_the_one_shape(tree, hr, clock, signed_in, query):
    answer = signed_in(hr).get(f"/api/v1/{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"]
