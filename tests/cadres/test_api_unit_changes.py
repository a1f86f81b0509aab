"""Changes of units over the API: what they would do, the list, taking them back."""

import datetime as dt

import pytest

from accounts.models import Unit
from cadres.models import PersonnelRelation, Reorganisation
from cadres.services.people import transfer_cadre
from cadres.services.reorganising import merge_units, preview_merge
from core.calendar import today
from core.models import AuditEntry
from tests.cadres.factories import make_appointment, make_cadre, make_post

pytestmark = pytest.mark.django_db
JSON = "application/json"
DAY = dt.date(2026, 9, 1)


@pytest.fixture
def school(tree):
    """A school with a head and a teacher."""
    make_cadre(tree.school_east, "赵敏")
    make_appointment(make_cadre(tree.school_east, "王建国"), "校长", post=make_post(tree.school_east))
    return tree.school_east


def ask(client, unit, verb, **sent):
    return client.post(f"/api/v1/units/{unit.pk}/{verb}/", {"on": "2026-09-01", **sent}, content_type=JSON)


def undo(client, change):
    return client.post(f"/api/v1/unit-changes/{change.pk}/undo/", content_type=JSON)


def untouched(unit):
    """Whether nothing was written about a unit."""
    unit.refresh_from_db()
    people = PersonnelRelation.objects.filter(unit=unit, end=None).count()
    return (unit.valid_to, people) == (None, 2) and not (
        Reorganisation.objects.exists() or AuditEntry.objects.filter(action__startswith="unit.").exists()
    )


def test_a_merger_is_foretold_in_the_pages_words_and_nothing_written(tree, hr, school, signed_in):
    sent = {"into": tree.school_west.pk, "preview": True}
    answer = ask(signed_in(hr), school, "merge", **sent)
    told = [each.text for each in preview_merge(by=hr, unit=school, into=tree.school_west, on=DAY)]
    assert (answer.status_code, answer.json()) == (200, {"consequences": told})
    assert "2 人的人事关系和 1 条任职" in told[0]
    assert untouched(school)
    done = ask(signed_in(hr), school, "merge", **sent | {"preview": False})
    assert done.json() == {"people": 2, "appointments": 1}
    assert Unit.objects.get(pk=school.pk).valid_to == DAY


def test_a_split_and_a_closing_are_foretold(tree, hr, school, signed_in):
    client, going = signed_in(hr), school.pk
    teacher = PersonnelRelation.objects.get(cadre__name="赵敏").cadre
    split = ask(client, school, "split", into=tree.school_west.pk, cadres=[teacher.pk], preview=True)
    assert f"{school.name}继续存在，还有 1 人。" in split.json()["consequences"]
    close = ask(client, tree.school_east_2, "close", successor=going, preview=True)
    assert "起撤销，页面和历史仍可查" in close.json()["consequences"][0]
    assert Unit.objects.get(pk=tree.school_east_2.pk).valid_to is None
    assert untouched(school)


@pytest.mark.parametrize(
    ("verb", "sent", "status"),
    [
        ("merge", {"on": "2010-01-01"}, 400),
        ("merge", {"into": "self"}, 400),
        ("close", {}, 409),
        ("merge", {"preview": "maybe"}, 400),
    ],
)
def test_what_would_be_refused_is_refused_in_the_preview(tree, hr, school, signed_in, verb, sent, status):
    given = {"into": tree.school_west.pk, "preview": True} | sent
    given["into"] = school.pk if given["into"] == "self" else given["into"]
    answer = ask(signed_in(hr), school, verb, **given)
    assert (answer.status_code, untouched(school)) == (status, True)
    assert answer.json()["message"]


def test_a_preview_heeds_if_match(tree, hr, school, signed_in):
    answer = signed_in(hr).post(
        f"/api/v1/units/{school.pk}/merge/",
        {"on": "2026-09-01", "into": tree.school_west.pk, "preview": True},
        content_type=JSON,
        headers={"If-Match": '"1-1.0"'},
    )
    assert answer.status_code == 412


def test_a_change_is_found_and_taken_back_once(tree, hr, school, signed_in):
    client = signed_in(hr)
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY, document_number="示教〔2026〕9号")
    for unit in (school, tree.school_west):
        (found,) = client.get(f"/api/v1/unit-changes/?unit={unit.pk}").json()["results"]
        assert (found["unit"], found["into"], found["kind"]) == (school.pk, tree.school_west.pk, "merge")
        assert (found["people"], found["undone_at"]) == (2, None)
    assert client.get(f"/api/v1/unit-changes/?unit={tree.bureau.pk}").json()["results"] == []
    change = Reorganisation.objects.get()
    answer = undo(client, change)
    assert (answer.status_code, bool(answer.json()["undone_at"])) == (200, True)
    assert Unit.objects.get(pk=school.pk).valid_to is None
    assert PersonnelRelation.objects.filter(unit=school, end=None).count() == 2
    assert undo(client, change).status_code == 409
    for undone, count in (("true", 1), ("false", 0)):
        assert client.get(f"/api/v1/unit-changes/?undone={undone}").json()["count"] == count


def test_a_change_that_was_taken_back_is_pulled_again(tree, hr, school, signed_in, time_machine):
    time_machine.move_to("2026-11-20 09:00+08:00", tick=False)
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    time_machine.move_to("2026-11-20 10:00+08:00", tick=False)
    client, pulled = signed_in(hr), "/api/v1/unit-changes/?updated_since=2026-11-20T09:30:00"
    assert client.get(pulled).json()["count"] == 0
    address = f"/api/v1/unit-changes/{Reorganisation.objects.get().pk}/"
    before = client.get(address)["ETag"]
    assert undo(client, Reorganisation.objects.get())["ETag"] != before
    assert client.get(pulled).json()["count"] == 1


def test_what_was_changed_since_stays(tree, hr, school, signed_in):
    merge_units(by=hr, unit=school, into=tree.school_west, on=DAY)
    cadre = PersonnelRelation.objects.get(cadre__name="赵敏", end=None).cadre
    transfer_cadre(cadre=cadre, to_unit=tree.school_east_2, on=today(), by=hr)
    answer = undo(signed_in(hr), Reorganisation.objects.get())
    assert answer.status_code == 409
    assert "赵敏" in answer.json()["message"]
    assert Reorganisation.objects.standing().exists()


def test_who_may_read_and_take_back(tree, hr, school, principal_east, principal_west, auditor, signed_in):
    merge_units(by=hr, unit=school, into=tree.school_east_2, on=DAY)
    change = Reorganisation.objects.get()
    for user, read, write in ((principal_west, 404, 404), (auditor, 404, 404)):
        assert signed_in(user).get(f"/api/v1/unit-changes/{change.pk}/").status_code == read
        assert undo(signed_in(user), change).status_code == write
    assert Reorganisation.objects.standing().exists()
