"""Home: what waits for me, what I started, what is coming, each leading to the very form."""

import pytest
from django.urls import reverse

from core.todo import todos_for
from programs.services.nominations import take_action
from reports.home import _calls, started
from tests.programs.factories import at_decision, make_cadre, make_call, submitted


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


def test_hr_reads_where_the_calls_they_opened_stand(
    program, call, tree, hr, principal_east, principal_direct, party, signed_in, django_assert_num_queries
):
    lines = [each for each in started(hr) if each.url == reverse("call-detail", args=[call.pk])]
    assert [(each.status, each.detail) for each in lines] == [("征集中", "还没有推荐")]
    submitted(call, make_cadre(tree.school_east, "甲"), principal_east)
    decided = at_decision(call, make_cadre(tree.direct_school, "乙"), principal_direct, hr)
    (line,) = (each for each in started(hr) if each.url == lines[0].url)
    assert line.detail == "待考察 1 · 待决定 1"
    take_action(nomination=decided, action="pass", by=party)
    page = signed_in(hr).get("/").content.decode()
    assert "待考察 1 · 已通过 1" in page
    assert [each for each in started(party) if "/calls/" in each.url] == []
    with django_assert_num_queries(1):
        _calls(hr)
    make_call(program, hr, season="春季批", is_open=False)
    with django_assert_num_queries(1):
        assert [each.status for each in _calls(hr)] == ["草拟", "征集中"]


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
