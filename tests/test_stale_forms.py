"""Configuration saved from the admin: a colleague who saves between the form's check and the service isn't lost."""

import datetime as dt

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import Unit
from accounts.services.units import update_unit
from cadres.models import Code, Norm, RetirementRule
from cadres.services.configuring import end_norm, mark_verified, save_row, set_in_use
from core.calendar import now
from core.errors import Stale
from core.versions import version_of
from tests.cadres.factories import make_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(tree):
    """One row of each table, what the clerk types, and what a colleague saves meanwhile."""
    norm = Norm.objects.create(
        measure="women", population="all", direction="at_least", limit=30, basis="甲", is_unverified=True
    )
    schedule = RetirementRule.objects.create(
        category="60", start="2025-01-01", step_months=4, most_months=36, basis="甲"
    )
    unit = tree.school_east
    return {
        "code": (make_code("title", "1", "甲"), {"name": "乙", "order": "0"}, {"short": "丙"}),
        "norm": (norm, {
            "measure": "women", "population": "all", "direction": "at_least", "limit": "30", "basis": "乙",
        }, {"limit": 45}),
        "schedule": (schedule, {
            "category": "60", "start": "2025-01-01", "step_months": "4", "most_months": "36", "basis": "乙",
        }, {"most_months": 24}),
        "unit": (unit, {"code": unit.code, "stage": unit.stage, "headcount": "9"}, {"cluster": "丙"}),
    }  # fmt: skip


def saved_by_a_colleague(row, values):
    """Another's change, with its own time where the table keeps one."""
    stamp = {"updated_at": now()} if hasattr(row, "updated_at") else {}
    type(row).objects.filter(pk=row.pk).update(**values, **stamp)


@pytest.mark.parametrize("name", ["code", "norm", "schedule", "unit"])
def test_a_change_between_the_check_and_the_service_is_not_written_over(
    rows, hr, signed_in, monkeypatch, name
):
    row, typed, meanwhile = rows[name]
    client, table = signed_in(hr), type(admin.site._registry[type(row)])
    url = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])
    typed |= {"_version": client.get(url).context["version"]}
    service = table.service_save

    def after_the_colleague(*args, **kwargs):
        saved_by_a_colleague(row, meanwhile)
        return service(*args, **kwargs)

    monkeypatch.setattr(table, "service_save", after_the_colleague)
    page = client.post(url, typed)
    assert page.status_code == 200
    assert "别人保存了新内容" in page.content.decode()
    ours = {"code": {"name": "乙"}, "unit": {"headcount": 9}}.get(name, {"basis": "乙"})
    assert not type(row).objects.filter(pk=row.pk, **ours).exists()


def test_the_services_refuse_an_older_version(rows, hr):
    for name in ("code", "norm", "schedule"):
        row, _, meanwhile = rows[name]
        seen = version_of(type(row).objects.get(pk=row.pk))
        saved_by_a_colleague(row, meanwhile)
        with pytest.raises(Stale):
            save_row(row=row, by=hr, version=seen)
        assert type(row).objects.filter(pk=row.pk, **meanwhile).exists(), name
    unit, _, meanwhile = rows["unit"]
    seen = version_of(Unit.objects.get(pk=unit.pk))
    saved_by_a_colleague(unit, meanwhile)
    with pytest.raises(Stale):
        update_unit(by=hr, unit=unit, changes={"headcount": 9}, version=seen)
    assert Unit.objects.get(pk=unit.pk).headcount == unit.headcount


def test_a_verb_changes_its_own_column_only(rows, hr):
    """The rows in hand are older than what a colleague has saved."""
    code, norm, schedule = (rows[name][0] for name in ("code", "norm", "schedule"))
    for row, meanwhile in ((code, {"name": "丙"}), (norm, {"limit": 45}), (schedule, {"most_months": 24})):
        saved_by_a_colleague(row, meanwhile)
    set_in_use(code=code, is_active=False, by=hr)
    end_norm(norm=norm, on=dt.date(2030, 1, 1), by=hr)
    mark_verified(row=norm, by=hr)
    mark_verified(row=schedule, by=hr)
    code, norm, schedule = Code.objects.get(), Norm.objects.get(), RetirementRule.objects.get()
    assert (code.name, code.is_active) == ("丙", False)
    assert (norm.limit, norm.end, norm.is_unverified) == (45, dt.date(2030, 1, 1), False)
    assert (schedule.most_months, schedule.is_unverified) == (24, False)
