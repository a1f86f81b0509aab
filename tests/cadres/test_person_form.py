"""What the form of a person asks beyond a roster's columns, health being closed until it is opened."""

import datetime as dt

import pytest
from django.urls import reverse

from cadres.models import Cadre
from core.models import AuditEntry
from tests.cadres.factories import identity, make_cadre

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "王建国", "gender": "1", "birthplace": "贵州遵义", "speciality": "数学教育", "retirement_limit": "60",
    "health": "良好",
}  # fmt: skip


@pytest.fixture
def cadre(tree):
    """Somebody on the roster."""
    return make_cadre(tree.school_east, "王建国", id_number=identity())


def save(client, cadre, **typed):
    """Send the form as the page offers it."""
    address = reverse("cadre-edit", args=[cadre.pk])
    form = client.get(address).context["form"]
    kept = {name: form[name].value() for name in ("id_number", "version") if name in form.fields}
    return client.post(address, kept | typed)


def test_they_are_kept_and_shown(cadre, hr, signed_in):
    client = signed_in(hr)
    assert save(client, cadre, **TYPED).status_code == 302
    cadre.refresh_from_db()
    assert (cadre.birthplace, cadre.speciality, cadre.retirement_limit, cadre.health) == (
        "贵州遵义", "数学教育", "60", "良好",
    )  # fmt: skip
    page = client.get(reverse("cadre-detail", args=[cadre.pk])).content.decode()
    assert "贵州遵义" in page
    assert "数学教育" in page
    assert "60 岁" in page


def test_health_stays_closed_until_it_is_opened(cadre, hr, signed_in):
    client = signed_in(hr)
    save(client, cadre, **TYPED)
    for name in ("cadre-detail", "cadre-edit"):
        assert "良好</dd>" not in client.get(reverse(name, args=[cadre.pk])).content.decode()
    assert "selected>良好" not in client.get(reverse("cadre-edit", args=[cadre.pk])).content.decode()
    opened = client.post(reverse("cadre-identity", args=[cadre.pk]), {"reason": "办理任免"}).content.decode()
    assert "健康状况：良好" in opened
    assert not AuditEntry.objects.filter(after__icontains="良好").exists()


def test_nothing_chosen_leaves_the_health_that_is_stored(cadre, hr, signed_in):
    client = signed_in(hr)
    save(client, cadre, **TYPED)
    assert save(client, cadre, **TYPED | {"health": "", "birthplace": "贵州道真"}).status_code == 302
    found = Cadre.objects.get(pk=cadre.pk)
    assert (found.health, found.birthplace) == ("良好", "贵州道真")


def test_the_reading_of_a_surname_is_chosen_where_there_are_several(tree, hr, signed_in):
    client = signed_in(hr)
    qin = make_cadre(tree.school_east, "覃辉", id_number=identity(dt.date(1980, 1, 2)))
    page = client.get(reverse("cadre-edit", args=[qin.pk])).content.decode()
    assert "未核对（暂按 qin）" in page
    assert save(client, qin, **TYPED | {"name": "覃辉", "surname_reading": "tan"}).status_code == 302
    found = Cadre.objects.get(pk=qin.pk)
    assert (found.surname_reading, found.name_key, found.initials) == ("tan", "tan hui", "th")
    # Another name loses the reading that isn't its own, though the form still sends it.
    assert save(client, qin, **TYPED | {"name": "张辉", "surname_reading": "tan"}).status_code == 302
    found = Cadre.objects.get(pk=qin.pk)
    assert (found.surname_reading, found.name_key) == ("", "zhang hui")
    assert "姓氏读音" not in client.get(reverse("cadre-edit", args=[qin.pk])).content.decode()
