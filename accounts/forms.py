"""Forms of the account pages: shape and words of the input; the rules stand in the services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError

from accounts.models import Unit, User
from accounts.roles import ROLE_CHOICES, ROLES, AccountClass
from accounts.services.units import PARENT_KINDS
from core.calendar import today
from core.widgets import PickerInput


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class ActivationForm(forms.Form):
    """Code from the slip and the new password, typed twice."""

    code = forms.CharField(
        label="激活码", max_length=40, help_text="激活条上的 16 位字母和数字，不分大小写，可以不输横线。",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )  # fmt: skip
    password1 = forms.CharField(
        label="新密码", max_length=128, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    password2 = forms.CharField(
        label="再输一遍新密码", max_length=128, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = "".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        """Both passwords are the same."""
        cleaned = super().clean() or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", "两次输入的密码不一致。")
        return cleaned


class UserForm(forms.Form):
    """A new account."""

    name = forms.CharField(label="姓名", max_length=60)
    username = forms.CharField(
        label="账号", max_length=40, required=False,
        help_text="留空则按姓名的拼音自动取名，如 zhangwentao、zhangwentao2。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    account_class = forms.ChoiceField(
        label="账号类别", choices=AccountClass.choices, initial=AccountClass.BUSINESS,
        help_text="授权后不能再改。三类管理账号互不兼任，也不办业务。",
    )  # fmt: skip
    email = forms.EmailField(label="电子邮箱", required=False)


class UserEditForm(forms.Form):
    """Name and mail address of an account."""

    name = forms.CharField(label="姓名", max_length=60)
    email = forms.EmailField(label="电子邮箱", required=False)


class GrantForm(forms.Form):
    """A role for a user at a unit, from a day through a day."""

    user = forms.ModelChoiceField(
        label="授予谁", queryset=User.objects.filter(is_active=True),
        widget=PickerInput("user-pick", placeholder="输入姓名或账号"),
    )  # fmt: skip
    role = forms.ChoiceField(label="角色", choices=ROLE_CHOICES)
    unit = forms.ModelChoiceField(
        label="在哪个单位", queryset=Unit.objects.filter(valid_to=None),
        help_text="权限及于该单位和它的全部下级单位。", widget=PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
    )  # fmt: skip
    start = forms.DateField(label="从哪天起", initial=today, widget=_day())
    last_day = forms.DateField(
        label="到哪天止（含当天）", required=False, widget=_day(), help_text="留空为长期有效，直到收回。"
    )
    reason = forms.CharField(label="授权依据", max_length=200, help_text="如：示教人〔2026〕12 号任职通知。")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Units are those the security administrator reaches."""
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.visible_to(user, "grant.manage").filter(valid_to=None)
        self.fields["role"].choices = [
            ("", "请选择"),
            *(
                (group.label, [(r.code, r.label) for r in ROLES.values() if r.account_class == group])
                for group in AccountClass
            ),
        ]

    def clean_last_day(self) -> dt.date | None:
        """Not beyond what a date can be increased by a day."""
        last = self.cleaned_data.get("last_day")
        if last and last.year > 2200:
            raise ValidationError("日期太远。")
        return last

    @property
    def end(self) -> dt.date | None:
        """The first day on which the grant no longer holds."""
        last = self.cleaned_data.get("last_day")
        return last + dt.timedelta(days=1) if last else None


class UnitForm(forms.Form):
    """A new unit, or with `unit` the plain facts of one that exists."""

    parent = forms.ModelChoiceField(
        label="上级单位",
        queryset=Unit.objects.none(),
        widget=PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
    )
    name = forms.CharField(label="单位名称", max_length=120)
    kind = forms.ChoiceField(
        label="类别", initial=Unit.Kind.SCHOOL, choices=[c for c in Unit.Kind.choices if PARENT_KINDS[c[0]]]
    )
    code = forms.CharField(label="单位编码", max_length=30)
    stage = forms.ChoiceField(label="学段", required=False, choices=[("", "——"), *Unit.Stage.choices])
    is_rural = forms.BooleanField(label="农村学校", required=False)
    is_weak = forms.BooleanField(label="薄弱学校", required=False)
    cluster = forms.CharField(label="片区", max_length=60, required=False)
    headcount = forms.IntegerField(label="领导职数", min_value=0, max_value=200, required=False)
    valid_from = forms.DateField(label="成立日期", required=False, widget=_day())
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, unit: Unit | None = None, **kwargs: Any) -> None:
        """Without a unit the form asks where it stands; name and place of an old one have their own pages."""
        super().__init__(*args, **kwargs)
        if unit is None:
            self.fields["parent"].queryset = _open_units(user)
            del self.fields["version"]
        else:
            for name in ("parent", "name", "kind"):
                del self.fields[name]


class RenameForm(forms.Form):
    """A unit's new name from a day on."""

    name = forms.CharField(label="新名称", max_length=120)
    on = forms.DateField(
        label="从哪天起", initial=today, widget=_day(), help_text="原名称保留在曾用名中，旧材料不改。"
    )


class MoveForm(forms.Form):
    """A unit's new place in the tree."""

    parent = forms.ModelChoiceField(
        label="新的上级单位", queryset=Unit.objects.none(),
        help_text="该单位和它的全部下级、人员、岗位一并随迁；已经立案的材料留在原来的单位名下。",
        widget=PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Parents are open units in reach."""
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = _open_units(user)


def _open_units(user: User) -> Any:
    return Unit.objects.visible_to(user, "unit.edit").filter(valid_to=None)
