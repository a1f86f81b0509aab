"""A saved query as the people of a call: frozen, shown in words, and nobody else may be nominated."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.models import Round, RoundSubject
from assessment.services.rounds import add_subject
from cadres.models import Cadre
from cadres.services.merging import merge_cadres, undo_merge
from core.errors import Invalid, NotFound, WrongMoment
from core.models import AuditEntry
from programs.models import CallTarget, CallTargets, Nomination
from programs.services.calls import open_call
from programs.services.nominations import start_nomination
from programs.services.targets import clear_targets, set_targets
from reports.queries.saving import build_query, save_query
from tests.assessment.factories import make_round
from tests.programs.factories import load_county_scheme, make_cadre, make_call

pytestmark = pytest.mark.django_db
YOUNG = {"fact": "age", "op": "at_most", "value": 35}
GRADED = {"fact": "excellent_years_3", "op": "at_least", "value": 1}


@pytest.fixture(autouse=True)
def clock():
    """In the autumn window."""
    with time_machine.travel("2026-11-20 12:00:00", tick=False):
        yield


@pytest.fixture
def draft(tree, hr):
    """A drafted call."""
    return make_call(load_county_scheme(tree.bureau), hr, is_open=False)


@pytest.fixture
def young(tree):
    """A young one of the East."""
    return make_cadre(tree.school_east, "东青", birth=dt.date(1995, 1, 1))


@pytest.fixture
def old(tree):
    """An older one of the East."""
    return make_cadre(tree.school_east, "东壮", birth=dt.date(1980, 1, 1))


def saved(by, *conditions, name="青年"):
    """A saved query."""
    return save_query(by=by, name=name, query=build_query(where={"items": list(conditions)}))


def test_only_the_chosen_are_nominated(tree, hr, principal_east, draft, young, old, signed_in):
    query = saved(hr, YOUNG)
    client = signed_in(hr)
    page = client.get(reverse("query-run", args=[query.pk])).content.decode()
    address = reverse("query-targets", args=[query.pk])
    assert address in page
    assert client.post(address, {"target": draft.pk}).status_code == 302
    targets = CallTargets.objects.get(call=draft)
    assert (targets.count, targets.words) == (1, "年龄 ≤ 35 岁")
    assert "年龄 ≤ 35 岁，共 1 人" in client.get(reverse("call-detail", args=[draft.pk])).content.decode()
    open_call(call=draft, by=hr)
    assert start_nomination(call=draft, cadre=young, by=principal_east).pk
    with pytest.raises(Invalid, match="东壮不在本次征集的推荐范围（年龄 ≤ 35 岁）"):
        start_nomination(call=draft, cadre=old, by=principal_east)
    assert not Nomination.objects.filter(cadre=old).exists()
    assert AuditEntry.objects.filter(action="call.targets_set").count() == 1


def test_the_list_stays_as_it_was_found(hr, principal_east, draft, young, old):
    set_targets(call=draft, people=Cadre.objects.filter(pk=young.pk), words="青年", by=hr)
    Cadre.objects.filter(pk=young.pk).update(birth=dt.date(1970, 1, 1))
    open_call(call=draft, by=hr)
    assert start_nomination(call=draft, cadre=young, by=principal_east).pk


def test_a_new_choice_replaces_the_old_and_clearing_lifts_it(hr, draft, young, old, signed_in):
    set_targets(call=draft, people=Cadre.objects.filter(pk=young.pk), words="青年", by=hr)
    set_targets(call=draft, people=Cadre.objects.filter(pk=old.pk), words="中年", by=hr)
    assert list(CallTarget.objects.values_list("cadre", flat=True)) == [old.pk]
    assert CallTargets.objects.get().words == "中年"
    assert signed_in(hr).post(reverse("call-targets-clear", args=[draft.pk])).status_code == 302
    assert not CallTarget.objects.exists()
    assert not CallTargets.objects.exists()


def test_once_open_the_limit_stands(hr, draft, young):
    set_targets(call=draft, people=Cadre.objects.all(), words="全部", by=hr)
    open_call(call=draft, by=hr)
    with pytest.raises(WrongMoment, match="已经开始"):
        set_targets(call=draft, people=Cadre.objects.none(), words="无", by=hr)
    with pytest.raises(WrongMoment):
        clear_targets(call=draft, by=hr)
    assert CallTargets.objects.get().words == "全部"


def test_nobody_found_and_nobody_else_limits(hr, party, draft, young):
    with pytest.raises(Invalid, match="没有符合条件"):
        set_targets(call=draft, people=Cadre.objects.filter(name="无此人"), words="无", by=hr)
    with pytest.raises(NotFound):
        set_targets(call=draft, people=Cadre.objects.all(), words="全部", by=party)
    assert not CallTargets.objects.exists()


def test_conditions_on_sensitive_facts_are_no_targets(hr, draft, young, signed_in):
    query = saved(hr, GRADED)
    answer = signed_in(hr).post(reverse("query-targets", args=[query.pk]), {"target": draft.pk})
    assert answer.status_code == 422
    assert "不能这样使用" in answer.content.decode()
    assert not CallTargets.objects.exists()


def test_one_statement_however_many(tree, hr, draft, young):
    def statements():
        with CaptureQueriesContext(connection) as caught:
            set_targets(call=draft, people=Cadre.objects.all(), words="全部", by=hr)
        return len(caught)

    statements()
    few = statements()
    for number in range(5):
        make_cadre(tree.school_west, f"西{number}")
    assert statements() == few


def test_without_a_drafted_call_the_page_says_what_to_do(tree, hr, young, signed_in):
    load_county_scheme(tree.bureau)
    query = saved(hr, YOUNG)
    page = signed_in(hr).get(reverse("query-targets", args=[query.pk])).content.decode()
    assert "没有正在准备的征集" in page
    assert reverse("call-new") in page


def test_the_api_hands_the_people_over_too(tree, hr, party, draft, young, old, signed_in):
    query = saved(hr, YOUNG)
    address = f"/api/v1/queries/{query.pk}/use/"
    client = signed_in(hr)
    given = client.post(address, {"use": "call", "target": draft.pk}, content_type="application/json")
    assert given.json() == {"use": "call", "target": draft.pk, "count": 1, "words": "年龄 ≤ 35 岁"}
    assert list(CallTarget.objects.values_list("cadre", flat=True)) == [young.pk]
    assert client.post(address, {"use": "call", "target": draft.pk + 1}).status_code == 404
    sensitive = saved(hr, GRADED, name="优秀")
    refused = client.post(f"/api/v1/queries/{sensitive.pk}/use/", {"use": "call", "target": draft.pk})
    assert (refused.status_code, "不能这样使用" in refused.json()["message"]) == (400, True)
    assert CallTargets.objects.get().words == "年龄 ≤ 35 岁"
    shared = save_query(
        by=hr, name="共享", query=build_query(where={"items": [YOUNG]}), unit=tree.bureau, is_shared=True
    )
    open_call(call=draft, by=hr)
    assert client.post(address, {"use": "call", "target": draft.pk}).status_code == 404
    denied = signed_in(party).post(f"/api/v1/queries/{shared.pk}/use/", {"use": "call", "target": draft.pk})
    assert denied.status_code == 403


def test_somebody_chosen_stays_chosen_when_two_records_are_merged(tree, hr, draft, young):
    twin = make_cadre(tree.school_east, "东青", birth=dt.date(1995, 1, 1))
    set_targets(call=draft, people=Cadre.objects.filter(pk=twin.pk), words="青年", by=hr)
    merge = merge_cadres(kept=young, gone=twin, by=hr)
    assert CallTarget.objects.get().cadre == young
    undo_merge(merge=merge, by=hr)
    assert CallTarget.objects.get().cadre_id == twin.pk


def test_the_people_of_a_query_are_rated_in_a_round(tree, hr, principal_east, young, old, signed_in):
    """The subjects of a drafted round, frozen with the words; those chosen before go."""
    query = saved(hr, YOUNG)
    round = make_round(tree.bureau, hr)
    add_subject(round=round, cadre=old, by=hr)
    client, address = signed_in(hr), f"{reverse('query-targets', args=[query.pk])}?for=round"
    page = client.get(address).content.decode()
    assert "选择评价" in page
    answer = client.post(address, {"target": round.pk}, follow=True)
    assert "的 1 人作为2026年度考核的评价对象" in answer.content.decode()
    round.refresh_from_db()
    assert (round.words, [each.cadre for each in round.subjects.all()]) == ("年龄 ≤ 35 岁", [young])
    assert RoundSubject.objects.get().unit_path == young.unit_path
    sensitive = saved(hr, GRADED, name="优秀")
    refused = client.post(f"{reverse('query-targets', args=[sensitive.pk])}?for=round", {"target": round.pk})
    assert (refused.status_code, RoundSubject.objects.get().cadre) == (422, young)
    given = client.post(f"/api/v1/queries/{query.pk}/use/", {"use": "round", "target": round.pk})
    assert given.json()["count"] == 1
    Round.objects.filter(pk=round.pk).update(status="open")
    assert client.post(address, {"target": round.pk}).status_code == 422
    assert "没有正在准备的评价" in client.get(address).content.decode()
