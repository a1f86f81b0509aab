"""The form of a post held."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Unit
from cadres.forms.histories.base import HistoryForm
from cadres.forms.people import code_field, day_input, partial_date
from cadres.models import Appointment, Code, Post
from core.widgets import PickerInput


class AppointmentForm(HistoryForm):
    """A post held: at a unit of the tree, or at a place outside it."""

    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="任职单位", required=False,
        widget=PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
        help_text="区外单位请留空，在下一项填写名称。",
    )  # fmt: skip
    unit_text = forms.CharField(label="区外单位名称", required=False, max_length=120)
    title = forms.CharField(label="职务名称", max_length=120, help_text="按任职文件填写，如 副校长。")
    post = forms.ModelChoiceField(
        Post.objects.none(), label="对应岗位", required=False, empty_label="未对应",
        help_text="对应后计入单位班子的职数；正职还会向安全管理员提出授权。",
    )  # fmt: skip
    kind = forms.ChoiceField(label="任职方式", choices=Appointment.Kind.choices, widget=forms.RadioSelect)
    is_main = forms.BooleanField(
        label="主职务", required=False, help_text="同一时间只能有一个主职务；兼任、挂任不是主职务。"
    )
    start = partial_date("任职时间", required=True)
    end = partial_date("免职时间", help_text="仍在任请留空。从这时起不再任此职。")
    document_number = forms.CharField(label="任职文号", required=False, max_length=60)
    selection = code_field("选拔任用方式", Code.List.SELECTION)
    probation_end = forms.DateField(label="试用期满", required=False, widget=day_input())
    term_number = forms.IntegerField(label="第几任期", required=False, min_value=1, max_value=20)
    term_end = forms.DateField(label="任期届满", required=False, widget=day_input())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.visible_to(self.user)
        self.fields["unit"].queryset = units
        here = {self.cadre.unit_id}
        if self.record is not None:
            here.add(self.record.unit_id)
        chosen = str(self.data.get("unit", ""))
        if chosen.isascii() and chosen.isdecimal() and len(chosen) < 18:
            here.add(int(chosen))
        posts = Post.objects.visible_to(self.user).filter(unit__in=[pk for pk in here if pk], closed_on=None)
        self.fields["post"].queryset = posts.select_related("unit")
        self.fields["post"].label_from_instance = lambda post: f"{post.title}（{post.unit.name}）"

    def clean(self) -> dict[str, Any]:
        """A unit of the tree and a place outside exclude each other."""
        cleaned = super().clean() or {}
        if cleaned.get("unit") and cleaned.get("unit_text"):
            self.add_error("unit_text", "任职单位和区外单位只填一项。")
        return cleaned
