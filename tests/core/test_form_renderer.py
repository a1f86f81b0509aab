"""A field left empty is named in its sentence: on pages, at the log-in, in the admin."""

import pytest
from django import forms
from django.urls import reverse

from cadres.models import Cadre
from core.widgets import PickerInput
from tests.programs.factories import make_base

STOCK = ("该字段是必填项", "这个字段是必填项", "此字段不能为空", "This field")


class Paper(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="姓名")
    day = forms.DateField(label="开始")
    kind = forms.ChoiceField(label="类别", choices=[("a", "甲")])
    many = forms.MultipleChoiceField(label="学段", choices=[("a", "甲")], widget=forms.CheckboxSelectMultiple)
    person = forms.ModelChoiceField(label="干部", queryset=Cadre.objects.none(), widget=PickerInput("x"))
    file = forms.FileField(label="附件")
    agreed = forms.BooleanField(label="已核对")
    own = forms.CharField(label="理由", error_messages={"required": "没有理由不行。"})
    unnamed_field = forms.CharField()
    typed = forms.IntegerField(label="人数")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("name", "请填写“姓名”。"),
        ("day", "请填写“开始”。"),
        ("kind", "请选择“类别”。"),
        ("many", "请选择“学段”。"),
        ("person", "请选择“干部”。"),
        ("file", "请选择“附件”。"),
        ("agreed", "请选择“已核对”。"),
        ("own", "没有理由不行。"),
        ("unnamed_field", "请填写“Unnamed field”。"),
    ],
)
def test_an_empty_field_is_named_by_its_kind(name, words):
    assert list(Paper({})[name].errors) == [words]


def test_other_errors_stay_as_they_are():
    form = Paper({"typed": "多"})
    assert [each.code for each in form["typed"].errors.as_data()] == ["invalid"]
    assert form["name"].errors.as_data()[0].code == "required"
    assert 'aria-invalid="true"' in form["name"].as_widget()


@pytest.mark.django_db
def test_pages_the_log_in_and_the_admin_name_what_is_missing(signed_in, hr, tree, client):
    answer = signed_in(hr).post(reverse("base-new"), {})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("请填写“基地名称”。") == 2, "in the summary and at the field"
    base = make_base(tree.bureau, host_unit=tree.section)
    admin = signed_in(hr).post(reverse("admin:programs_base_change", args=[base.pk]), {"name": ""})
    assert "请填写“基地名称”。" in admin.content.decode()
    door = client.post(reverse("account_login"), {}).content.decode()
    assert "请填写“密码”。" in door
    for shown in (page, admin.content.decode(), door):
        assert not [words for words in STOCK if words in shown]
