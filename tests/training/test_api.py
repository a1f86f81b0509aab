"""Classes, timetables and enrolments through the API: the same services as the pages, one shape of refusal."""

import pytest

from core.api.viewsets import etag
from tests.programs.factories import make_cadre
from tests.programs.test_api import Caller, refused
from tests.training.factories import applied, fields, person
from training.models import ClassSession, Enrolment, TrainingClass
from training.services.targets import set_class_targets


@pytest.fixture
def calls_as(signed_in):
    """Give a person's caller."""
    return lambda user: Caller(signed_in(user))


def plain(**changes):
    """A class as JSON."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else str(value)
        for name, value in fields(**changes).items()
    }


def test_a_class_is_made_changed_opened_and_cancelled(calls_as, clock, tree, hr, principal_east):
    ask = calls_as(hr)
    made = ask("post", "classes/", {"unit": tree.bureau.pk, **plain()})
    assert made.status_code == 201, made.json()
    path = f"classes/{made.json()['id']}/"
    changed = ask("patch", path, {"venue": "进修学校", "capacity": 3})
    assert (changed.json()["venue"], changed.json()["capacity"]) == ("进修学校", 3)
    phased = ask("post", path + "phases/", {"rows": [{"name": "领导力", "days": "5", "mode": "block"}]})
    assert [each["name"] for each in phased.json()["phases"]] == ["领导力"]
    opened = ask("post", path + "open/", {})
    assert (opened.json()["status"], opened.json()["taken"], opened.json()["targets"]) == ("open", 0, None)
    assert {each["action"] for each in opened.json()["actions"]} == {"extend", "settle", "cancel"}
    body = refused(ask("patch", path, {"capacity": 2}), 400, "invalid")
    assert list(body["errors"]) == ["capacity"]
    until = {"enrol_until": "2026-12-05T12:00:00+08:00", "comment": "名额未满"}
    assert ask("post", path + "extend/", until).json()["enrol_until"] == until["enrol_until"]
    refused(calls_as(principal_east)("post", path + "settle/", {}), 403, "forbidden")
    refused(ask("post", path + "cancel/", {}), 400, "invalid")
    assert ask("post", path + "cancel/", {"comment": "人数不足"}).json()["status"] == "cancelled"
    refused(ask("post", path + "settle/", {}), 409, "conflict")


def test_what_is_wrong_is_said_at_its_field(calls_as, clock, tree, hr, principal_east):
    ask = calls_as(hr)
    body = refused(ask("post", "classes/", plain()), 400, "invalid")
    assert list(body["errors"]) == ["unit"]
    body = refused(ask("post", "classes/", {"unit": 999999, **plain()}), 400, "invalid")
    assert list(body["errors"]) == ["unit"]
    wrong = plain() | {"ends_on": "2026-12-01", "enrol_until": "2026-11-01T00:00:00+08:00"}
    body = refused(ask("post", "classes/", {"unit": tree.bureau.pk, **wrong}), 400, "invalid")
    assert set(body["errors"]) == {"ends_on", "enrol_until"}
    refused(calls_as(principal_east)("post", "classes/", plain()), 403, "forbidden")
    assert not TrainingClass.objects.exists()


def test_an_older_version_changes_nothing(calls_as, drafted, hr, clock):
    ask, path, seen = calls_as(hr), f"classes/{drafted.pk}/", etag(drafted)
    clock("2026-11-20 09:00:01")
    assert ask("patch", path, {"venue": "一"}, **{"If-Match": seen}).status_code == 200
    refused(ask("patch", path, {"venue": "二"}, **{"If-Match": seen}), 412, "stale")
    refused(ask("post", path + "open/", {}, **{"If-Match": seen}), 412, "stale")
    refused(ask("post", path + "phases/", {"rows": []}, **{"If-Match": seen}), 412, "stale")
    drafted.refresh_from_db()
    assert (drafted.venue, drafted.status) == ("一", "draft")


def test_sessions_are_put_on_the_timetable_and_taken_off(
    calls_as, training_class, hr, principal_east, drafted
):
    ask = calls_as(hr)
    session = {
        "training_class": training_class.pk, "day": "2026-12-08", "begins": "09:00", "ends": "11:00",
        "topic": "依法治校",
    }  # fmt: skip
    made = ask("post", "class-sessions/", session)
    assert made.status_code == 201, made.json()
    path = f"class-sessions/{made.json()['id']}/"
    body = refused(ask("patch", path, {"day": "2026-12-20"}), 400, "invalid")
    assert list(body["errors"]) == ["day"]
    body = refused(ask("patch", path, {"phase": 999999}), 400, "invalid")
    assert list(body["errors"]) == ["phase"]
    refused(ask("patch", path, {"training_class": drafted.pk}), 400, "invalid")
    assert ask("patch", path, {"venue": "二楼"}).json()["venue"] == "二楼"
    reader = calls_as(principal_east)
    read = reader("get", path).json()
    assert (read["topic"], read["begins"], read["ends"]) == ("依法治校", "09:00", "11:00")
    body = refused(ask("patch", path, {"begins": "25:00"}), 400, "invalid")
    assert list(body["errors"]) == ["begins"]
    refused(reader("patch", path, {"venue": "三楼"}), 403, "forbidden")
    refused(reader("post", path + "remove/", {}), 403, "forbidden")
    assert ask("post", path + "remove/", {}).status_code == 204
    assert not ClassSession.objects.exists()


def test_a_cadre_applies_and_the_school_consents(calls_as, training_class, tree, principal_east, cadre_user):
    user = person(tree.school_east).user
    ask = calls_as(user)
    assert [each["id"] for each in ask("get", "classes/").json()["results"]] == [training_class.pk]
    wish = {"training_class": training_class.pk, "reason": "想提高"}
    first, again = ask("post", "enrolments/", wish), ask("post", "enrolments/", wish)
    assert (first.status_code, first.json()["status"]) == (201, "applied")
    assert first.json()["id"] == again.json()["id"]
    path = f"enrolments/{first.json()['id']}/"
    assert {each["action"] for each in first.json()["actions"]} == {"withdraw"}
    refused(ask("post", path + "take/", {"action": "approve"}), 403, "forbidden")
    school = calls_as(principal_east)
    taken = school("post", path + "take/", {"action": "approve"})
    assert (taken.json()["status"], taken.json()["history"][0]["action"]) == ("enrolled", "approve")
    refused(school("post", path + "take/", {"action": "refuse", "comment": "不行"}), 409, "conflict")
    refused(calls_as(cadre_user)("get", path), 404, "not_found")
    refused(calls_as(cadre_user)("get", "enrolments/"), 403, "forbidden")


def test_the_school_enrols_one_and_many(calls_as, training_class, tree, principal_east, principal_west):
    one, two, three = (make_cadre(tree.school_east) for _ in range(3))
    ask = calls_as(principal_east)
    wish = {"training_class": training_class.pk, "cadre": one.pk}
    assert ask("post", "enrolments/", wish).json()["status"] == "enrolled"
    body = refused(calls_as(principal_west)("post", "enrolments/", wish), 400, "invalid")
    assert list(body["errors"]) == ["cadre"]
    many = {"training_class": training_class.pk, "cadres": [one.pk, two.pk, three.pk]}
    answer = ask("post", "enrolments/bulk/", many).json()
    assert (answer["done"], [each["ok"] for each in answer["results"]]) == (2, [False, True, True])
    refused(ask("post", "enrolments/", {"training_class": training_class.pk}), 403, "forbidden")
    listed = ask("get", "enrolments/", {"training_class": training_class.pk, "status": "waiting"}).json()
    assert [each["cadre_name"] for each in listed["results"]] == [three.name]
    assert ask("get", "classes/").json()["results"][0]["taken"] == 2


def test_a_verdict_on_an_older_version_is_refused(calls_as, training_class, tree, clock, principal_east):
    enrolment = applied(training_class, tree.school_east)
    path, seen = f"enrolments/{enrolment.pk}/take/", etag(enrolment)
    clock("2026-11-20 09:00:01")
    Enrolment.objects.get(pk=enrolment.pk).save()
    refused(calls_as(principal_east)("post", path, {"action": "approve"}, **{"If-Match": seen}), 412, "stale")
    enrolment.refresh_from_db()
    assert enrolment.status == "applied"


def test_whom_a_class_is_for_is_read(calls_as, drafted, tree, hr):
    cadre = make_cadre(tree.school_east)
    set_class_targets(
        training_class=drafted, people=type(cadre).objects.filter(pk=cadre.pk), words="女", by=hr
    )
    read = calls_as(hr)("get", f"classes/{drafted.pk}/").json()
    assert (read["targets"]["words"], read["targets"]["count"]) == ("女", 1)
