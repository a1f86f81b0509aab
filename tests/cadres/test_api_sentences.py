"""What the API refuses is said in a sentence that names the field as the pages do; fields that pages have too."""

import json
import re

import pytest
from django.urls import reverse

from cadres.kinds import KINDS
from cadres.models import Cadre, Honour
from cadres.serializers import appointments, roster, verbs
from cadres.serializers.histories import WRITERS
from core.api import serializers
from core.api.serializers import label_of
from tests.cadres.factories import make_cadre

pytestmark = pytest.mark.django_db
# These only say what an answer looks like.
ANSWERS = {"CadreSerializer", "HeldPostSerializer", "MovedSerializer", "OpenedSerializer"}
STOCK = ("该字段", "这个字段", "此字段", "This field", "有效的选项", "Invalid pk", "“”")


def url(name, *args):
    return reverse(f"api-{name}", args=args)


def post(client, address, body):
    return client.post(address, json.dumps(body), content_type="application/json")


def writers():
    """Every serializer that takes something in."""
    found = {f"history {slug}": writer for slug, writer in WRITERS.items()}
    for module in (roster, appointments, verbs):
        for name, each in vars(module).items():
            if (
                isinstance(each, type)
                and issubclass(each, serializers.Serializer)
                and each.__module__ == module.__name__
            ):
                found[name] = each
    return found


@pytest.mark.parametrize("name", sorted(writers()))
def test_every_field_that_is_written_has_a_name_in_chinese(name):
    written = {key: field for key, field in writers()[name]().fields.items() if not field.read_only}
    if name in ANSWERS:
        return
    unnamed = [key for key, field in written.items() if not label_of(field, key, "cadres")]
    assert unnamed == []


def test_each_refusal_is_a_sentence_that_names_its_field(tree, hr, signed_in):
    client = signed_in(hr)
    answer = post(client, url("cadres-list"), {
        "name": "名" * 61, "unit": 99999999, "gender": "9", "birth": "1976-13", "retirement_limit": "61", "phone": None,
    })  # fmt: skip
    assert answer.status_code == 400
    errors = answer.json()["errors"]
    assert errors["name"] == ["“姓名”不能超过 60 个字。"]
    assert errors["unit"] == ["“单位”没有找到，或者不在您的权限范围内。"]
    assert errors["gender"] == ["“性别”没有这个选项。"]
    assert errors["retirement_limit"] == ["“改革前退休年龄”没有这个选项。"]
    assert errors["phone"] == ["“手机号码”不能为空。"]
    assert errors["birth"][0].startswith("出生年月：")
    assert not Cadre.objects.exists()
    missing = post(client, url("cadres-list"), {}).json()["errors"]
    assert missing == {"name": ["“姓名”必须填写。"], "unit": ["“单位”必须填写。"]}


@pytest.mark.parametrize("slug", sorted(KINDS))
def test_no_history_answers_in_the_frameworks_words(tree, hr, signed_in, slug):
    """Nothing sent, and everything sent wrong."""
    client, cadre = signed_in(hr), make_cadre(tree.school_east)
    plural = next(name for name, kind in plurals().items() if kind == slug)
    wrong = {name: {"a": 1} for name in WRITERS[slug]().fields}
    for body in ({}, wrong | {"cadre": cadre.pk}, dict.fromkeys(wrong, "")):
        answer = post(client, url(f"{plural}-list"), body)
        if answer.status_code == 405:
            return
        assert answer.status_code == 400, answer.content
        said = [text for texts in answer.json()["errors"].values() for text in texts]
        assert said
        assert not [text for text in said if any(stock in text for stock in STOCK)], said
        assert all(re.search(r"[\u4e00-\u9fff]", text) for text in said)
    assert not Honour.objects.exists()


def plurals():
    from cadres.api.histories import PLURALS

    return {plural: slug for slug, plural in PLURALS.items()}


def test_birthplace_speciality_and_the_limit_are_read_and_written(tree, hr, principal_east, signed_in):
    client = signed_in(hr)
    body = {
        "name": "张三", "unit": tree.school_east.pk, "gender": "2", "birthplace": "贵州道真", "speciality": "数学教育",
        "retirement_limit": "50",
    }  # fmt: skip
    created = post(client, url("cadres-list"), body)
    assert created.status_code == 201, created.content
    cadre = Cadre.objects.get()
    said = {name: created.json()[name] for name in ("birthplace", "speciality", "retirement_limit")}
    assert said == {"birthplace": "贵州道真", "speciality": "数学教育", "retirement_limit": "50"}
    changed = client.patch(
        url("cadres-detail", cadre.pk), json.dumps({"retirement_limit": "", "speciality": "管理"}),
        content_type="application/json", headers={"If-Match": created.headers["ETag"]},
    )  # fmt: skip
    assert changed.status_code == 200, changed.content
    assert (changed.json()["retirement_limit"], changed.json()["speciality"]) == ("", "管理")
    assert signed_in(principal_east).get(url("cadres-detail", cadre.pk)).json()["birthplace"] == "贵州道真"
    stale = client.patch(
        url("cadres-detail", cadre.pk), json.dumps({"speciality": "x"}), content_type="application/json",
        headers={"If-Match": created.headers["ETag"]},
    )  # fmt: skip
    assert stale.status_code == 412
    cadre.refresh_from_db()
    assert cadre.speciality == "管理"


def test_a_reading_that_is_not_the_surnames_is_refused_in_words(tree, hr, signed_in):
    client = signed_in(hr)
    body = {"name": "覃辉", "unit": tree.school_east.pk, "surname_reading": "zhang"}
    refused = post(client, url("cadres-list"), body)
    assert refused.status_code == 400
    assert refused.json()["errors"]["surname_reading"] == ["覃辉的姓氏没有“zhang”的读音，可选：qin、tan。"]
    assert not Cadre.objects.exists()
    created = post(client, url("cadres-list"), body | {"surname_reading": "tan"})
    assert created.json()["surname_reading"] == "tan"
    assert Cadre.objects.get().name_key == "tan hui"
