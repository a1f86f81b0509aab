"""The roster through the API: levels, filters, writing with If-Match, verbs; closed to strangers."""

import datetime as dt

import pytest
from django.urls import reverse

from cadres.models import Appointment, Cadre, Post
from core.models import AuditEntry
from tests.cadres.factories import identity, make_appointment, make_cadre, make_code, make_post

pytestmark = pytest.mark.django_db
JSON = "application/json"


def url(name, *args):
    return reverse(f"api-{name}", args=args)


def test_a_person_in_one_row_with_the_agreed_names(tree, hr, signed_in):
    number = identity()
    cadre = make_cadre(tree.school_east, "张三", id_number=number, birth_precision="month")
    make_appointment(cadre, "校长", post=make_post(tree.school_east), start_precision="month")
    make_appointment(cadre, "党支部书记", kind="concurrent", is_main=False)
    row = signed_in(hr).get(url("cadres-detail", cadre.pk)).json()
    assert row["name"] == "张三"
    assert (row["gender"], row["birth"], row["status"]) == ("男", "1980-05", "在职")
    assert (row["post"], row["post_since"], row["post_category"]) == ("校长、党支部书记", "2019-08", "head")
    assert [post["title"] for post in row["posts"]] == ["校长", "党支部书记"]
    assert row["id_number"] == f"{number[:4]}********{number[-4:]}"


def test_lists_are_scoped_and_reduced_to_the_readers_level(
    tree, hr, principal_east, principal_west, cadre_user, signed_in
):
    make_cadre(tree.school_east, "张三", id_number=identity())
    assert signed_in(hr).get(url("cadres-list")).json()["count"] == 1
    row = signed_in(principal_east).get(url("cadres-list")).json()["results"][0]
    assert row["birth"] == "1980-05-03"
    assert row["id_number"] is None
    assert signed_in(principal_west).get(url("cadres-list")).json()["results"] == []
    assert signed_in(cadre_user).get(url("cadres-list")).status_code == 403


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"search": "zs"}, ["张三"]),
        ({"search": "李"}, ["李四"]),
        ({"category": "head"}, ["张三"]),
        ({"status": "left"}, ["李四"]),
        ({"status": "in"}, ["张三"]),
        ({"gender": "2"}, []),
        ({"ordering": "-name_key"}, ["张三", "李四"]),
        ({"updated_since": "2001-01-01"}, ["李四", "张三"]),
        ({"updated_since": "2099-01-01"}, []),
        ({"page_size": "1"}, ["李四"]),
        ({"page_size": "1", "page": "2"}, ["张三"]),
    ],
)
def test_filters_search_order_and_pages(tree, hr, signed_in, asked, found):
    cadre = make_cadre(tree.school_east, "张三")
    make_cadre(tree.school_west, "李四", left=dt.date(2020, 1, 1))
    make_appointment(cadre, "校长", post=make_post(tree.school_east))
    rows = signed_in(hr).get(url("cadres-list"), asked).json()["results"]
    assert [row["name"] for row in rows] == found


def test_a_unit_takes_in_what_is_below_it(tree, hr, signed_in):
    make_cadre(tree.school_east, "张三")
    client = signed_in(hr)
    for unit, number in ((tree.central_east, 1), (tree.central_west, 0)):
        assert client.get(url("cadres-list"), {"unit": unit.pk}).json()["count"] == number


def test_writing_a_person_guards_against_a_colleagues_change(tree, hr, signed_in):
    client = signed_in(hr)
    typed = {"name": "张三", "unit": tree.school_east.pk, "birth": "1976-05", "work": "1998.07"}
    created = client.post(url("cadres-list"), typed, content_type=JSON)
    assert created.status_code == 201
    assert (created.json()["birth"], created.json()["work"]) == ("1976-05", "1998-07")
    address, tag = url("cadres-detail", created.json()["id"]), created["ETag"]
    changed = client.patch(address, {"phone": "13800000001"}, content_type=JSON, headers={"If-Match": tag})
    assert changed.status_code == 200
    assert changed["ETag"] != tag
    stale = client.patch(address, {"phone": "13800000002"}, content_type=JSON, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert Cadre.objects.get().phone == "13800000001"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"birth": "不知道"}, "birth"),
        ({"id_number": "310107197605031316"}, "id_number"),
        ({"ethnicity": "777"}, "ethnicity"),
        ({"unit": 1}, "unit"),
    ],
)
def test_wrong_input_names_the_field(tree, hr, signed_in, typed, field):
    cadre = make_cadre(tree.school_east, "张三")
    response = signed_in(hr).patch(url("cadres-detail", cadre.pk), typed, content_type=JSON)
    assert response.status_code == 400
    assert field in response.json()["errors"]


def test_reading_is_not_writing(tree, principal_east, principal_west, signed_in):
    cadre = make_cadre(tree.school_east, "张三")
    appointment = make_appointment(cadre)
    for user, status in ((principal_east, 403), (principal_west, 404)):
        client = signed_in(user)
        assert (
            client.patch(url("cadres-detail", cadre.pk), {"phone": "1"}, content_type=JSON).status_code
            == status
        )
        ended = client.post(url("appointments-end", appointment.pk), {"on": "2026-01"}, content_type=JSON)
        assert ended.status_code == status
    assert signed_in(principal_west).get(url("cadres-detail", cadre.pk)).status_code == 404
    assert Cadre.objects.get().phone == ""
    assert not AuditEntry.objects.exists()


def test_transfer_and_reveal(tree, hr, principal_east, signed_in):
    number = identity()
    cadre = make_cadre(tree.school_east, "张三", id_number=number)
    client = signed_in(hr)
    shown = client.post(url("cadres-reveal-id", cadre.pk), {"reason": "核对"}, content_type=JSON)
    assert shown.json() == {"id_number": number}
    refused = signed_in(principal_east).post(
        url("cadres-reveal-id", cadre.pk), {"reason": "核对"}, content_type=JSON
    )
    assert refused.status_code == 403
    moved = client.post(
        url("cadres-transfer", cadre.pk), {"unit": tree.school_west.pk, "on": "2026-01-01"}, content_type=JSON
    )
    assert moved.json()["unit"] == tree.school_west.pk
    patched = client.patch(url("cadres-detail", cadre.pk), {"unit": tree.school_east.pk}, content_type=JSON)
    assert patched.status_code == 400


def test_appointments_are_recorded_corrected_and_ended(tree, hr, signed_in):
    client, cadre = signed_in(hr), make_cadre(tree.school_east, "张三")
    make_code("selection", "12", "竞争上岗")
    typed = {
        "cadre": cadre.pk, "unit": tree.school_east.pk, "title": "校长", "is_main": True, "start": "2024-08",
        "selection": "12",
    }  # fmt: skip
    created = client.post(url("appointments-list"), typed, content_type=JSON)
    assert created.status_code == 201
    assert (created.json()["start"], created.json()["selection"]) == ("2024-08", "12")
    twice = client.post(url("appointments-list"), typed | {"title": "书记"}, content_type=JSON)
    assert twice.status_code == 400
    assert "重叠" in twice.json()["message"]
    address = url("appointments-detail", created.json()["id"])
    assert client.patch(address, {"title": "党支部书记、校长"}, content_type=JSON).status_code == 200
    ended = client.post(
        url("appointments-end", created.json()["id"]), {"on": "2026-02-01"}, content_type=JSON
    )
    assert ended.json()["end"] == "2026-02-01"
    assert client.get(url("appointments-list"), {"on": "2026-01-31"}).json()["count"] == 1
    assert client.get(url("appointments-list"), {"on": "2026-02-01"}).json()["count"] == 0
    assert Appointment.objects.get().title == "党支部书记、校长"


def test_posts(tree, hr, principal_east, signed_in):
    client = signed_in(hr)
    typed = {"unit": tree.school_east.pk, "title": "校长", "category": "head", "headcount": 1}
    created = client.post(url("posts-list"), typed, content_type=JSON)
    assert created.status_code == 201
    assert client.post(url("posts-list"), typed, content_type=JSON).status_code == 400
    address = url("posts-detail", created.json()["id"])
    assert client.patch(address, {"headcount": 2}, content_type=JSON).status_code == 200
    assert signed_in(principal_east).patch(address, {"headcount": 3}, content_type=JSON).status_code == 403
    assert Post.objects.get().headcount == 2
