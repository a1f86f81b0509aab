"""The API's facts and queries: the same rules as the pages, and nothing that is sent brings it down."""

import datetime as dt
import json

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.models import SavedQuery
from tests.cadres.factories import make_appointment, make_cadre
from tests.factories import make_holder
from tests.reports.test_queries_fuzz import anything

pytestmark = pytest.mark.django_db
URL = "/api/v1/queries/"
YOUNG = {"join": "and", "items": [{"fact": "age", "op": "at_most", "value": 35}]}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-20 12:00:00", tick=False):
        yield


def send(client, method, url, body=None):
    """A JSON request."""
    data = None if body is None else json.dumps(body)
    return getattr(client, method)(url, data, content_type="application/json")


def test_facts_say_what_they_count_and_how_they_compare(hr, host, signed_in):
    facts = {each["name"]: each for each in signed_in(hr).get("/api/v1/facts/").json()}
    assert facts["age"]["operators"] == ["at_least", "at_most", "between", "is", "unknown"]
    assert facts["age"] | {"definition": ""} == {
        "name": "age", "label": "年龄", "topic": "基本情况", "definition": "", "unit": "岁", "level": "C2",
        "kind": "number", "operators": facts["age"]["operators"], "options": [], "code_list": "",
    }  # fmt: skip
    assert {"value": 4, "label": "市级"} in facts["highest_honour"]["options"]
    assert facts["title_level"]["code_list"] == "title"
    assert signed_in(host).get("/api/v1/facts/").status_code == 403


def test_a_query_from_its_making_to_its_end(tree, hr, signed_in):
    for name, year in (("青", 1995), ("壮", 1980)):
        make_appointment(make_cadre(tree.school_east, name, birth=dt.date(year, 1, 1)))
    client = signed_in(hr)
    where = {"items": [*YOUNG["items"], {"fact": "years_in_post", "op": "at_least", "value": 1}]}
    made = send(client, "post", URL, {"name": "青年", "where": where, "within": "SL-Z01"})
    assert made.status_code == 201
    body = made.json()
    assert body["words"] == "年龄 ≤ 35 岁 且 任现职年限 ≥ 1 年；单位：东河镇中心校及其下属"
    found = send(client, "post", f"{URL}{body['id']}/run/", {}).json()
    assert (found["count"], found["more"], found["columns"]) == (1, False, ["任现职年限"])
    assert [(row["name"], row["facts"]) for row in found["results"]] == [("青", {"任现职年限": "7 年"})]
    assert (
        send(client, "post", f"{URL}{body['id']}/run/", {"within": tree.central_west.code}).json()["count"]
        == 0
    )
    changed = send(
        client, "patch", f"{URL}{body['id']}/", {"where": YOUNG, "within": None, "is_shared": True}
    )
    assert changed.json()["words"] == "年龄 ≤ 35 岁"
    assert client.delete(f"{URL}{body['id']}/").status_code == 204
    assert not SavedQuery.objects.exists()


def test_pages_of_a_run(tree, hr, signed_in):
    for number in range(5):
        make_cadre(tree.school_east, f"人{number}", birth=dt.date(1995, 1, 1))
    client = signed_in(hr)
    url = f"{URL}{send(client, 'post', URL, {'name': 'x', 'where': YOUNG}).json()['id']}/run/"
    first = send(client, "post", url, {"page_size": 3}).json()
    second = send(client, "post", url, {"page_size": 3, "cursor": first["next"]}).json()
    names = [row["name"] for row in first["results"] + second["results"]]
    assert (len(first["results"]), second["next"], sorted(names)) == (3, "", [f"人{n}" for n in range(5)])
    for cursor in ("x", "é", "W10", "0" * 400):
        assert send(client, "post", url, {"cursor": cursor}).json()["count"] == 5


def test_a_colleagues_query_is_run_but_not_changed(tree, principal_east, hr, signed_in):
    colleague = make_holder("vice-east", "副东", "principal", tree.school_east)
    made = send(
        signed_in(principal_east), "post", URL, {"name": "共享", "where": YOUNG, "is_shared": True}
    ).json()
    url = f"{URL}{made['id']}/"
    client = signed_in(colleague)
    assert client.get(url).json()["own"] is False
    assert send(client, "post", f"{url}run/", {}).status_code == 200
    assert send(client, "patch", url, {"name": "改"}).status_code == 403
    assert client.delete(url).status_code == 403
    assert signed_in(hr).get(url).status_code == 404
    assert SavedQuery.objects.get().name == "共享"


def test_above_ones_level_is_refused(tree, party, hr, signed_in):
    sensitive = {"items": [{"fact": "restricted", "op": "is", "value": False}]}
    refused = send(signed_in(party), "post", URL, {"name": "x", "where": sensitive})
    assert (refused.status_code, "须由人事核实" in refused.json()["message"]) == (403, True)
    made = send(signed_in(hr), "post", URL, {"name": "x", "where": sensitive, "is_shared": True}).json()
    refused = send(signed_in(party), "post", f"{URL}{made['id']}/run/", {})
    assert (refused.status_code, "须由人事核实" in refused.json()["message"]) == (403, True)


def test_a_refusal_names_the_place(hr, signed_in):
    where = {"items": [YOUNG["items"][0], {"fact": "age", "op": "at_most", "value": "x"}]}
    refused = send(signed_in(hr), "post", URL, {"name": "x", "where": where})
    assert refused.status_code == 400
    assert refused.json()["errors"] == {"where.items.1.value": ["“年龄”请填写整数。"]}


@given(where=anything | st.recursive(st.none(), lambda inner: st.lists(inner, max_size=1), max_leaves=40))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_tree_brings_it_down(hr, signed_in, where):
    """Saved or refused; what is saved runs."""
    SavedQuery.objects.all().delete()
    client = signed_in(hr)
    body = json.dumps({"name": "x", "where": where})
    answer = client.post(URL, body, content_type="application/json")
    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        assert send(client, "post", f"{URL}{answer.json()['id']}/run/", {}).status_code == 200


def test_a_tree_too_deep_to_read_is_refused(hr, signed_in):
    body = '{"name": "x", "where": ' + '{"items": [' * 20_000 + "]}" * 20_000 + "}"
    assert signed_in(hr).post(URL, body, content_type="application/json").status_code == 400
