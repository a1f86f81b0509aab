"""The filters of the roster list: what the address asks for."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Unit, User
from cadres.listing import AGE_BANDS, EDUCATION_BANDS, PARTIES, SORTS, Criteria
from cadres.models import Cadre, Post
from core.errors import NotFound
from core.widgets import PickerInput

_ANY = ("", "不限")


class CadreFilterForm(forms.Form):
    """What the roster list is asked for; an unknown value asks nothing."""

    search = forms.CharField(
        label="姓名", required=False, max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "姓名、拼音或简拼，如 张伟、zhangwei、zw"}),
    )  # fmt: skip
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="单位", required=False,
        widget=PickerInput("unit-pick", placeholder="全部单位"),
    )  # fmt: skip
    category = forms.ChoiceField(label="职务", required=False, choices=[_ANY, *Post.Category.choices])
    gender = forms.ChoiceField(label="性别", required=False, choices=[_ANY, *Cadre.Gender.choices])
    age = forms.ChoiceField(
        label="年龄", required=False, choices=[_ANY, *((key, band[0]) for key, band in AGE_BANDS.items())]
    )
    education = forms.ChoiceField(
        label="学历", required=False,
        choices=[_ANY, *((key, band[0]) for key, band in EDUCATION_BANDS.items())],
    )  # fmt: skip
    party = forms.ChoiceField(
        label="政治面貌", required=False,
        choices=[_ANY, *((key, group[0]) for key, group in PARTIES.items())],
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.visible_to(user)

    def criteria(self, tab: str, sort: str) -> Criteria:
        """Return what was asked; what isn't valid asks nothing, a unit out of view finds nobody."""
        self.is_valid()
        if "unit" in self.errors:
            raise NotFound("没有找到这个单位。")
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        if tab in Post.Category.values:
            asked.setdefault("category", tab)
        status = tab if tab in ("left", "all") else "in"
        return Criteria(
            **asked, status=status, hosted=tab == "hosted", sort=sort if sort in SORTS else "name"
        )
