"""The list of requests: whose and until when, in scope, never what was asked."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from cadres.models import FamilyMember, Oversight, Petition
from cadres.todos import waiting
from core.calendar import now
from core.navigation import entries_for
from tests.cadres.factories import make_cadre, make_code, own
from tests.factories import make_holder

pytestmark = pytest.mark.django_db
SECRET = "绝密之语"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel("2026-11-20 12:00+08:00", tick=False):
        yield


def asked(cadre, due, **fields):
    day = dt.date(2026, 11, 1)
    return Petition.objects.create(
        cadre=cadre, subject=SECRET, content=SECRET, submitted_on=min(day, due), due=due, **fields
    )


@pytest.fixture
def rows(tree):
    people = [make_cadre(tree.school_east, name) for name in ("迟到", "将到", "早安", "答过")]
    days = (dt.date(2026, 11, 18), dt.date(2026, 11, 25), dt.date(2027, 1, 31), dt.date(2026, 11, 30))
    found = [asked(person, day) for person, day in zip(people, days, strict=True)]
    Petition.objects.filter(pk=found[3].pk).update(reply=SECRET, replied_on=dt.date(2026, 11, 10))
    return found


def names(page):
    return [name for name in ("迟到", "将到", "早安", "答过") if name in page.content.decode()]


def test_tabs_search_and_deadlines(rows, hr, signed_in):
    client, url = signed_in(hr), reverse("petition-list")
    assert names(client.get(url)) == ["迟到", "将到", "早安"]
    assert names(client.get(url, {"tab": "answered"})) == ["答过"]
    assert names(client.get(url, {"tab": "all"})) == ["迟到", "将到", "早安", "答过"]
    assert names(client.get(url, {"search": "zaoan"})) == ["早安"]
    assert names(client.get(url, {"due": "late"})) == ["迟到"]
    assert names(client.get(url, {"due": "week"})) == ["将到"]
    assert names(client.get(url, {"tab": "all", "due": "month"})) == ["将到"]
    page = client.get(url).content.decode()
    assert SECRET not in page
    assert reverse("petition-answer", args=[rows[0].cadre_id, rows[0].pk]) in page


def test_the_list_leaves_only_with_a_reason(rows, hr, signed_in):
    """That somebody asked is sensitive: the histories' export asks what for, the list has none."""
    client = signed_in(hr)
    answer = client.get(reverse("petition-list"), {"tab": "all", "export": "xlsx"})
    assert answer["Content-Type"].startswith("text/html")
    assert "export=xlsx" not in client.get(reverse("petition-list")).content.decode()


def test_own_requests_and_kin_s_are_for_others(tree, rows, hr, signed_in):
    mine = own(hr, make_cadre(tree.bureau, "自己人"))
    FamilyMember.objects.create(
        cadre=mine,
        relation=make_code("relation", "1", "妻子"),
        name="某",
        kin=rows[0].cadre,
        kin_confirmed_at=now(),
    )
    asked(mine, dt.date(2026, 11, 19))
    page = signed_in(hr).get(reverse("petition-list"))
    assert ("自己人" in page.content.decode(), names(page)) == (False, ["将到", "早安"])
    other = make_holder("hr2", "另一人事", "hr", tree.bureau)
    assert "自己人" in signed_in(other).get(reverse("petition-list")).content.decode()
    todo = next(each for each in waiting(hr) if "诉求" in each.title)
    assert (todo.count, todo.url, todo.due) == (2, reverse("petition-list"), dt.date(2026, 11, 25))


def test_a_single_request_opens_its_form_and_the_list_is_a_tool_of_the_roster(tree, hr, party):
    one = asked(make_cadre(tree.school_east, "将到"), dt.date(2026, 11, 25))
    todo = next(each for each in waiting(hr) if "诉求" in each.title)
    assert todo.url == reverse("petition-answer", args=[one.cadre_id, one.pk])
    assert "诉求" in [each.label for each in entries_for(hr, place="roster")]
    assert "诉求" not in [each.label for each in entries_for(party, place="roster")]


def test_oversight_with_a_day_is_listed_without_its_kind(tree, hr, party, signed_in):
    people = [make_cadre(tree.school_east, name) for name in ("迟到", "将到", "早安", "答过")]
    days = (dt.date(2026, 11, 18), dt.date(2026, 11, 25), None, dt.date(2026, 11, 30))
    for person, day in zip(people, days, strict=True):
        row = Oversight.objects.create(cadre=person, kind="admonition", content=SECRET, due=day)
    Oversight.objects.filter(pk=row.pk).update(done_on=dt.date(2026, 11, 10))
    client, url = signed_in(hr), reverse("oversight-list")
    page = client.get(url)
    assert names(page) == ["迟到", "将到"]
    assert not [word for word in (SECRET, "诫勉", "回访，", "export=xlsx") if word in page.content.decode()]
    assert names(client.get(url, {"tab": "answered"})) == ["答过"]
    assert names(client.get(url, {"due": "late"})) == ["迟到"]
    assert signed_in(party).get(url).status_code == 403
    todo = next(each for each in waiting(hr) if "监督事项" in each.title)
    assert (todo.count, todo.url) == (2, url)
    late = Oversight.objects.get(cadre=people[0])
    form = reverse("oversight-follow-up", args=[people[0].pk, late.pk])
    assert f"{form}?from=list" in page.content.decode()
    sent = {"on": "2026-11-20", "done_on": "2026-11-20", "result": "已回访"}
    assert client.post(f"{form}?from=list", sent).url == url
    Oversight.objects.filter(cadre=people[1]).update(due=dt.date(2027, 11, 1))
    assert "监督事项" not in [each.title for each in waiting(hr)]
