"""A query made before, of which something no longer exists: it opens with that marked and all else as it was."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from cadres.facts import FACTS
from cadres.models import Code
from reports.models import SavedQuery
from reports.queries import drafts
from reports.queries.catalog import CodeNames, histories
from reports.queries.presenting import GONE, number_of
from reports.queries.repairing import GONE_FACT, GONE_FIELD, GONE_HISTORY, problems
from reports.queries.saving import build_query, save_query
from reports.views.queries import NO_UNIT
from tests.cadres.factories import make_cadre, make_code
from tests.factories import make_grant, make_unit
from tests.reports.test_queries_pages import FORM, YOUNG, text

pytestmark = pytest.mark.django_db
RURAL = {"fact": "unit_rural", "op": "is", "value": True}
NATION = {"fact": "ethnicity", "op": "one_of", "value": ["01", "26"]}
HELD = {
    "history": "appointment", "when": "in_force", "where": [
        {"field": "title", "op": "contains", "value": "校长"}, {"field": "start", "op": "since", "value": "2020-01"},
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-20 12:00:00", tick=False):
        yield


@pytest.fixture
def codes(db):
    return [make_code("ethnicity", "01", "汉族"), make_code("ethnicity", "26", "仡佬族")]


def kept(by, *conditions, **options):
    query = build_query(where={"items": list(conditions)}, **options)
    return save_query(by=by, name="常用", query=query)


def without(monkeypatch, name):
    monkeypatch.delitem(FACTS, name)


def test_a_saved_query_opens_with_the_lost_fact_marked(hr, signed_in, monkeypatch):
    query = kept(hr, YOUNG, RURAL, HELD)
    without(monkeypatch, "unit_rural")
    client = signed_in(hr)
    answer = client.get(reverse("query-run", args=[query.pk]))
    assert answer.headers["Location"] == reverse("query-edit", args=[query.pk])
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200
    assert GONE_FACT in text(page)
    body = page.content.decode()
    assert 'href="#condition-0-1"' in body
    assert '<option value="unit_rural" selected>（已取消的指标）</option>' in body
    # All else is as it was.
    assert 'id="value-0-0" name="value-0-0" value="35"' in body
    assert 'value="2020-01"' in body
    assert body.count("is-wrong") == 1


def test_what_was_run_without_saving_can_be_mended(hr, tree, signed_in, monkeypatch):
    make_cadre(tree.school_east, "东青", birth=dt.date(1995, 1, 1))
    client = signed_in(hr)
    form = FORM | {
        "kind-0-1": "fact",
        "fact-0-1": "unit_rural",
        "op-0-1": "is",
        "value-0-1": "true",
        "act": "run",
    }
    results = client.post(reverse("query-new"), form).headers["Location"]
    assert client.get(results).status_code == 200
    without(monkeypatch, "unit_rural")
    for address in (results, results.replace(reverse("query-results"), reverse("query-export"))):
        editor = client.get(address).headers["Location"]
        page = client.get(editor)
        assert page.status_code == 200
        assert GONE_FACT in text(page)
        assert 'value="35"' in page.content.decode()
    assert "条件已不能用" in text(
        client.get(results.replace(reverse("query-results"), reverse("query-count")))
    )
    # Taken out, the rest runs.
    mended = client.post(reverse("query-new"), FORM | {"act": "run"}, follow=True)
    assert "东青" in text(mended)


def test_a_lost_code_stays_ticked_until_somebody_decides(hr, codes, signed_in):
    query = kept(hr, YOUNG, NATION)
    Code.objects.filter(code="26").delete()
    client = signed_in(hr)
    page = client.get(client.get(reverse("query-run", args=[query.pk])).headers["Location"])
    body = page.content.decode()
    assert "“民族”没有这个选项" in text(page)
    assert GONE in text(page)
    assert 'value="26" checked' in body
    assert 'value="01" checked' in body


def test_a_unit_that_is_no_longer_in_reach_is_asked_for_again(hr, tree, principal_east, signed_in):
    client = signed_in(principal_east)
    extra = make_grant(principal_east, "principal", tree.school_west)
    form = FORM | {"act": "run", "within": str(tree.school_west.pk)}
    results = client.post(reverse("query-new"), form).headers["Location"]
    assert client.get(results).status_code == 200
    extra.delete()
    editor = client.get(results).headers["Location"]
    page = client.get(editor)
    assert page.status_code == 200
    assert NO_UNIT in text(page)
    assert 'value="35"' in page.content.decode()
    assert f'name="within" value="{tree.school_west.pk}"' not in page.content.decode()


def test_a_colleagues_broken_query_is_mended_as_ones_own_copy(
    hr, tree, principal_east, signed_in, monkeypatch
):
    query = save_query(
        by=hr,
        name="共享的",
        query=build_query(where={"items": [YOUNG, RURAL]}),
        is_shared=True,
        unit=tree.bureau,
    )
    make_grant(principal_east, "hr", tree.bureau)
    without(monkeypatch, "unit_rural")
    client = signed_in(principal_east)
    answer = client.get(reverse("query-run", args=[query.pk]))
    assert answer.headers["Location"] == f"{reverse('query-new')}?from={query.pk}"
    assert GONE_FACT in text(client.get(answer.headers["Location"]))
    assert SavedQuery.objects.get().owner == hr


def test_a_broken_query_is_no_range_of_a_call(hr, signed_in, monkeypatch):
    query = kept(hr, RURAL)
    without(monkeypatch, "unit_rural")
    answer = signed_in(hr).get(reverse("query-targets", args=[query.pk]))
    assert answer.headers["Location"] == reverse("query-edit", args=[query.pk])


def test_saving_marks_every_condition_that_cant_be_read(hr, signed_in):
    form = FORM | {
        "value-0-0": "x", "kind-0-1": "fact", "fact-0-1": "", "kind-0-2": "history", "history-0-2": "appointment",
        "when-0-2": "ever", "count-0-2": "1", "field-0-2.0": "title", "op-0-2.0": "contains", "value-0-2.0": "",
        "kind-0-3": "group", "join-0-3": "and", "name": "x", "act": "save",
    }  # fmt: skip
    page = signed_in(hr).post(reverse("query-new"), form)
    assert page.status_code == 422
    body = page.content.decode()
    places = [f'href="#condition-{place}"' for place in ("0-0", "0-1", "0-2.0", "0-3")]
    assert all(place in body for place in places)
    assert not SavedQuery.objects.exists()


def test_what_is_only_not_filled_in_yet_isnt_marked_while_building(hr, signed_in):
    form = FORM | {"kind-0-1": "fact", "fact-0-1": "", "act": "add-fact:0"}
    page = signed_in(hr).post(reverse("query-builder"), form)
    assert "is-wrong" not in page.content.decode()
    page = signed_in(hr).post(reverse("query-builder"), form | {"value-0-0": "许多"})
    assert page.content.decode().count("is-wrong") == 1
    assert "请填写整数" in text(page)


def test_each_place_has_its_sentence(codes, monkeypatch):
    """Facts, histories, rows, values, and groups with nothing in them, at any depth."""
    draft = drafts.from_tree({"items": [
        {"fact": "nothing", "op": "is", "value": True},
        {"join": "or", "items": [YOUNG, {"history": "nothing"}, {**HELD, "where": [
            {"field": "nothing", "op": "is", "value": "x"}, {"field": "start", "op": "since", "value": "2020-13"},
        ]}]},
        {"history": "assessment", "when": "in_force"},
    ]})  # fmt: skip
    found = problems(draft, CodeNames())
    assert list(found) == ["0-0", "0-1-1", "0-1-2.0", "0-1-2.1", "0-2"]
    assert (found["0-0"], found["0-1-1"], found["0-1-2.0"]) == (GONE_FACT, GONE_HISTORY, GONE_FIELD)
    assert "日期" in found["0-1-2.1"]
    assert [number_of(place) for place in found] == ["1", "2.2", "2.3 第 1 项", "2.3 第 2 项", "3"]
    monkeypatch.delitem(histories(), "appointment")
    assert problems(drafts.from_tree({"items": [HELD]}), CodeNames()) == {"0-0": GONE_HISTORY}


def test_a_query_that_is_whole_opens_without_a_word(hr, signed_in):
    make_unit("别处")
    query = kept(hr, YOUNG, RURAL, HELD)
    page = signed_in(hr).get(reverse("query-edit", args=[query.pk]))
    assert page.status_code == 200
    assert "error-summary" not in page.content.decode()
