"""Home: what waits for me, what I started, what is coming, each leading to the very form."""

import pytest
from django.urls import reverse

from cadres.services.corrections import keep_draft, request_correction, take_on_correction
from cadres.services.petitions import answer_petition, submit_petition
from cadres.started import own_requests
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


def test_a_cadre_reads_where_their_own_requests_stand(tree, hr, cadre_user, clock, signed_in):
    cadre = make_cadre(tree.school_east, "甲", user=cadre_user)
    asked = request_correction(
        cadre=cadre, by=cadre_user, kind="basic", values={"phone": "13900001111"}, explanation="换号"
    )
    petition = submit_petition(cadre=cadre, by=cadre_user, subject="绝密事项", content="绝密内容")
    client = signed_in(cadre_user)
    page = client.get("/").content.decode()
    assert reverse("correction-detail", args=[asked.pk]) in page
    assert "绝密" not in page
    lines = {line.title: line for line in started(cadre_user)}
    mine = lines["2026年11月20日提出的诉求"]
    assert (mine.status, mine.due) == ("待答复", petition.due)
    assert client.get(mine.url).status_code == 200
    (correction,) = (line for title, line in lines.items() if title.startswith("更正申请："))
    assert (correction.status, correction.due) == ("待核实", asked.due)
    assert [line for line in started(hr) if "申请" in line.title or "诉求" in line.title] == []
    take_on_correction(correction=asked, action="accept", by=hr)
    answer_petition(record=petition, by=hr, reply="已安排")
    assert {(line.status, line.due) for line in started(cadre_user)} == {("已采纳", None), ("已答复", None)}


def test_what_is_under_way_stands_before_what_is_over(tree, hr, cadre_user, clock):
    cadre = make_cadre(tree.school_east, "甲", user=cadre_user)
    for number in range(6):
        clock(f"2026-11-20 1{number}:00")
        petition = submit_petition(cadre=cadre, by=cadre_user, subject="调动", content="照顾老人")
        if number:
            answer_petition(record=petition, by=hr, reply="已安排")
    assert [line.status for line in started(cadre_user)] == ["待答复", "已答复", "已答复", "已答复"]


def test_ones_own_requests_cost_the_same_however_many(tree, cadre_user, clock, django_assert_num_queries):
    cadre = make_cadre(tree.school_east, "甲", user=cadre_user)
    for _ in range(3):
        submit_petition(cadre=cadre, by=cadre_user, subject="调动", content="照顾老人")
        with django_assert_num_queries(2):
            own_requests(cadre_user)
    keep_draft(cadre=cadre, by=cadre_user, kind="honour", typed={"name": "优秀教师"})
    request_correction(
        cadre=cadre, by=cadre_user, kind="basic", values={"phone": "13900001111"}, explanation="换号"
    )
    with django_assert_num_queries(2):
        assert len(own_requests(cadre_user)) == 5


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
