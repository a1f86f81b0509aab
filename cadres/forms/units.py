"""Forms of merging, splitting and closing units."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Unit, User
from cadres.forms.people import day_input
from cadres.models import Cadre
from core.calendar import today
from core.widgets import PickerInput


def _unit_field(label: str, help_text: str, *, required: bool = True) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        Unit.objects.none(), label=label, required=required, help_text=help_text,
        widget=PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
    )  # fmt: skip


class MergeForm(forms.Form):
    """Into which unit, from when, by which document."""

    into = _unit_field("并入哪个单位", "人事关系、岗位和现任职务自合并之日起转到这个单位，此前的经历不变。")
    on = forms.DateField(label="合并日期", initial=today, widget=day_input())
    document_number = forms.CharField(
        label="文号", max_length=60, required=False, help_text="记在转出和转入的任职上。"
    )

    def __init__(self, *args: Any, user: User, unit: Unit, people: list[Cadre], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = (
            Unit.objects.visible_to(user, "unit.edit").filter(valid_to=None).exclude(pk=unit.pk)
        )


class SplitForm(MergeForm):
    """Who goes to which unit, from when, by which document."""

    into = _unit_field("分设到哪个单位", "新设的单位请先在上级单位的页面上“新增下级单位”。")
    on = forms.DateField(label="分设日期", initial=today, widget=day_input())
    cadres = forms.TypedMultipleChoiceField(
        label="随分设转出的人员", coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择随分设转出的人员。"},
    )  # fmt: skip

    def __init__(self, *args: Any, people: list[Cadre], **kwargs: Any) -> None:
        super().__init__(*args, people=people, **kwargs)
        self.fields["cadres"].choices = [(each.pk, _told(each)) for each in people]


def _told(cadre: Cadre) -> str:
    """The name with the month of birth, since names repeat."""
    born = cadre.birth_date
    return f"{cadre.name}（{born.chinese()}生）" if born else cadre.name


class CloseUnitForm(forms.Form):
    """From when a unit no longer exists, and who takes over."""

    on = forms.DateField(
        label="撤销日期", initial=today, widget=day_input(), help_text="从这一天起不再存在。"
    )
    successor = _unit_field("承接单位", "没有承接单位请留空。", required=False)

    def __init__(self, *args: Any, user: User, unit: Unit, people: list[Cadre], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = (
            Unit.objects.visible_to(user).filter(valid_to=None).exclude(pk=unit.pk)
        )
