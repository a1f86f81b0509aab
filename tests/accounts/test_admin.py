"""The admin's units: scoped, saved through the services; no users, grants or groups anywhere in it."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.models import ActivationCode, Grant, Unit, User
from core.models import AuditEntry

pytestmark = pytest.mark.django_db


def form_of(unit, **changes):
    """What the admin's form sends for a unit."""
    values = {
        "code": unit.code, "stage": unit.stage, "cluster": unit.cluster, "headcount": unit.headcount or "",
        "valid_from": "", "is_rural": "on" if unit.is_rural else "",
    }  # fmt: skip
    return {name: value for name, value in {**values, **changes}.items() if value != ""}


def test_accounts_grants_and_groups_are_not_in_the_admin():
    for model in (User, Grant, ActivationCode, Group, AuditEntry):
        assert not admin.site.is_registered(model)


def test_hr_corrects_plain_facts(tree, hr, signed_in):
    client, unit = signed_in(hr), tree.school_east
    assert client.get("/admin/accounts/unit/").status_code == 200
    page = f"/admin/accounts/unit/{unit.pk}/change/"
    assert client.get(page).status_code == 200
    answer = client.post(page, form_of(unit, headcount=9, name="偷改", parent=tree.central_west.pk))
    assert answer.status_code == 302
    unit = Unit.objects.get(pk=unit.pk)
    assert (unit.headcount, unit.name, unit.parent) == (9, "东河镇中心小学", tree.central_east)
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"unit.edit", "admin.change"}
    refused = client.post(page, form_of(unit, code=tree.school_west.code))
    assert refused.status_code == 200
    assert "errorlist" in refused.content.decode()
    assert Unit.objects.get(pk=unit.pk).code == unit.code


def test_hr_adds_a_unit(tree, hr, signed_in):
    new = {"name": "新小学", "kind": "school", "parent": tree.central_east.pk, "code": "N1"}
    client = signed_in(hr)
    assert client.post("/admin/accounts/unit/add/", new).status_code == 302
    unit = Unit.objects.get(code="N1")
    assert unit.path == f"{tree.central_east.path}{unit.pk}/"
    wrong = client.post("/admin/accounts/unit/add/", {**new, "code": "N2", "kind": "central"})
    assert wrong.status_code == 200
    assert not Unit.objects.filter(code="N2").exists()


def test_nothing_is_deleted_and_an_export_is_noted(tree, hr, signed_in):
    client = signed_in(hr)
    ids = [tree.school_east.pk, tree.school_west.pk]
    client.post(
        "/admin/accounts/unit/", {"action": "delete_selected", "_selected_action": ids, "post": "yes"}
    )
    assert client.post(f"/admin/accounts/unit/{ids[0]}/delete/", {"post": "yes"}).status_code == 403
    assert Unit.objects.filter(pk__in=ids).count() == 2
    book = client.post("/admin/accounts/unit/", {"action": "export_ticked", "_selected_action": ids})
    assert "spreadsheet" in book["Content-Type"]
    assert AuditEntry.objects.get(action="admin.export").note.endswith("2 条")


def test_a_formula_in_a_name_stays_text(tree, hr, signed_in):
    import io

    import openpyxl

    Unit.objects.filter(pk=tree.school_east.pk).update(name="=cmd()")
    book = signed_in(hr).post(
        "/admin/accounts/unit/", {"action": "export_ticked", "_selected_action": [tree.school_east.pk]}
    )
    cells = [
        cell for row in openpyxl.load_workbook(io.BytesIO(book.content)).active.iter_rows() for cell in row
    ]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_nobody_else_gets_in(tree, central_east, sysadmin, secadmin, signed_in):
    for user in (central_east, sysadmin, secadmin):
        assert signed_in(user).get("/admin/accounts/unit/").status_code in (302, 403)
        answer = signed_in(user).get("/admin/accounts/unit/", follow=True)
        assert answer.status_code == 403
