"""The API's units, and through them the scoped base: 404 outside, 403 inside, re-check, ETag, increments."""

import datetime as dt

import pytest
from django.test import Client

from accounts.api_base import moment
from accounts.models import Unit
from core.errors import Invalid
from tests.factories import make_unit

pytestmark = pytest.mark.django_db
JSON = "application/json"
LIST = "/api/v1/units/"


def url(unit, verb=""):
    """The address of a unit."""
    return f"{LIST}{unit.pk}/{verb}"


def test_one_sees_one_s_own_units(tree, central_east, cadre_user, sysadmin, signed_in):
    names = {row["name"] for row in signed_in(central_east).get(LIST).json()["results"]}
    assert names == {"东河镇中心校", "东河镇中心小学", "东河镇红旗小学"}
    assert signed_in(cadre_user).get(LIST).status_code == 403
    assert signed_in(sysadmin).get(LIST).status_code == 403
    assert Client().get(LIST).status_code == 401


def test_outside_is_404_and_inside_without_permission_is_403(tree, central_east, signed_in):
    client = signed_in(central_east)
    assert client.get(url(tree.school_west)).status_code == 404
    assert client.patch(url(tree.school_west), {"headcount": 9}, JSON).status_code == 404
    assert client.patch(url(tree.school_east), {"headcount": 9}, JSON).status_code == 403
    assert client.post(LIST, {"name": "x"}, JSON).status_code == 403
    assert client.delete(url(tree.school_east)).status_code in (403, 405)
    tree.school_east.refresh_from_db()
    assert tree.school_east.headcount == 3


def make_editor_of(unit):
    """HR of one township alone, which the roles don't foresee but the base must bear."""
    from accounts.models import Grant
    from tests.factories import make_user

    editor = make_user("township-hr")
    Grant.objects.create(
        user=editor, role="hr", unit=unit, start="2020-01-01", confirmed_at="2020-01-01T00:00Z"
    )
    return editor


def test_a_write_reaches_only_the_writer_s_own_scope(tree, signed_in):
    client = signed_in(make_editor_of(tree.central_east))
    assert client.patch(url(tree.school_west), {"headcount": 9}, JSON).status_code == 404
    assert client.patch(url(tree.school_east), {"headcount": 9}, JSON).status_code == 200
    moved = client.post(url(tree.school_east, "move/"), {"parent": tree.central_west.pk}, JSON)
    assert moved.status_code == 400
    new = {"code": "N1", "name": "新小学", "kind": "school", "parent": tree.central_west.pk}
    assert client.post(LIST, new, JSON).status_code == 400
    assert not Unit.objects.filter(code="N1").exists()


def test_a_row_that_leaves_the_scope_is_not_written(tree, signed_in, monkeypatch):
    from accounts import api

    def strays(**given):
        return make_unit("外面", tree.central_west, code="STRAY")

    monkeypatch.setattr(api.verbs, "create_unit", strays)
    client = signed_in(make_editor_of(tree.central_east))
    new = {"code": "N1", "name": "新小学", "kind": "school", "parent": tree.central_east.pk}
    assert client.post(LIST, new, JSON).status_code == 403
    assert not Unit.objects.filter(code="STRAY").exists()


def test_hr_creates_changes_renames_and_moves(tree, hr, signed_in):
    client = signed_in(hr)
    new = {
        "code": "N1",
        "name": "新小学",
        "kind": "school",
        "parent": tree.central_east.pk,
        "stage": "primary",
    }
    made = client.post(LIST, new, JSON)
    assert made.status_code == 201, made.json()
    unit = Unit.objects.get(code="N1")
    assert made.json()["parent_name"] == "东河镇中心校"
    assert client.post(LIST, new, JSON).json()["errors"]["code"] == ["已被使用。"]
    assert client.patch(url(unit), {"name": "改名"}, JSON).status_code == 400
    assert (
        client.post(url(unit, "rename/"), {"name": "东风小学", "on": "2020-01-01"}, JSON).status_code == 200
    )
    moved = client.post(url(unit, "move/"), {"parent": tree.central_west.pk}, JSON)
    assert moved.json()["parent_name"] == "西山镇中心校"
    single = client.get(url(unit)).json()
    assert [each["name"] for each in single["names"]] == ["新小学", "东风小学"]


def test_a_stale_change_is_412_and_overwrites_nothing(tree, hr, signed_in):
    client = signed_in(hr)
    tag = client.get(url(tree.school_east))["ETag"]
    first = client.patch(url(tree.school_east), {"headcount": 7}, JSON, headers={"If-Match": tag})
    assert first.status_code == 200
    stale = client.patch(url(tree.school_east), {"headcount": 8}, JSON, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert Unit.objects.get(pk=tree.school_east.pk).headcount == 7
    again = client.patch(url(tree.school_east), {"headcount": 8}, JSON, headers={"If-Match": first["ETag"]})
    assert again.status_code == 200


def test_increments_come_by_updated_since(tree, hr, signed_in):
    Unit.objects.update(updated_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    Unit.objects.filter(pk=tree.school_east.pk).update(updated_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    client = signed_in(hr)
    for text, count in (
        ("2026-02-01", 1),
        ("2026-03-01T08:00:00+08:00", 1),
        ("2026-03-01T08:00:01+08:00", 0),
    ):
        assert client.get(LIST, {"updated_since": text}).json()["count"] == count
    wrong = client.get(LIST, {"updated_since": "昨天"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["updated_since"])


@pytest.mark.parametrize(
    "text", ["", "x", "2026-13-01", "2026-02-30T00:00", "99999-01-01", "T", "2026-01-01T25:00"]
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(Invalid):
        moment(text)


def test_filters_search_and_order(tree, hr, signed_in):
    client = signed_in(hr)

    def names(**query):
        return [row["name"] for row in client.get(LIST, query).json()["results"]]

    assert names(kind="central") == ["东河镇中心校", "西山镇中心校"]
    assert set(names(under=tree.central_east.pk)) == {"东河镇中心校", "东河镇中心小学", "东河镇红旗小学"}
    assert names(search="红旗") == ["东河镇红旗小学"]
    assert names(parent=tree.central_west.pk) == ["西山镇中心小学"]
    assert names(ordering="-code")[0] == "西山镇中心小学"
    for query in (
        {"ordering": "password"},
        {"search": "\x00"},
        {"under": "9" * 40},
        {"kind": "x"},
        {"parent": "x"},
    ):
        assert client.get(LIST, query).status_code in (200, 400), query
    assert client.get(f"{LIST}99999999999999999/").status_code == 404
    assert client.get(f"{LIST}{'9' * 30}/").status_code == 404
