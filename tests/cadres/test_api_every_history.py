"""Every history's resource keeps the same promises: filters by unit, person, day and change; entity tags."""

import datetime as dt
import json

import pytest
from django.urls import reverse

from cadres.api.histories import PLURALS
from cadres.kinds import KINDS
from core.models import AuditEntry
from tests.cadres.everything import SINCE, make_histories
from tests.cadres.factories import make_cadre

pytestmark = pytest.mark.django_db
SLUGS = sorted(KINDS)


def url(slug, name="list", *args):
    return reverse(f"api-{PLURALS[slug]}-{name}", args=args)


@pytest.fixture
def rows(tree):
    """One entry of each kind in the East, and one in the West."""
    east = make_histories(make_cadre(tree.school_east, "东"))
    west = make_histories(make_cadre(tree.school_west, "西"))
    return {slug: (east[slug], west[slug]) for slug in SLUGS}


def ids(answer):
    assert answer.status_code == 200, answer.content
    return {row["id"] for row in answer.json()["results"]}


@pytest.mark.parametrize("slug", SLUGS)
def test_lists_are_cut_by_unit_person_and_change(tree, hr, signed_in, rows, slug):
    client, (east, west) = signed_in(hr), rows[slug]
    assert ids(client.get(url(slug))) == {east.pk, west.pk}
    assert ids(client.get(url(slug), {"unit": tree.central_east.pk})) == {east.pk}
    assert ids(client.get(url(slug), {"cadre": west.cadre_id})) == {west.pk}
    model = KINDS[slug].model
    changed = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
    model.objects.filter(pk=west.pk).update(updated_at=changed)
    assert ids(client.get(url(slug), {"updated_since": "2001-01-02"})) == {east.pk}
    # The moment itself counts, in the zone that was written.
    assert ids(client.get(url(slug), {"updated_since": "2001-01-01T08:00:00+08:00"})) == {east.pk, west.pk}
    assert client.get(url(slug), {"updated_since": "gestern"}).status_code == 400


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if KINDS[slug].has_period])
def test_lists_are_cut_by_the_day_in_force(hr, signed_in, rows, slug):
    client, (east, west) = signed_in(hr), rows[slug]
    model = KINDS[slug].model
    model.objects.filter(pk=east.pk).update(start=SINCE, end=dt.date(2025, 3, 1))
    model.objects.filter(pk=west.pk).update(start=dt.date(2025, 3, 1), end=None)
    days = ("2024-02-29", "2024-03-01", "2025-02-28", "2025-03-01")
    found = [ids(client.get(url(slug), {"on": day})) for day in days]
    assert found == [set(), {east.pk}, {east.pk}, {west.pk}]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_stale_change_is_refused_and_changes_nothing(hr, signed_in, rows, slug):
    client, row = signed_in(hr), rows[slug][0]
    model, address = KINDS[slug].model, url(slug, "detail", row.pk)
    tag = client.get(address).headers["ETag"]
    model.objects.filter(pk=row.pk).update(updated_at=dt.datetime(2001, 1, 1, tzinfo=dt.UTC))
    before = (model.objects.filter(pk=row.pk).values().get(), AuditEntry.objects.count())
    sent = {"content_type": "application/json", "headers": {"If-Match": tag}}
    refused = [client.patch(address, "{}", **sent)]
    refused.append(client.post(url(slug, "delete", row.pk), json.dumps({"reason": "录错"}), **sent))
    if KINDS[slug].has_period:
        refused.append(client.post(url(slug, "end", row.pk), json.dumps({"on": "2026-01-01"}), **sent))
    assert {answer.status_code for answer in refused} <= {412, 405}
    assert refused[0].status_code in (412, 405)
    assert (model.objects.filter(pk=row.pk).values().get(), AuditEntry.objects.count()) == before
