"""Home: what waits for me, what I started, what is coming, each leading to the very form."""

import pytest

from core.todo import todos_for
from tests.programs.factories import make_cadre, submitted


def titles(user):
    """What waits for a person."""
    return [item.title for item in todos_for(user)]


def test_the_principal_is_asked_to_nominate_until_they_have(call, tree, principal_east, signed_in):
    assert titles(principal_east) == ["推荐干部"]
    case = submitted(call, make_cadre(tree.school_east, "甲"), principal_east)
    assert titles(principal_east) == []
    page = signed_in(principal_east).get("/")
    assert f"/nominations/{case.pk}/" in page.content.decode()


def test_the_central_school_is_asked_to_inspect(call, tree, principal_east, central_east, central_west):
    case = submitted(call, make_cadre(tree.school_east, "甲"), principal_east)
    item = todos_for(central_east)[0]
    assert (item.title, item.url) == ("考察 1 份推荐", f"/nominations/{case.pk}/")
    assert titles(central_west) == []


@pytest.mark.parametrize("who", ["hr", "party", "host", "cadre_user", "sysadmin", "secadmin", "auditor"])
def test_everybody_has_a_home(call, who, request, signed_in):
    assert signed_in(request.getfixturevalue(who)).get("/").status_code == 200


def test_home_costs_the_same_with_one_and_three_cases(
    call, tree, principal_east, central_east, signed_in, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    call.quota_per_unit = 5
    call.save()
    client = signed_in(central_east)
    submitted(call, make_cadre(tree.school_east, "甲"), principal_east)
    client.get("/")
    with CaptureQueriesContext(
        connection,
    ) as first:
        client.get("/")
    for name in ("乙", "丙"):
        submitted(call, make_cadre(tree.school_east, name), principal_east)
    with django_assert_num_queries(len(first)):
        client.get("/")
