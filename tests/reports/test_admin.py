"""The admin's annual reports: one's own, to look at."""

import datetime as dt

import pytest
from django.urls import reverse

from reports.models import AnnualReport
from tests.factories import make_holder

pytestmark = pytest.mark.django_db


def test_reports_are_found_by_their_asker_alone_and_never_changed(tree, hr, signed_in):
    report = AnnualReport.objects.create(
        unit=tree.bureau, year=2026, requested_by=hr, as_of=dt.date(2026, 11, 20)
    )
    listed = reverse("admin:reports_annualreport_changelist")
    page = reverse("admin:reports_annualreport_change", args=[report.pk])
    assert page in signed_in(hr).get(listed).content.decode()
    assert signed_in(hr).post(page, {"year": "2020"}).status_code == 403
    colleague = signed_in(make_holder("hr2", "何二", "hr", tree.bureau))
    assert page not in colleague.get(listed).content.decode()
    assert colleague.get(page).status_code in (302, 404)
    report.refresh_from_db()
    assert report.year == 2026
