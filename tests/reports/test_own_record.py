"""Nobody reads the organisation's record of themselves through a query, a figure or a list, whatever office they hold."""

import datetime as dt
import io

import pytest
from openpyxl import load_workbook

from cadres.models import Oversight, ReserveEntry
from reports.queries.exporting import QueryExport, write
from reports.queries.saving import build_query
from reports.structure import stored
from tests.cadres.factories import own
from tests.programs.factories import make_cadre
from tests.reports.test_large import run

pytestmark = pytest.mark.django_db
WOMEN = {"join": "and", "items": [{"fact": "gender", "op": "one_of", "value": ["2"]}]}
SENSITIVE = ("fact:in_reserve", "fact:reserve_status", "fact:sanctioned", "fact:warnings_recent")


@pytest.fixture
def reserve(tree, hr, clock):
    """Somebody, and the keeper of the roster, both of the reserve and both sanctioned."""
    found = (
        make_cadre(tree.school_east, "别人", gender="2"),
        own(hr, make_cadre(tree.bureau, "本人", gender="2")),
    )
    for cadre in found:
        ReserveEntry.objects.create(cadre=cadre, category="deputy", status="1", start=dt.date(2024, 1, 1))
        Oversight.objects.create(
            cadre=cadre, kind="sanction", sanction="admin_warning", start=dt.date(2026, 9, 1),
            end=dt.date(2027, 3, 1),
        )  # fmt: skip
    return found


@pytest.mark.parametrize("columns", [("name", *SENSITIVE), ("name", "age", *SENSITIVE), (*SENSITIVE, "name")])
def test_sensitive_columns_of_ones_own_row_leave_empty(reserve, hr, columns):
    content = io.BytesIO()
    asked = QueryExport(build_query(where=WOMEN, people="all"), columns, reason="核对后备情况")
    assert write(content, asked, by=hr) == 2
    rows = {
        row[columns.index("name")]: ["" if cell is None else str(cell) for cell in row]
        for row in load_workbook(io.BytesIO(content.getvalue())).active.iter_rows(values_only=True)
        if len(row) == len(columns)
    }
    at = [columns.index(name) for name in SENSITIVE]
    assert all(rows["别人"][each] for each in at)
    assert [rows["本人"][each] for each in at] == [""] * len(at)


def test_figures_counted_with_the_reserve_are_not_shown_without_the_right(
    reserve, tree, hr, signed_in, monkeypatch
):
    monkeypatch.setattr(stored, "LARGE", 1)
    client = signed_in(hr)
    assert run(client, "/reports/forecast/").result["figures"]["reserve"] is not None
    assert "figures" in client.get("/reports/forecast/").context
    hr.grants.update(role="party")
    hr.__dict__.pop("_held_grants", None)
    assert "figures" not in client.get("/reports/forecast/").context
    answer = client.get("/api/v1/forecast/")
    assert (answer.status_code, answer.json().get("result") or {}) == (202, {})
    assert run(client, "/reports/forecast/").result["figures"]["reserve"] is None


def test_the_list_of_the_reserve_leaves_only_with_a_reason(reserve, hr, signed_in):
    answer = signed_in(hr).get("/reports/forecast/reserve/?export=xlsx")
    assert answer["Content-Type"].startswith("text/html")
    assert "export=xlsx" not in answer.content.decode()
    assert "本人" not in answer.content.decode().split("<main")[1]
