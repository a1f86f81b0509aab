"""The roster in the admin: for bureau HR alone, saved through the services."""

import datetime as dt

import pytest
from django.contrib import admin
from django.urls import reverse

from cadres.models import Appointment, Cadre, Education
from core.models import AuditEntry
from tests.cadres.factories import identity, make_appointment, make_cadre, make_code, make_post

pytestmark = pytest.mark.django_db
TABLES = [model for model in admin.site._registry if model._meta.app_label == "cadres"]


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.model_name)
def test_every_table_opens_for_hr_alone(tree, hr, principal_east, sysadmin, signed_in, model):
    url = reverse(f"admin:cadres_{model._meta.model_name}_changelist")
    make_appointment(make_cadre(tree.school_east, "张三"), post=make_post(tree.school_east))
    assert signed_in(hr).get(url, {"q": "张"}).status_code == 200
    for user in (principal_east, sysadmin):
        assert signed_in(user).get(url).status_code in (302, 403)


def test_a_person_is_corrected_through_the_service(tree, hr, signed_in):
    number = identity()
    cadre = make_cadre(tree.school_east, "张三", id_number=number)
    client, url = signed_in(hr), reverse("admin:cadres_cadre_change", args=[cadre.pk])
    page = client.get(url).content.decode()
    assert number not in page
    typed = {
        "name": "欧阳明",
        "gender": "1",
        "birth": "1975.8",
        "id_number": f"{number[:4]}********{number[-4:]}",
    }
    assert client.post(url, typed).status_code == 302
    saved = Cadre.objects.get()
    assert (saved.name_key, saved.birth, saved.birth_precision) == (
        "ou yang ming",
        dt.date(1975, 8, 1),
        "month",
    )
    assert saved.id_number == number
    assert AuditEntry.objects.filter(action="cadre.edit").exists()
    refused = client.post(url, {**typed, "id_number": "310107197605031316"})
    assert refused.status_code == 200
    assert "校验位" in refused.content.decode()
    assert Cadre.objects.get().id_number == number


def test_histories_are_corrected_through_the_services(tree, hr, signed_in):
    cadre, client = make_cadre(tree.school_east, "张三"), signed_in(hr)
    make_appointment(cadre, "教导主任", start=dt.date(2010, 1, 1), end=dt.date(2019, 8, 1))
    appointment = make_appointment(cadre, "副校长")
    url = reverse("admin:cadres_appointment_change", args=[appointment.pk])
    typed = {
        "unit": tree.school_east.pk,
        "title": "副校长",
        "kind": "regular",
        "is_main": "on",
        "start": "2015.8",
    }
    refused = client.post(url, typed)
    assert "重叠" in refused.content.decode()
    assert client.post(url, {**typed, "start": "2019.9", "title": "校长"}).status_code == 302
    appointment.refresh_from_db()
    assert (appointment.title, appointment.start) == ("校长", dt.date(2019, 9, 1))
    education = Education.objects.create(
        cadre=cadre, mode="full_time", level_text="大学", level=make_code("education", "21", "大学本科毕业")
    )
    url = reverse("admin:cadres_education_change", args=[education.pk])
    typed = {
        "mode": "full_time",
        "level": education.level_id,
        "level_text": "大学",
        "school": "西南大学",
        "order": "0",
    }
    assert client.post(url, typed).status_code == 302
    education.refresh_from_db()
    assert education.school == "西南大学"


def test_people_and_histories_are_not_added_or_deleted_here(tree, hr, signed_in):
    cadre, client = make_cadre(tree.school_east, "张三"), signed_in(hr)
    appointment = make_appointment(cadre)
    assert client.get(reverse("admin:cadres_cadre_add")).status_code == 403
    assert (
        client.post(
            reverse("admin:cadres_appointment_delete", args=[appointment.pk]), {"post": "yes"}
        ).status_code
        == 403
    )
    relation = reverse("admin:cadres_personnelrelation_change", args=[cadre.personnelrelations.get().pk])
    client.post(relation, {"leaving": "retired", "end": "2020-01-01"})
    assert cadre.personnelrelations.get().end is None
    assert Appointment.objects.exists()


def test_a_post_is_created_and_its_unit_kept(tree, hr, signed_in):
    client = signed_in(hr)
    typed = {"unit": tree.school_east.pk, "title": "校长", "category": "head"}
    assert client.post(reverse("admin:cadres_post_add"), typed).status_code == 302
    post = tree.school_east.posts.get()
    url = reverse("admin:cadres_post_change", args=[post.pk])
    client.post(url, {**typed, "unit": tree.school_west.pk, "headcount": "2"})
    post.refresh_from_db()
    assert (post.unit, post.headcount) == (tree.school_east, 2)
